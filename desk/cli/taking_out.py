"""What leaves the desk by command? export of posts, cases, replies and trends to a file."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from desk.cli import output
from desk.cli.arguments import Commands, command, group, positive, with_brand, words
from desk.cli.session import UsageProblem, opened
from domain.clock import localize
from domain.export import (
    PLAIN,
    SPREADSHEET_EN,
    SPREADSHEET_IT,
    Every,
    ExportFilter,
    ExportFormat,
    ExportOrder,
    Style,
    Subject,
)

if TYPE_CHECKING:
    from desk.cli.session import Session
    from domain.brand import Brand

TELL_S = 1.0
_HOUSES = {"it": SPREADSHEET_IT, "en": SPREADSHEET_EN}
_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    parser = command(commands, "export", export, help="take posts, cases, replies or trends away in a file", json=True)
    _with_what(parser)
    parser.add_argument("--output", metavar="FILE", type=Path, required=True, help="where the file goes")
    parser.add_argument("--since", metavar="D", type=datetime.fromisoformat, help="first day, by the brand's clock")
    parser.add_argument("--until", metavar="D", type=datetime.fromisoformat, help="the day after the last one")
    calendar = group(commands, "schedule", help="exports by the calendar, into a folder or by mail")
    parser = command(calendar, "add", add, help="make an export each day, Monday or first of a month", json=True)
    _with_what(parser)
    parser.add_argument("name", metavar="NAME", help="what it is called on the desk")
    parser.add_argument("--every", required=True, choices=[str(each) for each in Every])
    parser.add_argument("--folder", metavar="F", default="", help="one folder below export_folder")
    parser.add_argument("--mail-to", action="store_true", help="an e-mail address; it is typed or piped in")
    with_brand(command(calendar, "list", listed, help="what is made by the calendar", json=True))
    parser = command(calendar, "stop", stop, help="make it no more")
    parser.add_argument("schedule", metavar="SCHEDULE", type=positive, help="its number, as `schedule list` shows it")


def _with_what(parser: argparse.ArgumentParser) -> None:
    """The options that say which rows, in which form."""
    with_brand(parser)  # type: ignore[arg-type]
    parser.add_argument("--format", required=True, choices=[str(each) for each in ExportFormat])
    parser.add_argument("--rows", default="mentions", choices=[str(each) for each in Subject], help="what a row is")
    parser.add_argument("--channel", metavar="C,...", type=words, default=(), help="these networks alone")
    parser.add_argument("--watch", metavar="W,...", type=words, default=(), help="these watches alone, by number")
    parser.add_argument("--kind", metavar="K,...", type=words, default=(), help="complaint, question, praise, ...")
    parser.add_argument("--spreadsheet", choices=sorted(_HOUSES), help="CSV as spreadsheets of this language open it")
    parser.add_argument("--separator", choices=sorted(_SEPARATORS), help="between the cells of a CSV file")
    parser.add_argument("--decimal-comma", action="store_true", help="1,5 instead of 1.5 in a CSV file")
    parser.add_argument("--bom", action="store_true", help="begin a CSV file with a byte-order mark")
    parser.add_argument("--identified", action="store_true", help="with names, handles and links; needs --purpose")
    parser.add_argument("--purpose", metavar="P", help="why names are needed; it is recorded")


def export(args: argparse.Namespace) -> None:
    """Write one export and its dictionary."""
    from services import exports

    _require_purpose(args)
    with opened(args) as session:
        order, brand = _order(args, session)
        since, until = (None if day is None else localize(day, brand.timezone) for day in (args.since, args.until))
        order = replace(order, filter=replace(order.filter, since=since, until=until))
        told = _Told()
        path = args.output.expanduser()
        written = exports.write_here(session.ctx, order, path, progress=told)
    if args.json:
        fields = {"output": str(path), "rows": written.rows, "bytes": written.bytes, "identified": order.identified}
        output.say_json(fields)
    else:
        output.say(f"{written.rows} rows in {path}.")


class _Told:
    """Says on a terminal how far it is, now and then."""

    def __init__(self) -> None:
        self._last_s = time.monotonic()

    def __call__(self, done: int, total: int) -> bool:
        now_s = time.monotonic()
        if now_s - self._last_s >= TELL_S and sys.stderr.isatty():
            self._last_s = now_s
            sys.stderr.write(f"\r{done} of {total} rows")
        return True


def add(args: argparse.Namespace) -> None:
    """Have an export made by the calendar."""
    from services import export_schedules

    _require_purpose(args)
    if not args.folder and not args.mail_to:
        raise UsageProblem("say where it goes: --folder F, --mail-to, or both")
    to = (input("Mail to: ") if sys.stdin.isatty() else sys.stdin.readline().strip()) if args.mail_to else ""
    with opened(args) as session:
        order, _ = _order(args, session)
        every = Every(args.every)
        made = export_schedules.add(session.ctx, order, name=args.name, every=every, folder=args.folder, mail_to=to)
    if args.json:
        output.say_json({"schedule": made.schedule_id, "next_at": made.next_at})
    else:
        output.say(f"Scheduled export {made.schedule_id}: next on {made.next_at:%Y-%m-%d %H:%M} UTC.")


def listed(args: argparse.Namespace) -> None:
    """Every export by the calendar, of one brand or of all."""
    from services import brands, export_schedules

    with opened(args) as session:
        brand_id = brands.resolve_brand(session.ctx, args.brand).id if args.brand else None
        found = export_schedules.listed(session.ctx, brand_id)
    fields = (
        *("schedule_id", "name", "brand", "subject", "format", "every", "folder", "mail_to", "identified", "next_at"),
    )
    if args.json:
        output.say_json([{name: getattr(each, name) for name in fields} for each in found])
        return
    output.table([[getattr(each, name) for name in fields] for each in found], headings=[f.upper() for f in fields])


def stop(args: argparse.Namespace) -> None:
    """End an export by the calendar."""
    from services import export_schedules

    with opened(args) as session:
        export_schedules.stop(session.ctx, args.schedule)
    output.say(f"Scheduled export {args.schedule} is made no more.")


def _require_purpose(args: argparse.Namespace) -> None:
    if args.identified and not args.purpose:
        raise UsageProblem("--identified needs --purpose: say why names are needed")
    if args.purpose and not args.identified:
        raise UsageProblem("--purpose belongs to --identified")


def _order(args: argparse.Namespace, session: Session) -> tuple[ExportOrder, Brand]:
    from desk.export_words import explained
    from desk.i18n import speaking
    from services import brands

    brand = brands.resolve_brand(session.ctx, args.brand)
    try:
        chosen = tuple(int(number) for number in args.watch)
    except ValueError:
        raise UsageProblem("--watch takes numbers, as `sportello watch list` shows them") from None
    filter = ExportFilter(channels=tuple(args.channel), watches=chosen, kinds=tuple(args.kind))
    order = ExportOrder(
        brand_id=brand.id,
        subject=Subject(args.rows),
        format=ExportFormat(args.format),
        filter=filter,
        style=_style(args, session.language),
        identified=args.identified,
        purpose=args.purpose,
    )
    with speaking(order.style.language):
        return explained(order), brand


def _style(args: argparse.Namespace, language: str) -> Style:
    house = _HOUSES[args.spreadsheet] if args.spreadsheet else replace(PLAIN, language=language)
    separator = _SEPARATORS[args.separator] if args.separator else house.separator
    decimal = "," if args.decimal_comma else house.decimal
    if decimal == separator == ",":
        if args.separator:
            raise UsageProblem("--decimal-comma needs another separator than the comma")
        separator = ";"
    return replace(house, separator=separator, decimal=decimal, bom=house.bom or args.bom)
