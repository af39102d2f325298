"""Do doctor, migrate, backup and restore do what they say, also on a bad disk?"""

import sqlite3
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine


def test_a_new_data_folder_is_for_its_owner_alone(sportello: CommandLine) -> None:
    assert sportello("migrate").code == 0
    assert stat.S_IMODE(sportello.data_dir.stat().st_mode) == 0o700


def test_migrate_may_be_repeated(sportello: CommandLine) -> None:
    assert [sportello("migrate").code for _ in range(2)] == [0, 0]


def test_a_data_folder_below_a_file_is_refused_in_one_sentence(sportello: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "desk").write_text("not a folder")
    assert "folder" in sportello("queue").complaint


def test_a_data_folder_that_cannot_be_made_is_refused_in_one_sentence(sportello: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = CommandLine(tmp_path / "file" / "desk", sportello.capture, sportello.patch)("queue")
    assert "cannot be made" in done.complaint


def test_a_database_that_is_something_else_is_refused_in_one_sentence(sportello: CommandLine) -> None:
    sportello.data_dir.mkdir()
    (sportello.data_dir / "sportello.db").write_bytes(b"this is not a database" * 100)
    assert sportello("queue").complaint


def test_a_backup_taken_and_restored_brings_everything_back(busy: CommandLine, tmp_path: Path) -> None:
    before = [case["text"] for case in busy("queue", "--json").json]
    assert busy("backup", tmp_path / "copy.db").code == 0
    assert busy("brand", "add", "Later").code == 0
    assert busy("restore", tmp_path / "copy.db").code == 0
    assert [case["text"] for case in busy("queue", "--json").json] == before
    assert [brand["name"] for brand in busy("brand", "list", "--json").json] == ["Aurora"]


@pytest.mark.parametrize("content", [b"", b"hello" * 1000])
def test_a_foreign_file_is_not_restored_and_the_desk_stays(busy: CommandLine, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "foreign.db").write_bytes(content)
    assert busy("restore", tmp_path / "foreign.db").complaint
    assert len(busy("queue", "--json").json) == 3


def test_another_programs_database_is_not_restored(busy: CommandLine, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE cases (id INTEGER)")
    other.close()
    assert busy("restore", tmp_path / "other.db").complaint
    assert len(busy("queue", "--json").json) == 3


def test_a_missing_backup_is_named(busy: CommandLine, tmp_path: Path) -> None:
    assert "gone.db" in busy("restore", tmp_path / "gone.db").complaint


def test_a_backup_into_a_folder_that_is_not_there_fails_in_one_sentence(busy: CommandLine, tmp_path: Path) -> None:
    assert busy("backup", tmp_path / "no" / "copy.db").complaint


def test_doctor_names_each_check_and_exits_1_while_something_is_amiss(busy: CommandLine) -> None:
    import json

    done = busy("doctor", "--json")
    report = json.loads(done.out)
    assert set(report) == {"ok", "checks"}
    assert all(set(check) == {"name", "ok", "words"} for check in report["checks"])
    assert report["ok"] == all(check["ok"] for check in report["checks"])
    assert done.code == (0 if report["ok"] else 1)


def test_a_setting_that_makes_no_sense_is_named(sportello: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPORTELLO_PORT", "many")
    assert "port" in sportello("queue").complaint
