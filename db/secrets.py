"""Sealed secrets of accounts, by account. What they hold is known to whoever has the key, and to nobody here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from db import meta
from db.tables import accounts, alert_addresses, connections, network_apps, secrets


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """One row. ``expires_at``: when the network stops to take it; None: it lasts until revoked."""

    account_id: int
    sealed: str = field(repr=False)
    version: int
    expires_at: datetime | None
    changed_at: datetime


_COLUMNS = [secrets.c[name] for name in SealedSecret.__slots__]
_OF_ACCOUNT = select(*_COLUMNS).where(secrets.c.account_id == bindparam("wanted"))


def ended_mark(account_id: int) -> str:
    """The fact in ``db.meta`` that names the version of a sign-in which its network takes no more."""
    return f"ended {account_id}"


def renewing_mark(account_id: int) -> str:
    """The fact in ``db.meta`` that names the version of a sign-in which was about to be handed in."""
    return f"renewing {account_id}"


def of(tx: Connection, account_id: int) -> SealedSecret | None:
    """The sealed secret of an account, None when none is kept here."""
    row = tx.execute(_OF_ACCOUNT, {"wanted": account_id}).one_or_none()
    return None if row is None else SealedSecret(**row._mapping)


def accounts_with(tx: Connection) -> set[int]:
    """The accounts whose secret is kept here."""
    return set(tx.execute(select(secrets.c.account_id)).scalars())


def ending(tx: Connection, *, before: datetime) -> list[SealedSecret]:
    """Those of active accounts that the network stops to take before this moment, the first one first."""
    query = select(*_COLUMNS).join(accounts, accounts.c.id == secrets.c.account_id)
    due = query.where(accounts.c.active, secrets.c.expires_at < before).order_by(secrets.c.expires_at)
    return [SealedSecret(**row._mapping) for row in tx.execute(due)]


def put(tx: Connection, account_id: int, sealed: str, *, expires_at: datetime | None, at: datetime) -> None:
    """Keep a sealed secret in the place of the one before; what was noted of that one is over."""
    _drop_marks(tx, account_id)
    values = {"sealed": sealed, "expires_at": expires_at, "changed_at": at}
    mine = update(secrets).where(secrets.c.account_id == account_id)
    if not tx.execute(mine.values(**values, version=secrets.c.version + 1)).rowcount:
        tx.execute(insert(secrets).values(account_id=account_id, version=1, **values))


def replace(tx: Connection, read: SealedSecret, sealed: str, *, expires_at: datetime | None, at: datetime) -> bool:
    """Keep it only where nobody kept another since that row was ``read``; says whether it did.

    Versions begin anew after ``forget``, so the moment counts too. A new key alone changes neither.
    """
    mine = update(secrets).where(secrets.c.account_id == read.account_id)
    same = mine.where(secrets.c.version == read.version, secrets.c.changed_at == read.changed_at)
    values = {"sealed": sealed, "expires_at": expires_at, "changed_at": at, "version": read.version + 1}
    return tx.execute(same.values(**values)).rowcount == 1


def forget(tx: Connection, account_id: int) -> bool:
    """Delete the secret of an account, and what was noted of it; says whether there was one."""
    _drop_marks(tx, account_id)
    return tx.execute(delete(secrets).where(secrets.c.account_id == account_id)).rowcount == 1


def _drop_marks(tx: Connection, account_id: int) -> None:
    """Versions begin anew with the next sign-in, which would take the marks of this one for its own."""
    meta.drop(tx, ended_mark(account_id), renewing_mark(account_id))


def is_anything_sealed(tx: Connection) -> bool:
    """Whether anything here needs the key to be read."""
    return any(tx.execute(select(func.count()).select_from(table)).scalar_one() for table, _, _ in _SEALED)


#: Every table with a sealed column, its key, and what a row was sealed for.
_SEALED = (
    (secrets, secrets.c.account_id, "account"),
    (network_apps, network_apps.c.id, "app"),
    (alert_addresses, alert_addresses.c.id, "alert"),
)


def sealed_rows(tx: Connection) -> Iterator[tuple[str, int, str]]:
    """Everything sealed that lasts: what it is for, its number, the sealed text."""
    for table, key, purpose in _SEALED:
        for number, sealed in tx.execute(select(key, table.c.sealed).order_by(key)).all():
            yield purpose, number, sealed


def write_sealed(tx: Connection, rows: Sequence[tuple[str, int, str | None]]) -> None:
    """Write sealed texts anew; None deletes the row. Sign-ins under way end, as they are sealed by the old key."""
    for purpose, number, sealed in rows:
        table, key, _ = next(each for each in _SEALED if each[2] == purpose)
        if sealed is None:
            tx.execute(delete(table).where(key == number))
        else:
            tx.execute(update(table).where(key == number).values(sealed=sealed))
    tx.execute(delete(connections))
