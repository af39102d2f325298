"""What was written in each hour, as spikes count it, and in which hours may something be missing?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from db import spikes as spikes_db
from domain.brand import Brand
from domain.spike import Measure
from domain.usual import Series
from domain.window import HOUR_S, Stretch
from services.context import Context
from services.hearing_record import Missed, Unheard, heard


def read(
    ctx: Context, brand: Brand, *, from_hour: int, now: datetime, channels: Iterable[str] = ()
) -> dict[Measure, dict[str, Series]]:
    """Every hour from ``from_hour`` to the one that runs, by measure and channel.

    Of ``channels``, known from before, also those that nobody polls and that brought nothing in these hours.
    """
    hour = hour_of(now)
    with ctx.store.read() as tx:
        counted = spikes_db.hours(tx, brand.id, from_hour=from_hour, to_hour=hour + 1)
        stretch = Stretch(at_hour(from_hour), at_hour(hour + 1))
        listening = heard(tx, ctx, brand, stretch, channels=(), now=now, left_before=True)
    names = {*listening.channels, *counted[Measure.POSTS], *channels}
    since = {name: _since(name, counted, listening.unheard, from_hour) for name in names}
    missed = {name: frozenset(_missed(name, listening.unheard)) for name in names}
    return {
        measure: {name: Series(found.get(name, {}), since[name], missed[name]) for name in sorted(names)}
        for measure, found in counted.items()
    }


def _since(
    channel: str, counted: Mapping[Measure, Mapping[str, Mapping[int, int]]], unheard: Sequence[Unheard], from_hour: int
) -> int:
    """The first whole hour that was listened to; of a channel nobody polls, the first with a post."""
    before = [_hour_after(each.stretch.to_at) for each in unheard if each.channel == channel and _is_before(each)]
    if before:
        return max(before)
    posts = counted[Measure.POSTS].get(channel, {})
    return max(from_hour, min(posts, default=from_hour)) if posts else from_hour


def _missed(channel: str, unheard: Sequence[Unheard]) -> Iterator[int]:
    for each in unheard:
        if each.channel == channel and not _is_before(each):
            yield from range(hour_of(each.stretch.from_at), _hour_after(each.stretch.to_at))


def _is_before(each: Unheard) -> bool:
    return each.why is Missed.BEFORE


def hour_of(at: datetime) -> int:
    """The hour since 1970 that this moment lies in."""
    return int(at.timestamp() // HOUR_S)


def _hour_after(at: datetime) -> int:
    return int((at + timedelta(hours=1, microseconds=-1)).timestamp() // HOUR_S)


def at_hour(hour: int) -> datetime:
    """When this hour since 1970 begins."""
    return datetime.fromtimestamp(hour * HOUR_S, UTC)
