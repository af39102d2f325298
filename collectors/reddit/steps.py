"""How far does one page of a list bring a round? Where it goes on, what is kept back, what is proved to be whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collectors.newest_first import Bookmark
from collectors.protocol import Gap, GapReason, Quota
from collectors.reddit.sources import Kind, Source

#: A listing ends after a thousand things and a search after some 250, whatever there is: the end of a first reading may
#: be that one. Later, an end above what the round before saw is: what comes while pages are turned pushes as much out.
DOUBTED_ENDS = {Kind.SEARCH: 200}
DOUBTED_END = 900
View = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One page read: the things of it, newest first, and what the network says of its limits and its time.

    ``is_hidden``: nothing of it could be read, not even one thing alone, and what lies below it cannot be reached.
    """

    source: Source
    views: tuple[View, ...]
    times: tuple[datetime | None, ...]
    after: str | None
    quota: Quota | None
    at: datetime | None
    is_hidden: bool = False

    @property
    def oldest_at(self) -> datetime | None:
        return min((at for at in self.times if at is not None), default=None)

    def is_before(self, boundary: datetime) -> bool:
        """Whether it reaches back beyond that: most of it is older. One let through late stands among new ones."""
        dated = [at for at in self.times if at is not None]
        return 2 * sum(at < boundary for at in dated) > len(dated)


def after(step: Step, known: Bookmark, boundary: datetime, *, now: datetime) -> tuple[Bookmark, tuple[Gap, ...]]:
    """Where reading goes on behind this page, and what the network keeps back behind its end."""
    if step.is_hidden:
        return known.done(None), known.hidden(now)
    newest_at = max((at for at in step.times if at is not None), default=None)
    is_reached = step.is_before(boundary) and known.running.is_sure
    if known.running.turns_back(step.after) and not is_reached:
        return known.done(newest_at, there_at=step.at), known.hidden(now, GapReason.CIRCLE)
    if step.after is not None and not is_reached:
        return known.turn(step.after, newest_at, items=len(step.views), there_at=step.at), ()
    done = known.done(newest_at, there_at=step.at, is_empty=is_empty(step, known))
    oldest_at = step.oldest_at or known.low
    if step.after is not None or oldest_at is None or oldest_at <= boundary:
        return done, ()
    # Below what the last round saw everything was read by rounds before it.
    is_full = known.items + len(step.views) >= DOUBTED_ENDS.get(step.source.kind, DOUBTED_END)
    is_short = known.is_cut_off() if known.was_seen(step.source.name) else is_full
    return done, (Gap(boundary, oldest_at, GapReason.TOO_MANY),) if is_short else ()


def is_empty(step: Step, known: Bookmark) -> bool:
    """Whether the list that ends with this page holds nothing at all."""
    return not step.views and not known.items


def proved(step: Step, known: Bookmark, boundary: datetime) -> Bookmark:
    """From when on this source showed everything, once it is read: as far down as it was read, and no further.

    Where a list ends may be the end of what there is, or of what Reddit shows; one that never held anything is whole.
    """
    if step.is_hidden or known.running.most is not None:
        return known.proved(None)  # Of small pages, one thing with a wrong time would be all there is to go by.
    if step.is_before(boundary):
        return known.proved(boundary)
    if known.running.turns_back(step.after):
        return known.proved(None)
    if step.after is not None:
        return known
    dated = sorted(at for at in step.times if at is not None)
    if not dated:
        # What ever held anything, and shows nothing now, may be hidden, or the answer wrong: that proves nothing.
        is_whole = is_empty(step, known) and known.never_held(step.source.name)
        return known.proved(boundary if is_whole else None)
    # Not its oldest: one old thing may stand anywhere.
    return known.proved(max(dated[len(dated) // 2], boundary))
