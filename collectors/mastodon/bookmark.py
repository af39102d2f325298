"""Where does listening go on? The cursor of Mastodon: how far each source is read, and which posts are looked at again.

Ids are opaque, so nothing is made of their order: a source is read on from the newest place known, page by page towards
now, or, at first and in a search, from the newest page back to a moment. A round that is cut short goes on from its
page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

#: Now and then a round begins further back, for what reached our server very late.
DEEP_EVERY = timedelta(hours=1)
#: How far back the first round reads.
FIRST_LOOK = timedelta(days=7)
#: So many items that could not be read are remembered, so that each is put aside once.
ASIDE_ITEMS = 100
#: Posts of this age and number are looked at again for edits and deletions.
RECENT_AGE, RECENT_POSTS = timedelta(hours=48), 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A post that was handed over: its id, how it was worded, whether as addressed to us, and when it was written."""

    native_id: str
    wording: str
    to_us: bool
    at: datetime


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
class Round:
    """A round under way. ``todo`` begins with the source being read; ``token`` says where in it we are.

    ``newest``: its newest item so far. ``asked_at``: the server's time when its first page was written; ``heard_at``:
    the earliest of those of all sources so far; not ``is_dated`` when the server did not tell one of them.
    ``began_at`` is our own time, which may be wrong and claims nothing.
    """

    began_at: datetime
    todo: tuple[str, ...]
    deep: bool = False
    token: str | None = None
    newest: str | None = None
    asked_at: datetime | None = None
    heard_at: datetime | None = None
    is_dated: bool = True

    def heard_until(self, *, late: timedelta) -> datetime | None:
        """Up to when every source had told what it has; None when one of them did not say what time it is."""
        return self.heard_at - late if self.is_dated and self.heard_at is not None else None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Everything the next fetch needs to know."""

    trails: tuple[tuple[str, Trail], ...] = ()
    deep_at: datetime | None = None
    recent: tuple[Seen, ...] = ()
    checked: int = 0
    aside: tuple[str, ...] = ()
    round: Round | None = None

    def trail(self, source: str) -> Trail | None:
        """How far this source is read; None before its first round has ended."""
        return dict(self.trails).get(source)

    def goes_on(self, sources: tuple[str, ...]) -> bool:
        """Whether the round under way is one over these sources: none is read in vain, none was left out."""
        if self.round is None:
            return False
        todo, known = set(self.round.todo), {name for name, _ in self.trails}
        return todo <= set(sources) <= todo | known

    def begin(self, sources: tuple[str, ...], now: datetime) -> Bookmark:
        """A new round over these sources; trails of others are dropped."""
        deep = self.deep_at is None or abs(now - self.deep_at) >= DEEP_EVERY
        kept = tuple((name, trail) for name, trail in self.trails if name in sources)
        return replace(self, trails=kept, deep_at=now if deep else self.deep_at, round=Round(now, sources, deep))

    def asked(self, there_at: datetime | None) -> Bookmark:
        """A page has come, written at ``there_at`` by the server's clock; the first of a source counts."""
        assert self.round is not None
        known = self.round
        if known.asked_at is not None:
            return self
        if there_at is None:
            return replace(self, round=replace(known, asked_at=known.began_at, is_dated=False))
        return replace(
            self, round=replace(known, asked_at=there_at, heard_at=min(there_at, known.heard_at or there_at))
        )

    def first_read_at(self, source: str) -> datetime | None:
        """When the first reading of this source began, while it is under way; None once it was read before."""
        assert self.round is not None
        return None if self.trail(source) is not None else self.round.heard_at or self.round.began_at

    def boundary(self, source: str, back: timedelta) -> datetime:
        """Down to when a reading from the newest page has to come."""
        assert self.round is not None
        trail = self.trail(source)
        if trail is not None:
            return trail.heard_at - back
        return (self.round.asked_at or self.round.began_at) - FIRST_LOOK

    def turn(self, token: str, newest: str | None) -> Bookmark:
        """On to the next page of the same source."""
        assert self.round is not None
        return replace(self, round=replace(self.round, token=token, newest=newest))

    def done(self, newest: str | None, *, spacing: timedelta, keep: timedelta) -> Bookmark:
        """The source is read up to ``newest``. The round ends with its last source."""
        assert self.round is not None
        source, rest = self.round.todo[0], self.round.todo[1:]
        at = self.round.asked_at or self.round.began_at
        trail = (self.trail(source) or Trail(at)).reached(newest, at, spacing=spacing, keep=keep)
        trails = (*((name, known) for name, known in self.trails if name != source), (source, trail))
        after = replace(self.round, todo=rest, token=None, newest=None, asked_at=None) if rest else None
        return replace(self, trails=trails, round=after)

    def remember(self, seen: tuple[Seen, ...], *, forget: tuple[str, ...] = (), now: datetime) -> Bookmark:
        """Look at these again in later rounds, at the newest of them if there are too many."""
        by_id = {known.native_id: known for known in self.recent if known.native_id not in forget}
        for post in seen:
            known = by_id.get(post.native_id)
            by_id[post.native_id] = replace(post, to_us=post.to_us or (known is not None and known.to_us))
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
