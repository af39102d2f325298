"""Internal notes on a case or a customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from db.tables import notes, users


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note with the name of who wrote it."""

    id: int
    case_id: int | None
    author_id: int
    author_name: str
    text: str
    created_at: datetime


_OF_CUSTOMER = (
    select(
        notes.c.id,
        notes.c.case_id,
        notes.c.author_id,
        users.c.name.label("author_name"),
        notes.c.text,
        notes.c.created_at,
    )
    .select_from(notes.join(users, users.c.id == notes.c.author_id))
    .where(notes.c.customer_id == bindparam("wanted"))
    .order_by(notes.c.id.desc())
    .limit(bindparam("rows"))
)


def add(tx: Connection, *, case_id: int | None, customer_id: int, author_id: int, text: str, at: datetime) -> int:
    """Insert a note; returns its id."""
    values = {"case_id": case_id, "customer_id": customer_id, "author_id": author_id, "text": text, "created_at": at}
    return int(tx.execute(insert(notes).values(**values).returning(notes.c.id)).scalar_one())


def of_customer(tx: Connection, customer_id: int, *, rows: int = 200) -> list[NoteRow]:
    """The latest notes on a customer and all their cases, oldest first."""
    found = tx.execute(_OF_CUSTOMER, {"wanted": customer_id, "rows": rows})
    return [NoteRow(*row) for row in found][::-1]
