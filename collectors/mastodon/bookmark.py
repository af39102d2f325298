"""Where does listening go on? The cursor of Mastodon: how far each source is read, and which posts are looked at again.

Ids are opaque, so nothing is made of their order: a source is read on from the newest place known, page by page towards
now, or, at first and in a search, from the newest page back to a moment. A round that is cut short goes on from its
page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collectors import rounds
from collectors.protocol import Cursor
from collectors.rounds import Memory, Round, Stored

#: How far back the first round reads.
FIRST_LOOK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Place:
    """The newest item of a source, and since when it is."""

    token: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Trail:
    """How far a source is read: ``heard_at`` by the server's clock, and the places passed on the way, oldest first."""

    heard_at: datetime
    places: tuple[Place, ...] = ()

    def start(self, back: timedelta) -> str | None:
        """The newest place that stands before everything since ``heard_at - back``; None while none is known.

        What was written before a place became the newest one, and came after it, would stand before it.
        """
        old = [place for place in self.places if place.since <= self.heard_at - back]
        return old[-1].token if old else None

    def reached(self, token: str | None, at: datetime, *, spacing: timedelta, keep: timedelta) -> Trail:
        """Read up to that item at that moment; places too close to each other, or too old, are dropped."""
        if token is None or (self.places and self.places[-1].token == token):
            return replace(self, heard_at=at)
        kept: list[Place] = []
        for place in self.places:
            if not kept or place.since - kept[-1].since >= spacing:
                kept.append(place)
        while len(kept) > 1 and kept[1].since <= at - keep:
            kept.pop(0)
        return Trail(at, (*kept, Place(token, at)))


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Everything the next fetch needs to know. ``newest``: the newest item of the source being read, so far.

    ``oldest_at``: how far back it was read from now, in this round.
    """

    trails: tuple[tuple[str, Trail], ...] = ()
    deep_at: datetime | None = None
    memory: Memory = Memory()
    round: Round | None = None
    newest: str | None = None
    oldest_at: datetime | None = None

    @property
    def running(self) -> Round:
        """The round under way; there is one between ``begin`` and the last ``done``."""
        assert self.round is not None
        return self.round

    def trail(self, source: str) -> Trail | None:
        """How far this source is read; None before its first round has ended."""
        return dict(self.trails).get(source)

    def goes_on(self, sources: tuple[str, ...]) -> bool:
        """Whether the round under way is one over these sources."""
        return self.round is not None and self.round.goes_on(sources, read=(name for name, _ in self.trails))

    def begin(self, sources: tuple[str, ...], now: datetime) -> Bookmark:
        """A new round over these sources; trails of others are dropped."""
        deep = rounds.is_deep_due(self.deep_at, now)
        kept = tuple((name, trail) for name, trail in self.trails if name in sources)
        deep_at = now if deep else self.deep_at
        return replace(self, trails=kept, deep_at=deep_at, round=Round(now, sources, deep), newest=None, oldest_at=None)

    def asked(self, there_at: datetime | None) -> Bookmark:
        """A page has come, written at ``there_at`` by the server's clock; the first of a source counts."""
        return replace(self, round=self.running.asked(there_at))

    def first_read_at(self, source: str) -> datetime | None:
        """When the first reading of this source began, while it is under way; None once it was read before."""
        return None if self.trail(source) is not None else self.running.known_at

    def boundary(self, source: str, back: timedelta) -> datetime:
        """Down to when a reading from the newest page has to come."""
        trail = self.trail(source)
        if trail is not None:
            return trail.heard_at - back
        return (self.running.here_at or self.running.began_at) - FIRST_LOOK

    def fitted(self, most: int, *, of: int) -> Bookmark:
        """Pages of ``most`` items could be read, where ``of`` were asked for."""
        return replace(self, round=self.running.fitted(most, of=of))

    def saw(self, times: Sequence[datetime], boundary: datetime) -> Bookmark:
        """Items of these times were read, in this order, on the way back to ``boundary``."""
        return replace(self, round=self.running.saw(times, boundary))

    def around(self, source: str) -> Bookmark:
        """Towards now there is no way on (an item too large, a circle): the source is read back from now instead."""
        trails = tuple((name, replace(t, places=()) if name == source else t) for name, t in self.trails)
        anew = replace(self.running, token=None, passed=())
        return replace(self, trails=trails, round=anew, newest=None, oldest_at=None)

    def turn(self, token: str, newest: str | None, *, oldest_at: datetime | None = None) -> Bookmark:
        """On to the next page of the same source."""
        return replace(self, round=self.running.on(token), newest=newest, oldest_at=oldest_at)

    def done(self, newest: str | None, *, spacing: timedelta, keep: timedelta) -> Bookmark:
        """The source is read up to ``newest``. The round ends with its last source."""
        source, at = self.running.todo[0], self.running.here_at or self.running.began_at
        trail = (self.trail(source) or Trail(at)).reached(newest, at, spacing=spacing, keep=keep)
        trails = (*((name, known) for name, known in self.trails if name != source), (source, trail))
        return replace(self, trails=trails, round=self.running.rest(), newest=None, oldest_at=None)

    def encode(self) -> Cursor:
        """As it is stored beside the rows."""
        trails = {
            name: [rounds.written(trail.heard_at), [[p.token, rounds.written(p.since)] for p in trail.places]]
            for name, trail in self.trails
        }
        here = {"newest": self.newest, "oldest_at": rounds.written(self.oldest_at)}
        return Stored(self.deep_at, self.memory, self.round, {"trails": trails}, here).encode()


def decode(cursor: Cursor | None) -> Bookmark:
    """The bookmark of a cursor; a new one when it cannot be read."""
    return rounds.decode(cursor, _bookmark, anew=Bookmark())


def _bookmark(stored: Stored) -> Bookmark:
    trails = tuple((str(name), _trail(*trail)) for name, trail in stored.own.get("trails", {}).items())
    newest, oldest_at = rounds.words(stored.here.get("newest")), rounds.perhaps(stored.here.get("oldest_at"))
    return Bookmark(trails, stored.deep_at, stored.memory, stored.round, newest, oldest_at)


def _trail(heard_at: str, places: list[list[str]]) -> Trail:
    return Trail(rounds.moment(heard_at), tuple(Place(str(token), rounds.moment(since)) for token, since in places))
