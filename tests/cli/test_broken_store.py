"""Is a database that cannot be used one clear sentence, on the command line and where the desk starts?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desk import backend
from desk.i18n import speaking
from desk.sentences import error_words
from domain.errors import DeskError, Misconfigured, Unavailable

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (["queue"], ["doctor"], ["migrate"], ["brand", "list"], ["run", "--port", "8629"])
#: Nothing listens on the port of this server, and its password must not be quoted.
NOWHERE = "postgresql://sportello:geheim@127.0.0.1:9/desk"


def sportello(data_dir: Path, *words: str, database: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "desk.cli", "--data-dir", str(data_dir), *words]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(data_dir), "LANG": "C.UTF-8"}
    environment |= {"SPORTELLO_DATABASE_URL": database} if database else {}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A data folder whose database is none."""
    (tmp_path / "sportello.db").write_bytes(b"a letter, not a table" * 200)
    return tmp_path


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_file_that_is_no_database_is_one_sentence_with_the_way_out(broken: Path, words: list[str]) -> None:
    done = sportello(broken, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "no database" in done.stderr and "sportello restore FILE" in done.stderr and "Traceback" not in done.stderr


def test_the_desk_itself_leaves_with_the_same_sentence(broken: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "SPORTELLO_DATA_DIR": str(broken), "SPORTELLO_PORT": "8628"}
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "no database" in done.stderr


@pytest.mark.parametrize("words", [["queue"], ["migrate"]], ids=lambda words: words[0])
def test_a_server_out_of_reach_is_one_sentence_without_its_password(tmp_path: Path, words: list[str]) -> None:
    done = sportello(tmp_path, *words, database=NOWHERE)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "no connection to the server" in done.stderr and "geheim" not in done.stderr


def test_a_missing_driver_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setenv("SPORTELLO_DATABASE_URL", NOWHERE)
    monkeypatch.setenv("SPORTELLO_DATA_DIR", str(tmp_path))
    backend.forget()
    with pytest.raises(SystemExit, match="driver psycopg") as refusal:
        backend.open_or_leave()
    assert "geheim" not in str(refusal.value)
    backend.forget()


@pytest.mark.parametrize(
    ("error", "english", "italian"),
    [
        (Unavailable(what="database_damaged"), "is no database", "non è un database"),
        (Unavailable(what="database_closed"), "cannot be opened", "non si apre"),
        (Misconfigured(what="driver"), "psycopg", "psycopg"),
    ],
)
def test_a_page_says_it_in_the_readers_language(error: DeskError, english: str, italian: str) -> None:
    for language, words in (("en", english), ("it", italian)):
        with speaking(language):
            assert words in error_words(error, timezone="Europe/Rome")
