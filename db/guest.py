"""How does another library get tables of its own in our database, without getting in the way of ours?"""

from __future__ import annotations

from sqlalchemy import text

from db.engine import Store, parse
from domain.errors import Misconfigured


def settle(store: Store, schema: str, *, script: str) -> None:
    """Make ``schema`` with what ``script`` creates, unless it is there; processes at once wait for each other.

    A schema of its own, named after the library's version: a new version makes a new one, an old process
    goes on with the old one, and neither backup nor restore sees it. Raises Misconfigured on SQLite.
    """
    if store.is_sqlite:
        raise Misconfigured("Several workers share a database server: set database_url to PostgreSQL.", setting="url")
    with store.write(patient=True) as tx:
        if tx.execute(text("SELECT to_regnamespace(:name)"), {"name": schema}).scalar() is not None:
            return
        tx.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
        tx.exec_driver_sql(f'SET LOCAL search_path TO "{schema}"')
        # Without parameters, so that the driver reads no placeholders into it and takes many statements.
        tx.execution_options(no_parameters=True).exec_driver_sql(script)


def address(url: str) -> str:
    """The URL as the driver's own library takes it. It holds the password: never show it."""
    return parse(url).set(drivername="postgresql").render_as_string(hide_password=False)
