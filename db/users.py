"""Colleagues: read one with roles and training, add, change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update

from db.tables import sessions, trainings, user_roles, users
from domain.errors import NotFound
from domain.people import Member, Role, Training
from domain.text import name_order


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signing in needs to know of a colleague."""

    user_id: int
    password_hash: str
    must_change_password: bool
    active: bool


_MEMBER = [users.c[n] for n in ("id", "login", "name", "language", "active", "away", "substitute_id")]

# Statements are built once: putting one together costs more than running it.
_NAMES = select(users.c.id, users.c.name).where(users.c.id.in_(bindparam("wanted", expanding=True)))
_PRESENT = select(users.c.id).where(users.c.id == bindparam("wanted"), users.c.active, ~users.c.away)
_ROLES = select(user_roles).where(user_roles.c.user_id.in_(bindparam("wanted", expanding=True)))
_TRAININGS = select(trainings).where(trainings.c.user_id.in_(bindparam("wanted", expanding=True)))


_BY_ID = select(*_MEMBER).where(users.c.id == bindparam("wanted"))
#: Asked several times at each click: one statement, a row for each pair of role and training.
_OF_SESSION = (
    select(*_MEMBER, user_roles.c.role, trainings.c.channel, trainings.c.mentor)
    .join(sessions, sessions.c.user_id == users.c.id)
    .outerjoin(user_roles, user_roles.c.user_id == users.c.id)
    .outerjoin(trainings, trainings.c.user_id == users.c.id)
    .where(
        sessions.c.token_hash == bindparam("token_hash"),
        sessions.c.expires_at > bindparam("now", type_=sessions.c.expires_at.type),
        sessions.c.revoked_at.is_(None),
    )
    .order_by(trainings.c.channel)
)


def of_session(tx: Connection, token_hash: str, now: datetime) -> Member | None:
    """Whose session this is, unless it has expired or was revoked; also who is no longer active."""
    rows = tx.execute(_OF_SESSION, {"token_hash": token_hash, "now": now}).all()
    if not rows:
        return None
    roles = frozenset(Role(row.role) for row in rows if row.role is not None)
    trained = {row.channel: Training(row.channel, mentor=row.mentor) for row in rows if row.channel is not None}
    values = {column.name: getattr(rows[0], column.name) for column in _MEMBER}
    return Member(roles=roles, trained=tuple(trained.values()), **values)


def get(tx: Connection, user_id: int) -> Member:
    """The colleague; NotFound when there is none."""
    found = _read(tx, _BY_ID, wanted=user_id)
    if not found:
        raise NotFound(f"There is no colleague {user_id}.", entity="user", id=user_id)
    return found[0]


def find(tx: Connection, login: str) -> Member | None:
    """Who signs in under this name, if anybody."""
    found = _read(tx, select(*_MEMBER).where(users.c.login == login))
    return found[0] if found else None


def everybody(tx: Connection) -> list[Member]:
    """All colleagues, the active first, by name."""
    # Sorted here: each database, and each locale of a server, has an order of its own for letters with accents.
    return sorted(
        _read(tx, select(*_MEMBER)), key=lambda member: (not member.active, name_order(member.name), member.id)
    )


def with_role(tx: Connection, role: Role) -> list[Member]:
    """Active colleagues with this role."""
    holders = select(user_roles.c.user_id).where(user_roles.c.role == role)
    return _read(tx, select(*_MEMBER).where(users.c.active, users.c.id.in_(holders)).order_by(users.c.id))


def names(tx: Connection, ids: Iterable[int | None]) -> dict[int, str]:
    """The names behind ids; unknown ids are missing."""
    wanted = {i for i in ids if i is not None}
    if not wanted:
        return {}
    rows = tx.execute(_NAMES, {"wanted": sorted(wanted)})
    return {row.id: row.name for row in rows}


def is_present(tx: Connection, user_id: int) -> bool:
    """Whether this colleague still works here and is not away."""
    return tx.execute(_PRESENT, {"wanted": user_id}).first() is not None


