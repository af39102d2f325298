"""What does a channel remember from one fetch to the next, and how is that stored? Its round, and the posts it watches.

A round reads one source after the other, one page a fetch; one that is cut short goes on from its page. Posts handed
over lately are looked at again for edits and deletions. How far each source was read is each channel's own affair.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from collectors.circles import comes_too_often, passed_on
from collectors.protocol import Cursor

Bookmark = TypeVar("Bookmark")

#: Now and then a round reads further back, for what the network took in very late.
DEEP_EVERY = timedelta(hours=1)
#: So many items that could not be read are remembered, so that each is put aside once.
ASIDE_ITEMS = 100
#: Posts of this age and number are looked at again for edits and deletions.
RECENT_AGE, RECENT_POSTS = timedelta(hours=48), 200
#: On pages made smaller so many items in a row have to be older than a moment before it is reached.
SURE_ITEMS = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """A post that was handed over: its id, the name of its wording, its time, and whether as one addressed to us."""

    native_id: str
    wording: str
    at: datetime
    to_us: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """The posts to look at again, oldest first, which of them was looked at last, and what could not be read."""

    recent: tuple[Seen, ...] = ()
    looked: tuple[datetime, str] | None = None
    aside: tuple[str, ...] = ()
    _by_id: Mapping[str, Seen] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {known.native_id: known for known in self.recent})

    def has(self, native_id: str, wording: str, *, to_us: bool = False) -> bool:
        """Whether it was handed over in this wording; what addresses us counts only as handed over as such."""
        known = self._by_id.get(native_id)
        return known is not None and known.wording == wording and known.to_us >= to_us

    def remember(
        self, seen: Iterable[Seen], *, forget: Iterable[str] = (), now: datetime, posts: int = RECENT_POSTS
    ) -> Memory:
        """Look at these again in later rounds, at the newest ``posts`` of them if there are more."""
        gone = set(forget)
        by_id = dict(self._by_id)
        for post in seen:
            known = by_id.get(post.native_id)
            by_id[post.native_id] = replace(post, to_us=post.to_us or (known is not None and known.to_us))
        kept = [post for post in by_id.values() if post.native_id not in gone and now - post.at <= RECENT_AGE]
        return replace(self, recent=tuple(sorted(kept, key=_place)[-posts:]))

    def to_check(self, posts: int) -> tuple[Seen, ...]:
        """The posts whose turn it is to be looked at again: those after the last one, whatever came or went since."""
        start = 0 if self.looked is None else bisect_right(self.recent, self.looked, key=_place)
        return (*self.recent[start:], *self.recent[:start])[:posts]

    def after_check(self, turn: Sequence[Seen]) -> Memory:
        """The next turn begins after these."""
        return replace(self, looked=_place(turn[-1])) if turn else self

    def put_aside(self, names: Iterable[str]) -> Memory:
        """These items cannot be read; it was told."""
        return replace(self, aside=tuple(dict.fromkeys((*self.aside, *names)))[-ASIDE_ITEMS:])


@dataclass(frozen=True, slots=True)
class Round:
    """A round under way. ``todo`` begins with the source being read, ``token`` says where in it we are.

    ``began_at`` is our own time, which may be wrong and claims nothing. ``here_at`` is the network's: when the first
    page of this source was written; ``heard_at``: the earliest of those of all sources so far; not ``is_dated`` when
    the network did not tell one of them. From ``whole_from`` on its sources so far showed everything, if ``is_whole``.
    ``most``: so many items of a page are asked for until its source ends, since more were too large; None while none
    were. ``older``: so many items, the last ones read, stood in a row below what it is read to. ``passed``: its pages.
    """

    began_at: datetime
    todo: tuple[str, ...]
    deep: bool = False
    token: str | None = None
    heard_at: datetime | None = None
    here_at: datetime | None = None
    is_dated: bool = True
    whole_from: datetime | None = None
    is_whole: bool = True
    most: int | None = None
    older: int = 0
    passed: tuple[str, ...] = ()

    @property
    def known_at(self) -> datetime:
        """When it began, by the network's time if that is known."""
        return self.heard_at or self.began_at

    def goes_on(self, sources: tuple[str, ...], *, read: Iterable[str]) -> bool:
        """Whether it is a round over these sources: none is read in vain, none left out. ``read``: known before."""
        todo = set(self.todo)
        return todo <= set(sources) <= todo | set(read)

    def asked(self, there_at: datetime | None) -> Round:
        """A page has come, written at ``there_at`` by the network's clock; the first of a source counts."""
        if self.here_at is not None:
            return self
        if there_at is None:
            return replace(self, here_at=self.began_at, is_dated=False)
        return replace(self, here_at=there_at, heard_at=min(there_at, self.heard_at or there_at))

    def on(self, token: str) -> Round:
        """On to that page."""
        return replace(self, token=token, passed=passed_on(self.passed, token))

    def turns_back(self, token: str | None) -> bool:
        """Whether pages go in a circle: this one leads to itself, or to one that came too often."""
        return token is not None and (token == self.token or comes_too_often(self.passed, token))

    def page_of(self, items: int) -> int:
        """How many items of a page to ask for, where ``items`` would be."""
        return items if self.most is None else min(self.most, items)

    def fitted(self, most: int, *, of: int) -> Round:
        """Pages of ``most`` items could be read, where ``of`` were asked for."""
        return self if most >= of else replace(self, most=most)

    def saw(self, times: Sequence[datetime], boundary: datetime) -> Round:
        """Items of these times were read, in this order, of a source that is read down to ``boundary``."""
        older = self.older
        for at in times:
            older = older + 1 if at < boundary else 0
        return replace(self, older=older)

    @property
    def is_sure(self) -> bool:
        """Whether what most of a page says can be believed: a small one may be a single item with a wrong time."""
        return self.most is None or self.older >= SURE_ITEMS

    def proved(self, whole_from: datetime | None) -> Round:
        """This source showed everything from there on; None: nothing of it proves that."""
        if whole_from is None:
            return replace(self, is_whole=False)
        return replace(self, whole_from=max(whole_from, self.whole_from or whole_from))

    @property
    def complete_from(self) -> datetime | None:
        """From when on all its sources so far showed everything; None where one did not prove it."""
        return self.whole_from if self.is_whole else None

    def rest(self) -> Round | None:
        """The round after its source; None when that was the last."""
        if not self.todo[1:]:
            return None
        return replace(self, todo=self.todo[1:], token=None, here_at=None, most=None, older=0, passed=())

    def heard_until(self, *, late: timedelta) -> datetime | None:
        """Up to when every source had told what it has; None when one of them did not say what time it is."""
        return self.heard_at - late if self.is_dated and self.heard_at is not None else None


