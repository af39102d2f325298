"""What is new in the sources of a brand? Each is asked from its own cursor on, and none stops another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from collectors.http_connector import fields
from collectors.http_connector.bookmark import Bookmark, Mark, decode, encode
from collectors.http_connector.client import ItemsPage, SourceClient
from collectors.http_connector.meaning import UNKNOWN_CURSOR
from collectors.http_connector.normalize import normalize, raw_text
from collectors.protocol import BadItem, Cursor, Gap, GapReason, Page
from domain.brand import Watch
from domain.errors import DeskError, Fatal, Malformed, Misconfigured, Retriable, Unavailable
from domain.mention import Mention
from domain.text import clean, one_line

#: What was published a moment ago may be written down at the source only now.
LATE = timedelta(seconds=5)


class HttpCollector:
    """Listens to every source of a brand that can be asked; those that only call us are left out."""

    def __init__(self, sources: Sequence[SourceClient]) -> None:
        self._is_nobody = not sources
        self._sources = {str(source.account.id): source for source in sources if source.account.base_url}
        self._errors: dict[str, DeskError] = {}

    def fetch(self, watch: Watch, cursor: Cursor | None) -> Page:
        """The next page, of one source; see ``collectors.protocol.Collector``.

        A source that fails lets the others be read first; then the round ends with what went wrong.
        """
        if self._is_nobody:
            raise Misconfigured("A source is heard through an account of ours; there is none.", field="account")
        bookmark = decode(cursor).among(tuple(self._sources))
        if not bookmark.left:
            if bookmark.owed and self._errors:
                raise self._ended()
            self._errors, bookmark = {}, bookmark.begin(tuple(self._sources))
        while bookmark.left:
            name = bookmark.left[0]
            try:
                return self._page(watch, self._sources[name], bookmark)
            except (Retriable, Fatal) as error:
                self._errors[name] = error
                bookmark = bookmark.failed()
        if self._errors:
            raise self._ended()
        return Page((), encode(bookmark))

    def _ended(self) -> DeskError:
        """What went wrong in this round, told once."""
        errors, self._errors = self._errors, {}
        named = {self._sources[name].account.handle: error for name, error in errors.items()}
        return together(named, of=len(self._sources))

    def _page(self, watch: Watch, source: SourceClient, bookmark: Bookmark) -> Page:
        name, now = str(source.account.id), source.clock()
        mark = bookmark.of(name) or Mark(None, first_at=now)
        if not source.about().has_items:
            after = bookmark.at(name, Mark(mark.cursor)).done(now)
            return Page((), encode(after), has_more=bool(after.left or self._errors))
        answer = _asked(source, mark)
        told = _read(answer)
        after = _turned(bookmark, name, mark, told, answer.at)
        items, bad = _items(watch, source, told.items, now)
        return Page(
            items=items,
            next_cursor=encode(after),
            has_more=bool(after.left or self._errors),
            complete_up_to=None if after.left or self._errors else after.heard_until(),
            bad=(*bad, *told.bad),
            gaps=told.gaps_of(source.account.handle),
            quota=answer.quota,
            first_read_at=mark.first_at,
        )


@dataclass(frozen=True, slots=True)
class _Told:
    """What stands on a page."""

    items: list[object]
    cursor: str | None
    has_more: bool
    complete_up_to: datetime | None
    gaps: tuple[Gap, ...]
    bad: tuple[BadItem, ...]

    def gaps_of(self, title: str) -> tuple[Gap, ...]:
        """The gaps, each with the source it is in."""
        return tuple(Gap(gap.from_at, gap.to_at, f"{gap.reason}: {title}") for gap in self.gaps)


def _asked(source: SourceClient, mark: Mark) -> ItemsPage:
    try:
        return source.items(mark.cursor)
    except Misconfigured as error:
        if mark.cursor is None or error.values.get("code") != UNKNOWN_CURSOR:
            raise
        return source.items(None)  # It has forgotten where we were; everything may arrive twice.


def _read(answer: ItemsPage) -> _Told:
    """Raises Unavailable for what is no page: nothing of it is known to be read."""
    told = answer.told
    try:
        if not isinstance(told.get("items"), list):
            raise fields.wrong("items", "a list")
        cursor, has_more = fields.perhaps_name(told, "next_cursor"), fields.flag(told, "has_more", False)
        if has_more and cursor is None:
            raise fields.wrong("next_cursor", "where the rest of it is")
        complete = fields.perhaps_moment(told, "complete_up_to")
        gaps, bad = _gaps(fields.listed(told, "gaps"))
        return _Told(told["items"], cursor, has_more, complete, gaps, bad)
    except Malformed as error:
        raise Unavailable(f"The source sends a page that cannot be read: {error}") from None


def _turned(bookmark: Bookmark, name: str, mark: Mark, told: _Told, at: datetime | None) -> Bookmark:
    """After this page. Raises Misconfigured for one that was read in this round already."""
    cursor = told.cursor if told.cursor is not None else mark.cursor
    if not told.has_more:
        heard_at = None if at is None else at - LATE
        if told.complete_up_to is not None:
            heard_at = min(told.complete_up_to, at or told.complete_up_to)
        return bookmark.at(name, Mark(cursor)).done(heard_at)
    after = bookmark.turned(cursor or "")
    if after is None:
        raise Misconfigured("The source names the same page as the next one for ever.", channel="http_connector")
    return after.at(name, Mark(cursor, mark.first_at))


def _items(
    watch: Watch, source: SourceClient, told: list[object], now: datetime
) -> tuple[tuple[Mention, ...], tuple[BadItem, ...]]:
    items: list[Mention] = []
    bad: list[BadItem] = []
    for each in told:
        try:
            items.append(normalize(each, origin=source.origin, heard_at=now, is_competitor=watch.is_competitor))
        except Malformed as error:
            bad.append(BadItem(raw_text(each), str(error)))
    return tuple(items), tuple(bad)


def _gaps(told: list[object]) -> tuple[tuple[Gap, ...], tuple[BadItem, ...]]:
    """The gaps a source tells of; one that cannot be read is put aside, because somebody should look there."""
    gaps: list[Gap] = []
    bad: list[BadItem] = []
    for each in told:
        try:
            if not isinstance(each, dict):
                raise fields.wrong("gaps", "a list of objects")
            from_at, to_at = fields.moment(each, "from"), fields.moment(each, "to")
            said = one_line(clean(fields.text(each, "reason")), max_chars=60)
            reason = said if said in tuple(GapReason) else GapReason.FORGOTTEN
            if from_at < to_at:
                gaps.append(Gap(from_at, to_at, reason))
        except Malformed as error:
            bad.append(BadItem(raw_text(each), f"gap: {error}"))
    return tuple(gaps), tuple(bad)


def together(errors: Mapping[str, DeskError], *, of: int) -> DeskError:
    """One error for all sources that failed in a round over ``of`` sources, by their names.

    A single one's is told as it is. While another works, the channel goes on and asks again at its usual pace.
    """
    if len(errors) == of == 1:
        return next(iter(errors.values()))
    words = " ".join(f"{name}: {error}" for name, error in errors.items())
    message = one_line(f"{len(errors)} of {of} sources cannot be read. {words}", max_chars=400)
    if len(errors) == of and all(isinstance(error, Fatal) for error in errors.values()):
        return Misconfigured(message)
    waits = [error.retry_after_s for error in errors.values() if isinstance(error, Retriable)]
    return Unavailable(message, retry_after_s=min(waits) if len(errors) == of and waits else 0.0)
