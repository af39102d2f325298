"""Where does listening go on? The position of X: how far each source is read, and which posts are looked at again.

Ids tell the time and the network hands out what is newer than one, newest first. A round reads each source from the
newest post down to the last round's mark less an overlap, and moves the mark only when it has come that far. A round
that is cut short goes on from its page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collectors import rounds
from collectors.protocol import Cursor, Gap, GapReason
from collectors.rounds import Memory, Round, Stored
from collectors.x import snowflake

#: Each round reads so far below its mark: a search shows some posts later than others. Within a day that is free.
OVERLAP = timedelta(minutes=5)
#: Now and then a round reads this far, for what the network took in very late.
DEEP_OVERLAP = timedelta(minutes=30)
#: How far back the first round reads: every post costs.
FIRST_LOOK = timedelta(days=1)
#: How far back a search may be asked (docs.x.com, recent search: seven days; X refuses every question beyond), and how
#: far a round goes back at most: what it leaves lets it take its time.
ASKABLE = timedelta(days=7) - timedelta(minutes=1)
WINDOW = timedelta(days=7) - timedelta(hours=1)
#: A search that X refuses is asked again once a day: a plan may change.
REFUSED_REST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Here:
    """Where in its source a round is: ``posts`` of it were read so far, ``lowest`` is the lowest id of them.

    Below ``rest`` its other way is read.
    """

    posts: int = 0
    lowest: str | None = None
    rest: str | None = None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Everything the next fetch needs to know. ``here``: of the source being read.

    ``refused_at``: when X last refused a source that the others do without.
    """

    marks: tuple[tuple[str, datetime], ...] = ()
    deep_at: datetime | None = None
    memory: Memory = Memory()
    round: Round | None = None
    here: Here = Here()
    refused_at: datetime | None = None

    @property
    def running(self) -> Round:
        """The round under way; there is one between ``begin`` and the last ``done``."""
        assert self.round is not None
        return self.round

    def mark(self, source: str) -> datetime | None:
        """Everything of this source up to here was handed over, but for what shows late."""
        return dict(self.marks).get(source)

    def goes_on(self, sources: tuple[str, ...], now: datetime) -> bool:
        """Whether the round under way is one over these sources.

        One that rested for long may have begun where X answers no more; it never goes on.
        """
        if self.round is None or now - self.boundary(self.round.todo[0]) > ASKABLE:
            return False
        return self.round.goes_on(sources, read=(name for name, _ in self.marks))

    def begin(self, sources: tuple[str, ...], now: datetime) -> Bookmark:
        """A new round over these sources; marks of others are dropped.

        Words are packed into few queries: a new one may be an old one with a word more, not read for longer than a
        first look goes back. Then it takes the place of what is dropped.
        """
        deep = rounds.is_deep_due(self.deep_at, now)
        kept = tuple((name, at) for name, at in self.marks if name in sources)
        oldest = min((at for name, at in self.marks if name not in sources), default=now)
        if oldest < now - FIRST_LOOK:
            kept += tuple((name, oldest) for name in sources if self.mark(name) is None)
        began = Round(now, sources, deep and bool(kept))
        return replace(self, marks=kept, deep_at=now if deep else self.deep_at, round=began, here=Here())

    def asked(self, there_at: datetime) -> Bookmark:
        """A page has come, written at ``there_at`` by the network's clock; the first of a source counts."""
        return replace(self, round=self.running.asked(there_at))

    def first_read_at(self, source: str) -> datetime | None:
        """When the first reading of this source began, while it is under way; None once it was read before."""
        return None if self.mark(source) is not None else self.running.known_at

    def boundary(self, source: str) -> datetime:
        """Down to where this round reads the source, in whole minutes: watches that ask together ask alike."""
        known, mark = self.running, self.mark(source)
        back = DEEP_OVERLAP if known.deep else OVERLAP
        start = known.began_at - FIRST_LOOK if mark is None else mark - back
        return max(start, known.began_at - WINDOW).replace(second=0, microsecond=0)

    def fitted(self, most: int, *, of: int) -> Bookmark:
        """Pages of ``most`` posts could be read, where ``of`` were asked for."""
        return replace(self, round=self.running.fitted(most, of=of))

    def hidden(self, now: datetime, reason: GapReason = GapReason.TOO_LARGE) -> tuple[Gap, ...]:
        """What stands where there is no way to, below what was read, down to what earlier rounds have handed over."""
        source, lowest = self.running.todo[0], self.here.lowest
        from_at = self.mark(source) or self.boundary(source)
        to_at = now if lowest is None else snowflake.written_at(lowest)
        return (Gap(from_at, to_at, reason),) if from_at < to_at else ()

    def rests(self, now: datetime) -> bool:
        """Whether the source that X refuses is left alone for now."""
        return self.refused_at is not None and abs(now - self.refused_at) < REFUSED_REST

    def refused(self, now: datetime) -> tuple[Bookmark, tuple[Gap, ...]]:
        """X refuses the source being read: what was missed by that so far is told."""
        source = self.running.todo[0]
        from_at = self.mark(source) or self.boundary(source)
        return replace(self, refused_at=now), (Gap(from_at, now, GapReason.QUOTES_REFUSED),)

    def passed_over(self) -> Bookmark:
        """The source is left out of this round: it is read on from where it was left."""
        source = self.running.todo[0]
        marks = dict(self.marks) | {source: self.mark(source) or self.boundary(source)}
        return replace(self, marks=tuple(marks.items()), round=self.running.rest(), here=Here())

    def turn(self, token: str, here: Here) -> Bookmark:
        """On to the next page of the same source, which is read as far as ``here``."""
        return replace(self, round=self.running.on(token), here=here)

    def below(self, rest: str) -> Bookmark:
        """The source shows no more; what is older than ``rest`` is read in its other way."""
        return replace(self, round=replace(self.running, token=None), here=replace(self.here, rest=rest))

    def done(self) -> Bookmark:
        """The source is read down to its boundary: its mark moves. The round ends with its last source."""
        known = self.running
        source = known.todo[0]
        # Our own clock says when nobody else does; a mark never goes back.
        reached = known.here_at or known.began_at
        mark = max(reached, self.mark(source) or reached)
        marks = (*((name, at) for name, at in self.marks if name != source), (source, mark))
        return replace(self, marks=marks, round=known.rest(), here=Here())

    def encode(self) -> Cursor:
        """As it is stored beside the rows."""
        marks = {name: rounds.written(at) for name, at in self.marks}
        own = {"marks": marks, "refused_at": rounds.written(self.refused_at)}
        here = {"posts": self.here.posts, "lowest": self.here.lowest, "rest": self.here.rest}
        return Stored(self.deep_at, self.memory, self.round, own, here).encode()


def decode(cursor: Cursor | None) -> Bookmark:
    """The bookmark of a cursor; a new one when it cannot be read."""
    return rounds.decode(cursor, _bookmark, anew=Bookmark())


def _bookmark(stored: Stored) -> Bookmark:
    marks = tuple((str(name), rounds.moment(at)) for name, at in stored.own.get("marks", {}).items())
    told = stored.here
    here = Here(int(told.get("posts", 0)), rounds.words(told.get("lowest")), rounds.words(told.get("rest")))
    refused_at = rounds.perhaps(stored.own.get("refused_at"))
    return Bookmark(marks, stored.deep_at, stored.memory, stored.round, here, refused_at)