@dataclass(frozen=True, slots=True)
class Stored:
    """What a cursor holds. ``own`` and ``here`` are the channel's own: of all sources, and of the one being read."""

    deep_at: datetime | None = None
    memory: Memory = Memory()
    round: Round | None = None
    own: Mapping[str, Any] = field(default_factory=dict)
    here: Mapping[str, Any] = field(default_factory=dict)

    def encode(self) -> Cursor:
        """As it lies beside the rows: JSON of any length."""
        looked = self.memory.looked
        values: dict[str, Any] = {
            **self.own,
            "deep_at": written(self.deep_at),
            "recent": [[s.native_id, s.wording, int(s.to_us), int(s.at.timestamp())] for s in self.memory.recent],
            "looked": None if looked is None else [int(looked[0].timestamp()), looked[1]],
            "aside": list(self.memory.aside),
        }
        if self.round is not None:
            values["round"] = {**self.here, **_of_round(self.round)}
        return Cursor(json.dumps(values, separators=(",", ":"), ensure_ascii=False))


def decode(cursor: Cursor | None, build: Callable[[Stored], Bookmark], *, anew: Bookmark) -> Bookmark:
    """The bookmark of a cursor. One that cannot be read begins anew, which is harmless: everything may arrive twice."""
    try:
        return build(_stored(json.loads(cursor or "{}")))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError):
        return anew


def is_deep_due(deep_at: datetime | None, now: datetime) -> bool:
    """Whether a round that begins now has to read further back."""
    return deep_at is None or abs(now - deep_at) >= DEEP_EVERY


def name_of_bad(words: str) -> str:
    """What stands for an item that cannot be read: it is put aside once, though the overlap shows it again."""
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:12]


def written(at: datetime | None) -> str | None:
    """A moment as a cursor holds it."""
    return None if at is None else at.isoformat()


def moment(told: str) -> datetime:
    """A moment of a cursor. Raises ValueError or TypeError for anything else."""
    return datetime.fromisoformat(told).astimezone(UTC)


def perhaps(told: str | None) -> datetime | None:
    """A moment of a cursor that may be missing."""
    return None if told is None else moment(told)


def words(told: object) -> str | None:
    """A text of a cursor that may be missing."""
    return None if told is None else str(told)


def _of_round(known: Round) -> dict[str, Any]:
    return {
        "began_at": written(known.began_at),
        "todo": list(known.todo),
        "deep": known.deep,
        "token": known.token,
        "heard_at": written(known.heard_at),
        "here_at": written(known.here_at),
        "is_dated": known.is_dated,
        "whole_from": written(known.whole_from),
        "is_whole": known.is_whole,
        "most": known.most,
        "older": known.older,
        "passed": list(known.passed),
    }


def _stored(values: Mapping[str, Any]) -> Stored:
    told = values.get("round")
    memory = Memory(
        recent=tuple(map(_seen, values.get("recent", ()))),
        looked=_looked(values.get("looked")),
        aside=tuple(map(str, values.get("aside", ()))),
    )
    return Stored(perhaps(values.get("deep_at")), memory, None if told is None else _round(told), values, told or {})


def _looked(told: list[Any] | None) -> tuple[datetime, str] | None:
    """Cursors of former days hold a number in its place: their turn begins anew."""
    return None if told is None else (datetime.fromtimestamp(told[0], UTC), str(told[1]))


def _place(post: Seen) -> tuple[datetime, str]:
    """Where a post stands among the others, to the second, as a cursor keeps it."""
    return post.at.replace(microsecond=0), post.native_id


def _seen(told: list[Any]) -> Seen:
    """Of three values in cursors of former days, where nothing said whether it was addressed to us."""
    native_id, wording, *more, at = told
    return Seen(str(native_id), str(wording), datetime.fromtimestamp(at, UTC), bool(*more))


def _round(told: Mapping[str, Any]) -> Round:
    if not told["todo"]:
        raise ValueError("a round without a source")
    return Round(
        began_at=moment(told["began_at"]),
        todo=tuple(map(str, told["todo"])),
        deep=bool(told["deep"]),
        token=words(told["token"]),
        heard_at=perhaps(told.get("heard_at")),
        # Cursors of former days call it so on Mastodon, and do not tell what is whole.
        here_at=perhaps(told.get("here_at", told.get("asked_at"))),
        is_dated=bool(told.get("is_dated", True)),
        whole_from=perhaps(told.get("whole_from")),
        is_whole=bool(told.get("is_whole", False)),
        most=None if told.get("most") is None else max(1, int(told["most"])),
        older=max(0, int(told.get("older", 0))),
        passed=tuple(map(str, told.get("passed", ()))),
    )
