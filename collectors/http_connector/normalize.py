"""What does one item of a source mean? Pure: an item as ``openapi.json`` describes it in, one Mention out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from collectors.http_connector import fields
from domain.errors import Malformed
from domain.mention import Author, MediaRef, Mention
from domain.text import clean, html_to_text, one_line

CHANNEL = "http_connector"
MEDIA = ("image", "video", "audio")
MOST_MEDIA = 20
#: More is no post; it is cut before anybody reads tags or cleans letters.
MAX_RAW_CHARS = 200_000
RAW_CHARS = 4000
#: The first wording is as old as the post.
FIRST_VERSIONS = (None, "0", "1")


def normalize(item: object, *, origin: str, heard_at: datetime, is_competitor: bool = False) -> Mention:
    """Read one item of the source called ``origin``.

    ``heard_at``: nothing was published after that, whatever a clock there says. ``is_competitor``: what is
    addressed to us is not about them. Raises Malformed, with the ``field`` that is wrong.
    """
    if not isinstance(item, dict):
        raise Malformed("An item has to be an object.", field="")
    try:
        if fields.flag(item, "deleted", False):
            return _tombstone(fields.name_of(item, "id"), origin=origin)
        return _post(item, origin=origin, heard_at=heard_at, is_competitor=is_competitor)
    except (ValueError, OverflowError, RecursionError) as error:
        raise Malformed(f"The item cannot be kept ({type(error).__name__}).", field="") from None


def raw_text(item: object) -> str:
    """The item for the record of what could not be read; never raises."""
    try:
        return json.dumps(item, ensure_ascii=False, default=str)[:RAW_CHARS]
    except (TypeError, ValueError, RecursionError):
        return "unreadable"


def web_address(value: str) -> str | None:
    """The text when it is an address that a browser can open, else None."""
    if not value.startswith(("https://", "http://")):
        return None
    try:
        return value if urlsplit(value).netloc else None
    except ValueError:
        return None


def _tombstone(native_id: str, *, origin: str) -> Mention:
    """The post is gone. Its time is not told any more, so it is the beginning of time; only its key counts."""
    return Mention(
        channel=CHANNEL,
        origin=origin,
        native_id=native_id,
        author=Author(native_id=f"gone {native_id}", handle="", name=""),
        text="",
        published_at=datetime.fromtimestamp(0, UTC),
        conversation_id=native_id,
        deleted=True,
    )


def _post(item: Mapping[str, Any], *, origin: str, heard_at: datetime, is_competitor: bool) -> Mention:
    native_id = fields.name_of(item, "id")
    parent = fields.perhaps_name(item, "parent_id")
    published_at = min(fields.moment(item, "published_at"), heard_at)
    edited_at, version = fields.perhaps_moment(item, "edited_at"), fields.perhaps_name(item, "version")
    can_reply, to_us = fields.flag(item, "can_reply", True), fields.flag(item, "to_us", True)
    return Mention(
        channel=CHANNEL,
        origin=origin,
        native_id=native_id,
        author=_author(fields.inside(item, "author"), native_id),
        text=_words(item),
        published_at=published_at,
        conversation_id=fields.perhaps_name(item, "conversation_id") or parent or native_id,
        parent_id=parent,
        url=web_address(fields.text(item, "url")),
        language=fields.text(item, "language") or None,
        edited_at=edited_at and min(edited_at, heard_at),
        media=tuple(_media(item)),
        is_own=fields.flag(item, "is_own", False),
        is_repost=fields.flag(item, "is_repost", False),
        version=version,
        reply_ref=native_id if can_reply else None,
        to_us=to_us and not is_competitor,
        worded_at=_worded_at(edited_at, heard_at) if edited_at else published_at if version in FIRST_VERSIONS else None,
        ahead_at=edited_at if edited_at and edited_at > heard_at else None,
        wording_no=None if isinstance(item.get("version"), str) else fields.count(item, "version"),
        is_named_once=version is not None,
    )


def _worded_at(edited_at: datetime, heard_at: datetime) -> datetime | None:
    """None where a clock there is ahead: cut to now, the time of an old wording would be later at every try."""
    return edited_at if edited_at <= heard_at else None


def _author(told: Mapping[str, Any], item_id: str) -> Author:
    """Who wrote it. Somebody without an id is a stranger each time: strangers are not one customer."""
    name, handle = fields.text(told, "name"), fields.text(told, "handle")
    return Author(
        native_id=fields.perhaps_name(told, "id") or f"item:{item_id}",
        handle=handle or name,
        name=name or handle,
        bio=clean(fields.text(told, "bio"), max_chars=5000),
        location=one_line(clean(fields.text(told, "location"))),
        followers=fields.count(told, "followers"),
        avatar_url=web_address(fields.text(told, "avatar_url")),
        profile_url=web_address(fields.text(told, "profile_url")),
    )


def _words(item: Mapping[str, Any]) -> str:
    """Stars in words, title and text, as people read a review; empty where somebody shows a picture alone."""
    form = fields.text(item, "format") or "plain"
    if form not in ("plain", "html"):
        raise fields.wrong("format", "plain or html")
    told = fields.text(item, "text")[:MAX_RAW_CHARS]
    body = html_to_text(told) if form == "html" else clean(told)
    title = one_line(clean(fields.text(item, "title")), max_chars=1000)
    stars = _stars(item, fields.text(item, "language")) if item.get("rating") is not None else ""
    return "\n\n".join(part for part in (stars, title, body) if part)


def _stars(item: Mapping[str, Any], language: str) -> str:
    rating = fields.inside(item, "rating")
    value, best = fields.number(rating, "value"), fields.number(rating, "best", 5.0)
    if value < 0:
        raise fields.wrong("value", "a number that is not below zero")
    if best <= 0:
        raise fields.wrong("best", "a number above zero")
    given, most = f"{value:g}", f"{best:g}"
    if language.casefold().startswith("it"):
        return f"{given.replace('.', ',')} {'stella' if value == 1 else 'stelle'} su {most}."
    return f"{given} of {most} stars."


def _media(item: Mapping[str, Any]) -> Iterator[MediaRef]:
    """Pictures and the like, as references; those with an address nobody can open are left out."""
    for number, told in enumerate(fields.listed(item, "media")):
        if not isinstance(told, dict):
            raise fields.wrong("media", "a list of objects")
        kind, url = fields.text(told, "type"), web_address(fields.text(told, "url"))
        alt = clean(fields.text(told, "alt"), max_chars=2000)
        if url and kind in MEDIA and number < MOST_MEDIA:
            yield MediaRef(kind, url, alt)
