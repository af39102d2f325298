"""Which commands does the command line really have? Read from its parser, so that the documents cannot invent one."""

import argparse
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# `test` hands everything on to pytest, so its options are pytest's.
TAKES_ANYTHING = ("test",)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of one or two words, with the options it takes."""

    words: tuple[str, ...]
    help: str
    usage: str
    options: frozenset[str]

    @property
    def name(self) -> str:
        return " ".join(self.words)


@cache
def commands() -> dict[str, Command]:
    """Every command by its name; `brand` and `brand add` are two of them."""
    from desk.cli.main import build_parser

    return {found.name: found for found in _below(build_parser(), ())}


def _below(parser: argparse.ArgumentParser, words: tuple[str, ...]) -> Iterator[Command]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, child in action.choices.items():
                options = {option for inner in child._actions for option in inner.option_strings}
                usage = " ".join(child.format_usage().removeprefix("usage: ").split())
                yield Command((*words, name), helps.get(name, ""), usage, frozenset(options))
                yield from _below(child, (*words, name))


def quoted_commands(text: str) -> Iterator[str]:
    """Every `./sportello …` line or code span of a document, without its comment."""
    for match in re.finditer(r"\./sportello ([^`\n|]*)", text):
        yield match.group(1).split(" # ")[0].split(" && ")[0].split(" < ")[0].split(" > ")[0].strip()


def problem_with(quoted: str) -> str | None:
    """What is wrong with a command as a document writes it, or None."""
    try:
        words = shlex.split(quoted)
    except ValueError as error:
        return f"'{quoted}': {error}"
    while words[:1] == ["--data-dir"]:
        words = words[2:]
    if not words or words[0].startswith("-") or words[0] == "COMMAND":
        return None
    name = " ".join(words[:2]) if " ".join(words[:2]) in commands() else words[0]
    if name not in commands():
        return f"'{quoted}': there is no command '{words[0]}'"
    known = commands()[name].options | {"--data-dir"}
    if name in TAKES_ANYTHING:
        return None
    unknown = [word for word in words if word.startswith("--") and word.split("=")[0] not in known]
    return f"'{quoted}': {name} does not take {', '.join(unknown)}" if unknown else None
