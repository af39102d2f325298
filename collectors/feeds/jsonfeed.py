"""What does a JSON Feed say? The format of jsonfeed.org, versions 1 and 1.1, read with patience."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

from collectors.feeds.dates import moment
from collectors.feeds.entries import Attached, Entry, Feed, Words, Writer
from collectors.feeds.inspection import MAX_ENTRIES
from domain.errors import Malformed

VERSION = "https://jsonfeed.org/version/"


def looks_like_json(body: bytes) -> bool:
    """Whether this can only be JSON: its first sign, in any encoding JSON may have."""
    return body.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"{"


def parse(body: bytes, *, url: str) -> Feed:
    """The feed in ``body``. Raises Malformed for anything else; an entry of another shape carries its fault."""
    told = _decoded(body)
    items = told.get("items")
    if not isinstance(items, list) or not str(told.get("version", "")).startswith(VERSION):
        raise Malformed("This is JSON, but no JSON Feed.")
    if len(items) > MAX_ENTRIES:
        raise Malformed(f"The feed has more than {MAX_ENTRIES} entries.")
    base = urljoin(url, _text(told.get("home_page_url"))) if _text(told.get("home_page_url")) else url
    return Feed(
        title=_text(told.get("title")),
        entries=tuple(_entry(item, base) for item in items),
        language=_text(told.get("language")),
        writer=_writer(told, base),
    )


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        try:
            told = json.loads(body)
        except UnicodeDecodeError:
            told = json.loads(body.decode("cp1252", "replace"))
    except (ValueError, RecursionError):
        raise Malformed("This begins like JSON and cannot be read as JSON.") from None
    if not isinstance(told, dict):
        raise Malformed("This is JSON, but no JSON Feed.")
    return told


def _entry(item: object, base: str) -> Entry:
    if not isinstance(item, dict):
        return Entry(fault="An entry is no object.", raw=repr(item)[:2000])
    html, text = _text(item.get("content_html")), _text(item.get("content_text"))
    body = Words(html, True) if html else Words(text or _text(item.get("summary")))
    link = _text(item.get("url")) or _text(item.get("external_url"))
    return Entry(
        id=_text(item.get("id")),
        link=_joined(base, link),
        title=Words(_text(item.get("title"))),
        body=body,
        published_at=moment(_text(item.get("date_published"))),
        updated_at=moment(_text(item.get("date_modified"))),
        writer=_writer(item, base),
        language=_text(item.get("language")),
        attached=tuple(_attached(item, base)),
        raw=json.dumps(item, ensure_ascii=True)[:2000],
    )


def _writer(told: dict[str, Any], base: str) -> Writer | None:
    several = told.get("authors")
    first = several[0] if isinstance(several, list) and several else told.get("author")
    if not isinstance(first, dict):
        return None
    name, url = _text(first.get("name")), _joined(base, _text(first.get("url")))
    return Writer(name, url, url) if name or url else None


def _attached(item: dict[str, Any], base: str) -> list[Attached]:
    files = item.get("attachments")
    listed = [each for each in files if isinstance(each, dict)] if isinstance(files, list) else []
    found = [
        Attached(_joined(base, _text(f.get("url"))), _text(f.get("mime_type")), _text(f.get("title"))) for f in listed
    ]
    image = _text(item.get("image"))
    return [each for each in [*found, Attached(_joined(base, image), "image/*")] if each.url and each.url != base]


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link) if link else ""
    except ValueError:
        return ""


def _text(value: object) -> str:
    """Text, or a number written as one (ids often are); empty for everything else."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
