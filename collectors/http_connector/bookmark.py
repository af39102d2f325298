"""Where does listening go on? The cursor of all sources of a brand: how far each is read, and which are left."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from collectors.protocol import Cursor
from collectors.rounds import perhaps, written

#: Of so many pages of one round it is known whether one of them comes again.
PASSED_PAGES = 500


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one source is read: its own cursor, and since when its first reading runs, while it does."""

    cursor: str | None = None
    first_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A decoded cursor.

    ``left``: the sources still to be read in this round, by account. ``owed``: those that failed in it.
    ``heard_at``: the earliest time at which a source of this round had told what it has; not ``is_dated`` when
    one did not say what time that was. ``passed``: the pages of the source being read, so that none comes twice.
    """

    marks: Mapping[str, Mark] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    owed: tuple[str, ...] = ()
    heard_at: datetime | None = None
    is_dated: bool = True
    passed: tuple[str, ...] = ()

    def among(self, sources: tuple[str, ...]) -> Bookmark:
        """The round under way, less the sources there are no more."""
        return replace(self, left=tuple(name for name in self.left if name in sources))

    def begin(self, sources: tuple[str, ...]) -> Bookmark:
        """A new round over these sources."""
        return Bookmark({name: mark for name, mark in self.marks.items() if name in sources}, sources)

    def of(self, source: str) -> Mark | None:
        """How far that source is read; None before its first page."""
        return self.marks.get(source)

    def at(self, source: str, mark: Mark) -> Bookmark:
        """That source is read so far, and has more."""
        return replace(self, marks={**self.marks, source: mark})

    def turned(self, cursor: str) -> Bookmark | None:
        """On to that page; None when it was read in this round already."""
        name = hashlib.sha256(cursor.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return None if name in self.passed else replace(self, passed=(*self.passed, name)[-PASSED_PAGES:])

    def done(self, at: datetime | None) -> Bookmark:
        """The source being read has no more; that was true at ``at``, if it said."""
        heard = self.heard_at if at is None else min(at, self.heard_at or at)
        return replace(self, left=self.left[1:], passed=(), heard_at=heard, is_dated=self.is_dated and at is not None)

    def failed(self) -> Bookmark:
        """The source being read does not answer as it should; the others go on."""
        return replace(self, left=self.left[1:], owed=(*self.owed, self.left[0]), passed=(), is_dated=False)

    def heard_until(self) -> datetime | None:
        """Up to when every source has told what it has; None when that is not known of all of them."""
        return self.heard_at if self.is_dated else None


def encode(bookmark: Bookmark) -> Cursor:
    """The bookmark as it is stored."""
    values: dict[str, Any] = {
        "sources": {name: [mark.cursor, written(mark.first_at)] for name, mark in bookmark.marks.items()},
        "left": bookmark.left,
        "owed": bookmark.owed,
        "heard_at": written(bookmark.heard_at),
        "dated": bookmark.is_dated,
        "passed": bookmark.passed,
    }
    return Cursor(json.dumps(values, separators=(",", ":")))


def decode(cursor: Cursor | None) -> Bookmark:
    """The bookmark of a cursor. One that cannot be read begins anew: everything may arrive twice."""
    try:
        told = json.loads(cursor or "{}")
        sources = told.get("sources", {}).items()
        return Bookmark(
            {str(name): Mark(None if at is None else str(at), perhaps(first)) for name, (at, first) in sources},
            left=tuple(map(str, told.get("left", ()))),
            owed=tuple(map(str, told.get("owed", ()))),
            heard_at=perhaps(told.get("heard_at")),
            is_dated=bool(told.get("dated", True)),
            passed=tuple(map(str, told.get("passed", ()))),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return Bookmark()
