"""How do tests speak to the command line? In process, each with a data folder of its own."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desk.cli.main import main
from domain.people import Role, Training
from services import brands, team
from services.context import Context
from settings import Settings


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stdout held, which must be one JSON document."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one sentence on stderr of a command that was refused or failed."""
        assert (self.code, self.out) == (1, ""), self
        assert self.err.count("\n") == 1, self.err
        return self.err.strip()


Sportello = Callable[..., Done]


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Runs commands on the desk in ``data_dir``."""

    data_dir: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def __call__(self, *words: object, stdin: str = "") -> Done:
        self.capture.readouterr()
        with self.patch.context() as patch:
            patch.setattr("sys.stdin", io.StringIO(stdin))
            code = main(["--data-dir", str(self.data_dir), *map(str, words)])
        said = self.capture.readouterr()
        return Done(code, said.out, said.err)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """English, no settings from outside, and the rules for a model: it loads at once and judges alike each time."""
    import os

    for name in [name for name in os.environ if name.startswith(("SPORTELLO_", "LC_", "LANG"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SPORTELLO_MODEL", "rules")


@pytest.fixture
def sportello(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line on an empty data folder that is not there yet."""
    return CommandLine(tmp_path / "desk", capsys, monkeypatch)


@pytest.fixture(scope="session")
def staffed_desk(tmp_path_factory: pytest.TempPathFactory, migrated_database: Path) -> Path:
    """A data folder with a brand, the posts of SHEET and four colleagues; tests copy it."""
    import bootstrap

    folder = tmp_path_factory.mktemp("staffed")
    shutil.copy(migrated_database, folder / "sportello.db")
    ctx = bootstrap.open_backend(Settings(data_dir=str(folder), model="rules")).ctx
    brands.add_brand(ctx, "Aurora")
    hire(ctx, "giulia", Role.OPERATOR, trained=("sample", "import"))
    hire(ctx, "paolo", Role.OPERATOR, trained=("sample", "import"), mentor=True)
    hire(ctx, "tina", Role.OPERATOR, language="it")
    hire(ctx, "marta", Role.MARKETING)
    ctx.store.close()
    return folder


def hire(
    ctx: Context, login: str, role: Role, *, trained: tuple[str, ...] = (), mentor: bool = False, language: str = "en"
) -> None:
    """Add a colleague; the password does not matter here, so it is cheap to make."""
    from argon2 import PasswordHasher

    team.add_member(
        ctx,
        login=login,
        name=login.title(),
        roles=[role],
        trained=[Training(channel, mentor) for channel in trained],
        language=language,
        password="correct horse battery",
        hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
    )


@pytest.fixture
def staffed(sportello: CommandLine, staffed_desk: Path) -> CommandLine:
    """The command line on a desk with a brand and four colleagues."""
    shutil.copytree(staffed_desk, sportello.data_dir)
    return sportello


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A CSV with three posts of three people, one of them hostile, and a row without text."""
    path = tmp_path / "posts.csv"
    rows = [
        "id,author,text,date",
        "1,Mara,Smell of gas in the hallway and you took my money,2026-11-20T10:00:00+00:00",
        '2,Ugo,"\x1b[31mIs\x1b[0m the shop open \u202eno\u202c on Sunday?",2026-11-20T11:00:00+00:00',
        "3,Pia,,2026-11-20T12:00:00+00:00",
        "4,Lea,Grazie di cuore a tutti,2026-11-20T13:00:00+00:00",
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def busy(staffed: CommandLine, sheet: Path) -> CommandLine:
    """The staffed desk with the three posts imported as work."""
    assert staffed("import", sheet, "--as", "work").code == 0
    return staffed
