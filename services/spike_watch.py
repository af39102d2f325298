"""Is a brand spoken of far more than usual right now? Looked at by the worker, written down, told once."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from db import brands as brands_db
from db import changes, notices, spike_posts, users
from db import spikes as spikes_db
from db.heard_posts import Sought
from db.spikes import SpikeRow
from domain.brand import Brand
from domain.judgement import Kind
from domain.people import Right
from domain.spike import ALL_CHANNELS, Measure, SpikeMove, SpikeState, spike_after
from domain.spiking import (
    CALM_H,
    CONFIRM_TIMES,
    COOLDOWN_H,
    LEAST_POSTS,
    LOOK_BACK_H,
    MOST_H,
    Course,
    Lookout,
)
from domain.usual import DAY_H, HISTORY_H, LEAST_DAYS, Clock, Series
from services.context import Context
from services.spike_hours import at_hour, hour_of, read

log = logging.getLogger(__name__)
NOTICED = "spike_noticed"
#: What is usual is learned anew every so many hours; between them only the last days are read.
LEARN_EVERY_H, RECENT_H = 6, 9 * 24

Scope = tuple[str, Measure]


@dataclass(frozen=True, slots=True)
class _Learned:
    """What is usual for one brand, as learned in one block of hours."""

    until_hour: int
    lookouts: dict[Scope, Lookout]


@dataclass(frozen=True, slots=True)
class Watcher:
    """Looks at the newest hours of every brand. What it remembers of them may be lost: it is read anew."""

    _learned: dict[int, _Learned] = field(default_factory=dict)
    _seen: dict[int, tuple[int, int]] = field(default_factory=dict)
    #: What was no news, until its count changes or what is usual is learned anew.
    _refused: dict[int, set[tuple[Scope, int, int, int]]] = field(default_factory=dict)

    def look(self, ctx: Context) -> int:
        """Look at every brand that changed since last time; returns how many spikes were begun, moved or ended.

        A brand that cannot be looked at holds up no other; the first such error is raised at the end.
        """
        hour = hour_of(ctx.clock())
        with ctx.store.read() as tx:
            found = brands_db.all_brands(tx)
            states = {brand.id: (changes.version(tx, brand.id), hour) for brand in found}
        done, broken = 0, []
        for brand in found:
            if self._seen.get(brand.id) == states[brand.id]:
                continue
            try:
                done += self.look_at(ctx, brand)
                self._seen[brand.id] = states[brand.id]
            except Exception as error:  # noqa: BLE001 - whatever is wrong with this brand, the others are looked at
                log.error("spikes cannot be looked for brand=%s error=%s", brand.id, type(error).__name__)
                broken.append(error)
        if broken:
            raise broken[0]
        return done

    def look_at(self, ctx: Context, brand: Brand) -> int:
        """Look at the newest hours of one brand; returns how many of its spikes were begun, moved or ended."""
        now = ctx.clock()
        hour = hour_of(now)
        lookouts = self._lookouts(ctx, brand, now)
        with ctx.store.read() as tx:
            near = spikes_db.of_brand(
                tx, brand.id, from_at=at_hour(hour - MOST_H - 2 * COOLDOWN_H), to_at=at_hour(hour + 1)
            )
            # However long the desk was off: one that was never ended is ended first.
            known = [*(on := spikes_db.not_over(tx, brand.id)), *(each for each in near if each not in on)]
        done = sum(_forget(ctx, brand, each, hour) for each in on if (each.channel, each.measure) not in lookouts)
        for scope, lookout in lookouts.items():
            mine = next((each for each in known if (each.channel, each.measure) == scope), None)
            steps = _steps(lookout, scope, mine, known, hour)
            written = next((row for step in steps if (row := self._write(ctx, brand, scope, step, mine))), None)
            if written is not None:
                known = [written, *(each for each in known if each.id != written.id)]
                done += 1
        return done

    def _lookouts(self, ctx: Context, brand: Brand, now: datetime) -> dict[Scope, Lookout]:
        hour = hour_of(now)
        until = hour // LEARN_EVERY_H * LEARN_EVERY_H
        learned = self._learned.get(brand.id)
        fresh = learned is None or learned.until_hour != until
        if learned is None or fresh:
            series = read(ctx, brand, from_hour=hour - HISTORY_H, now=now)
        else:
            watched = learned.lookouts[ALL_CHANNELS, Measure.POSTS].channels
            series = read(ctx, brand, from_hour=hour - RECENT_H, now=now, channels=watched)
        scopes = dict(_scopes(series))
        if learned is None or fresh or learned.lookouts.keys() != scopes.keys():
            if not fresh:
                scopes = dict(_scopes(read(ctx, brand, from_hour=hour - HISTORY_H, now=now)))
            clock = Clock(brand.timezone)
            learned = _Learned(until, {scope: Lookout(found, clock, until) for scope, found in scopes.items()})
            self._learned[brand.id] = learned
            self._refused[brand.id] = set()
            return learned.lookouts
        return {scope: learned.lookouts[scope].over(found) for scope, found in scopes.items()}

    def _write(self, ctx: Context, brand: Brand, scope: Scope, step: _Step, mine: SpikeRow | None) -> SpikeRow | None:
        """Write a step down, if it changes anything; None when it does not, or it is no news."""
        if mine is not None and step.move is not None:
            return _go_on(ctx, brand, mine, step.move, step.course)
        refused, course = self._refused.setdefault(brand.id, set()), step.course
        asked = (scope, course.from_hour, course.to_hour, course.posts)
        if asked in refused:
            return None
        with ctx.store.read() as tx:  # Many posts may have to be looked at: nobody waits for it who writes.
            is_news = _is_news(tx, ctx, brand, scope, course)
        if not is_news:
            refused.add(asked)
            return None
        return _begin(ctx, brand, scope, course)


def _scopes(series: Mapping[Measure, Mapping[str, Series]]) -> Iterator[tuple[Scope, Mapping[str, Series]]]:
    """What is watched, the widest first: what shows in it is not told again of a part of it."""
    yield (ALL_CHANNELS, Measure.POSTS), series[Measure.POSTS]
    yield (ALL_CHANNELS, Measure.COMPLAINTS), series[Measure.COMPLAINTS]
    if len(series[Measure.POSTS]) > 1:
        for channel, found in sorted(series[Measure.POSTS].items()):
            yield (channel, Measure.POSTS), {channel: found}


@dataclass(frozen=True, slots=True)
class _Step:
    """What becomes of a spike: ``move`` None begins one."""

    move: SpikeMove | None
    course: Course


def _steps(
    lookout: Lookout, scope: Scope, mine: SpikeRow | None, known: Sequence[SpikeRow], hour: int
) -> Iterator[_Step]:
    """What may be done about this scope, to be tried in turn: behind a later one more people may stand.

    Last what shows only together with hours that were refused.
    """
    if mine is not None and mine.over_at is None:
        now = lookout.goes_on(_course(mine), running_hour=hour) if _is_read(mine, hour) else _ended(mine)
        yield _Step(SpikeMove.CALM if now.is_over else SpikeMove.GOES_ON, now)
        return
    refused_to, around = 0, None
    for looked in range(hour - LOOK_BACK_H, hour + 1):
        if mine is not None and _course(mine).covers(looked):
            if lookout.flares_up(_course(mine), looked):
                yield _Step(SpikeMove.FLARES_UP, lookout.goes_on(_reaching(mine, looked), running_hour=hour))
        elif looked < refused_to or any(_covers(each, scope, looked) for each in known):
            continue
        elif (begun := lookout.begins(looked)) is not None:
            course = lookout.goes_on(begun, running_hour=hour)
            if course.from_hour < refused_to:
                around = course
                continue
            refused_to = course.to_hour
            yield _Step(None, course)
    if around is not None and not any(_covers(each, scope, around.to_hour - 1) for each in known):
        yield _Step(None, around)


def _is_read(mine: SpikeRow, hour: int) -> bool:
    """Whether the hours of this spike are among those read at every look."""
    return hour_of(mine.from_at) >= hour - RECENT_H


def _ended(mine: SpikeRow) -> Course:
    """It is over as it was last written down: its hours lie too far back, or nobody watches its channel any more."""
    return replace(_course(mine), is_over=True)


def _covers(other: SpikeRow, scope: Scope, hour: int) -> bool:
    """Whether another spike already tells of this hour: of all channels, or of one that all channels hold."""
    is_same = other.channel == scope[0] or ALL_CHANNELS in (other.channel, scope[0])
    return is_same and _course(other).covers(hour)


def _course(row: SpikeRow) -> Course:
    return Course(hour_of(row.from_at), hour_of(row.to_at), row.posts, row.usual, hour_of(row.peak_at), row.peak_posts)


def _reaching(row: SpikeRow, hour: int) -> Course:
    return Course(hour_of(row.from_at), hour + 1, row.posts, row.usual, hour_of(row.peak_at), row.peak_posts)


def _begin(ctx: Context, brand: Brand, scope: Scope, course: Course) -> SpikeRow | None:
    now = ctx.clock()
    with ctx.store.write() as tx:
        if _known_meanwhile(tx, brand, scope, course):
            return None
        ended = {"state": SpikeState.OVER, "over_at": now} if course.is_over else {"state": SpikeState.OPEN}
        about = {"brand_id": brand.id, "channel": scope[0], "measure": scope[1], "noticed_at": now}
        spike_id = spikes_db.create(tx, **about, **_values(course, now), **ended)
        _tell(tx, brand, spike_id, now)
        changes.raise_version(tx, brand.id)
        log.info("spike noticed spike=%s brand=%s posts=%s usual=%.1f", spike_id, brand.id, course.posts, course.usual)
        return spikes_db.get(tx, spike_id)


def _go_on(ctx: Context, brand: Brand, mine: SpikeRow, move: SpikeMove, course: Course) -> SpikeRow | None:
    now, state = ctx.clock(), spike_after(mine.state, move)
    if course.is_over and move is SpikeMove.FLARES_UP:
        state = spike_after(state, SpikeMove.CALM)
    values = _values(course, now) | {"state": state, "over_at": now if course.is_over else None}
    told = ("to_at", "posts", "peak_posts", "state", "over_at")
    if all(getattr(mine, name) == values[name] for name in told):
        return None
    with ctx.store.write() as tx:
        spikes_db.change(tx, mine.id, **values)
        if (mine.state, mine.over_at is None) != (state, not course.is_over):
            changes.raise_version(tx, brand.id)
        return spikes_db.get(tx, mine.id)


def _forget(ctx: Context, brand: Brand, mine: SpikeRow, hour: int) -> bool:
    """End the spike of a channel that is watched no more, once it would be quiet."""
    if hour - hour_of(mine.to_at) < CALM_H:
        return False
    return _go_on(ctx, brand, mine, SpikeMove.CALM, _ended(mine)) is not None


def _values(course: Course, now: datetime) -> dict[str, object]:
    return {
        "from_at": at_hour(course.from_hour),
        "to_at": at_hour(course.to_hour),
        "posts": course.posts,
        "usual": round(course.usual, 3),
        "peak_at": at_hour(course.peak_hour),
        "peak_posts": course.peak_posts,
        "updated_at": now,
    }


def _known_meanwhile(tx: Connection, brand: Brand, scope: Scope, course: Course) -> bool:
    """Another worker was faster."""
    from_at, to_at = at_hour(course.from_hour - COOLDOWN_H), at_hour(course.to_hour)
    return any(
        _covers(each, scope, course.from_hour)
        for each in spikes_db.of_brand(tx, brand.id, from_at=from_at, to_at=to_at)
    )


def _is_news(tx: Connection, ctx: Context, brand: Brand, scope: Scope, course: Course) -> bool:
    """Whether posts as they were written stand behind it, and not a file or what a new watch found at once.

    One who floods a channel is no spike either: as many people as any figure needs.
    """
    sought = sought_of(brand.id, scope, at_hour(course.from_hour), at_hour(course.to_hour))
    posts, people = spike_posts.behind(tx, sought, heard_since=at_hour(course.from_hour - LEAST_DAYS * DAY_H))
    enough = min(course.posts, max(LEAST_POSTS, CONFIRM_TIMES * course.usual))
    return people >= ctx.settings.least_people and posts >= enough


def sought_of(brand_id: int, scope: Scope, from_at: datetime, to_at: datetime) -> Sought:
    """The posts that a spike counts."""
    channel, measure = scope
    kind = Kind.COMPLAINT if measure is Measure.COMPLAINTS else None
    return Sought(brand_id, from_at, to_at, (channel,) if channel else (), (), kind)


def _tell(tx: Connection, brand: Brand, spike_id: int, now: datetime) -> None:
    details = {"spike": spike_id, "brand": brand.id}
    for member in users.everybody(tx):
        if member.active and Right.PROBLEMS in member.rights:
            notices.add(tx, user_id=member.id, kind=NOTICED, case_id=None, at=now, details=details)
