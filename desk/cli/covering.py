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
    from services.channel_view import ChannelView
    from services.coverage import ChannelCoverage


def declare(commands: Commands) -> None:
    """Declare this module's command."""
    help = "how complete each channel is: up to when, gaps, quota, and what is not heard"
    with_brand(command(commands, "channels", channels, help=help, json=True))


def channels(args: argparse.Namespace) -> int:
    """The coverage of one brand, or of all; exit code 1 while a channel is not heard, or the worker is gone."""
    from services import brands, channel_view, coverage

    with opened(args) as session:
        ctx = session.ctx
        known = brands.list_brands(ctx)
        wanted = [brands.resolve_brand(ctx, args.brand)] if args.brand else known
        views = [(brand, view) for brand in wanted for view in channel_view.channels(ctx, brand.id).channels]
        life = coverage.worker_life(ctx)
    found = [(brand, view, each) for brand, view in views for each in view.covered]
    if args.json:
        worker = {"worker_lives": life.lives}
        output.say_json([{"brand": brand.name} | _as_json(view, each) | worker for brand, view, each in found])
    else:
        rows = [
            (brand.name, each.channel, each.watch, _moment(each.complete_up_to, brand.timezone), _state(each))
            for brand, _, each in found
        ]
        output.table(rows, headings=("BRAND", "CHANNEL", "WATCH", "COMPLETE UP TO", "STATE"))
        for brand, view in views:
            if view.older:
                said = "older posts were read when listening began, and not queued"
                output.say(f"{brand.name}, {view.channel}: {view.older} {said}.")
    if life.gone_since is not None:
        output.complain(f"No worker has been running since {life.gone_since:%Y-%m-%d %H:%M:%S} UTC: start the desk.")
    return 1 if life.gone_since is not None or any(each.blind for _, _, each in found) else 0


def _as_json(view: ChannelView, each: ChannelCoverage) -> dict[str, object]:
    fields = ("channel", "watch", "complete_up_to", "last_success_at", "last_post_at", "failing_since", "error")
    quota = each.quota and {"left": each.quota.left, "limit": each.quota.limit, "resets_at": each.quota.resets_at}
    names = {"from": "from_at", "to": "to_at", "reason": "reason", "known_at": "known_at"}
    gaps = [{shown: getattr(gap, name) for shown, name in names.items()} for gap in each.gaps]
    more = {"blind": each.blind, "quota": quota, "gaps": gaps, "older_not_queued": view.older}
    return {name: getattr(each, name) for name in fields} | more


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
