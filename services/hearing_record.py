"""What of a window was listened to, and what was not: holes, channels gone deaf, the time before anybody asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection

from db import polls, rollups, unheard
from domain.brand import Brand
from domain.window import HOUR_S, Stretch
from services.context import Context
from services.coverage import ChannelCoverage, covered


class Missed(StrEnum):
    """Why a stretch was not heard."""

    GAP = "gap"  # a hole that the channel or the desk has noted
    BLIND = "blind"  # the channel has not been heard since, whether it is lost or nobody listens there any more
    BEFORE = "before"  # nobody listened there yet


@dataclass(frozen=True, slots=True)
class Unheard:
    """One stretch on one channel of which posts may be missing. ``reason``: of a gap, the word it was noted with."""

    channel: str
    stretch: Stretch
    why: Missed
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """``channels`` are those listened to for the brand, ``rivals`` those for its competitors; none: only files came in.

    ``unheard`` holds what was missed of the window, the oldest first; stretches that overlap stay apart. ``left``:
    channels of the brand that were heard in the window, or at least its beginning, and are left off by now; until when.
    """

    channels: tuple[str, ...]
    rivals: tuple[str, ...]
    unheard: tuple[Unheard, ...]
    left: tuple[tuple[str, datetime], ...] = ()


def heard(
    tx: Connection,
    ctx: Context,
    brand: Brand,
    stretch: Stretch,
    *,
    channels: tuple[str, ...],
    now: datetime,
    left_before: bool = False,
) -> Heard:
    """What of this stretch was listened to on these channels (none named: all the brand listens on).

    ``left_before``: also tell of channels that were left off before the stretch began and that nobody named.
    """
    found = covered(tx, ctx, polls.wanted(tx, brand.id), [])
    rival_watches = set(rollups.competitors(tx, brand.id))
    own = [each for each in found if each.watch_id not in rival_watches and _is_asked(each.channel, channels)]
    names = tuple(sorted({each.channel for each in own}))
    missed = [
        Unheard(hole.channel, Stretch(hole.from_at, hole.to_at), Missed.GAP, hole.reason)
        for hole in unheard.holes(tx, brand.id, from_at=stretch.from_at, to_at=stretch.to_at)
        if _is_asked(hole.channel, channels)
    ]
    # One that was left off before the window is no part of it any more, unless it is asked for.
    left = {name: at for name, at in unheard.left_off(tx, brand.id).items() if _is_asked(name, channels)}
    if not channels and not left_before:
        left = {name: at for name, at in left.items() if at > stretch.from_at}
    before = _before(tx, brand, (*names, *left))
    missed += _blind(own, now) + before
    missed += [_since(name, at, now) for name, at in left.items() if at < now]
    inside = [_cut(each, stretch) for each in missed if each.stretch.overlaps(stretch)]
    once = {(each.channel, each.stretch, each.why, each.reason): each for each in inside}
    rivals = tuple(sorted({each.channel for each in found if each.watch_id in rival_watches}))
    ordered = tuple(sorted(once.values(), key=lambda e: (e.stretch.from_at, e.channel, e.why)))
    began = {each.channel: max(each.stretch.to_at, stretch.from_at) for each in before}
    gone = tuple((name, at) for name, at in sorted(left.items()) if began[name] < min(at, stretch.to_at))
    return Heard(names, rivals, ordered, gone)


def _is_asked(channel: str, channels: tuple[str, ...]) -> bool:
    return not channels or channel in channels


def _blind(own: list[ChannelCoverage], now: datetime) -> list[Unheard]:
    """Channels that are not heard now: since they last were, all may be missing."""
    deaf = [(each.channel, each.heard_until or _EVER) for each in own if each.blind is not None]
    return [_since(channel, since, now) for channel, since in deaf if since < now]


def _since(channel: str, at: datetime, now: datetime) -> Unheard:
    return Unheard(channel, Stretch(at, now), Missed.BLIND)


def _before(tx: Connection, brand: Brand, names: tuple[str, ...]) -> list[Unheard]:
    """The time before anybody listened. The sample's story begins with its first post: it was heard from there on."""
    began, accounts = unheard.listens_since(tx, brand.id)
    if brand.is_sample:
        first = rollups.first_hour(tx, brand.id)
        story = began if first is None else datetime.fromtimestamp(first * HOUR_S, UTC)
        began, accounts = min(began, story), {}
    return [Unheard(name, Stretch(_EVER, max(began, accounts.get(name, began))), Missed.BEFORE) for name in names]


_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def _cut(each: Unheard, stretch: Stretch) -> Unheard:
    part = Stretch(max(each.stretch.from_at, stretch.from_at), min(each.stretch.to_at, stretch.to_at))
    return Unheard(each.channel, part, each.why, each.reason)
