"""What does a post of Bluesky mean? Pure: a post as the network shows it in, one Mention out.

The shapes are those of app.bsky.feed.defs#postView and app.bsky.feed.post (atproto.com, lexicons).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.errors import Malformed
from domain.mention import Author, MediaRef, Mention
from domain.text import clean

CHANNEL = "bluesky"
#: One network of many servers: its ids name a post everywhere.
ORIGIN = "atproto"
#: Where people read it; links lead there.
WEB = "https://bsky.app"
#: What a handle reads when its owner no longer has it (atproto.com, handle specification).
INVALID_HANDLE = "handle.invalid"
#: Labels of the network's moderation that take a post out of sight.
HIDDEN_BY = ("!takedown", "!hide", "!suspend")
#: Labels that people want to know of before they open a picture.
WARN_OF = ("porn", "sexual", "nudity", "graphic-media", "gore", "self-harm", "intolerant")
CLOSED = "closed"


def normalize(
    view: Mapping[str, Any], *, own_id: str = "", profile: Mapping[str, Any] | None = None, to_us: bool = False
) -> Mention:
    """Read one post. ``profile`` is the author's, where it was asked for. Raises Malformed for any other shape.

    A post that the network's moderation took out of sight is a tombstone.
    """
    try:
        if any(label.get("val") in HIDDEN_BY for label in view.get("labels") or ()):
            return tombstone(_text(view["uri"]))
        return _post(view, own_id=own_id, profile=profile or {}, to_us=to_us)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise Malformed(f"Not a post of Bluesky: {type(error).__name__}: {error}") from error


def tombstone(uri: str) -> Mention:
    """The post is gone. Its time is not told any more, so it is the beginning of time; only its key counts."""
    return Mention(
        channel=CHANNEL,
        origin=ORIGIN,
        native_id=uri,
        author=Author(native_id=repository(uri), handle="", name=""),
        text="",
        published_at=datetime.fromtimestamp(0, UTC),
        conversation_id=uri,
        deleted=True,
    )


def raw_text(view: Mapping[str, Any]) -> str:
    """The item for the record of what could not be read; never raises."""
    try:
        return json.dumps(view, ensure_ascii=False, default=str)[:4000]
    except (TypeError, ValueError, RecursionError):
        return "unreadable"


def indexed_at(view: Mapping[str, Any]) -> datetime:
    """When the network took the post in. Raises Malformed when it does not say."""
    try:
        return _moment(view["indexedAt"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Malformed("Bluesky named no time for an item.") from error


def repository(uri: str) -> str:
    """The account (DID) an address of the form ``at://account/collection/key`` belongs to."""
    parts = uri.split("/")
    if len(parts) != 5 or parts[0] != "at:" or parts[1] or not all(parts[2:]):
        raise ValueError(f"{uri[:80]!r} is no address of a record")
    return parts[2]


def link(uri: str, handle: str, *, web: str = WEB) -> str:
    """Where people read that post; the account's id stands in for a handle that leads nowhere."""
    name = handle if handle and handle != INVALID_HANDLE else repository(uri)
    return f"{web}/profile/{name}/post/{uri.rpartition('/')[2]}"


def wording(view: Mapping[str, Any]) -> str:
    """The end of the name (CID) of a post's wording, enough to tell it from another."""
    return str(view.get("cid"))[-16:]


def parents(view: Mapping[str, Any]) -> tuple[str, ...]:
    """The posts this one answers: its parent, then the root of the talk. Empty when it answers nothing."""
    try:
        reply = view["record"].get("reply") or {}
        found = [_text(reply[name]["uri"]) for name in ("parent", "root") if name in reply]
        return tuple(dict.fromkeys(uri for uri in found if repository(uri)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _post(view: Mapping[str, Any], *, own_id: str, profile: Mapping[str, Any], to_us: bool) -> Mention:
    uri, cid, record = _text(view["uri"]), _text(view["cid"]), view["record"]
    author_id, reply = repository(uri), record.get("reply") or {}
    author = _author(view["author"], profile)
    if author.native_id != author_id:
        raise ValueError("the author is not the owner of the post")
    root = {"uri": _text(reply["root"]["uri"]), "cid": _text(reply["root"]["cid"])} if reply else None
    return Mention(
        channel=CHANNEL,
        origin=ORIGIN,
        native_id=uri,
        author=author,
        text=clean(_text(record["text"])),
        published_at=_published(view, record),
        conversation_id=root["uri"] if root else uri,
        parent_id=_text(reply["parent"]["uri"]) if reply else None,
        url=link(uri, author.handle),
        language=next(iter(record.get("langs") or ()), None),
        media=tuple(_pictures(view.get("embed") or {}, _warning(view))),
        is_own=author_id == own_id,
        version=cid,
        reply_ref=_reply_ref(view, {"uri": uri, "cid": cid}, root),
        to_us=to_us,
        # An edited post is taken in anew.
        worded_at=_moment(view["indexedAt"]),
    )


def _author(shown: Mapping[str, Any], profile: Mapping[str, Any]) -> Author:
    handle, followers = _text(shown["handle"]), profile.get("followersCount")
    return Author(
        native_id=_text(shown["did"]),
        handle=handle,
        name=clean(_text(shown.get("displayName") or handle)),
        bio=clean(_text(profile.get("description") or "")),
        followers=followers if isinstance(followers, int) else None,
        avatar_url=_web_address(shown.get("avatar")),
        profile_url=f"{WEB}/profile/{handle if handle != INVALID_HANDLE else shown['did']}",
    )


def _published(view: Mapping[str, Any], record: Mapping[str, Any]) -> datetime:
    """The author's own time, unless it lies ahead of the network's or cannot be read: people's clocks are wrong."""
    taken_in = _moment(view["indexedAt"])
    try:
        return min(_moment(record["createdAt"]), taken_in)
    except (KeyError, TypeError, ValueError, OverflowError):
        return taken_in


def _reply_ref(view: Mapping[str, Any], post: Mapping[str, str], root: Mapping[str, str] | None) -> str:
    """What an answer needs: root and parent by address and wording, and whether the talk is closed to us."""
    ref: dict[str, object] = {"root": root or post, "parent": post}
    viewer = view.get("viewer") or {}
    shown_to_us = view["author"].get("viewer") or {}
    if viewer.get("replyDisabled"):
        ref[CLOSED] = "replies_closed"
    elif shown_to_us.get("blockedBy") or shown_to_us.get("blocking"):
        ref[CLOSED] = "blocked"
    return json.dumps(ref, separators=(",", ":"))


def _pictures(embed: Mapping[str, Any], warning: str) -> Iterator[MediaRef]:
    for image in embed.get("images") or ():
        if url := _web_address(image.get("fullsize")):
            yield MediaRef("image", url, clean(warning + (image.get("alt") or "")))
    if url := _web_address(embed.get("thumbnail")):
        yield MediaRef("video", url, clean(warning + (embed.get("alt") or "")))
    if embed.get("media"):
        yield from _pictures(embed["media"], warning)


def _warning(view: Mapping[str, Any]) -> str:
    """Named in front of a picture's description, so that nobody opens it unprepared."""
    told = [label["val"] for label in view.get("labels") or () if label.get("val") in WARN_OF]
    return f"[{', '.join(sorted(set(told)))}] " if told else ""


def _web_address(value: object) -> str | None:
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else None


def _moment(value: object) -> datetime:
    """A time as the network writes it; without a zone it is UTC (atproto.com, datetime)."""
    at = datetime.fromisoformat(_text(value))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.80} is not text")
    return value
