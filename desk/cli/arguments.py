"""How is a command declared? The parser, and the options that every command shares."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from desk.cli.output import safe

#: Runs a command; raises DeskError or OSError when refused or failed; a number is the exit code.
Run = Callable[[argparse.Namespace], int | None]
Commands = Any  # argparse's own type for "add_parser here" is private

EXIT_USAGE = 2


class Parser(argparse.ArgumentParser):
    """Argparse that shows the arguments of others safely and never guesses abbreviations."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        super().__init__(*args, **options)

    def error(self, message: str) -> NoReturn:
        self.print_usage()
        self.exit(EXIT_USAGE, f"{self.prog}: {safe(message)}\n")

    def print_usage(self, file: Any = None) -> None:
        import sys

        super().print_usage(file or sys.stderr)


def command(
    commands: Commands, name: str, run: Run, *, help: str, json: bool = False, person: str = "optional"
) -> Parser:
    """Declare a command. ``person``: whether ``--as`` is ``optional``, ``required`` or ``none`` here."""
    parser: Parser = commands.add_parser(name, help=help, description=help)
    parser.set_defaults(run=run)
    parser.add_argument("--data-dir", metavar="FOLDER", default=argparse.SUPPRESS, help="the desk's data folder")
    if json:
        parser.add_argument("--json", action="store_true", help="write one JSON document to stdout")
    if person != "none":
        needed = person == "required"
        parser.add_argument("--as", dest="as_login", metavar="NAME", required=needed, help="act as this colleague")
    return parser


def group(commands: Commands, name: str, *, help: str) -> Commands:
    """Declare a word that has commands of its own, such as ``brand add``."""
    parser: Parser = commands.add_parser(name, help=help, description=help)
    return parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)


def with_brand(parser: Parser) -> Parser:
    """Let the command name a brand; without it: the only or the first one."""
    parser.add_argument("--brand", metavar="B", help="name of the brand; default: the first real one, else the sample")
    return parser


def words(text: str) -> tuple[str, ...]:
    """A comma-separated list, without empty entries."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def positive(text: str) -> int:
    """A whole number above zero; argparse turns the ValueError into a usage error."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, not {number}")
    return number
