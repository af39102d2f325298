"""What is new in the feeds of a brand? One after the other, each asked only for what changed, none stopping another."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from collectors.feeds.bookmark import Bookmark, FeedMark, decode
from collectors.feeds.client import FeedSource, Reading
from collectors.feeds.listing import Item, fresh, gap, items_of, remembered
from collectors.feeds.normalize import Source, digest
from collectors.feeds.troubles import about, softened, together
from collectors.protocol import BadItem, Cursor, Gap, Page
from domain.brand import Account, Watch
from domain.clock import Clock
from domain.errors import DeskError, Fatal, Malformed, Misconfigured, RateLimited, Retriable, Unavailable
from domain.mention import Mention

PAGE_ITEMS = 100
#: A page is handed over after so long even when nothing is new, so that the poller shows that it lives.
PAGE_S = 20.0
#: How long a feed rests after an answer that will not change by itself, when others of the brand go on.
REST = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What servers want in ``Authorization``, by account."""

    by_account: Mapping[int, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a feed said, or what went wrong, and when it was asked."""

    at: datetime
    reading: Reading | None
    error: DeskError | None = None


@dataclass(frozen=True, slots=True)
class _Listed:
    """A feed as it was read in this round. ``missing``: what went past us, until it was handed over."""

    key: str
    items: tuple[Item, ...]
    reading: Reading
    read_at: datetime
    missing: Gap | None


@dataclass(slots=True)
class _Draft:
    """A page in the making."""

    items: list[Mention] = field(default_factory=list)
    bad: list[BadItem] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    first_read_at: datetime | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.items or self.bad or self.gaps)


class FeedsCollector:
    """Hands over every new or changed entry of every feed; which of them concern a watch is not its business.

    One round reads each feed once, and a collector asks each once for all watches it serves, one after the other. A
    feed that fails leaves the others alone: what went wrong is raised when all had their turn, and a feed that is
    gone is not asked again.
    """

    def __init__(
        self,
        source: FeedSource,
        accounts: tuple[Account, ...],
        clock: Clock,
        *,
        secrets: Secrets | None = None,
        page_items: int = PAGE_ITEMS,
    ) -> None:
        self._source = source
        self._feeds = {digest(a.base_url): a for a in accounts if a.base_url}
        self._clock = clock
        self._secrets = secrets or Secrets()
        self._page_items = page_items
        self._told: dict[str, _Answer] = {}
        self._begin(watch_id=0)

    def _begin(self, *, watch_id: int) -> None:
        """Another watch: what its round has found is nothing yet."""
        self._watch_id = watch_id
        self._failed: dict[str, DeskError] = {}
        self._read_ok = False
        self._listed: _Listed | None = None

    def awake(self, cursor: Cursor) -> Cursor:
        """The cursor with which a person's question reaches feeds that rest; see ``collectors.protocol.Resting``."""
        return decode(cursor, tuple(self._feeds)).awake().encode()

    def fetch(self, watch: Watch, cursor: Cursor | None) -> Page:
        """The next page. Raises, after the last feed, for those that could not be read."""
        if watch.id != self._watch_id:
            self._begin(watch_id=watch.id)
        keys = tuple(self._feeds)
        mark = decode(cursor, keys)
        if not mark.left and not self._failed:
            mark, self._read_ok = replace(mark, left=keys), False
        draft, started_s = _Draft(), time.monotonic()
        while mark.left and draft.is_empty and time.monotonic() - started_s < PAGE_S:
            mark = self._one(mark, mark.left[0], draft)
        if mark.left or not self._failed:
            return self._page(draft, mark, has_more=bool(mark.left))
        if self._read_ok and mark.encode() != cursor:
            return self._page(draft, mark, has_more=True)
        failed, self._failed = self._failed, {}
        raise together(list(failed.values()), of=len(keys))

    def _page(self, draft: _Draft, mark: Bookmark, *, has_more: bool) -> Page:
        read = [mark.of(key).read_at for key in self._feeds]
        known = [at for at in read if at is not None]
        return Page(
            items=tuple(draft.items),
            next_cursor=mark.encode(),
            has_more=has_more,
            complete_up_to=min(known) if known and len(known) == len(read) else None,
            bad=tuple(draft.bad),
            gaps=tuple(draft.gaps),
            first_read_at=draft.first_read_at,
        )

    def _one(self, marks: Bookmark, key: str, draft: _Draft) -> Bookmark:
        """Read one feed into the page; it leaves the round unless it has more than the page holds."""
        account, mark, now = self._feeds[key], marks.of(key), self._clock()
        done = replace(marks, left=marks.left[1:])
        if mark.is_gone or (mark.pause_until is not None and mark.pause_until > now):
            self._failed[key] = _known_trouble(mark, now)
            return done
        try:
            listed = self._listing(key, account, mark)
        except (Retriable, Fatal, Malformed) as error:
            self._failed[key] = told = about(softened(error, was_read=mark.read_at is not None), account.handle)
            return done.put(key, _resting(mark, told, now))
        self._read_ok = True
        mark = replace(mark.rested(), moved_to=listed.reading.moved_to)
        mark, is_whole = self._hand_over(listed, mark, draft)
        if not is_whole:
            return marks.put(key, mark)
        self._listed = None
        return done.put(key, mark)

    def _listing(self, key: str, account: Account, mark: FeedMark) -> _Listed:
        """The feed's items; asked for once a round, however many pages they fill."""
        if self._listed is not None and self._listed.key == key:
            return self._listed
        reading, at = self._ask_once(key, account, mark)
        source = Source.of(account.base_url or "", account.handle)
        items = items_of(reading.feed, source, seen_at=at) if reading.feed else ()
        self._listed = _Listed(key, items, reading, at, gap(items, mark, source.title, seen_at=at))
        return self._listed

    def _ask_once(self, key: str, account: Account, mark: FeedMark) -> tuple[Reading, datetime]:
        """What the feed says, and since when: an answer, or a failure, that another watch has had serves this one too.

        That nothing has changed is an answer only to whoever knows the same.
        """
        told = self._told.get(key)
        if told is not None and told.error is not None:
            raise told.error
        if told is not None and told.reading is not None and _answers(told.reading, mark):
            return told.reading, told.at
        at = self._clock()
        try:
            reading = self._ask(account, mark)
        except (Retriable, Fatal, Malformed) as error:
            self._told[key] = _Answer(at, None, error)
            raise
        self._told[key] = _Answer(at, reading)
        return reading, at

    def _ask(self, account: Account, mark: FeedMark) -> Reading:
        """Where the feed has moved; where that is no feed (any more), the address that was typed."""
        typed = account.base_url or ""
        if mark.moved_to:
            try:
                # What a server was told once is no proof for its successor: it gets no secret.
                there = self._source.read(mark.moved_to, etag=mark.etag, last_modified=mark.last_modified, secret=None)
                return replace(there, moved_to=there.moved_to or mark.moved_to)
            except (Fatal, Malformed):
                pass
        secret = self._secrets.by_account.get(account.id)
        return self._source.read(typed, etag=mark.etag, last_modified=mark.last_modified, secret=secret)

    def _hand_over(self, listed: _Listed, mark: FeedMark, draft: _Draft) -> tuple[FeedMark, bool]:
        """Put what is new on the page, as it came into the feed, and remember it; False when not all of it fits.

        In that order, whatever the dates: when something that did not fit has left the feed before the next page,
        then all that was handed over has left it too, and ``gap`` sees that nothing known is there any more.
        """
        reading, items, now = listed.reading, listed.items, listed.read_at
        if reading.feed is None:
            return replace(mark, read_at=now), True
        if listed.missing is not None:
            draft.gaps.append(listed.missing)
            self._listed = replace(listed, missing=None)
        new = sorted(fresh(items, mark), key=lambda item: item.order)
        handed = new[: self._page_items]
        if handed and mark.read_at is None:
            draft.first_read_at = now
        draft.items += [item.post for item in handed if item.post is not None]
        draft.bad += [item.bad for item in handed if item.bad is not None]
        mark = mark.with_known(remembered(handed, mark))
        if len(handed) < len(new):
            return mark, False
        mark = mark.with_known({}, shown=[item.key for item in items])
        window = max(mark.window, len(items))
        read = replace(mark, etag=reading.etag, last_modified=reading.last_modified, read_at=now, window=window)
        return read, True


def _answers(reading: Reading, mark: FeedMark) -> bool:
    """Whether what was read for another watch says to this one what it would be told."""
    asks_alike = (reading.etag, reading.last_modified) == (mark.etag, mark.last_modified)
    return reading.feed is not None or asks_alike


def _known_trouble(mark: FeedMark, now: datetime) -> DeskError:
    """Why a feed is not asked in this round."""
    if mark.is_gone or mark.pause_until is None:
        return Misconfigured(mark.trouble, gone=True)
    return Unavailable(mark.trouble, retry_after_s=(mark.pause_until - now).total_seconds())


def _resting(mark: FeedMark, error: DeskError, now: datetime) -> FeedMark:
    """The feed after a failure: when it is asked again, and why not before."""
    if error.values.get("gone"):
        return replace(mark, is_gone=True, trouble=str(error))
    pause = timedelta(seconds=error.retry_after_s) if isinstance(error, Retriable) else REST
    return replace(mark, pause_until=now + pause, trouble=str(error), by_server=isinstance(error, RateLimited))
