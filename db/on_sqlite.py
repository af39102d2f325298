"""What is particular to SQLite: how a connection is made, how a writer gets its turn, what an error means."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from domain.errors import DeskError, NotFound, Unavailable

PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")


def make_engine(url: URL, *, wait_ms: int) -> Engine:
    """An engine in WAL mode with foreign keys on; a busy file is waited for ``wait_ms``."""
    # Parameters may be the words of customers: they never show in an error or a log.
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": wait_ms / 1000, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        # SQLAlchemy must send BEGIN itself: the driver's own deferred BEGIN cannot be upgraded to a
        # write without risking SQLITE_BUSY_SNAPSHOT, which no time-out heals.
        connection.isolation_level = None
        for pragma in (*PRAGMAS, f"busy_timeout={wait_ms}"):
            connection.execute(f"PRAGMA {pragma}")
        # SQLite's own folds A to Z alone: a search would find "Èva" on one database and not on the other.
        connection.create_function("lower", 1, _lower, deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get("sportello_read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    _watch_file(engine, url.database or "")
    return engine


@contextmanager
def writing(connection: Connection, *, durable: bool, beside: bool, patient: bool) -> Iterator[None]:
    """The one write transaction of the file. ``beside`` and ``patient`` mean nothing here: there is one writer."""
    if durable:
        _synchronous(connection, "FULL")
    try:
        with connection.begin():
            yield
    finally:
        if durable:
            _synchronous(connection, "NORMAL")


@contextmanager
def reading(connection: Connection) -> Iterator[Connection]:
    """One snapshot; never waits for the writer."""
    reader = connection.execution_options(sportello_read_only=True)
    with reader.begin():
        yield reader


def meaning(error: Exception) -> DeskError | None:
    """What an error of the driver says to the caller; None when it is a mistake of ours."""
    if isinstance(error, DatabaseError):
        words = str(error.orig).lower()
        if "not a database" in words or "malformed" in words:
            return Unavailable(
                "The database file is no database, or it is damaged: put it aside, "
                "and bring a backup back with `./sportello restore FILE`.",
                retry_after_s=10.0,
                what="database_damaged",
            )
        if "unable to open" in words:
            return Unavailable(
                "The database file cannot be opened: it has to be a file that this user may read and write.",
                retry_after_s=10.0,
                what="database_closed",
            )
        if isinstance(error, OperationalError) or "disk" in words:
            return Unavailable(f"The store does not answer: {error.orig}", retry_after_s=10.0)
    if isinstance(error, OverflowError) and "SQLite INTEGER" in str(error):
        return NotFound("There is nothing with a number that large.")
    return None


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _synchronous(connection: Connection, level: str) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA synchronous={level}")


def _watch_file(engine: Engine, database: str) -> None:
    """Never write into a file that is no longer the database.

    On Unix an open file outlives its removal: what is written to it is lost with the last connection, and
    nobody is told. A file that took its place is opened anew; one that is gone is not made anew, empty.
    """
    if database in ("", ":memory:") or database.startswith("file:"):
        return
    opened = Event()

    @event.listens_for(engine, "do_connect")
    def _only_what_is_there(*_: object) -> None:
        if opened.is_set() and _identity(database) is None:
            raise _gone()

    @event.listens_for(engine, "connect")
    def _remember(_connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        record.info["file"] = _identity(database)
        opened.set()

    @event.listens_for(engine, "checkout")
    def _is_still_there(_connection: sqlite3.Connection, record: ConnectionPoolEntry, _proxy: object) -> None:
        now = _identity(database)
        if now is None:
            raise _gone()
        if record.info.get("file") != now:
            raise DisconnectionError("another file took the place of the database")


def _identity(database: str) -> tuple[int, int] | None:
    """Which file this is; None when there is none."""
    try:
        found = os.stat(database)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _gone() -> Unavailable:
    return Unavailable("The store does not answer: the database file is gone.", retry_after_s=10.0)
