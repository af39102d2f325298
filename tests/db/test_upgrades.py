"""Does a store that counts already, and ranks by the points of before, come up as one that was of today all along?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, select, text

from db import counting, counting_triggers, rollups, schema, standing, turns
from db.engine import Store
from db.tables import brands, metadata
from tests.services.raw_counts import counts_of

FIRST_RELEASE = Path(__file__).with_name("schema_0001.sql")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["0007", "0009", "0011"])
def old(request, database, tmp_path, monkeypatch):
    """A store at this revision, counting as in its time, with rows that came while it counted."""
    first, url = tmp_path / "first.db", f"sqlite:///{tmp_path / 'old.db'}"
    if database:
        server = request.getfixturevalue("postgres_server")
        url = server.url_of(server.empty())
    with closing(sqlite3.connect(first)) as connection:
        connection.executescript(FIRST_RELEASE.read_text(encoding="utf-8"))
    for each in (f"sqlite:///{first}", url):
        schema.migrate(each, to=request.param)
    source, store = Store(f"sqlite:///{first}"), Store(url)
    with source.read() as there, store.write() as tx:
        with monkeypatch.context() as then:
            then.setattr(counting, "_PRESSES", "1 = 1")
            made = [of_then(each, request.param) for each in counting_triggers.triggers(counting.Sql(store.is_sqlite))]
            then.setattr(counting_triggers, "triggers", lambda sql: made)
            counting_triggers.put_up(tx)
        bring(there, tx)
        tx.execute(text("UPDATE mentions SET urgency_level = 0, corrected = TRUE WHERE id = 1"))
        tx.execute(text("UPDATE cases SET rerank_at = '2030-01-01 00:00:00.000000'"))
    source.close()
    yield store
    store.close()


def of_then(trigger, revision):
    """Days are counted since 0010."""
    return replace(trigger, body=tuple(s for s in trigger.body if "day_rollups" not in s or revision > "0009"))


def bring(source, target):
    """Every row, one after another, as if it came in just now."""
    here = inspect(target)
    for table in metadata.sorted_tables:
        if not here.has_table(table.name) or "rollups" in table.name:
            continue
        known = [table.c[each["name"]] for each in here.get_columns(table.name)]
        if rows := [dict(row) for row in source.execute(select(*known)).mappings()]:
            target.execute(insert(table), rows)
        if table is brands and here.has_table("brand_turns"):
            turns.put_all(target)


def bring_up(store):
    with store.write(patient=True) as tx:
        schema.upgrade(tx)
        assert schema.current(tx) == schema.head()


def test_an_older_store_comes_up_counting_and_ranking_as_one_of_today(old):
    with old.read() as tx:
        assert tx.execute(text("SELECT sum(complaint_negative) FROM mention_rollups")).scalar_one() == 1
        assert standing.due_for_rank(tx, now=NOW, limit=9) == []
    bring_up(old)
    with old.read() as tx:
        assert sorted(standing.due_for_rank(tx, now=NOW, limit=9)) == [1, 2]  # The third was dismissed.
    upgraded = counts_of(old)
    with old.write() as tx:
        rollups.rebuild(tx)
    assert upgraded == counts_of(old)
    assert {row[2] for row in upgraded["day_rollups"]} == {""} and upgraded["case_rollups"]
    with old.write() as tx:  # And it goes on counting.
        tx.execute(text("UPDATE mentions SET urgency_level = 2 WHERE id = 1"))
    assert {row[2] for row in counts_of(old)["day_rollups"]} == {"", "money"}
    with old.write() as tx:
        tx.execute(text("DELETE FROM mention_matches WHERE mention_id = 1"))
    counted = counts_of(old)
    with old.write() as tx:
        rollups.rebuild(tx)
    assert counted == counts_of(old) != upgraded
