"""Does a copy hold everything, even while the desk writes, and does nothing else pass for one?"""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing

import pytest
from sqlalchemy import func, select, text

from db import backup
from db.engine import Store
from db.tables import mentions
from domain.errors import Invalid, NotPossible


def posts_in(url):
    store = Store(url)
    with store.read() as tx:
        count = tx.execute(select(func.count()).select_from(mentions)).scalar_one()
    store.close()
    return count


@pytest.fixture
def url(settings):
    return settings.effective_database_url


def test_a_copy_brings_everything_back(say, store, url, tmp_path):
    say("BAD parcel")
    backup.backup(url, tmp_path / "copy.db")
    say("BAD again")
    store.close()
    backup.restore(url, tmp_path / "copy.db")
    assert posts_in(url) == 1


@pytest.mark.databases("sqlite")
def test_what_was_there_before_a_restore_is_kept_beside_it(say, store, url, tmp_path, settings):
    backup.backup(url, tmp_path / "copy.db")
    say("BAD parcel")
    store.close()
    backup.restore(url, tmp_path / "copy.db")
    assert posts_in(url) == 0
    assert posts_in(f"sqlite:///{settings.data_path / 'sportello.db.before-restore'}") == 1


def test_a_copy_taken_while_somebody_writes_is_whole(say, store, url, tmp_path):
    say("BAD parcel")
    with store.write() as tx:
        tx.execute(mentions.update().values(text="half done"))
        backup.backup(url, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT text FROM mentions").fetchall() == [("BAD parcel",)]
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_copy_is_for_its_owner_alone_and_overwrites_nothing(store, url, tmp_path):
    backup.backup(url, tmp_path / "copy.db")
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    with pytest.raises(Invalid, match="exists already"):
        backup.backup(url, tmp_path / "copy.db")


def test_a_copy_into_a_folder_that_is_not_there_leaves_nothing(store, url, tmp_path):
    from domain.errors import Unavailable

    with pytest.raises(Unavailable, match="could not be written"):
        backup.backup(url, tmp_path / "nowhere" / "copy.db")


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\x00" + b"\x00" * 200])
def test_a_foreign_or_damaged_file_is_refused_and_nothing_is_touched(say, store, url, tmp_path, content):
    say("BAD parcel")
    (tmp_path / "copy.db").write_bytes(content)
    with pytest.raises(Invalid):
        backup.restore(url, tmp_path / "copy.db")
    assert posts_in(url) == 1


def test_somebody_elses_sqlite_file_is_refused(store, url, tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(Invalid, match="not a backup"):
        backup.restore(url, tmp_path / "other.db")


def test_a_copy_with_a_damaged_page_is_refused(say, store, url, tmp_path):
    say("BAD parcel")
    backup.backup(url, tmp_path / "copy.db")
    content = bytearray((tmp_path / "copy.db").read_bytes())
    content[len(content) // 2 : len(content) // 2 + 8192] = b"\xff" * 8192
    (tmp_path / "copy.db").write_bytes(bytes(content))
    with pytest.raises(Invalid):
        backup.restore(url, tmp_path / "copy.db")
    assert posts_in(url) == 1


def test_a_copy_of_a_newer_version_is_refused(store, url, tmp_path):
    backup.backup(url, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        copy.execute("UPDATE alembic_version SET version_num = '9999'")
        copy.commit()
    with pytest.raises(Invalid, match="another version"):
        backup.restore(url, tmp_path / "copy.db")


def test_a_running_desk_is_not_replaced_under_its_feet(say, store, url, tmp_path):
    say("BAD parcel")
    backup.backup(url, tmp_path / "copy.db")
    with store.write() as tx:
        tx.execute(mentions.update().values(text="being written"))
        with pytest.raises(NotPossible, match="stop it"):
            backup.restore(url, tmp_path / "copy.db")
    assert posts_in(url) == 1


@pytest.mark.databases("postgresql")
def test_what_a_server_held_before_a_restore_is_kept_in_a_schema_beside_it(say, store, url, tmp_path):
    backup.backup(url, tmp_path / "copy.db")
    for _ in range(2):  # The one before is replaced by the next.
        say("BAD parcel")
        store.close()
        backup.restore(url, tmp_path / "copy.db")
        with store.read() as tx:
            kept = tx.execute(text("SELECT text FROM before_restore.mentions")).scalars().all()
        assert (posts_in(url), kept) == (0, ["BAD parcel"])


@pytest.mark.databases("postgresql")
def test_a_server_restored_halfway_is_as_it_was(say, store, url, tmp_path, monkeypatch):
    backup.backup(url, tmp_path / "copy.db")
    say("BAD parcel")
    store.close()
    monkeypatch.setattr("db.on_server.count_rows", lambda connection: {})
    with pytest.raises(Invalid, match="every row"):
        backup.restore(url, tmp_path / "copy.db")
    assert posts_in(url) == 1
