"""How far have we read? The cursor of all feeds of a brand: what is known of each, and which are left in this round."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from collectors.protocol import Cursor
from domain.clock import require_aware

#: Entries remembered beyond those a feed shows now: servers sometimes answer with an older copy.
KNOWN_ENTRIES = 1000
#: A feed went past us when none of the newest so many entries we know is left in it; a single one may be deleted.
ANCHORS = 3
#: Entries that could not be read are known under this mark, so that each is set aside once.
UNREADABLE = "!"


@dataclass(frozen=True, slots=True)
class Known:
    """An entry we have: its wording, when it was published and when that wording is from, in seconds since 1970."""

    version: str
    at_s: int
    worded_s: int = 0


@dataclass(frozen=True, slots=True)
class FeedMark:
    """What we know of one feed.

    ``read_at``: when it was last read to its end. ``window``: the most entries it ever showed.
    ``moved_to``: where its server said it has gone for good. ``pause_until`` and ``trouble``: it is not
    asked before, and why; ``is_gone``: never again. ``by_server``: the server itself named that time.
    """

    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None
    read_at: datetime | None = None
    window: int = 0
    known: Mapping[str, Known] = field(default_factory=dict)
    pause_until: datetime | None = None
    trouble: str = ""
    is_gone: bool = False
    by_server: bool = False

    def anchors(self) -> tuple[str, ...]:
        """The newest entries we know."""
        readable = [(each.at_s, key) for key, each in self.known.items() if not key.startswith(UNREADABLE)]
        return tuple(key for _, key in sorted(readable)[-ANCHORS:])

    def newest_at(self) -> datetime | None:
        """When the newest entry we know was published."""
        times = [each.at_s for each in self.known.values()]
        return datetime.fromtimestamp(max(times), UTC) if times else self.read_at

    def rested(self) -> FeedMark:
        """Ready to be asked."""
        return replace(self, pause_until=None, trouble="", is_gone=False, by_server=False)

    def with_known(self, handed: Mapping[str, Known], *, shown: Iterable[str] | None = None) -> FeedMark:
        """With these handed over; ``shown``: all the feed shows now, the rest is forgotten when it is too much."""
        known = {**self.known, **handed}
        if shown is not None and len(known) > KNOWN_ENTRIES:
            kept = set(shown)
            others = sorted((key for key in known if key not in kept), key=lambda key: known[key].at_s)
            kept |= set(others[-max(0, KNOWN_ENTRIES - len(kept)) :] if len(kept) < KNOWN_ENTRIES else ())
            known = {key: each for key, each in known.items() if key in kept}
        return replace(self, known=known)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A decoded cursor. ``left``: the feeds still to be read in this round, by key."""

    feeds: Mapping[str, FeedMark] = field(default_factory=dict)
    left: tuple[str, ...] = ()

    def of(self, key: str) -> FeedMark:
        """What we know of that feed; nothing when it is new."""
        return self.feeds.get(key) or FeedMark()

    def put(self, key: str, mark: FeedMark) -> Bookmark:
        """With this feed as it is now."""
        return replace(self, feeds={**self.feeds, key: mark})

    def awake(self) -> Bookmark:
        """With every rest ended that is our own choice: a person wants to know now."""
        return replace(self, feeds={key: mark if mark.by_server else mark.rested() for key, mark in self.feeds.items()})

    def encode(self) -> Cursor:
        """As it is stored."""
        feeds = {key: _mark_out(mark) for key, mark in self.feeds.items()}
        return Cursor(json.dumps({"left": list(self.left), "feeds": feeds}, separators=(",", ":")))


def decode(cursor: Cursor | None, keys: tuple[str, ...]) -> Bookmark:
    """The bookmark in ``cursor``, for the feeds there are now. What cannot be read starts over: nothing is lost."""
    if cursor is None:
        return Bookmark()
    try:
        told = json.loads(cursor)
        feeds = {key: _mark_in(told["feeds"][key]) for key in keys if key in told["feeds"]}
        return Bookmark(feeds, tuple(key for key in told["left"] if key in keys))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return Bookmark()


def _mark_out(mark: FeedMark) -> dict[str, Any]:
    values = {
        "etag": mark.etag,
        "modified": mark.last_modified,
        "moved": mark.moved_to,
        "read": mark.read_at and mark.read_at.isoformat(),
        "window": mark.window,
        "known": {key: [each.version, each.at_s, each.worded_s] for key, each in mark.known.items()},
        "pause": mark.pause_until and mark.pause_until.isoformat(),
        "trouble": mark.trouble,
        "gone": mark.is_gone,
        "by_server": mark.by_server,
    }
    return {name: value for name, value in values.items() if value}


def _mark_in(told: dict[str, Any]) -> FeedMark:
    return FeedMark(
        etag=told.get("etag"),
        last_modified=told.get("modified"),
        moved_to=told.get("moved"),
        read_at=_time(told.get("read")),
        window=int(told.get("window", 0)),
        known={key: Known(str(word), int(at), int(since)) for key, (word, at, since) in told.get("known", {}).items()},
        pause_until=_time(told.get("pause")),
        trouble=told.get("trouble", ""),
        is_gone=bool(told.get("gone")),
        by_server=bool(told.get("by_server")),
    )


def _time(said: str | None) -> datetime | None:
    return require_aware(datetime.fromisoformat(said)) if said else None
