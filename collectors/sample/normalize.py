"""What does a raw item of the sample mean? Pure: JSON text in, one Mention out."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from domain.errors import Malformed
from domain.mention import Author, MediaRef, Mention
from domain.text import clean

CHANNEL = "sample"
#: The sample has one server.
ORIGIN = "sample"


def normalize(body: str) -> Mention:
    """Read one raw item. Raises Malformed for anything without the documented shape."""
    try:
        raw = json.loads(body)
        if raw["type"] not in ("post", "deletion"):
            raise ValueError(f"unknown type {raw['type']!r}")
        return _tombstone(raw) if raw["type"] == "deletion" else _post(raw)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed(f"Not an item of the sample: {type(error).__name__}: {error}") from error


def _post(raw: dict[str, Any]) -> Mention:
    author = raw["author"]
    return Mention(
        channel=CHANNEL,
        origin=ORIGIN,
        native_id=_text(raw["id"]),
        author=Author(
            native_id=_text(author["id"]),
            handle=_text(author["handle"]),
            name=clean(_text(author["name"])),
            bio=clean(_text(author["bio"])),
            location=clean(author["location"] or ""),
            followers=author["followers"],
        ),
        text=clean(_text(raw["text"])),
        published_at=datetime.fromisoformat(raw["created_at"]),
        conversation_id=_text(raw["conversation_id"]),
        parent_id=raw.get("in_reply_to"),
        language=raw["language"],
        media=tuple(MediaRef(type=m["type"], url=m["url"], alt=clean(m["alt"])) for m in raw.get("media", ())),
        is_own=bool(author["own"]),
        is_repost=raw.get("repost_of") is not None,
    )


def _tombstone(raw: dict[str, Any]) -> Mention:
    return Mention(
        channel=CHANNEL,
        origin=ORIGIN,
        native_id=_text(raw["id"]),
        author=Author(native_id=_text(raw["author"]["id"]), handle="", name=""),
        text="",
        published_at=datetime.fromisoformat(raw["created_at"]),
        conversation_id=_text(raw["conversation_id"]),
        deleted=True,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value
