"""Where does listening go on? The position of X: how far each source is read, and which posts are looked at again.

Ids tell the time and the network hands out what is newer than one, newest first. A round reads each source from the
newest post down to the last round's mark less an overlap, and moves the mark only when it has come that far. A round
that is cut short goes on from its page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

#: Each round reads so far below its mark: a search shows some posts later than others. Within a day that is free.
OVERLAP = timedelta(minutes=5)
#: Now and then a round reads this far, for what the network took in very late.
DEEP_EVERY, DEEP_OVERLAP = timedelta(hours=1), timedelta(minutes=30)
#: How far back the first round reads: every post costs.
FIRST_LOOK = timedelta(days=1)
#: How far back a search may be asked (docs.x.com, recent search: seven days; X refuses every question beyond), and how
#: far a round goes back at most: what it leaves lets it take its time.
ASKABLE = timedelta(days=7) - timedelta(minutes=1)
WINDOW = timedelta(days=7) - timedelta(hours=1)
#: So many items that could not be read are remembered, so that each is put aside once.
ASIDE_ITEMS = 100
#: Posts of this age and number are looked at again for edits and deletions.
RECENT_AGE, RECENT_POSTS = timedelta(hours=48), 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A post that was handed over: the id it keeps, the id of its present wording, and when it was written."""

    native_id: str
    version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """A round under way. ``todo`` begins with the source being read, ``token`` is its next page.

    ``began_at`` is our own time, which may be wrong and claims nothing. ``heard_at`` is the network's: when the first
    page of each source so far was written, the earliest of them. ``here_at``: the same of the source being read.
    ``posts`` of it were read so far, ``lowest`` is the lowest id of them; below ``rest`` its other way is read.
    """

    began_at: datetime
    todo: tuple[str, ...]
    deep: bool = False
    token: str | None = None
    heard_at: datetime | None = None
    here_at: datetime | None = None
    posts: int = 0
    lowest: str | None = None
    rest: str | None = None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Everything the next fetch needs to know."""

    marks: tuple[tuple[str, datetime], ...] = ()
    deep_at: datetime | None = None
    recent: tuple[Seen, ...] = ()
    checked: int = 0
    aside: tuple[str, ...] = ()
    round: Round | None = None

    def mark(self, source: str) -> datetime | None:
        """Everything of this source up to here was handed over, but for what shows late."""
        return dict(self.marks).get(source)

    def goes_on(self, sources: tuple[str, ...], now: datetime) -> bool:
        """Whether the round under way is one over these sources: none is read in vain, none was left out.

        One that rested for long may have begun where X answers no more; it never goes on.
        """
        if self.round is None or now - self.boundary(self.round.todo[0]) > ASKABLE:
            return False
        todo, known = set(self.round.todo), {name for name, _ in self.marks}
        return todo <= set(sources) <= todo | known

    def begin(self, sources: tuple[str, ...], now: datetime) -> Bookmark:
        """A new round over these sources; marks of others are dropped.

        Words are packed into few queries: a new one may be an old one with a word more, not read for longer than a
        first look goes back. Then it takes the place of what is dropped.
        """
        deep = self.deep_at is None or now - self.deep_at >= DEEP_EVERY
        kept = tuple((name, at) for name, at in self.marks if name in sources)
        oldest = min((at for name, at in self.marks if name not in sources), default=now)
        if oldest < now - FIRST_LOOK:
            kept += tuple((name, oldest) for name in sources if self.mark(name) is None)
        began = Round(now, sources, deep and bool(kept))
        return replace(self, marks=kept, deep_at=now if deep else self.deep_at, round=began)

    def asked(self, there_at: datetime) -> Bookmark:
        """A page has come, written at ``there_at`` by the network's clock; the first of a source counts."""
        known = self.running
        if known.here_at is not None:
            return self
        heard_at = min(there_at, known.heard_at or there_at)
        return replace(self, round=replace(known, heard_at=heard_at, here_at=there_at))

    @property
    def running(self) -> Round:
        """The round under way; there is one between ``begin`` and the last ``done``."""
        assert self.round is not None
        return self.round

    def first_read_at(self, source: str) -> datetime | None:
        """When the first reading of this source began, while it is under way; None once it was read before."""
        return None if self.mark(source) is not None else self.running.heard_at or self.running.began_at

    def boundary(self, source: str) -> datetime:
        """Down to where this round reads the source, in whole minutes: watches that ask together ask alike."""
        known, mark = self.running, self.mark(source)
        back = DEEP_OVERLAP if known.deep else OVERLAP
        start = known.began_at - FIRST_LOOK if mark is None else mark - back
        return max(start, known.began_at - WINDOW).replace(second=0, microsecond=0)

    def turn(self, token: str, *, posts: int, lowest: str | None) -> Bookmark:
        """On to the next page of the same source."""
        known = self.running
        return replace(self, round=replace(known, token=token, posts=known.posts + posts, lowest=lowest))

    def below(self, rest: str) -> Bookmark:
        """The source shows no more; what is older than ``rest`` is read in its other way."""
        return replace(self, round=replace(self.running, token=None, rest=rest))

    def done(self) -> Bookmark:
        """The source is read down to its boundary: its mark moves. The round ends with its last source."""
        known = self.running
        source, rest = known.todo[0], known.todo[1:]
        # Our own clock says when nobody else does; a mark never goes back.
        reached = known.here_at or known.began_at
        mark = max(reached, self.mark(source) or reached)
        marks = (*((name, at) for name, at in self.marks if name != source), (source, mark))
        after = Round(known.began_at, rest, known.deep, heard_at=known.heard_at) if rest else None
        return replace(self, marks=marks, round=after)

    def remember(self, seen: tuple[Seen, ...], *, forget: tuple[str, ...], now: datetime) -> Bookmark:
        """Look at these again in later rounds, at the newest of them if there are too many."""
        by_id = {known.native_id: known for known in (*self.recent, *seen) if known.native_id not in forget}
        young = sorted((s for s in by_id.values() if now - s.at <= RECENT_AGE), key=lambda s: (s.at, s.native_id))
        return replace(self, recent=tuple(young[-RECENT_POSTS:]))

    def put_aside(self, names: tuple[str, ...]) -> Bookmark:
        """These items cannot be read; it was told."""
        known = tuple(dict.fromkeys((*self.aside, *names)))
        return replace(self, aside=known[-ASIDE_ITEMS:])

    def to_check(self, posts: int) -> tuple[Seen, ...]:
        """The posts whose turn it is to be looked at again."""
        if not self.recent:
            return ()
        start = self.checked % len(self.recent)
        return (*self.recent[start:], *self.recent[:start])[:posts]
