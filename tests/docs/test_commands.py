"""Does every command that a document quotes exist, with the options it is given?"""

from pathlib import Path

import pytest

from tests.docs.commands import ROOT, commands, problem_with, quoted_commands

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# The contract that other tools rely on: each of these must stay.
CONTRACT = (
    "run test check doctor migrate backup restore brand watch account publishing sample user import poll judge work "
    "queue claim reply approve outbox"
).split()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_quoted_commands_exist(page: Path) -> None:
    problems = [problem_with(quoted) for quoted in quoted_commands(page.read_text(encoding="utf-8"))]
    assert [problem for problem in problems if problem] == []


def test_every_command_of_the_contract_exists() -> None:
    assert [name for name in CONTRACT if name not in commands()] == []


@pytest.mark.parametrize("name", ["import", "queue", "reply", "outbox", "poll", "work", "doctor"])
def test_commands_that_machines_read_take_json(name: str) -> None:
    assert "--json" in commands()[name].options


def test_every_command_takes_help_and_says_what_it_does() -> None:
    assert [name for name, found in commands().items() if not found.help] == []


@pytest.mark.parametrize("invented", ["fly", "queue --upside-down", "brand add 'Rossi"])
def test_an_invented_command_is_noticed(invented: str) -> None:
    assert problem_with(invented) is not None


def test_commands_are_found_in_spans_and_lines_without_their_comments() -> None:
    text = "Say `./sportello queue --json` or\n\n    ./sportello run --port 8600   # the desk\n"
    assert [words.split(" #")[0].strip() for words in quoted_commands(text)] == ["queue --json", "run --port 8600"]
