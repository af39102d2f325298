"""Does the migrated schema match the tables of the code, protect history, and come up from the first release?"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, text
from sqlalchemy.exc import IntegrityError

from db import schema
from db.engine import Store
from db.tables import audit, metadata
from domain.errors import Misconfigured

FIRST_RELEASE = Path(__file__).with_name("schema_0001.sql")


def described(path: Path) -> dict[tuple[str, str], list[str]]:
    """Every table and index of a database, as its clauses in a fixed order."""
    query = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
    with closing(sqlite3.connect(path)) as connection:
        found = {}
        for kind, name, sql in connection.execute(query):
            flat = re.sub(r"\s+", " ", sql.replace('"', "")).lower()
            # Constraints may stand in any order.
            found[kind, name] = sorted(re.sub(r"[ ()]", "", part) for part in flat.split(","))
    found.pop(("table", "alembic_version"), None)
    return found


def test_the_migrations_make_exactly_the_tables_of_the_code(migrated_database, tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'code.db'}")
    metadata.create_all(engine)
    engine.dispose()
    migrated, coded = described(migrated_database), described(tmp_path / "code.db")
    assert migrated.keys() == coded.keys()
    for name in coded:
        assert migrated[name] == coded[name], name


def test_the_head_is_the_one_alembic_sees():
    scripts = ScriptDirectory(str(schema.SCRIPTS))
    assert scripts.get_current_head() == schema.head()
    assert sorted(s.revision for s in scripts.walk_revisions()) == schema.known_revisions()


def test_migrating_twice_changes_nothing(tmp_path):
    url = f"sqlite:///{tmp_path / 'new' / 'desk.db'}"
    assert schema.migrate(url) == schema.migrate(url) == schema.head()


def test_four_processes_migrating_at_once_make_one_schema(tmp_path):
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    words = f"from db.schema import migrate; print(migrate({url!r}))"
    running = [
        subprocess.Popen([sys.executable, "-c", words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    answers = [process.communicate(timeout=60) for process in running]
    assert [out.strip() for out, _ in answers] == [schema.head()] * 4, answers


def test_a_database_of_a_newer_version_is_left_alone(tmp_path):
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    schema.migrate(url)
    store = Store(url)
    with store.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (lambda: schema.migrate(url), lambda: schema.require_current(store)):
        with pytest.raises(Misconfigured, match="newer version"):
            act()
    store.close()


def test_an_unmigrated_database_names_the_way_out(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'desk.db'}")
    with pytest.raises(Misconfigured, match="sportello migrate"):
        schema.require_current(store)
    store.close()


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Misconfigured, match="cannot be written"):
        schema.migrate(f"sqlite:///{tmp_path / 'file' / 'desk.db'}")


def test_a_database_of_the_first_release_comes_up_with_everything_in_it(tmp_path, migrated_database):
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST_RELEASE.read_text(encoding="utf-8"))
    tables = [name for (kind, name) in described(path) if kind == "table"]

    def contents():
        with closing(sqlite3.connect(path)) as connection:
            rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
            return {name: len(found) for name, found in rows.items()}, rows["mentions"][0][:9]

    before = contents()
    assert schema.migrate(f"sqlite:///{path}") == schema.head()
    assert contents() == before and before[0]["case_events"] > 0
    assert described(path) == described(migrated_database)


@pytest.mark.parametrize("act", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_audit_trail_can_be_neither_changed_nor_shortened(store, clock, act):
    with store.write() as tx:
        line = {"at": clock(), "actor": "system", "action": "a", "entity": "b", "outcome": "done", "details": {}}
        tx.execute(insert(audit).values(**line))
    with pytest.raises(IntegrityError, match="append-only"), store.write() as tx:
        tx.execute(text(act))


@pytest.mark.parametrize("table", ["audit", "case_events", "judgements", "corrections", "problem_events"])
def test_history_is_guarded_by_a_trigger(store, table):
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table AND name LIKE '%no_update'"
    if not store.is_sqlite:
        query = "SELECT count(*) FROM pg_trigger WHERE tgrelid = cast(:table AS regclass) AND tgname LIKE '%no_update'"
    with store.read() as tx:
        assert tx.execute(text(query), {"table": table}).scalar() == 1
