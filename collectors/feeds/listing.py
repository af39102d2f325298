"""What is new in a feed since we last looked, and did anything go past us? Pure: a feed and what we know of it."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from collectors.feeds.bookmark import UNREADABLE, FeedMark, Known
from collectors.feeds.entries import Entry, Feed
from collectors.feeds.normalize import Source, digest, native_id_of, normalize
from collectors.protocol import BadItem, Gap, GapReason
from domain.errors import Skippable
from domain.mention import Mention

KEY_CHARS = 12
#: A feed that was empty and now shows fewer than this has hardly pushed anything out.
SMALL_WINDOW = 5
#: A feed that shows less than this share of what it once showed is not full: nothing was pushed out of it.
FULL_SHARE = 0.75
#: An entry dated further back was not late but old when it came.
MOST_LATE_S = 3600


@dataclass(frozen=True, slots=True)
class Item:
    """One entry, read or not, under the key it is remembered by; ``order``: as they came into the feed."""

    key: str
    known: Known
    order: int
    post: Mention | None = None
    bad: BadItem | None = None


def items_of(feed: Feed, source: Source, *, seen_at: datetime) -> tuple[Item, ...]:
    """Every entry once, oldest first. An id used for different links means different entries."""
    links: dict[str, set[str]] = {}
    for entry in feed.entries:
        links.setdefault(native_id_of(entry), set()).add(entry.link)
    found: dict[str, Item] = {}
    for order, entry in enumerate(_as_they_came(feed.entries)):
        if len(links[native_id_of(entry)]) > 1:
            entry = replace(entry, id=f"{entry.id}#{digest(entry.link)}")
        item = _item(entry, order, feed, source, seen_at)
        earlier = found.get(item.key)
        if earlier is None or _is_later(item, earlier):
            found[item.key] = item
    return tuple(sorted(found.values(), key=lambda item: item.known.at_s))


def _as_they_came(entries: tuple[Entry, ...]) -> Iterable[Entry]:
    """Feeds show the newest first, most of them; some the oldest. Single entries that came late decide nothing."""
    dates = [each.published_at for each in entries if each.published_at is not None]
    half = len(dates) // 2
    if half and statistics.median_low(dates[:half]) < statistics.median_low(dates[half:]):
        return entries
    return reversed(entries)


def _is_later(item: Item, earlier: Item) -> bool:
    one, other = item.post, earlier.post
    if one is None or other is None:
        return one is not None
    return (one.edited_at or one.published_at) >= (other.edited_at or other.published_at)


def _item(entry: Entry, order: int, feed: Feed, source: Source, seen_at: datetime) -> Item:
    try:
        post = normalize(entry, feed, source, seen_at=seen_at)
    except Skippable as error:
        raw = entry.raw or repr(entry)[:2000]
        known = Known("", int(seen_at.timestamp()))
        return Item(
            f"{UNREADABLE}{digest(raw)[:KEY_CHARS]}", known, order, bad=BadItem(raw, f"{source.title}: {error}")
        )
    worded_at = min(entry.updated_at, seen_at) if entry.updated_at else post.published_at
    known = Known((post.version or "")[:KEY_CHARS], int(post.published_at.timestamp()), int(worded_at.timestamp()))
    return Item(digest(post.native_id)[:KEY_CHARS], known, order, post)


def fresh(items: tuple[Item, ...], mark: FeedMark) -> tuple[Item, ...]:
    """Those that are new to us or worded otherwise than we know them.

    A wording from before the one we know is an older copy of the feed, as caches hand out.
    """
    return tuple(item for item in items if _is_fresh(item.known, mark.known.get(item.key)))


def _is_fresh(now: Known, before: Known | None) -> bool:
    return before is None or (now.version != before.version and now.worded_s >= before.worded_s)


def gap(items: tuple[Item, ...], mark: FeedMark, title: str, *, seen_at: datetime) -> Gap | None:
    """The time in which entries may have come and gone between two looks; None when the looks overlap."""
    new = [item for item in items if item.post is not None and item.key not in mark.known]
    since = mark.newest_at()
    if not new or since is None or len(items) < mark.window * FULL_SHARE:
        return None
    anchors = mark.anchors()
    if any(item.key in anchors for item in items) or (not anchors and len(items) < SMALL_WINDOW):
        return None
    late = timedelta(seconds=_late_s(items))
    # Any one of the oldest may be dated long before it came; the newest of a few was not.
    oldest = sorted(new, key=lambda item: item.order)[: max(3, len(new) // 4)]
    until = min(datetime.fromtimestamp(max(item.known.at_s for item in oldest), UTC) + late, seen_at)
    until = until if until > since else seen_at
    return Gap(min(since, until) - late, until, f"{GapReason.FORGOTTEN}: {title}")


def _late_s(items: tuple[Item, ...]) -> int:
    """How much later than their date says entries have come into this feed, at most: what went past may have too."""
    newest = latest = 0
    for item in sorted((item for item in items if item.post is not None), key=lambda item: item.order):
        newest = max(newest, item.known.at_s)
        latest = max(latest, newest - item.known.at_s)
    return min(latest + 1, MOST_LATE_S)


def remembered(items: Iterable[Item], mark: FeedMark) -> dict[str, Known]:
    """What to remember of items handed over; the time they were first seen with stays."""
    return {i.key: replace(i.known, at_s=mark.known[i.key].at_s) if i.key in mark.known else i.known for i in items}
