"""What does an entry of a feed mean? Pure: one entry in, one Mention out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from collectors.feeds.dates import EARLIEST
from collectors.feeds.entries import Entry, Feed, Rating, Words, Writer
from domain.errors import Malformed
from domain.mention import Author, MediaRef, Mention
from domain.text import MAX_TEXT_CHARS, clean, html_to_text, one_line

CHANNEL = "feeds"
#: Reading more HTML than this cannot give more than the desk keeps of a text.
MAX_HTML_CHARS = 3 * MAX_TEXT_CHARS
MAX_MEDIA = 10
MAX_ID_CHARS = 200
#: An entry that was updated within this time of its publication was corrected before anybody read it.
EDITED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Source:
    """The feed an entry came from. ``origin`` names it without showing its address, which may hold a key."""

    origin: str
    title: str

    @classmethod
    def of(cls, url: str, title: str) -> Source:
        """The feed at ``url``, as the brand calls it."""
        return cls(f"{urlsplit(url).hostname or 'feed'}/{digest(url)}"[:200], title)


def normalize(entry: Entry, feed: Feed, source: Source, *, seen_at: datetime) -> Mention:
    """Read one entry; ``seen_at`` stands in for a date that is missing, nonsense or in the future.

    Raises Malformed for an entry without a word, and for one that came with a fault.
    """
    if entry.fault:
        raise Malformed(entry.fault)
    text = _text(entry, feed)
    if not text:
        raise Malformed("The entry has neither a title nor a text.")
    native_id = native_id_of(entry)
    published_at = _published(entry, seen_at)
    parent_id = _short(entry.parent) or None
    return Mention(
        channel=CHANNEL,
        origin=source.origin,
        native_id=native_id,
        author=_author(entry, feed, source, native_id),
        text=text,
        published_at=published_at,
        conversation_id=parent_id or native_id,
        parent_id=parent_id,
        url=_web(entry.link),
        edited_at=_edited(entry, published_at, seen_at),
        media=_media(entry),
        version=digest(text),
        is_dated=_said_when(entry) is not None,
    )


def native_id_of(entry: Entry) -> str:
    """The entry's own id; without one its link; without that a hash of what it says."""
    said = clean(entry.id) or clean(entry.link)
    if said:
        return _short(said)
    when = entry.published_at.isoformat() if entry.published_at else ""
    return digest("\n".join([entry.writer.name if entry.writer else "", when, entry.title.value, entry.body.value]))


def digest(text: str) -> str:
    """A short fingerprint of a text; the same everywhere and for ever."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _short(said: str) -> str:
    said = clean(said)
    return said if len(said) <= MAX_ID_CHARS else f"{said[:100]}…{digest(said)}"


def _said_when(entry: Entry) -> datetime | None:
    said = entry.published_at or entry.updated_at
    return None if said is None or said < EARLIEST else said


def _published(entry: Entry, seen_at: datetime) -> datetime:
    return min(_said_when(entry) or seen_at, seen_at)


def _edited(entry: Entry, published_at: datetime, seen_at: datetime) -> datetime | None:
    if entry.updated_at is None or entry.published_at is None:
        return None
    at = min(entry.updated_at, seen_at)
    return at if at - published_at > EDITED_AFTER else None


def _text(entry: Entry, feed: Feed) -> str:
    """Stars in words, title and body; a title that only repeats how the body begins is left out."""
    title, body = one_line(_plain(entry.title), max_chars=1000), _plain(entry.body)
    begins = " ".join(body.split()).casefold()
    if begins.startswith(title.rstrip("….").rstrip().casefold()):
        title = ""
    stars = _stars(entry.rating, entry.language or feed.language) if entry.rating else ""
    return clean("\n\n".join(part for part in (stars, title, body) if part))


def _plain(words: Words) -> str:
    return html_to_text(words.value[:MAX_HTML_CHARS]) if words.is_html else clean(words.value)


def _stars(rating: Rating, language: str) -> str:
    given, most = f"{rating.given:g}", f"{rating.most:g}"
    if language.casefold().startswith("it"):
        return f"{given.replace('.', ',')} {'stella' if rating.given == 1 else 'stelle'} su {most}."
    return f"{given} of {most} stars."


def _author(entry: Entry, feed: Feed, source: Source, native_id: str) -> Author:
    """Who wrote it. Where nobody is named each entry has an author of its own: strangers are not one customer."""
    writer = entry.writer or feed.writer
    if writer is None or not (writer.name or writer.id):
        name = one_line(clean(entry.source or feed.title or source.title))
        return Author(native_id=f"entry:{digest(native_id)}", handle=name, name=name)
    name = one_line(clean(writer.name)) or _host(writer) or source.title
    named = digest(f"{source.origin}\n{(writer.id or writer.name).strip().casefold()}")
    return Author(native_id=f"writer:{named}", handle=name, name=name, profile_url=_web(writer.url))


def _host(writer: Writer) -> str:
    try:
        return urlsplit(writer.url).hostname or ""
    except ValueError:
        return ""


def _media(entry: Entry) -> tuple[MediaRef, ...]:
    found: dict[str, MediaRef] = {}
    for file in entry.attached:
        url = _web(file.url)
        if url is not None:
            kind = file.mime.partition("/")[0].lower()
            known = kind if kind in ("image", "video", "audio") else "file"
            found.setdefault(url, MediaRef(known, url, one_line(clean(file.title))))
    return tuple(found.values())[:MAX_MEDIA]


def _web(link: str) -> str | None:
    """The link when it leads to the web; anything else (``javascript:``, ``data:``) is dropped."""
    link = clean(link)
    try:
        return link if urlsplit(link).scheme in ("http", "https") and len(link) <= 2000 else None
    except ValueError:
        return None