def is_alone(tx: Connection, user_id: int) -> bool:
    """Whether nobody else works here."""
    return tx.execute(select(users.c.id).where(users.c.active, users.c.id != user_id).limit(1)).first() is None


def any_there(tx: Connection) -> bool:
    """Whether anybody was ever added."""
    return tx.execute(select(users.c.id).limit(1)).first() is not None


def credentials(tx: Connection, login: str) -> Credentials | None:
    """How to check who signs in under this name, if anybody does."""
    return _credentials(tx, select(users).where(users.c.login == login))


def credentials_of(tx: Connection, user_id: int) -> Credentials | None:
    """The same by id."""
    return _credentials(tx, select(users).where(users.c.id == user_id))


def shortcuts_on(tx: Connection, user_id: int) -> bool:
    """Whether single-key shortcuts are on for this colleague."""
    return bool(tx.execute(select(users.c.shortcuts).where(users.c.id == user_id)).scalar_one_or_none())


def add(
    tx: Connection,
    *,
    login: str,
    name: str,
    password_hash: str,
    must_change_password: bool,
    language: str,
    created_at: datetime,
) -> int:
    """Insert a colleague without roles; returns the id."""
    values = {
        "login": login,
        "name": name,
        "password_hash": password_hash,
        "must_change_password": must_change_password,
        "language": language,
        "created_at": created_at,
    }
    return int(tx.execute(insert(users).values(**values).returning(users.c.id)).scalar_one())


def change(tx: Connection, user_id: int, **values: Any) -> None:
    """Change columns of a colleague; NotFound when there is none."""
    if tx.execute(update(users).where(users.c.id == user_id).values(**values)).rowcount != 1:
        raise NotFound(f"There is no colleague {user_id}.", entity="user", id=user_id)


def set_roles(tx: Connection, user_id: int, roles: Iterable[Role]) -> None:
    """Replace the roles."""
    tx.execute(delete(user_roles).where(user_roles.c.user_id == user_id))
    rows = [{"user_id": user_id, "role": str(role)} for role in sorted(set(roles))]
    if rows:
        tx.execute(insert(user_roles), rows)


def set_trainings(tx: Connection, user_id: int, trained: Iterable[Training]) -> None:
    """Replace the channels somebody is trained for."""
    tx.execute(delete(trainings).where(trainings.c.user_id == user_id))
    by_channel = {t.channel: t.mentor for t in trained}
    rows = [{"user_id": user_id, "channel": c, "mentor": m} for c, m in sorted(by_channel.items())]
    if rows:
        tx.execute(insert(trainings), rows)


def _credentials(tx: Connection, query: Select[Any]) -> Credentials | None:
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    return Credentials(row.id, row.password_hash, row.must_change_password, row.active)


def _read(tx: Connection, query: Select[Any], **values: object) -> list[Member]:
    rows = tx.execute(query, values).all()
    ids = [row.id for row in rows]
    roles = _roles(tx, ids)
    trained = _trainings(tx, ids)
    return [
        Member(roles=frozenset(roles.get(row.id, ())), trained=tuple(trained.get(row.id, ())), **dict(row._mapping))
        for row in rows
    ]


def _roles(tx: Connection, ids: Sequence[int]) -> dict[int, list[Role]]:
    found: dict[int, list[Role]] = {}
    for row in tx.execute(_ROLES, {"wanted": list(ids)}):
        found.setdefault(row.user_id, []).append(Role(row.role))
    return found


def _trainings(tx: Connection, ids: Sequence[int]) -> dict[int, list[Training]]:
    found: dict[int, list[Training]] = {}
    for row in tx.execute(_TRAININGS, {"wanted": list(ids)}):
        found.setdefault(row.user_id, []).append(Training(row.channel, mentor=row.mentor))
    return {user_id: sorted(some, key=lambda each: each.channel) for user_id, some in found.items()}
