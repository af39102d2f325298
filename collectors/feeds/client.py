"""What does a feed's address say? Asked for what changed, and read by feedparser when nothing in it is dangerous."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import urljoin

from collectors.feeds import jsonfeed
from collectors.feeds.dates import moment
from collectors.feeds.entries import Attached, Entry, Feed, Rating, Words, Writer
from collectors.feeds.inspection import is_well_formed, require_mendable
from collectors.http import Web
from domain.errors import Malformed

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
MAX_RAW_CHARS = 2000
_CLOSED = re.compile(rb"</(\w+:)?(rss|feed|RDF|channel)\s*>\s*(<!--.*?-->\s*)*$", re.IGNORECASE | re.DOTALL)
_FEED_LINK = re.compile(rb"<link[^>]+type=[\"']application/(?:rss|atom)\+xml[\"'][^>]*>", re.IGNORECASE)
_HREF = re.compile(rb"href=[\"']([^\"'>\s]{1,500})[\"']", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a feed. ``feed`` is None when it has not changed since ``etag`` and ``last_modified``."""

    feed: Feed | None
    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None


class FeedSource(Protocol):
    """Where feeds come from."""

    def read(self, url: str, *, etag: str | None, last_modified: str | None, secret: str | None) -> Reading: ...


@dataclass(frozen=True, slots=True)
class FeedClient:
    """Reads feeds over the web. Raises what ``Web.get`` raises, and Malformed for what is no feed."""

    web: Web

    def read(self, url: str, *, etag: str | None, last_modified: str | None, secret: str | None) -> Reading:
        """The feed as it is now. ``secret``: what the server asks for in ``Authorization``."""
        asked = {"accept": ACCEPT, "if-none-match": etag, "if-modified-since": last_modified}
        told = self.web.get(
            url,
            headers={name: value for name, value in asked.items() if value},
            credentials={"authorization": secret} if secret else None,
        )
        if told.status == 304:
            return Reading(None, etag, last_modified, told.moved_to)
        feed = parse(told.body, url=told.url, content_type=told.content_type)
        return Reading(feed, told.etag, told.last_modified, told.moved_to)


def parse(body: bytes, *, url: str, content_type: str = "") -> Feed:
    """The feed in ``body``, in any format and encoding. Raises Malformed and nothing else."""
    if not body.strip():
        raise Malformed("The answer is empty.")
    if jsonfeed.looks_like_json(body):
        return jsonfeed.parse(body, url=url)
    return _parse_xml(body, url=url, content_type=content_type)


def _parse_xml(body: bytes, *, url: str, content_type: str) -> Feed:
    try:
        import feedparser  # Costs time and memory: only where a feed is read.
        from feedparser.encodings import convert_to_utf8

        found: dict[str, Any] = {}
        text = convert_to_utf8({"content-type": content_type or "application/xml"}, body, found)
        well_formed = bool(found.get("encoding")) and is_well_formed(text)
        if not well_formed:
            require_mendable(text)
        told = feedparser.parse(
            io.BytesIO(text),
            # Without our address: an id that looks relative has to stay what it is when the feed moves.
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,  # It becomes plain text in normalize.py.
            resolve_relative_uris=False,
        )
    except Malformed:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a hostile document does to a parser, it is no feed
        raise Malformed(f"The feed cannot be read ({type(error).__name__}).") from None
    if not told.version and not told.entries:
        raise Malformed(_no_feed(body, url))
    cut = not well_formed and _CLOSED.search(text[-2000:]) is None
    return _Reader(told, url).feed(cut=cut)


