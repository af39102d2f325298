"""What is to be known of each channel of a brand? How complete it is, our accounts there, what could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from db import brands as brands_db
from db import first_readings, imports
from db import streams as streams_db
from db.streams import StreamState
from domain.brand import Account
from domain.people import Right
from services import spending
from services.act import require
from services.context import Context
from services.coverage import ChannelCoverage, coverage
from services.spending import Spent
from services.watches import SAMPLE_CHANNEL

#: What could not be read stays on the page so long.
ASIDE_DAYS, ASIDE_ROWS = timedelta(days=7), 50
RAW_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class AsideItem:
    """Something a channel handed over that could not be read. ``raw`` only for who sets the desk up."""

    id: int
    at: datetime
    reason: str
    raw: str | None


@dataclass(frozen=True, slots=True)
class ChannelView:
    """One channel of a brand. ``covered``: one entry a watch, none when nothing listens there.

    ``stream`` is None where there is none, or none has run yet. ``exempt``: nothing reaches the public there,
    whatever the switches say. ``older``: posts from before anybody listened, read and not queued.
    """

    channel: str
    title: str
    covered: tuple[ChannelCoverage, ...]
    accounts: tuple[Account, ...]
    aside: tuple[AsideItem, ...]
    stream: StreamState | None
    answers: bool
    exempt: bool
    older: int = 0
    spent: tuple[Spent, ...] = ()


@dataclass(frozen=True, slots=True)
class House:
    """The channels of a brand, and the names of those it could still be connected to."""

    channels: tuple[ChannelView, ...]
    unconnected: tuple[str, ...]


def channels(ctx: Context, brand_id: int) -> House:
    """Everything the *Channels* page shows of a brand. Needs Right.READ; raw items need Right.SETUP."""
    require(ctx, Right.READ, action="coverage.read", entity="brand")
    covered, charged = coverage(ctx, brand_id), spending.spent(ctx, brand_id)
    with ctx.store.read() as tx:
        is_sample = brands_db.get(tx, brand_id).is_sample
        accounts = brands_db.accounts_of(tx, brand_id)
        names = [name for name in ctx.channels.names() if is_sample == (name == SAMPLE_CHANNEL)]
        wanted = {each.channel for each in covered} | {each.channel for each in accounts}
        here = [name for name in names if name in wanted]
        streams = streams_db.of(tx, here)
        older = first_readings.counts(tx, brand_id)
        aside = imports.aside(tx, here, since=ctx.clock() - ASIDE_DAYS, rows=ASIDE_ROWS)
    sees_raw = Right.SETUP in ctx.actor.rights
    return House(
        channels=tuple(
            ChannelView(
                channel=name,
                title=ctx.channels.manifest(name).title,
                covered=tuple(each for each in covered if each.channel == name),
                accounts=tuple(each for each in accounts if each.channel == name),
                aside=tuple(
                    AsideItem(row.id, row.at, row.reason, row.raw[:RAW_CHARS] if sees_raw else None)
                    for row in aside
                    if row.channel == name
                ),
                stream=streams.get(name),
                answers=ctx.channels.manifest(name).answers,
                exempt=ctx.channels.manifest(name).exempt_from_publish_switch,
                older=older.get(name, 0),
                spent=tuple(each for each in charged if each.channel == name),
            )
            for name in here
        ),
        unconnected=tuple(name for name in names if name not in here),
    )
