"""Does the store keep every transaction whole, and say in one word when it cannot?"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest
from sqlalchemy import insert, text

from db import meta
from db.engine import Store
from db.tables import mentions
from domain.errors import Unavailable


def test_an_error_in_a_transaction_leaves_nothing_of_it(store):
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        meta.keep(tx, "half", "done")
        _ = 1 / 0
    with store.read() as tx:
        assert meta.read(tx, "half") is None


def test_a_reader_sees_one_moment_and_never_waits_for_a_writer(store):
    with store.write() as tx:
        meta.keep(tx, "word", "old")
    with store.read() as reading:
        assert meta.read(reading, "word") == "old"
        with store.write() as writing:
            meta.keep(writing, "word", "new")
        assert meta.read(reading, "word") == "old"
    with store.read() as tx:
        assert meta.read(tx, "word") == "new"


@pytest.mark.databases("sqlite")
def test_a_full_disk_is_said_and_keeps_what_was_there(store):
    with store.write() as tx:
        meta.keep(tx, "word", "kept")
        pages = tx.execute(text("PRAGMA page_count")).scalar_one()
    with pytest.raises(Unavailable, match="does not answer"), store.write() as tx:
        tx.execute(text(f"PRAGMA max_page_count = {pages}"))
        for n in range(500):
            meta.keep(tx, f"word {n}", "x" * 4000)
    with store.read() as tx:
        assert meta.read(tx, "word") == "kept"


@pytest.mark.databases("sqlite")
def test_a_database_somebody_holds_is_said_after_the_wait(store, settings, monkeypatch):
    monkeypatch.setattr("db.engine.BUSY_TIMEOUT_MS", 50)
    impatient = Store(settings.effective_database_url)
    with closing(sqlite3.connect(settings.data_path / "sportello.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"), impatient.write() as tx:
            meta.keep(tx, "word", "x")
        other.execute("ROLLBACK")
    with impatient.write() as tx:
        meta.keep(tx, "word", "y")
    impatient.close()


def test_a_file_that_is_no_database_is_said(tmp_path):
    (tmp_path / "x.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(Unavailable, match="no database"), Store(f"sqlite:///{tmp_path / 'x.db'}").read() as tx:
        tx.execute(text("SELECT 1 FROM sqlite_master"))


@pytest.mark.databases("sqlite")
def test_a_durable_write_waits_for_the_disk_and_the_next_one_does_not(store):
    def level():
        with store.engine.connect() as connection:
            return connection.connection.driver_connection.execute("PRAGMA synchronous").fetchone()[0]

    with store.write(durable=True) as tx:
        assert tx.connection.driver_connection.execute("PRAGMA synchronous").fetchone()[0] == 2
        meta.keep(tx, "word", "x")
    assert level() == 1


def test_a_missing_parent_row_is_refused_by_the_database(store):
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError), store.write() as tx:
        row = {"channel": "x", "origin": "y", "native_id": "1", "conversation_id": 99, "author_id": 99, "text": "t"}
        tx.execute(insert(mentions).values(**row, media=[], published_at=None, received_at=None))


def test_writers_in_many_threads_wait_for_each_other(store):
    with store.write() as tx:
        meta.keep(tx, "sum", "0")

    def add_ten():
        for _ in range(10):
            with store.write() as tx:
                meta.keep(tx, "sum", str(int(meta.read(tx, "sum") or 0) + 1))

    threads = [threading.Thread(target=add_ten) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with store.read() as tx:
        assert meta.read(tx, "sum") == "80"


@pytest.mark.databases("sqlite")
def test_nothing_is_written_into_a_database_file_that_was_removed(store, settings, tmp_path):
    path = settings.data_path / "sportello.db"
    with store.write() as tx:
        meta.keep(tx, "word", "kept")
    with store.read() as holding:  # An open connection keeps a removed file alive: nobody would notice.
        away = path.rename(tmp_path / "away.db")
        for door in (store.write, store.read):
            with pytest.raises(Unavailable, match="is gone"), door() as tx:
                meta.keep(tx, "word", "lost")
        assert not path.exists(), "an empty database in its place would look like a new desk"
        assert meta.read(holding, "word") == "kept"
    away.rename(path)
    with store.write() as tx:
        assert meta.read(tx, "word") == "kept"
        meta.keep(tx, "word", "goes on")


@pytest.mark.databases("sqlite")
def test_a_database_that_took_the_place_of_another_is_the_one_that_is_used(store, settings, migrated_database):
    path = settings.data_path / "sportello.db"
    with store.write() as tx:
        meta.keep(tx, "word", "of the old")
    store.close()
    with store.read() as tx:
        assert meta.read(tx, "word") == "of the old"
    for beside in ("", "-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    path.write_bytes(migrated_database.read_bytes())
    with store.write() as tx:
        assert meta.read(tx, "word") is None
