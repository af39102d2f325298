"""How does each page look? One command photographs a desk made for it, in both languages and themes."""

from __future__ import annotations

import argparse
from pathlib import Path

from desk.cli import output
from desk.cli.arguments import Commands, command

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"


def declare(commands: Commands) -> None:
    """Declare this module's command."""
    help = "photograph every page of a desk made for it, in both languages and themes"
    parser = command(commands, "screenshots", screenshots, help=help, person="none")
    parser.add_argument("--output", metavar="FOLDER", type=Path, default=FOLDER, help="default: docs/screenshots")
    parser.add_argument("--pages", metavar="NAME,...", help="only these pictures, such as queue,channels")


def screenshots(args: argparse.Namespace) -> None:
    """Write one picture for each page, language and theme; needs a Chromium and the development packages."""
    from desk.screenshots import NAMES, make

    made = make(args.output, only=args.pages.split(",") if args.pages else NAMES, say=output.say)
    output.say(f"{len(made)} screenshots written to {args.output}")
