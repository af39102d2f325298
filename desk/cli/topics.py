"""What do people come with? topics: open cases on the same problem, and why people wrote."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from desk.cli import output
from desk.cli.arguments import Commands, command, positive, with_brand
from desk.cli.session import opened
from domain.errors import NotFound

if TYPE_CHECKING:
    from services.context import Context
    from services.topics import Problem

LINE_CHARS = 80


def declare(commands: Commands) -> None:
    """Declare this module's command."""
    help = "open cases on the same problem, and contact reasons"
    parser = with_brand(command(commands, "topics", topics, help=help, json=True))
    parser.add_argument("--case", metavar="CASE", type=positive, help="the open cases most like this one instead")


def topics(args: argparse.Namespace) -> None:
    """Find the problems of a brand now, whatever the worker has found so far."""
    from services import brands

    with opened(args) as session:
        if args.case is not None:
            _like(session.ctx, args)
            return
        brand = brands.resolve_brand(session.ctx, args.brand)
        found = session.backend.topics.find(session.ctx, brand)
    if args.json:
        problems = [_fields(problem) for problem in found.problems]
        reasons = {"kinds": dict(found.kinds), "reasons": dict(found.reasons)}
        output.say_json({"brand": brand.name, "cases": found.cases, "problems": problems} | reasons)
        return
    rows = [
        (str(len(problem.cases)), " ".join(map(str, problem.cases)), " ".join(problem.text.split())[:LINE_CHARS])
        for problem in found.problems
    ]
    output.say(f"{brand.name}: {found.cases} open cases, {len(rows)} problems that several of them share.")
    output.table(rows, headings=("CASES", "WHICH", "SUCH AS"))
    output.say(f"What they want: {_counted(found.kinds)}. Why it presses: {_counted(found.reasons)}.")


def _like(ctx: Context, args: argparse.Namespace) -> None:
    """The open cases most like one, as the worker found them last; NotFound where the brand named has no such case."""
    from services import brands, cases, similar

    brand = cases.view(ctx, args.case).brand
    if args.brand is not None and (named := brands.resolve_brand(ctx, args.brand)).id != brand.id:
        raise NotFound(f"{named.name} has no case {args.case}.", entity="case", id=args.case)
    found = similar.around(ctx, brand.id, args.case).cases
    if args.json:
        output.say_json({"case": args.case, "similar": [asdict(each) for each in found]})
        return
    rows = [
        (each.case_id, each.channel, each.owner_name or "-", each.problem_title or "-", " ".join(each.text.split()))
        for each in found
    ]
    output.table([(*row[:4], row[4][:LINE_CHARS]) for row in rows], headings=("CASE", "ON", "OWNER", "PROBLEM", "SAYS"))
    output.say(f"{len(rows)} open cases are like case {args.case}." if rows else f"No open case is like {args.case}.")


def _fields(problem: Problem) -> dict[str, object]:
    return {
        "cases": problem.cases,
        "about": {"case": problem.about, "text": problem.text},
        "languages": dict(problem.languages),
        "kinds": dict(problem.kinds),
        "reasons": dict(problem.reasons),
    }


def _counted(found: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{n} {name}" for name, n in found) or "-"
