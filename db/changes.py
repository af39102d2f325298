"""A counter per brand: raised by every transaction that changes the desk, read every few seconds."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, select, update

from db.tables import changes

_RAISE = update(changes).where(changes.c.brand_id == bindparam("wanted")).values(version=changes.c.version + 1)


_VERSION = select(changes.c.version).where(changes.c.brand_id == bindparam("wanted"))


def raise_version(tx: Connection, brand_id: int) -> None:
    """Tell every open desk of this brand that something changed."""
    if tx.execute(_RAISE, {"wanted": brand_id}).rowcount == 0:
        tx.execute(insert(changes).values(brand_id=brand_id, version=1))


def version(tx: Connection, brand_id: int) -> int:
    """How often this brand's desk has changed; 0 before anything happened."""
    return tx.execute(_VERSION, {"wanted": brand_id}).scalar_one_or_none() or 0
