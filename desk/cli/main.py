"""Which command is meant, and how does it end? Exit code 0, 1 with one sentence on stderr, or 2 with the usage.

Group modules declare their commands; what a command needs is imported when it runs, so ``--help`` stays quick.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence

from desk.cli import (
    alerting,
    answering,
    counting,
    covering,
    house,
    judging,
    listening,
    measuring,
    output,
    people,
    persons,
    pictures,
    reporting,
    running,
    sharing,
    taking_in,
    taking_out,
    teaching,
    tooling,
    topics,
    voices,
    watching,
)
from desk.cli.arguments import EXIT_USAGE, Parser
from desk.cli.language import default_language, sentence
from desk.cli.session import UsageProblem
from domain.errors import DeskError

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130
DEFAULT_TIMEZONE = "Europe/Rome"
GROUPS = (
    running,
    house,
    listening,
    watching,
    covering,
    counting,
    voices,
    people,
    persons,
    taking_in,
    taking_out,
    tooling,
    alerting,
    judging,
    topics,
    sharing,
    measuring,
    teaching,
    answering,
    pictures,
    reporting,
)


def build_parser() -> Parser:
    """The whole command line."""
    parser = Parser(
        prog="sportello",
        description="A social-media listening and response desk.",
        epilog="Begin with `sportello run`. Each command tells more: `sportello COMMAND --help`.",
    )
    parser.add_argument("--data-dir", metavar="FOLDER", default=None, help="the desk's data folder")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for group in GROUPS:
        group.declare(commands)
    # The script answers these two itself; they stand here so that --help tells of them.
    for name, help in (("test", "run all tests; takes pytest's arguments"), ("check", "format, lint, types and more")):
        commands.add_parser(name, help=help).set_defaults(run=_belongs_to_the_script)
    return parser


def main(argv: Sequence[str]) -> int:
    """Run one command; returns its exit code and raises nothing."""
    output.prepare_streams()
    try:
        args = build_parser().parse_args(argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else EXIT_FAILED
    args.speaks, args.zone = default_language(), DEFAULT_TIMEZONE
    try:
        return _run(args)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    finally:
        output.hand_over()


def _run(args: argparse.Namespace) -> int:
    try:
        code = int(args.run(args) or 0)
        sys.stdout.flush()
        return code
    except DeskError as error:
        output.complain(sentence(error, args.speaks, timezone=args.zone))
    except UsageProblem as problem:
        output.complain(str(problem))
        return EXIT_USAGE
    except BrokenPipeError:
        output.silence_stdout()
        return 0
    except Exception as error:  # noqa: BLE001 (whatever it was, a person gets a sentence, a developer the trace)
        _tell_unexpected(error)
    return EXIT_FAILED


def _tell_unexpected(error: Exception) -> None:
    """Say what nobody foresaw: a full disk, a database that is something else, a mistake of ours."""
    if os.environ.get("SPORTELLO_LOG_LEVEL", "").upper() == "DEBUG":
        traceback.print_exception(error)
    cause = getattr(error, "orig", None) or error
    output.complain(f"{cause} ({type(cause).__name__}; SPORTELLO_LOG_LEVEL=DEBUG shows the whole trace)")


def _belongs_to_the_script(args: argparse.Namespace) -> int:
    output.complain(f"'{args.command}' is run by the sportello script in the repository: ./sportello {args.command}")
    return EXIT_FAILED
