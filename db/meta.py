"""Facts about this database itself, one word each; and signs of life of the processes around it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select

from db.conflicts import upsert
from db.tables import heartbeats, meta

# Built once: every window asks for some of these each few seconds.
_VALUE = select(meta.c.value).where(meta.c.name == bindparam("wanted"))
_LAST_BEAT = select(heartbeats.c.at).where(heartbeats.c.process == bindparam("wanted"))


def read(tx: Connection, name: str) -> str | None:
    """The value kept under ``name``."""
    return tx.execute(_VALUE, {"wanted": name}).scalar_one_or_none()


def keep(tx: Connection, name: str, value: str) -> None:
    """Keep ``value`` under ``name``."""
    upsert(tx, meta, keys=["name"], values={"name": name, "value": value})


def read_all(tx: Connection, prefix: str) -> dict[str, str]:
    """What is kept under names that begin so."""
    query = select(meta.c.name, meta.c.value).where(meta.c.name.startswith(prefix, autoescape=True))
    return {row.name: row.value for row in tx.execute(query)}


def drop(tx: Connection, *names: str) -> None:
    """Keep nothing under these names any more."""
    tx.execute(delete(meta).where(meta.c.name.in_(names)))


def beat(tx: Connection, process: str, *, at: datetime, silent: timedelta) -> None:
    """A sign of life; after more than ``silent`` without one, also the moment from which it lives again."""
    before = last_beat(tx, process)
    if before is None or abs(at - before) > silent:
        upsert(tx, heartbeats, keys=["process"], values={"process": _since(process), "at": at})
    upsert(tx, heartbeats, keys=["process"], values={"process": process, "at": at})


def living_since(tx: Connection, process: str) -> datetime | None:
    """From when on ``process`` has given signs of life without a pause, up to its last one."""
    return last_beat(tx, _since(process))


def _since(process: str) -> str:
    return f"{process} since"


def last_beat(tx: Connection, process: str) -> datetime | None:
    """When ``process`` last gave a sign of life."""
    return tx.execute(_LAST_BEAT, {"wanted": process}).scalar_one_or_none()
