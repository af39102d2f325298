"""One database behind one door: short read and write transactions, on SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from typing import Protocol

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from domain.errors import DeskError, Invalid, Misconfigured, Unavailable

BUSY_TIMEOUT_MS = 10_000


class Dialect(Protocol):
    """What the two modules ``on_sqlite`` and ``on_postgresql`` offer."""

    def make_engine(self, url: URL, *, wait_ms: int) -> Engine: ...

    def writing(
        self, connection: Connection, *, durable: bool, beside: bool, patient: bool
    ) -> AbstractContextManager[None]: ...

    def reading(self, connection: Connection) -> AbstractContextManager[Connection]: ...

    def meaning(self, error: Exception) -> DeskError | None: ...


def parse(url: str) -> URL:
    """The parts of a database URL. Raises Misconfigured, without quoting it, for one that is none of ours."""
    try:
        parts = make_url(url)
        name = parts.get_backend_name()
    except (ArgumentError, ValueError):
        raise Misconfigured("The setting database_url is no URL of a database.", setting="database_url") from None
    if name not in ("sqlite", "postgresql", "postgres"):
        words = f"The setting database_url names {name}; Sportello works on SQLite and PostgreSQL."
        raise Misconfigured(words, setting="database_url")
    return parts


def is_sqlite(url: str) -> bool:
    """Whether this URL names a SQLite file."""
    return parse(url).get_backend_name() == "sqlite"


def dialect_of(url: str) -> Dialect:
    """What is particular to the database of this URL."""
    from db import on_postgresql, on_sqlite

    return on_sqlite if is_sqlite(url) else on_postgresql


class Store:
    """Transactions on one database. Nobody else opens one, and nobody commits by hand."""

    def __init__(self, url: str) -> None:
        self._dialect = dialect_of(url)
        self.engine = self._dialect.make_engine(parse(url), wait_ms=BUSY_TIMEOUT_MS)
        self._turn = Lock()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self, *, durable: bool = False, beside: bool = False, patient: bool = False) -> Iterator[Connection]:
        """A write transaction, committed at the end, rolled back on any error; no other writer comes in between.

        ``durable`` waits until the commit is on disk even if the machine loses power: for the outbox.
        ``beside``: other transactions of this kind may run at the same time, where the database can do it;
        only for single rows changed by statements that are right in any order (see
        docs/decisions/0009-one-writer-on-postgresql.md). ``patient`` waits for its turn as long as it takes.
        Raises Unavailable when the database cannot be reached, is locked for too long, or the disk is full.
        """
        alone = self.is_sqlite or not beside
        with self._translated(), self._turn_if(alone, patient), self.engine.connect() as connection:
            with self._dialect.writing(connection, durable=durable, beside=beside, patient=patient):
                yield connection

    @contextmanager
    def apart(self, tx: Connection) -> Iterator[None]:
        """A part of a write transaction that can fail alone: on any error it is undone, and the rest stands.

        Raises what the part raises, as ``write`` would.
        """
        with self._translated(), tx.begin_nested():
            yield

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only snapshot: everything read inside belongs to one moment."""
        with self._translated(), self.engine.connect() as connection, self._dialect.reading(connection) as reader:
            yield reader

    @contextmanager
    def _turn_if(self, alone: bool, patient: bool) -> Iterator[None]:
        """The turn of the one writer among the threads of this process.

        SQLite has one writer, and those who wait poll without a queue: with many threads some would
        starve until the busy time-out. On a server each would hold a connection while it waits.
        Waiting here wakes the next one at once, and leaves only whole processes to compete.
        """
        if not alone:
            yield
            return
        if not self._turn.acquire(timeout=-1 if patient else BUSY_TIMEOUT_MS / 1000):
            raise Unavailable("The store does not answer: another writer takes too long.", retry_after_s=10.0)
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except UnicodeEncodeError as err:
            raise Invalid("The text holds half a character, which cannot be stored.", reason="half_character") from err
        except (SQLAlchemyError, OverflowError) as err:
            meant = self._dialect.meaning(err)
            if meant is None:
                raise
            # What the driver of a server says may name who signs in.
            raise meant from (err if self.is_sqlite else None)