def _no_feed(body: bytes, url: str) -> str:
    """Why this is no feed, with the feed's address when the page names one."""
    link = _FEED_LINK.search(body[:200_000])
    href = _HREF.search(link.group()) if link else None
    if href is None:
        return "There is no feed at this address."
    try:
        named = urljoin(url, href.group(1).decode("utf-8", "replace"))
        return f"This is a web page, not a feed; it names this feed: {named}"
    except ValueError:
        return "This is a web page, not a feed."


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes out of feedparser's dictionaries what we use, and trusts none of their shapes."""

    told: Any = field(repr=False)
    url: str

    def feed(self, *, cut: bool) -> Feed:
        feed = self.told.feed
        entries = [self._safely(each) for each in self.told.entries]
        if cut and entries:
            entries[-1] = Entry(fault="The feed breaks off inside this entry.", raw=entries[-1].raw)
        one_writer = str(self.told.version).startswith("atom")
        return Feed(
            title=_text(feed, "title"),
            entries=tuple(entries),
            language=_text(feed, "language"),
            writer=self._writer(feed) if one_writer else None,
        )

    def _safely(self, raw: Mapping[str, Any]) -> Entry:
        try:
            return self._entry(raw)
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError) as error:
            return Entry(fault=f"The entry cannot be read ({type(error).__name__}).", raw=str(raw)[:MAX_RAW_CHARS])

    def _entry(self, raw: Mapping[str, Any]) -> Entry:
        published = moment(_text(raw, "published"), raw.get("published_parsed"))
        created = moment(_text(raw, "created"), raw.get("created_parsed"))
        # feedparser answers for "updated" with "published" where there is none; that says nothing.
        updated = moment(_text(raw, "updated"), raw.get("updated_parsed")) if "updated" in raw else None
        source = raw.get("source")
        return Entry(
            id=_text(raw, "id"),
            link=self._joined(_text(raw, "link") or self._first_link(raw)),
            title=_words(raw.get("title_detail"), _text(raw, "title")),
            body=_body(raw),
            published_at=published or created,
            updated_at=updated,
            writer=self._writer(raw),
            source=_text(source, "title") if isinstance(source, Mapping) else "",
            parent=_parent(raw),
            language=_text(raw.get("title_detail") or {}, "language"),
            rating=_rating(raw),
            attached=tuple(self._attached(raw)),
            raw=str(dict(raw))[:MAX_RAW_CHARS],
        )

    def _first_link(self, raw: Mapping[str, Any]) -> str:
        links = [each for each in raw.get("links") or () if each.get("rel") != "enclosure"]
        return _text(links[0], "href") if links else ""

    def _attached(self, raw: Mapping[str, Any]) -> list[Attached]:
        enclosed = [each for each in raw.get("links") or () if each.get("rel") == "enclosure"]
        files = [
            Attached(self._joined(_text(f, "href")), _text(f, "type"), _text(f, "title"))
            for f in enclosed
            if _text(f, "href")
        ]
        for media in raw.get("media_content") or ():
            kind = _text(media, "type") or _text(media, "medium")
            if _text(media, "url"):
                files.append(Attached(self._joined(_text(media, "url")), kind))
        return files

    def _writer(self, told: Mapping[str, Any]) -> Writer | None:
        found = _writer(told)
        return found and replace(found, url=self._joined(found.url))

    def _joined(self, link: str) -> str:
        try:
            return urljoin(self.url, link) if link else ""
        except ValueError:
            return ""


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value.strip() if isinstance(value, str) else ""


def _words(detail: object, plain: str) -> Words:
    if not isinstance(detail, Mapping):
        return Words(plain)
    return Words(_text(detail, "value") or plain, _text(detail, "type") != "text/plain")


def _body(raw: Mapping[str, Any]) -> Words:
    """The longest the feed tells: the content, else the summary."""
    told = [_words(each, "") for each in raw.get("content") or () if isinstance(each, Mapping)]
    readable = [words for words in told if words.value]
    if readable:
        return next((words for words in readable if words.is_html), readable[0])
    return _words(raw.get("summary_detail"), _text(raw, "summary"))


def _writer(told: Mapping[str, Any]) -> Writer | None:
    detail = told.get("author_detail")
    detail = detail if isinstance(detail, Mapping) else {}
    name, mail, url = _text(detail, "name") or _text(told, "author"), _text(detail, "email"), _text(detail, "href")
    name = name or mail.partition("@")[0]
    if "@" in name and not name.startswith("@"):
        name = name.partition("@")[0]
    return Writer(name, url or mail, url) if name or url or mail else None


def _parent(raw: Mapping[str, Any]) -> str:
    """The id of the entry this one answers (RFC 4685)."""
    told = raw.get("thr_in-reply-to")
    return _text(told, "ref") if isinstance(told, Mapping) else ""


def _rating(raw: Mapping[str, Any]) -> Rating | None:
    """What a review gives: Apple's ``im:rating`` (of 5), Google's ``gd:rating`` (with its own most)."""
    told = raw.get("gd_rating")
    if isinstance(told, Mapping):
        return _checked(_text(told, "value") or _text(told, "average"), _text(told, "max") or "5")
    return _checked(_text(raw, "im_rating"), "5")


def _checked(given: str, most: str) -> Rating | None:
    try:
        rating = Rating(float(given), float(most))
    except ValueError:
        return None
    return rating if 0 <= rating.given <= rating.most <= 100 and rating.most > 0 else None
