"""Does a database that served another test hold what a new one would?"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import make_url, select, text

from db.engine import Store
from db.tables import brands, metadata
from tests.peers import postgres
from tests.peers.postgres_again import Again

pytestmark = pytest.mark.databases("postgresql")


@pytest.fixture
def again(postgres_server: postgres.Server) -> Again:
    """Databases for this test alone."""
    return Again(postgres_server)


def used(url: str, *statements: str) -> Store:
    """A store that somebody has worked with, and that is still open."""
    store = Store(url)
    with store.write() as tx:
        for statement in statements:
            tx.execute(text(statement))
    return store


def brand(name: str) -> str:
    values = f"'{name}', '{name}', 'UTC', false, now()"
    return f"INSERT INTO brands (name, slug, timezone, is_sample, created_at) VALUES ({values})"


def contents(url: str) -> dict[str, Any]:
    store = Store(url)
    with store.read() as tx:
        rows = {table.name: tx.execute(select(table)).fetchall() for table in metadata.sorted_tables}
    store.close()
    return rows


def test_rows_are_gone_numbers_begin_anew_and_the_name_is_another(again: Again) -> None:
    first = again.lend()
    number, empty = numbered(first), contents(first)
    left_open = used(first, brand("Aurora"), brand("Borea"))
    again.take_back(first)
    second = again.lend()
    assert numbered(second) == number
    assert make_url(second).database != make_url(first).database
    assert contents(second) == empty
    store = used(second, brand("Cirrus"))
    with store.read() as tx:
        assert tx.execute(select(brands.c.id)).scalars().all() == [1]
    for each in (store, left_open):
        each.close()
    again.server.drop(second)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE stray (id int)",
        "ALTER TABLE brands ALTER COLUMN name DROP NOT NULL",
        "CREATE FUNCTION stray() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "UPDATE alembic_version SET version_num = '0001'",
        "ALTER SEQUENCE brands_id_seq CYCLE",
        "CREATE POLICY stray ON brands USING (true)",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO public",
        "CREATE STATISTICS stray ON name, slug FROM brands",
    ],
)
def test_one_that_was_changed_beyond_its_rows_is_not_lent_again(again: Again, change: str) -> None:
    first = again.lend()
    number = numbered(first)
    used(first, change).close()
    again.take_back(first)
    second = again.lend()
    assert numbered(second) != number
    again.server.drop(second)


def numbered(url: str) -> int:
    """The server's own number of a database, whatever its name."""
    store = Store(url)
    with store.read() as tx:
        found = tx.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
    store.close()
    return int(found)
