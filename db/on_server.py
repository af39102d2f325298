"""How does the desk of a database server become one file, and a file the desk of a server?"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from db import schema
from db.copying import copy_rows, count_rows, set_aside
from db.engine import Store
from domain.errors import Invalid, NotPossible

#: Where what was there before a restore is kept, as a schema of the same database.
BEFORE = "before_restore"


def copy_away(url: str, file: Path) -> None:
    """Write what the server holds at one moment into the empty SQLite ``file``; the desk may go on writing."""
    source, target = Store(url), Store(f"sqlite:///{file}")
    try:
        schema.require_current(source)
        schema.migrate(f"sqlite:///{file}")
        with source.read() as there, target.write() as here:
            _require_all(there, here, copy_rows(there, here))
    finally:
        source.close()
        target.close()


def bring_back(file: Path, url: str) -> None:
    """Replace what the server holds by the rows of ``file``, in one transaction: all of it or nothing.

    What was there stands in the schema ``before_restore`` until the next restore. Raises NotPossible while
    anybody else is connected.
    """
    schema.migrate(f"sqlite:///{file}")
    source, target = Store(f"sqlite:///{file}"), Store(url)
    try:
        with target.read() as there:  # Before waiting for a turn that a running desk may not give.
            _require_alone(there)
        with source.read() as here, target.write() as there:
            _require_alone(there)
            set_aside(there, BEFORE)
            schema.upgrade(there)
            _require_all(here, there, copy_rows(here, there))
    finally:
        source.close()
        target.close()


def _require_alone(connection: Connection) -> None:
    """A desk that is connected would go on with what it has read."""
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name = 'sportello' AND pid <> pg_backend_pid()"
    )
    if connection.execute(others).scalar_one():
        raise NotPossible("The desk is running: stop it before bringing a copy back.", reason="in_use")


def _require_all(source: Connection, target: Connection, copied: dict[str, int]) -> None:
    if not copied == count_rows(source) == count_rows(target):
        raise Invalid("The copy does not hold every row; nothing was changed.", field="file")
