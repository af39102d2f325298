"""Which posts of the sample are new since the cursor? Pages in order of time, each round with an overlap."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from collectors.protocol import BadItem, Cursor, Page
from collectors.sample.client import Position, RawItem, SampleNetwork
from collectors.sample.normalize import normalize
from domain.brand import Watch
from domain.clock import require_aware
from domain.errors import Skippable
from domain.mention import Mention

PAGE_ITEMS = 50
#: Each round looks this far back again, in case a reply reached the log after its own time.
OVERLAP = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Bookmark:
    """A decoded cursor: whose story it is of, the last item handed over, and whether its round goes on.

    ``round_began_at``: a round may take long, and what reached the log since then may be dated before ``last``.
    """

    started_at: datetime
    last: Position
    round_goes_on: bool
    round_began_at: datetime

    def after(self) -> Position:
        return self.last if self.round_goes_on else Position(min(self.last.at, self.round_began_at) - OVERLAP, "")

    def encode(self) -> Cursor:
        values = {
            "started_at": self.started_at.isoformat(),
            "at": self.last.at.isoformat(),
            "item": self.last.item,
            "round_goes_on": self.round_goes_on,
            "round_began_at": self.round_began_at.isoformat(),
        }
        return Cursor(json.dumps(values))


class SampleCollector:
    """Hands over everything the sample shows; the sample knows one brand, so the watch narrows nothing."""

    def __init__(self, network: SampleNetwork, *, page_items: int = PAGE_ITEMS) -> None:
        self._network = network
        self._page_items = page_items

    def fetch(self, watch: Watch, cursor: Cursor | None) -> Page:
        """The next page. A cursor of an earlier story, or one that cannot be read, starts from the beginning."""
        started_at = self._network.started_at()
        bookmark = _decode(cursor, started_at)
        raw = self._network.page(bookmark.after() if bookmark else None, limit=self._page_items)
        began_at = bookmark.round_began_at if bookmark and bookmark.round_goes_on else raw.seen_at
        last = raw.items[-1].position if raw.items else (bookmark.last if bookmark else None)
        items, bad = _read(raw.items)
        return Page(
            items=items,
            next_cursor=_Bookmark(started_at, last, raw.has_more, began_at).encode() if last else None,
            has_more=raw.has_more,
            complete_up_to=last.at if last and raw.has_more else raw.seen_at,
            bad=bad,
        )


def _decode(cursor: Cursor | None, started_at: datetime) -> _Bookmark | None:
    if cursor is None:
        return None
    try:
        values = json.loads(cursor)
        last = Position(require_aware(datetime.fromisoformat(values["at"])), values["item"])
        known = require_aware(datetime.fromisoformat(values["started_at"])) == started_at
        began_at = require_aware(datetime.fromisoformat(values.get("round_began_at", values["at"])))
        return _Bookmark(started_at, last, values["round_goes_on"], began_at) if known else None
    except (ValueError, KeyError, TypeError):
        # Starting over is harmless: everything may arrive twice.
        return None


def _read(raw_items: tuple[RawItem, ...]) -> tuple[tuple[Mention, ...], tuple[BadItem, ...]]:
    items: list[Mention] = []
    bad: list[BadItem] = []
    for raw in raw_items:
        try:
            items.append(normalize(raw.body))
        except Skippable as error:
            bad.append(BadItem(raw.body, str(error)))
    return tuple(items), tuple(bad)
