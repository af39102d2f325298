"""Who a colleague says is one and the same person: who was joined with whom, and which cases became one by it."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, Index, Integer, String, Table, text

from db.tables.base import key, metadata, moment, one_of, ref
from domain.same_person import Basis

# Kept after it was taken back: who said so, when, and on what it rested. Ids, codes and offsets only.
joins = Table(
    "joins",
    metadata,
    key(),
    ref("kept_customer_id", "customers", index=True, ondelete="CASCADE"),
    ref("joined_customer_id", "customers", ondelete="CASCADE"),
    Column("basis", String(20), nullable=False),
    # The post it rests on, with the words in it as [start, end) in code points, or the note that tells of it.
    ref("mention_id", "mentions", nullable=True, ondelete="SET NULL"),
    Column("evidence_start", Integer),
    Column("evidence_end", Integer),
    ref("note_id", "notes", nullable=True, ondelete="SET NULL"),
    ref("joined_by_id", "users"),
    moment("joined_at"),
    ref("separated_by_id", "users", nullable=True),
    moment("separated_at", nullable=True),
    one_of("basis", Basis),
    CheckConstraint("kept_customer_id <> joined_customer_id", name="two_persons"),
    CheckConstraint("(separated_at IS NULL) = (separated_by_id IS NULL)", name="separated_by_somebody"),
    CheckConstraint("(evidence_start IS NULL) = (evidence_end IS NULL)", name="evidence_has_both_ends"),
    # Nobody is joined into two others at once.
    Index(
        "uq_joins_joined",
        "joined_customer_id",
        unique=True,
        sqlite_where=text("separated_at IS NULL"),
        postgresql_where=text("separated_at IS NULL"),
    ),
)

# Cases that are one for now: each with what it was by itself. The one that stands for all has no ``into_case_id``.
joined_cases = Table(
    "joined_cases",
    metadata,
    Column("case_id", Integer, primary_key=True, autoincrement=False),
    Column("into_case_id", Integer, index=True),
    # Codes, ids and moments of the case before.
    Column("own", JSON, nullable=False),
    moment("last_reply_at", nullable=True),
    moment("joined_at"),
    # Its version right after: a higher one says that somebody has worked on it since.
    Column("version", Integer, nullable=False),
)
