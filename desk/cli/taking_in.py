"""How do posts come in by command? import of a file, poll of the networks."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from desk.cli import output
from desk.cli.arguments import Commands, command, with_brand
from desk.cli.session import UsageProblem, opened
from domain.errors import Invalid, NotFound

if TYPE_CHECKING:
    from services.context import Context
    from services.importing import ImportResult
    from services.intake import PollOutcome

SHOWN_REJECTS = 10
PURPOSES = ("work", "history")


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    help = "bring in a CSV, XLSX or JSONL file"
    parser = with_brand(command(commands, "import", import_file, help=help, json=True, person="none"))
    parser.add_argument("file", metavar="FILE", type=Path, help="its first line names the columns")
    parser.add_argument("--channel", metavar="C", default="import", help="the network the posts come from")
    parser.add_argument(
        "--as",
        dest="import_as",
        metavar="work|history|NAME",
        action="append",
        default=[],
        help="work is queued, history is not (default: by age, row by row); or the colleague who imports",
    )
    parser = command(commands, "poll", poll, help="one round over the networks now", json=True, person="none")
    parser.add_argument("channels", metavar="CHANNEL", nargs="*", help="these networks alone; default: all of them")


def import_file(args: argparse.Namespace) -> None:
    """Store every usable row of a file, and say what was not used and why."""
    from services import brands, importing

    purposes = [word for word in args.import_as if word in PURPOSES]
    people = [word for word in args.import_as if word not in PURPOSES]
    if len(purposes) > 1 or len(people) > 1:
        raise UsageProblem("--as names one purpose (work or history) and one colleague at most")
    if not args.file.is_file():
        raise NotFound(f"There is no file {args.file}.", file=args.file.name)
    args.as_login = people[0] if people else None
    with opened(args) as session:
        result = importing.run_import(
            session.ctx,
            args.file,
            file_name=args.file.name,
            brand_id=brands.resolve_brand(session.ctx, args.brand).id,
            channel=args.channel,
            purpose=purposes[0] if purposes else "auto",
        )
    if args.json:
        rejected = [{"line": r.line, "reason": r.reason} for r in result.rejected]
        counts = {name: getattr(result, name) for name in ("read", "stored", "duplicates")}
        output.say_json(counts | {"rejected": rejected})
    else:
        _say_import(result)


def _say_import(result: ImportResult) -> None:
    rejected = len(result.rejected)
    output.say(f"{result.read} rows: {result.stored} stored, {result.duplicates} known already, {rejected} not usable.")
    for row in result.rejected[:SHOWN_REJECTS]:
        output.say(f"  line {row.line}: {row.reason}")
    if rejected > SHOWN_REJECTS:
        output.say(f"  and {rejected - SHOWN_REJECTS} more; --json lists them all")


def poll(args: argparse.Namespace) -> int:
    """One round over the named channels, or over all that listen; exit code 1 when one of them failed."""
    from services import intake, watches

    outcomes: list[PollOutcome] = []
    with opened(args) as session:
        ctx = session.ctx
        for channel in _listening(ctx, args.channels):
            here = [watch for watch in watches.list_watches(ctx) if intake.fits(ctx, watch, channel)]
            if channel in args.channels and not here:
                raise Invalid(f"No watch listens on {channel}: add an account there, or a watch that names it.")
            outcomes += intake.poll_all(ctx, channel, [watch.id for watch in here])
    _say_polls(outcomes, json=args.json)
    failures = [o for o in outcomes if o.error]
    for outcome in failures:
        output.complain(f"{outcome.channel}: {outcome.error}")
    return 1 if failures else 0


def _listening(ctx: Context, wanted: Iterable[str]) -> list[str]:
    """The channels to poll; NotFound for one nobody knows, Invalid for one that does not listen."""
    for name in (chosen := list(dict.fromkeys(wanted))):
        if not ctx.channels.manifest(name).listens:
            raise Invalid(f"The channel {name} does not listen.", channel=name)
    return chosen or [name for name in ctx.channels.names() if ctx.channels.manifest(name).listens]


def _say_polls(outcomes: list[PollOutcome], *, json: bool) -> None:
    by_channel: dict[str, list[PollOutcome]] = {}
    for outcome in outcomes:
        by_channel.setdefault(outcome.channel, []).append(outcome)
    rounds = [_round(channel, group) for channel, group in by_channel.items()]
    if json:
        output.say_json(rounds)
        return
    fields = ("channel", "fetched", "stored", "duplicates", "complete_up_to")
    output.table([[r[f] for f in fields] for r in rounds], headings=[f.replace("_", " ").upper() for f in fields])
    for channel, group in by_channel.items():
        if older := sum(outcome.older for outcome in group):
            output.say(f"{channel}: {older} of them were written before this desk listened; they are not queued.")


def _round(channel: str, outcomes: list[PollOutcome]) -> dict[str, object]:
    """One channel's sums; it is complete only up to where its least complete watch is."""
    complete: list[datetime | None] = [o.complete_up_to for o in outcomes]
    known = [moment for moment in complete if moment is not None]
    missing = sorted({(g.from_at, g.to_at, g.reason) for o in outcomes for g in o.gaps})
    gaps = [{"from": from_at, "to": to_at, "reason": reason} for from_at, to_at, reason in missing]
    sums = {name: sum(getattr(o, name) for o in outcomes) for name in ("fetched", "stored", "duplicates")}
    complete_up_to = min(known) if len(known) == len(complete) else None
    return {"channel": channel} | sums | {"complete_up_to": complete_up_to, "gaps": gaps}
