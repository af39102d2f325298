"""Who alone may do this now: named leases with a fencing token."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from db.conflicts import insert_new
from db.tables import leases
from domain.clock import CLOCK_SKEW


def acquire(tx: Connection, name: str, *, owner: str, now: datetime, until: datetime) -> int | None:
    """Take or renew the lease ``name`` until ``until``; returns its token, None while another owner holds it.

    The token grows with every change of hands: work done under an old token can be told apart. A lease
    from before the clock was set back is over.
    """
    row = tx.execute(select(leases).where(leases.c.name == name)).one_or_none()
    if row is None:
        first = insert_new(tx, leases).values(name=name, owner=owner, token=1, until=until)
        return tx.execute(first.returning(leases.c.token)).scalar_one_or_none()
    held = now < row.until <= until + CLOCK_SKEW
    if row.owner != owner and held:
        return None
    token = row.token if row.owner == owner and held else row.token + 1
    mine = update(leases).where(leases.c.name == name, leases.c.token == row.token, leases.c.owner == row.owner)
    done = tx.execute(mine.values(owner=owner, token=token, until=until))
    return int(token) if done.rowcount == 1 else None


def let_go(tx: Connection, name: str, *, owner: str, now: datetime) -> None:
    """Give the lease back early; nothing happens when it is not held."""
    tx.execute(update(leases).where(leases.c.name == name, leases.c.owner == owner).values(until=now))
