"""Does a desk move from one kind of database to the other, and back, with every row as it was?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

import bootstrap
from db import schema, users
from db.copying import copy_rows, count_rows
from db.engine import Store
from db.tables import metadata
from services import brands, claims, promises

FIRST_RELEASE = Path(__file__).with_name("schema_0001.sql")


def everything(url):
    """Every row of every table, in a fixed order."""
    store = Store(url)
    with store.read() as tx:
        found = {t.name: sorted(map(str, tx.execute(select(t)))) for t in metadata.sorted_tables}
    store.close()
    return found


@pytest.fixture
def worked(ctx, acting, say, clock, member):
    """A desk with a bit of everything: people with substitutes, cases, promises, notices, a refused act."""
    paolo = acting("paolo")
    giulia = member("giulia", roles=("operator", "manager"))
    with ctx.store.write() as tx:
        users.change(tx, paolo.actor.user_id, substitute_id=giulia.id)
    case_id = say("BAD parcel\t\\N \\. 👩🏽‍🚒 è", author="mara")
    say("URGENT smoke", author="ugo")
    claims.claim(paolo, case_id)
    promises.add(paolo, case_id, text="A call", due_at=clock().replace(year=2027))
    claims.hand_over(paolo, case_id, to_user_id=giulia.id, note="Please")
    return ctx


@pytest.mark.databases("sqlite")
def test_a_desk_on_a_file_moves_to_a_server_and_back(worked, settings, postgres_server, tmp_path):
    settings_there = replace(settings, database_url=postgres_server.url_of(postgres_server.empty()))
    before = everything(settings.effective_database_url)
    bootstrap.backup(settings, tmp_path / "away.db")
    bootstrap.restore(settings_there, tmp_path / "away.db", clock=worked.clock)
    moved = everything(settings_there.database_url)
    told = moved["audit"].pop()  # The return itself is written down.
    assert "database.restore" in told and moved == before
    assert len(before["users"]) == 2 and len(before["cases"]) == 2 and len(before["promises"]) == 1

    bootstrap.backup(settings_there, tmp_path / "home.db")
    home = replace(settings, data_dir=str(tmp_path / "home"))
    bootstrap.restore(home, tmp_path / "home.db", clock=worked.clock)
    again = everything(home.effective_database_url)
    assert [again["audit"].pop() for _ in range(2)] and again == before


@pytest.mark.databases("postgresql")
def test_a_desk_that_came_back_goes_on_counting_where_it_was(worked, settings, say, tmp_path):
    bootstrap.backup(settings, tmp_path / "copy.db")
    worked.store.close()
    bootstrap.restore(settings, tmp_path / "copy.db", clock=worked.clock)
    assert say("BAD again", author="new customer") == 3
    brands.add_brand(worked, "Second")


def test_a_server_takes_up_the_first_release_and_comes_to_the_present(postgres_server, tmp_path):
    url = postgres_server.url_of(postgres_server.empty())
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(FIRST_RELEASE.read_text(encoding="utf-8"))
        columns = {name: {row[1] for row in old.execute(f"PRAGMA table_info({name})")} for name in metadata.tables}
    assert schema.migrate(url, to="0001") == "0001"
    source, target = Store(f"sqlite:///{path}"), Store(url)
    old_tables = [
        first_form(metadata.tables[t.name], columns[t.name]) for t in metadata.sorted_tables if columns[t.name]
    ]
    with source.read() as here, target.write() as there:
        copied = copy_rows(here, there, tables=old_tables)
    assert schema.migrate(url) == schema.head()
    with target.read() as there:
        assert {name: count for name, count in count_rows(there).items() if name in copied} == copied
    source.close()
    target.close()
    assert copied["case_events"] > 0 and copied["mentions"] > 0


def first_form(table, names):
    """A table with only those columns."""
    from sqlalchemy import Column, ForeignKey, MetaData, Table

    columns = []
    for column in table.columns:
        if column.name in names:
            keys = [ForeignKey(key.target_fullname) for key in column.foreign_keys if key.column.table is table]
            columns.append(Column(column.name, column.type, *keys, primary_key=column.primary_key))
    return Table(table.name, MetaData(), *columns)
