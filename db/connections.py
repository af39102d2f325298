"""Sign-ins on networks under way, and how networks know this desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from db.conflicts import upsert
from db.tables import connections, network_apps


@dataclass(frozen=True, slots=True)
class Begun:
    """Somebody was sent to a network and is to come back. ``session_hash`` says to which browser."""

    state_hash: str
    brand_id: int
    channel: str
    session_hash: str
    sealed: str = field(repr=False)
    begun_at: datetime
    ends_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NetworkApp:
    """How one server knows this desk."""

    id: int
    sealed: str = field(repr=False)


_BEGUN = [connections.c[name] for name in Begun.__slots__]


def begin(tx: Connection, begun: Begun) -> None:
    """Keep that somebody was sent there."""
    tx.execute(insert(connections).values({name: getattr(begun, name) for name in Begun.__slots__}))


def of(tx: Connection, state_hash: str) -> Begun | None:
    """What was begun under that word."""
    row = tx.execute(select(*_BEGUN).where(connections.c.state_hash == state_hash)).one_or_none()
    return None if row is None else Begun(**row._mapping)


def use(tx: Connection, state_hash: str, *, at: datetime) -> bool:
    """Use it up; False when somebody did already."""
    unused = update(connections).where(connections.c.state_hash == state_hash, connections.c.used_at.is_(None))
    return tx.execute(unused.values(used_at=at, sealed="")).rowcount == 1


def forget_old(tx: Connection, *, before: datetime) -> None:
    """Delete what ended before this moment."""
    tx.execute(delete(connections).where(connections.c.ends_at < before))


def app_of(tx: Connection, channel: str, *, server: str, redirect_uri: str) -> NetworkApp | None:
    """How that server knows a desk that is come back to there."""
    here = (network_apps.c.channel == channel, network_apps.c.server == server)
    query = select(network_apps.c.id, network_apps.c.sealed).where(*here, network_apps.c.redirect_uri == redirect_uri)
    row = tx.execute(query).one_or_none()
    return None if row is None else NetworkApp(**row._mapping)


def add_app(tx: Connection, channel: str, *, server: str, redirect_uri: str, at: datetime) -> int:
    """A place for the app of that server; returns its number, for which the app is then sealed."""
    keys = {"channel": channel, "server": server, "redirect_uri": redirect_uri}
    upsert(tx, network_apps, keys=list(keys), values={**keys, "sealed": "", "made_at": at})
    query = select(network_apps.c.id).where(*(network_apps.c[name] == value for name, value in keys.items()))
    return int(tx.execute(query).scalar_one())


def seal_app(tx: Connection, app_id: int, sealed: str) -> None:
    """Keep how the server knows us."""
    tx.execute(update(network_apps).where(network_apps.c.id == app_id).values(sealed=sealed))


def forget_app(tx: Connection, channel: str, *, server: str, redirect_uri: str) -> None:
    """The server no longer knows us."""
    here = (network_apps.c.channel == channel, network_apps.c.server == server)
    tx.execute(delete(network_apps).where(*here, network_apps.c.redirect_uri == redirect_uri))
