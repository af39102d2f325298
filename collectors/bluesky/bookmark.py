"""Where does listening go on? The cursor of Bluesky: how far each source is read, and which posts are looked at again.

The network pages from the newest backwards and knows no "since". So a round notes the newest item it has seen, reads
down to the last round's mark less an overlap, and moves the mark only when it has come that far. A round that is cut
short goes on from its page.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.protocol import Cursor

#: Each round reads so far below its mark: items may become visible later than their time says.
OVERLAP = timedelta(minutes=15)
#: What is older than this has become visible, in all likelihood; the overlap comes on top.
SETTLED = timedelta(minutes=5)
#: Now and then a round reads this far, for what the network took in very late.
DEEP_EVERY, DEEP_OVERLAP = timedelta(hours=1), timedelta(hours=6)
#: How far back the first round reads.
FIRST_LOOK = timedelta(days=7)
#: So many items that could not be read are remembered, so that each is put aside once.
ASIDE_ITEMS = 100
#: Posts of this age and number are looked at again for edits and deletions.
RECENT_AGE, RECENT_POSTS = timedelta(hours=48), 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A post that was handed over: its address, the end of its wording's name, and when the network took it in."""

    uri: str
    wording: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """A round under way. ``todo`` begins with the source being read, ``token`` is its next page.

    ``began_at`` is our own time, which may be wrong and claims nothing. ``heard_at`` is the network's: when the first
    page of each source so far was written, the earliest of them; not ``is_dated`` when one of them did not say.
    """

    began_at: datetime
    todo: tuple[str, ...]
    deep: bool = False
    token: str | None = None
    newest_at: datetime | None = None
    heard_at: datetime | None = None
    is_dated: bool = True

    def heard_until(self, *, late: timedelta) -> datetime | None:
        """Up to when every source had told what it has; None when one of them did not say what time it is."""
        return self.heard_at - late if self.is_dated and self.heard_at is not None else None


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
        """Everything of this source up to here was handed over."""
        return dict(self.marks).get(source)

    def goes_on(self, sources: tuple[str, ...]) -> bool:
        """Whether the round under way is one over these sources: none is read in vain, none was left out."""
        if self.round is None:
            return False
        todo, known = set(self.round.todo), {name for name, _ in self.marks}
        return todo <= set(sources) <= todo | known

    def begin(self, sources: tuple[str, ...], now: datetime) -> Bookmark:
        """A new round over these sources; marks of others are dropped."""
        deep = self.deep_at is None or now - self.deep_at >= DEEP_EVERY
        kept = tuple((name, at) for name, at in self.marks if name in sources)
        return replace(
            self, marks=kept, deep_at=now if deep else self.deep_at, round=Round(now, sources, deep and bool(kept))
        )

    def asked(self, there_at: datetime | None) -> Bookmark:
        """A page has come, written at ``there_at`` by the network's clock; the first of a source counts."""
        assert self.round is not None
        known = self.round
        if known.token is not None:
            return self
        if there_at is None:
            return replace(self, round=replace(known, is_dated=False))
        return replace(self, round=replace(known, heard_at=min(there_at, known.heard_at or there_at)))

    def first_read_at(self, source: str) -> datetime | None:
        """When the first reading of this source began, while it is under way; None once it was read before."""
        assert self.round is not None
        return None if self.mark(source) is not None else self.round.heard_at or self.round.began_at

    def boundary(self, source: str) -> datetime:
        """Down to where this round has to read the source."""
        assert self.round is not None
        mark = self.mark(source)
        if mark is None:
            return (self.round.heard_at or self.round.began_at) - FIRST_LOOK
        return mark - (DEEP_OVERLAP if self.round.deep else OVERLAP)

    def turn(self, token: str, newest_at: datetime | None, *, there_at: datetime | None = None) -> Bookmark:
        """On to the next page of the same source."""
        assert self.round is not None
        newest_at = self._newest(newest_at, there_at)
        return replace(self, round=replace(self.round, token=token, newest_at=newest_at))

    def done(self, newest_at: datetime | None, *, there_at: datetime | None = None) -> Bookmark:
        """The source is read down to its boundary: its mark moves. The round ends with its last source.

        ``there_at`` is the network's own time: after a quiet while the mark follows it, so that an old burst is
        not read again with every round. That of the first page counts: a round may rest for a night before its last.
        """
        assert self.round is not None
        source, rest = self.round.todo[0], self.round.todo[1:]
        # A source that showed nothing, of a network that tells no time, is known to have been empty: read it so again.
        mark = _later(self.mark(source), self._newest(newest_at, there_at)) or self.boundary(source)
        marks = (*((name, at) for name, at in self.marks if name != source), (source, mark))
        after = replace(self.round, todo=rest, token=None, newest_at=None) if rest else None
        return replace(self, marks=marks, round=after)

    def _newest(self, newest_at: datetime | None, there_at: datetime | None) -> datetime | None:
        """Up to where the source is known once it has been read down to its boundary."""
        assert self.round is not None
        settled = there_at - SETTLED if there_at is not None and self.round.token is None else None
        return _later(_later(self.round.newest_at, newest_at), settled)

    def remember(self, seen: tuple[Seen, ...], *, forget: tuple[str, ...] = (), now: datetime) -> Bookmark:
        """Look at these again in later rounds, at the newest of them if there are too many."""
        by_uri = {known.uri: known for known in (*self.recent, *seen) if known.uri not in forget}
        young = sorted((s for s in by_uri.values() if now - s.at <= RECENT_AGE), key=lambda s: (s.at, s.uri))
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

    def encode(self) -> Cursor:
        """As it is stored beside the rows."""
        values: dict[str, Any] = {
            "marks": {name: at.isoformat() for name, at in self.marks},
            "deep_at": _written(self.deep_at),
            "recent": [[seen.uri, seen.wording, int(seen.at.timestamp())] for seen in self.recent],
            "checked": self.checked,
            "aside": list(self.aside),
        }
        if self.round is not None:
            values["round"] = {
                "began_at": self.round.began_at.isoformat(),
                "todo": list(self.round.todo),
                "deep": self.round.deep,
                "token": self.round.token,
                "newest_at": _written(self.round.newest_at),
                "heard_at": _written(self.round.heard_at),
                "is_dated": self.round.is_dated,
            }
        return Cursor(json.dumps(values, separators=(",", ":"), ensure_ascii=False))


def decode(cursor: Cursor | None) -> Bookmark:
    """The bookmark of a cursor. One that cannot be read begins anew, which is harmless: everything may arrive twice."""
    try:
        values = json.loads(cursor or "{}")
        told = values.get("round")
        return Bookmark(
            marks=tuple((str(name), _read(at)) for name, at in values.get("marks", {}).items()),
            deep_at=_perhaps(values.get("deep_at")),
            recent=tuple(
                Seen(uri, wording, datetime.fromtimestamp(at, UTC)) for uri, wording, at in values.get("recent", ())
            ),
            checked=int(values.get("checked", 0)),
            aside=tuple(values.get("aside", ())),
            round=None if told is None else _round(told),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return Bookmark()


def _round(told: dict[str, Any]) -> Round:
    if not told["todo"]:
        raise ValueError("a round without a source")
    newest_at = _perhaps(told["newest_at"])
    return Round(
        _read(told["began_at"]),
        tuple(told["todo"]),
        bool(told["deep"]),
        told["token"],
        newest_at,
        _perhaps(told.get("heard_at")),
        bool(told.get("is_dated", True)),
    )


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def _read(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(UTC)


def _perhaps(at: str | None) -> datetime | None:
    return None if at is None else _read(at)


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
