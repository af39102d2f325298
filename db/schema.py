"""Is the schema of this database the one the code expects, and how does it get there?"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from db.engine import Store, is_sqlite, parse
from domain.errors import Misconfigured

SCRIPTS = Path(__file__).parent / "migrations"


def known_revisions() -> list[str]:
    """Every revision this code can read, oldest first.

    Taken from the file names, numbered in order: Alembic costs half a second to import, which only a
    start that has something to migrate should pay.
    """
    return sorted(path.name.split("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*_*.py"))


def head() -> str:
    """The revision this code was written for."""
    return known_revisions()[-1]


def current(connection: Connection) -> str | None:
    """The revision of this database; None before the first migration."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def migrate(url: str, *, to: str = "head") -> str:
    """Bring the database at ``url`` to the schema of this code, and return its revision.

    Creates a missing SQLite file and its folder. Harmless when there is nothing to do; two processes
    at once wait for each other. Raises Misconfigured for a database that a newer version has written.
    """
    with _one_at_a_time(url):
        store = Store(url)
        try:
            with store.write(patient=True) as connection:
                _refuse_newer(connection)
                _require_utf8(connection)
                if current(connection) != (head() if to == "head" else to):
                    upgrade(connection, to=to)
                return current(connection) or ""
        finally:
            store.close()


def upgrade(connection: Connection, *, to: str = "head") -> None:
    """Run the migrations inside the transaction of ``connection``."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def is_missing(url: str) -> bool:
    """Whether the SQLite file of this URL does not exist yet; opening it would make an empty one."""
    target = parse(url)
    return is_sqlite(url) and bool(target.database) and not Path(str(target.database)).exists()


def require_current(store: Store) -> None:
    """Raise Misconfigured, with the way out, unless the schema is the one of this code."""
    with store.read() as tx:
        _refuse_newer(tx)
        if current(tx) != head():
            raise Misconfigured("The database has an older schema: run `./sportello migrate` first.", key="schema_old")


def _refuse_newer(connection: Connection) -> None:
    revision = current(connection)
    if revision is not None and revision not in known_revisions():
        raise Misconfigured(
            f"The database was written by a newer version of Sportello (schema {revision}); "
            "update the program, or restore a backup made by this version.",
            revision=revision,
        )


def _require_utf8(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        return
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise Misconfigured(f"The database stores text as {encoding}: make one with ENCODING 'UTF8'.", key="encoding")


@contextmanager
def _one_at_a_time(url: str) -> Iterator[None]:
    """A file lock beside a SQLite database; servers bring their own transactional lock."""
    target = parse(url)
    if not is_sqlite(url) or target.database in (None, "", ":memory:"):
        yield
        return
    path = Path(str(target.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = open(path.with_name(path.name + ".migrate-lock"), "w")  # noqa: SIM115 - held below
    except OSError as err:
        raise Misconfigured(f"The data folder {path.parent} cannot be written: {err.strerror}.") from err
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
