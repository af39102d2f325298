"""Where are people told when they are not at the desk? alert add, list, test, remove, quiet and log."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from desk.cli import output
from desk.cli.arguments import Commands, command, group, positive, words
from desk.cli.session import UsageProblem, opened
from domain.alert import CHOOSABLE, AlertKind

if TYPE_CHECKING:
    from services.alert_addresses import AddressView

_KINDS = ", ".join(CHOOSABLE)


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    alerts = group(commands, "alert", help="who is told where and of what, when they are not at the desk")
    parser = command(alerts, "add", add, help="be told at an address; it is typed or piped in", json=True)
    parser.add_argument("--kinds", metavar="K,...", type=words, help=f"of: {_KINDS}; default: all one may know of")
    parser.add_argument("--team", action="store_true", help="for the team, such as a room of its chat")
    parser = command(alerts, "list", listed, help="one's own addresses, or the team's; never in clear", json=True)
    parser.add_argument("--team", action="store_true", help="the team's")
    for name, run, help in (
        ("test", test, "send a test to an address; `work` or the worker delivers it"),
        ("remove", remove, "forget an address"),
    ):
        parser = command(alerts, name, run, help=help)
        parser.add_argument("address", metavar="ADDRESS", type=positive, help="its number, as `alert list` shows it")
    parser = command(alerts, "quiet", quiet, help="hours in which a colleague is left in peace", person="required")
    parser.add_argument("hours", metavar="HOURS", help="22:00-07:00, or off")
    parser.add_argument("--timezone", metavar="Z", help="whose clock; default: the setting timezone")
    parser.add_argument(
        "--urgent-anyway", action="store_true", help="an urgent case that nobody has comes all the same"
    )
    parser = command(alerts, "log", log, help="what was sent last, and what became of it", json=True)
    parser.add_argument("--limit", metavar="N", type=positive, default=20, help="so many; default: 20")


def add(args: argparse.Namespace) -> None:
    """Keep an address, sealed."""
    from services import alert_addresses

    typed = getpass.getpass("Address: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    with opened(args) as session:
        kinds = _kinds(args.kinds) or list(alert_addresses.kinds_for(session.ctx, team=args.team))
        view = alert_addresses.add(session.ctx, typed, kinds, team=args.team)
    if args.json:
        output.say_json({"address": view.address_id, "hint": view.hint, "kinds": list(view.kinds)})
    else:
        output.say(f"Address {view.address_id}, {view.hint}: `sportello alert test {view.address_id}` tries it.")


def listed(args: argparse.Namespace) -> None:
    """The addresses, with what became of the last message to each."""
    from services import alert_addresses

    with opened(args) as session:
        found = (alert_addresses.of_team if args.team else alert_addresses.mine)(session.ctx)
    if args.json:
        output.say_json([_fields(each) for each in found])
        return
    rows = [
        [each.address_id, each.medium, each.hint, each.last.state if each.last else "", ", ".join(each.kinds)]
        for each in found
    ]
    output.table(rows, headings=["ADDRESS", "MEDIUM", "WHERE", "LAST", "KINDS"])


def _fields(each: AddressView) -> dict[str, object]:
    last = None if each.last is None else {"state": each.last.state, "error": each.last.error}
    known = {"address": each.address_id, "medium": each.medium, "hint": each.hint, "kinds": list(each.kinds)}
    return {**known, "last": last}


def test(args: argparse.Namespace) -> None:
    """Put a test into the outbox."""
    from services import alert_addresses

    with opened(args) as session:
        alert_addresses.test(session.ctx, args.address)
    output.say("A test is on its way.")


def remove(args: argparse.Namespace) -> None:
    """Forget an address."""
    from services import alert_addresses

    with opened(args) as session:
        alert_addresses.remove(session.ctx, args.address)
    output.say(f"Address {args.address} is forgotten.")


def quiet(args: argparse.Namespace) -> None:
    """Set or end quiet hours."""
    from services import alert_addresses

    with opened(args) as session:
        if args.hours == "off":
            alert_addresses.no_quiet(session.ctx)
            output.say("Told at any hour.")
            return
        begin, _dash, end = args.hours.partition("-")
        alert_addresses.set_quiet(
            session.ctx,
            from_min=_minutes(begin),
            until_min=_minutes(end),
            timezone=args.timezone or session.ctx.settings.timezone,
            urgent_anyway=args.urgent_anyway,
        )
    output.say(f"Left in peace from {begin} to {end}.")


def log(args: argparse.Namespace) -> None:
    """What was sent, to the numbers of addresses."""
    from services import alert_delivering

    with opened(args) as session:
        found = alert_delivering.newest(session.ctx, rows=args.limit)
    fields = ("id", "address_id", "kind", "state", "attempts", "created_at", "ended_at", "error")
    if args.json:
        output.say_json([{name: getattr(each, name) for name in fields} for each in found])
        return
    output.table([[getattr(each, name) for name in fields] for each in found], headings=[f.upper() for f in fields])


def _kinds(given: tuple[str, ...] | None) -> list[AlertKind]:
    strange = [each for each in given or () if each not in CHOOSABLE]
    if strange:
        raise UsageProblem(f"there is no kind {strange[0]}; there are: {_KINDS}")
    return [AlertKind(each) for each in given or ()]


def _minutes(text: str) -> int:
    hours, _colon, minutes = text.strip().partition(":")
    if not (hours.isdigit() and (minutes or "0").isdigit() and int(hours) < 24 and int(minutes or 0) < 60):
        raise UsageProblem("hours are written like 22:00-07:00, or off")
    return int(hours) * 60 + int(minutes or 0)
