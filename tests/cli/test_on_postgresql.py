"""Do the commands say and do the same on a database server, and does a desk move there by two of them?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine

pytestmark = pytest.mark.databases("postgresql")


@pytest.fixture
def moved(busy: CommandLine, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The busy desk, moved to a server by backup and restore; its file is gone."""
    assert busy("backup", tmp_path / "away.db").code == 0
    (busy.data_dir / "sportello.db").unlink()
    monkeypatch.setenv("SPORTELLO_DATABASE_URL", database)
    assert busy("restore", tmp_path / "away.db").code == 0
    return busy


def test_a_desk_on_a_server_is_worked_by_the_same_commands(moved: CommandLine, sheet: Path, tmp_path: Path) -> None:
    cases = moved("queue", "--json").json
    assert len(cases) == 3 and not (moved.data_dir / "sportello.db").exists()
    first = cases[0]["case"]
    assert moved("claim", first, "--as", "giulia").code == 0
    assert "Giulia" in moved("claim", first, "--as", "paolo").complaint
    assert moved("import", sheet, "--json").json["duplicates"] == 3
    assert moved("work", "--json").json["judged"] == 3
    assert [user["login"] for user in moved("user", "list", "--json").json][:2] == ["giulia", "marta"]
    assert moved("backup", tmp_path / "copy.db").code == 0
    assert moved("brand", "add", "Later").code == 0
    assert moved("restore", tmp_path / "copy.db").code == 0
    assert [brand["name"] for brand in moved("brand", "list", "--json").json] == ["Aurora"]
    assert moved("queue", "--json").json[0]["owner"] == "Giulia"


def test_an_empty_database_is_made_by_migrate_alone(sportello: CommandLine, postgres_server, monkeypatch) -> None:
    monkeypatch.setenv("SPORTELLO_DATABASE_URL", postgres_server.url_of(postgres_server.empty()))
    assert "migrate" in sportello("queue").complaint
    assert sportello("migrate").code == 0
    assert "no brand yet" in sportello("queue", "--json").complaint


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://mario:geheim@127.0.0.1:55518/desk",
        "mysql://mario:geheim@h/d",
        "postgresql://mario:geheim@h:x/d",
    ],
)
def test_a_server_that_is_not_there_is_one_sentence_without_name_or_password(
    sportello: CommandLine, monkeypatch, url: str
) -> None:
    monkeypatch.setenv("SPORTELLO_DATABASE_URL", url)
    for words in (("queue",), ("migrate",), ("doctor",), ("backup", "x.db")):
        said = sportello(*words).complaint
        assert "geheim" not in said and "mario" not in said
