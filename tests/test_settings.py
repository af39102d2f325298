"""Settings come from the command line, the environment, the file and the defaults, in that order."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import Misconfigured
from settings import load


def config(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "sportello.toml"
    path.write_text(text, encoding="utf-8")
    return {"SPORTELLO_CONFIG": str(path)}


def test_the_nearer_source_wins(tmp_path: Path) -> None:
    environ = config(tmp_path, "port = 8601\nundo_s = 20\nlock_lease_s = 30\n")

    settings = load(environ | {"SPORTELLO_PORT": "8602", "SPORTELLO_UNDO_S": "25"}, port=8603)

    assert (settings.port, settings.undo_s, settings.lock_lease_s) == (8603, 25, 30)


def test_publishing_is_off_unless_it_says_live(tmp_path: Path) -> None:
    nowhere = {"SPORTELLO_CONFIG": str(tmp_path / "none.toml")}

    assert not load(nowhere).publishing_live
    assert not load(nowhere | {"SPORTELLO_PUBLISH": "yes"}).publishing_live
    assert load(nowhere | {"SPORTELLO_PUBLISH": "live"}).publishing_live


@pytest.mark.parametrize("text", ["prot = 1", "port = 'eighty'", "port = -1", "port = true", "port = "])
def test_a_wrong_file_is_named_and_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Misconfigured):
        load(config(tmp_path, text))


def test_the_database_password_never_shows(tmp_path: Path) -> None:
    settings = load({"SPORTELLO_DATABASE_URL": "postgresql://desk:s3cret@localhost/desk"})

    assert "s3cret" not in repr(settings)
