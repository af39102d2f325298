"""How does one row of a file become a post? Dates read, authors named, ids made where the file has none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from domain.clock import localize
from domain.errors import Malformed
from domain.mention import FROM_FILES, Author, Mention
from domain.text import clean, one_line
from services.import_files import Row

ORIGIN = FROM_FILES
_SLASHED = re.compile(r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:[ T,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?)?$")
_TWITTER = "%a %b %d %H:%M:%S %z %Y"
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the rows of one file. ``month_first`` rules dates such as 03/04/2026 for the whole file."""

    places: Mapping[str, int]
    channel: str
    timezone: str
    now: datetime
    month_first: bool = False

    def post(self, row: Row) -> Mention:
        """The row as a post; an undated one counts as written now. Raises Malformed with the reason."""
        if row.problem is not None:
            raise Malformed(row.problem)
        text = clean(self._cell(row, "text"))
        if not text:
            raise Malformed("no text")
        raw_date = self._cell(row, "published_at")
        published_at = self._moment(raw_date) if raw_date else self.now
        author = self._author(row)
        native_id = self._cell(row, "native_id") or _made_id(self.channel, author.native_id, raw_date, text)
        return Mention(
            channel=self.channel,
            origin=ORIGIN,
            native_id=native_id[:300],
            author=author if author.native_id else _nobody(native_id),
            text=text,
            published_at=published_at,
            conversation_id=(self._cell(row, "conversation_id") or native_id)[:300],
            parent_id=self._cell(row, "parent_id")[:300] or None,
            url=_web_address(self._cell(row, "url")),
            language=self._cell(row, "language").lower()[:12] or None,
        )

    def is_dated(self, row: Row) -> bool:
        """Whether the row says when it was written."""
        return bool(self._cell(row, "published_at"))

    def _cell(self, row: Row, field: str) -> str:
        place = self.places.get(field)
        return "" if place is None else clean(row.cells[place])

    def _author(self, row: Row) -> Author:
        handle = one_line(self._cell(row, "author_handle").lstrip("@"), max_chars=300)
        name = one_line(self._cell(row, "author_name"), max_chars=300)
        native_id = self._cell(row, "author_id") or handle.casefold() or name.casefold()
        digits = re.sub(r"[.,\s]", "", self._cell(row, "followers"))
        followers = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
        return Author(native_id[:300], handle or name, name or handle, followers=followers)

    def _moment(self, raw: str) -> datetime:
        moment = _parsed(raw, month_first=self.month_first)
        if moment is None:
            raise Malformed("the date cannot be read")
        try:
            moment = localize(moment, self.timezone)
        except (OverflowError, ValueError):
            raise Malformed("the date cannot be read") from None
        if moment > self.now + timedelta(days=1):
            raise Malformed("the date lies in the future")
        if moment < _OLDEST:
            raise Malformed("the date lies before 1990")
        return moment


def _made_id(channel: str, author: str, date: str, text: str) -> str:
    """The same row gives the same id in every import."""
    return hashlib.sha256("\x1f".join((channel, author, date, text)).encode()).hexdigest()[:32]


def _nobody(native_id: str) -> Author:
    """An author nobody named: each such post stands for a customer of its own."""
    return Author(f"unnamed:{native_id}"[:300], "", "")


def _web_address(url: str) -> str | None:
    return url if url.startswith(("https://", "http://")) else None


def _parsed(raw: str, *, month_first: bool) -> datetime | None:
    """ISO 8601, epoch seconds or milliseconds, 31/12/2026 with or without a time, RFC 2822, Twitter's own."""
    for read in (_iso, _epoch, lambda text: _slashed(text, month_first=month_first), _mail, _twitter):
        try:
            moment = read(raw)
        except (ValueError, TypeError, OverflowError, OSError, IndexError):
            continue
        if moment is not None:
            return moment
    return None


def _iso(raw: str) -> datetime | None:
    return datetime.fromisoformat(re.sub(r" ?UTC$", "+00:00", raw)) if "-" in raw else None


def _epoch(raw: str) -> datetime | None:
    if not raw.isdigit() or len(raw) not in (10, 13):
        return None
    return datetime.fromtimestamp(int(raw[:10]), UTC)


def _slashed(raw: str, *, month_first: bool) -> datetime | None:
    found = _SLASHED.match(raw)
    if found is None:
        return None
    first, second, year, hour, minute, second_s = (int(part or 0) for part in found.groups())
    day, month = (second, first) if month_first else (first, second)
    full_year = year + 2000 if year < 100 else year
    return datetime(full_year, month, day, hour, minute, second_s)  # noqa: DTZ001 - localized by the caller


def _mail(raw: str) -> datetime | None:
    return parsedate_to_datetime(raw) if "," in raw else None


def _twitter(raw: str) -> datetime | None:
    return datetime.strptime(raw, _TWITTER)  # noqa: DTZ007 - the format names %z


def months_come_first(dates: Iterable[str]) -> bool:
    """Whether dates such as 03/25/2026 in a file prove that it writes the month first; else the day does."""
    for raw in dates:
        found = _SLASHED.match(raw.strip())
        if found and int(found[1]) > 12:
            return False
        if found and int(found[2]) > 12:
            return True
    return False
