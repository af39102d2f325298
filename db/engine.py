"""One database behind one door: short read and write transactions, the only place that knows dialects."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from domain.errors import Invalid, NotFound, Unavailable

BUSY_TIMEOUT_MS = 10_000


def make_engine(url: str) -> Engine:
    """An engine for ``url``. SQLite runs in WAL mode with foreign keys on."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return create_engine(url, pool_pre_ping=True, hide_parameters=True)


def _sqlite_engine(url: str) -> Engine:
    # Parameters may be the words of customers: they never show in an error or a log.
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        # SQLAlchemy must send BEGIN itself: the driver's own deferred BEGIN cannot be upgraded to a
        # write without risking SQLITE_BUSY_SNAPSHOT, which no time-out heals.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get("sportello_read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    _watch_file(engine, make_url(url).database or "")
    return engine


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


class Store:
    """Transactions on one database. Nobody else opens one, and nobody commits by hand."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._turn = Lock()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """A write transaction, committed at the end, rolled back on any error.

        ``durable`` waits until the commit is on disk even if the machine loses power: for the outbox.
        Raises Unavailable when the database cannot be reached, is locked for too long, or the disk is full.
        """
        with self._translated(), self._writing(), self.engine.connect() as connection:
            if durable and self.is_sqlite:
                self._synchronous(connection, "FULL")
            try:
                with connection.begin():
                    yield connection
            finally:
                if durable and self.is_sqlite:
                    self._synchronous(connection, "NORMAL")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only snapshot: everything read inside belongs to one moment."""
        with self._translated(), self.engine.connect() as connection:
            reader = connection.execution_options(sportello_read_only=True)
            with reader.begin():
                yield reader

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """On SQLite, the turn to write among the threads of this process.

        SQLite has one writer, and those who wait poll without a queue: with many threads some would
        starve until the busy time-out. Waiting here wakes the next one at once, and leaves only
        whole processes to compete for the file.
        """
        if not self.is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            raise Unavailable("The store does not answer: another writer takes too long.", retry_after_s=10.0)
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        self.engine.dispose()

    @staticmethod
    def _synchronous(connection: Connection, level: str) -> None:
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA synchronous={level}")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, DatabaseError) as err:
            words = str(err.orig).lower()
            if isinstance(err, OperationalError) or "disk" in words or "not a database" in words:
                raise Unavailable(f"The store does not answer: {err.orig}", retry_after_s=10.0) from err
            raise
        except OverflowError as err:
            if "SQLite INTEGER" not in str(err):
                raise
            raise NotFound("There is nothing with a number that large.") from err
        except UnicodeEncodeError as err:
            raise Invalid("The text holds half a character, which cannot be stored.", reason="half_character") from err
