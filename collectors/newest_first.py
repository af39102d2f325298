"""How far is a network read that pages from the newest backwards and knows no "since"? A mark for each of its sources.

A round notes the newest item it has seen, reads down to the last round's mark less an overlap, and moves the mark only
when it has come that far. A round that is cut short goes on from its page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from collectors import rounds
from collectors.protocol import Cursor, Gap, GapReason
from collectors.rounds import Memory, Round, Stored

#: So far ahead of the network's own time, or ours where it tells none, the time of an item is believed.
AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Pace:
    """How far back a network is read: ``overlap`` below each mark, now and then ``deep_overlap``.

    ``first_look`` is how far the first round goes. Items may become visible later than their time says; what is older
    than ``settled`` has, in all likelihood.
    """

    overlap: timedelta
    deep_overlap: timedelta
    first_look: timedelta
    settled: timedelta


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Everything the next fetch needs to know. ``newest_at`` and ``items``: of the source being read, so far.

    ``lows``: how far down the last finished round saw each source, as far as the next one has to see it again, and
    ``low``: how far the round under way has, as its channel tells (``saw``). ``empty``: sources that have held nothing
    since their first reading.
    """

    pace: Pace
    marks: tuple[tuple[str, datetime], ...] = ()
    deep_at: datetime | None = None
    memory: Memory = Memory()
    round: Round | None = None
    newest_at: datetime | None = None
    items: int = 0
    lows: tuple[tuple[str, datetime], ...] = ()
    low: datetime | None = None
    empty: tuple[str, ...] = ()

    @property
    def running(self) -> Round:
        """The round under way; there is one between ``begin`` and the last ``done``."""
        assert self.round is not None
        return self.round

    def mark(self, source: str) -> datetime | None:
        """Everything of this source up to here was handed over."""
        return dict(self.marks).get(source)

    def goes_on(self, sources: tuple[str, ...]) -> bool:
        """Whether the round under way is one over these sources."""
        return self.round is not None and self.round.goes_on(sources, read=(name for name, _ in self.marks))

    def begin(self, sources: tuple[str, ...], now: datetime) -> Bookmark:
        """A new round over these sources; marks of others are dropped."""
        deep = rounds.is_deep_due(self.deep_at, now)
        kept, lows = (tuple((name, at) for name, at in times if name in sources) for times in (self.marks, self.lows))
        empty = tuple(name for name in self.empty if name in sources)
        began = Round(now, sources, deep and bool(kept))
        deep_at = now if deep else self.deep_at
        return replace(self._at_a_new_source(), marks=kept, lows=lows, empty=empty, deep_at=deep_at, round=began)

    def asked(self, there_at: datetime | None) -> Bookmark:
        """A page has come, written at ``there_at`` by the network's clock; the first of a source counts."""
        return replace(self, round=self.running.asked(there_at))

    def saw(self, times: Sequence[datetime]) -> Bookmark:
        """Items of these times were read from the source, in this order."""
        low = min((*times, *((self.low,) if self.low else ())), default=None)
        return replace(self, low=low, round=self.running.saw(times, self.boundary(self.running.todo[0])))

    def was_seen(self, source: str) -> bool:
        """Whether it is known how far down this source was seen of what this round has to see again."""
        low = dict(self.lows).get(source)
        return low is not None and low >= self.boundary(source)

    def never_held(self, source: str) -> bool:
        """Whether every round up to this one found nothing at all there."""
        return self.mark(source) is None or source in self.empty

    def is_cut_off(self) -> bool:
        """Whether the list that was read to its end ends above what the last round saw and this one has to see again.

        Something came while its pages were turned, and pushed as much out at its end: a list of one page is whole.
        """
        source = self.running.todo[0]
        known = dict(self.lows).get(source)
        if known is None or self.low is None or self.running.token is None:
            return False
        return self.boundary(source) <= known < self.low

    def fitted(self, most: int, *, of: int) -> Bookmark:
        """Pages of ``most`` items could be read, where ``of`` were asked for."""
        return replace(self, round=self.running.fitted(most, of=of))

    def hidden(self, now: datetime, reason: GapReason = GapReason.TOO_LARGE) -> tuple[Gap, ...]:
        """What stands where there is no way to, below what was read, down to what earlier rounds have handed over."""
        source = self.running.todo[0]
        from_at, to_at = self.mark(source) or self.boundary(source), self.low or now
        if to_at < self.boundary(source) and not self.running.older:
            to_at = now  # The lowest stood above newer ones: its time is wrong.
        return (Gap(from_at, to_at, reason),) if from_at < to_at else ()

    def proved(self, whole_from: datetime | None) -> Bookmark:
        """The source being read showed everything from there on; None: nothing proves that."""
        return replace(self, round=self.running.proved(whole_from))

    def first_read_at(self, source: str) -> datetime | None:
        """When the first reading of this source began, while it is under way; None once it was read before."""
        return None if self.mark(source) is not None else self.running.known_at

    def boundary(self, source: str) -> datetime:
        """Down to where this round has to read the source."""
        mark = self.mark(source)
        if mark is None:
            return self.running.known_at - self.pace.first_look
        return mark - (self.pace.deep_overlap if self.running.deep else self.pace.overlap)

    def turn(
        self, token: str, newest_at: datetime | None, *, items: int = 0, there_at: datetime | None = None
    ) -> Bookmark:
        """On to the next page of the same source."""
        newest_at = self._newest(newest_at, there_at)
        return replace(self, round=self.running.on(token), newest_at=newest_at, items=self.items + items)

    def done(self, newest_at: datetime | None, *, there_at: datetime | None = None, is_empty: bool = False) -> Bookmark:
        """The source is read down to its boundary: its mark moves. The round ends with its last source.

        ``there_at`` is the network's own time: after a quiet while the mark follows it, so that an old burst is
        not read again with every round. That of the first page counts: a round may rest for a night before its last.
        ``is_empty``: nothing stood there; what was seen of it before is remembered, as the answer may be wrong.
        """
        source = self.running.todo[0]
        # A source that showed nothing, of a network that tells no time, is known to have been empty: read it so again.
        mark = _later(self.mark(source), self._newest(newest_at, there_at)) or self.boundary(source)
        marks = (*((name, at) for name, at in self.marks if name != source), (source, mark))
        lows = tuple((name, at) for name, at in self.lows if name != source or self.low is None)
        lows += ((source, max(self.low, mark - self.pace.overlap)),) if self.low is not None else ()
        empty = tuple(name for name in self.empty if name != source)
        empty += (source,) if is_empty and self.never_held(source) else ()
        return replace(self._at_a_new_source(), marks=marks, lows=lows, empty=empty, round=self.running.rest())

    def _at_a_new_source(self) -> Bookmark:
        return replace(self, newest_at=None, items=0, low=None)

    def _newest(self, newest_at: datetime | None, there_at: datetime | None) -> datetime | None:
        """Up to where the source is known once it has been read down to its boundary."""
        if newest_at is not None:
            # One item with a time to come would hide everything until then.
            newest_at = min(newest_at, (there_at or self.running.began_at) + AHEAD)
        settled = there_at - self.pace.settled if there_at is not None and self.running.token is None else None
        return _later(_later(self.newest_at, newest_at), settled)

    def encode(self) -> Cursor:
        """As it is stored beside the rows."""
        own = {name: {source: rounds.written(at) for source, at in times} for name, times in self._times()}
        here = {"newest_at": rounds.written(self.newest_at), "items": self.items, "low": rounds.written(self.low)}
        return Stored(self.deep_at, self.memory, self.round, {**own, "empty": list(self.empty)}, here).encode()

    def _times(self) -> tuple[tuple[str, tuple[tuple[str, datetime], ...]], ...]:
        return ("marks", self.marks), ("lows", self.lows)


def decode(cursor: Cursor | None, pace: Pace) -> Bookmark:
    """The bookmark of a cursor; a new one when it cannot be read."""

    def build(stored: Stored) -> Bookmark:
        return Bookmark(
            pace,
            _times(stored.own.get("marks", {})),
            stored.deep_at,
            stored.memory,
            stored.round,
            rounds.perhaps(stored.here.get("newest_at")),
            int(stored.here.get("items", 0)),
            _times(stored.own.get("lows", {})),
            rounds.perhaps(stored.here.get("low")),
            _empty(stored.own),
        )

    return rounds.decode(cursor, build, anew=Bookmark(pace))


def _times(told: Mapping[str, str]) -> tuple[tuple[str, datetime], ...]:
    return tuple((str(name), rounds.moment(at)) for name, at in told.items())


def _empty(told: Mapping[str, Any]) -> tuple[str, ...]:
    """Cursors of former days do not name the sources that never held anything: they saw nothing of those they read."""
    if "empty" not in told and "lows" in told:
        return tuple(str(name) for name in told.get("marks", {}) if name not in told["lows"])
    return tuple(map(str, told.get("empty", ())))


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)
