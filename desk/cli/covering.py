"""How complete is what was heard? channels."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from desk.cli import output
from desk.cli.arguments import Commands, command, with_brand
from desk.cli.session import opened

if TYPE_CHECKING:
    from services.coverage import ChannelCoverage


def declare(commands: Commands) -> None:
    """Declare this module's command."""
    help = "how complete each channel is: up to when, gaps, quota, and what is not heard"
    with_brand(command(commands, "channels", channels, help=help, json=True))


def channels(args: argparse.Namespace) -> int:
    """The coverage of one brand, or of all; exit code 1 while a channel is not heard."""
    from services import brands, coverage

    with opened(args) as session:
        ctx = session.ctx
        known = brands.list_brands(ctx)
        wanted = [brands.resolve_brand(ctx, args.brand)] if args.brand else known
        found = [(brand, each) for brand in wanted for each in coverage.coverage(ctx, brand.id)]
    if args.json:
        output.say_json([{"brand": brand.name} | _as_json(each) for brand, each in found])
    else:
        rows = [
            (brand.name, each.channel, each.watch, _moment(each.complete_up_to, brand.timezone), _state(each))
            for brand, each in found
        ]
        output.table(rows, headings=("BRAND", "CHANNEL", "WATCH", "COMPLETE UP TO", "STATE"))
    return 1 if any(each.blind for _, each in found) else 0


def _as_json(each: ChannelCoverage) -> dict[str, object]:
    fields = ("channel", "watch", "complete_up_to", "last_success_at", "last_post_at", "failing_since", "error")
    quota = each.quota and {"left": each.quota.left, "limit": each.quota.limit, "resets_at": each.quota.resets_at}
    gaps = [{"from": gap.from_at, "to": gap.to_at, "reason": gap.reason} for gap in each.gaps]
    return {name: getattr(each, name) for name in fields} | {"blind": each.blind, "quota": quota, "gaps": gaps}


def _state(each: ChannelCoverage) -> str:
    parts = [f"not heard ({each.blind.replace('_', ' ')})" if each.blind else "heard"]
    if each.error:
        parts.append(each.error)
    if each.gaps:
        parts.append(f"{len(each.gaps)} gaps")
    if each.quota:
        parts.append(f"quota left {each.quota.left}")
    return ", ".join(parts)


def _moment(moment: datetime | None, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if moment else "-"
