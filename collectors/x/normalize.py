"""What does a post of X mean? Pure: a post and what came along with it in, one Mention out.

The shapes are those of docs.x.com, data dictionary. An edit is a new post with a new id there; the first id is the one
a post keeps here, and its present id the name of its wording.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from collectors.x.snowflake import parsed, written_at
from collectors.x.words import plain
from domain.errors import Malformed
from domain.mention import Author, MediaRef, Mention
from domain.text import clean

CHANNEL, ORIGIN = "x", "x.com"
#: Where people read it; links lead there.
WEB = "https://x.com"
#: Where addresses of posts lead that people quote, by the names the network had and has.
STATUS_HOSTS = {"x.com", "www.x.com", "mobile.x.com", "twitter.com", "www.twitter.com", "mobile.twitter.com"}
CLOSED, SUMMONED, ID = "closed", "summoned", "id"
Post = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Included:
    """What came along with the posts of an answer, by id or key."""

    users: Mapping[str, Post] = field(default_factory=dict)
    posts: Mapping[str, Post] = field(default_factory=dict)
    media: Mapping[str, Post] = field(default_factory=dict)


def normalize(
    view: Post, *, included: Included, own_id: str = "", own_handle: str = "", to_us: bool = False
) -> Mention:
    """Read one post. Raises Malformed for any other shape."""
    try:
        quotes_us = _quotes_us(view, included, own_id, own_handle.lstrip("@").lower())
        return _post(view, included=included, own_id=own_id, to_us=to_us, quotes_us=quotes_us)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, IndexError) as error:
        raise Malformed(f"Not a post of X: {type(error).__name__}: {error}") from error


def tombstone(native_id: str) -> Mention:
    """The post is gone. Its time is not told any more, so it is the beginning of time; only its key counts."""
    return Mention(
        channel=CHANNEL,
        origin=ORIGIN,
        native_id=native_id,
        author=Author(native_id=f"gone {native_id}", handle="", name=""),
        text="",
        published_at=datetime.fromtimestamp(0, UTC),
        conversation_id=native_id,
        deleted=True,
    )


def raw_text(view: Post) -> str:
    """The item for the record of what could not be read; never raises."""
    try:
        return json.dumps(view, ensure_ascii=False, default=str)[:4000]
    except (TypeError, ValueError, RecursionError):
        return "unreadable"


def link(native_id: str, handle: str) -> str:
    """Where people read that post; without a handle the network finds its author by itself."""
    return f"{WEB}/{handle or 'i'}/status/{native_id}"


def versions(view: Post) -> tuple[str, ...]:
    """The ids a post has had, oldest first, its own where nobody tells. Raises Malformed without any."""
    history = view.get("edit_history_tweet_ids")
    found = history if isinstance(history, list) and history else [view.get("id")]
    if not all(isinstance(each, str) and each for each in found):
        raise Malformed("Not a post of X: it has no id.")
    return tuple(found)


def answered(view: Post) -> str | None:
    """The id of the post this one answers, None when it answers nothing."""
    return next((told for kind, told in _references(view) if kind == "replied_to"), None)


def _post(view: Post, *, included: Included, own_id: str, to_us: bool, quotes_us: bool) -> Mention:
    history, version = versions(view), _text(view["id"])
    author_id, kinds = _text(view["author_id"]), {kind for kind, _ in _references(view)}
    parent_id = answered(view)
    published_at = _published(view, history)
    return Mention(
        channel=CHANNEL,
        origin=ORIGIN,
        native_id=history[0],
        author=_author(author_id, included.users.get(author_id) or {}),
        text=clean(plain(view)),
        published_at=published_at,
        conversation_id=_text(view.get("conversation_id") or history[0]) if parent_id else history[0],
        parent_id=None if parent_id is None else _first_id(parent_id, included),
        url=link(version, _handle(author_id, included)),
        language=_language(view.get("lang")),
        edited_at=_moment(view["created_at"]) if version != history[0] else None,
        media=tuple(_media(view, included)),
        is_own=author_id == own_id,
        is_repost="retweeted" in kinds,
        version=version,
        reply_ref=_reply_ref(view, version, own_id, quotes_us=quotes_us),
        to_us=to_us or _addresses(view, own_id) or quotes_us,
        worded_at=_moment(view["created_at"]),
    )


def _published(view: Post, history: tuple[str, ...]) -> datetime:
    """When its first wording was written: an edited post names the time of its last one."""
    if len(history) == 1:
        return _moment(view["created_at"])
    try:
        return written_at(history[0])
    except ValueError:
        return _moment(view["created_at"])


def _first_id(native_id: str, included: Included) -> str:
    try:
        return versions(included.posts.get(native_id) or {"id": native_id})[0]
    except Malformed:
        return native_id


def _author(native_id: str, shown: Post) -> Author:
    handle = _or_empty(shown.get("username"))
    counts = shown.get("public_metrics")
    followers = counts.get("followers_count") if isinstance(counts, dict) else None
    return Author(
        native_id=native_id,
        handle=handle,
        name=clean(_or_empty(shown.get("name")) or handle),
        bio=clean(_or_empty(shown.get("description"))),
        location=clean(_or_empty(shown.get("location")), max_chars=200),
        followers=followers if isinstance(followers, int) and not isinstance(followers, bool) else None,
        avatar_url=_web_address(shown.get("profile_image_url")),
        profile_url=f"{WEB}/{handle}" if handle else f"{WEB}/i/user/{native_id}",
    )


def _handle(author_id: str, included: Included) -> str:
    return _or_empty((included.users.get(author_id) or {}).get("username"))


def _reply_ref(view: Post, version: str, own_id: str, *, quotes_us: bool) -> str:
    """What an answer needs: the post as it is now, whether its author called us, and whether the talk is closed."""
    named = own_id in _named(view)
    ref: dict[str, object] = {ID: version, SUMMONED: named or quotes_us}
    # Whoever is named may answer, whatever the author chose (docs.x.com, reply settings).
    if view.get("reply_settings") not in (None, "everyone") and not named:
        ref[CLOSED] = "replies_closed"
    return json.dumps(ref, separators=(",", ":"))


def _addresses(view: Post, own_id: str) -> bool:
    return bool(own_id) and (view.get("in_reply_to_user_id") == own_id or own_id in _named(view))


def _quotes_us(view: Post, included: Included, own_id: str, own_handle: str) -> bool:
    """By the author of what it quotes; where that did not come along, by the address, which names its author too."""
    quoted = [told for kind, told in _references(view) if kind == "quoted"]
    if any(own_id and (included.posts.get(told) or {}).get("author_id") == own_id for told in quoted):
        return True
    hidden = {f"/{own_handle}/status/{told}" for told in quoted if own_handle and told not in included.posts}
    return bool(hidden) and any(
        address.hostname in STATUS_HOSTS and address.path.rstrip("/").lower() in hidden for address in _links(view)
    )


def _links(view: Post) -> Iterator[SplitResult]:
    """The addresses that stand in its text, as they are behind the short ones."""
    for holder in (view, view.get("note_tweet")):
        entities = holder.get("entities") if isinstance(holder, dict) else None
        for each in (entities.get("urls") if isinstance(entities, dict) else None) or ():
            try:
                yield urlsplit(_or_empty(each.get("expanded_url")))
            except ValueError:
                continue  # Somebody's address that is none.


def _named(view: Post) -> set[str]:
    """The accounts a post names, by id."""
    found: set[str] = set()
    for holder in (view, view.get("note_tweet")):
        entities = holder.get("entities") if isinstance(holder, dict) else None
        mentions = entities.get("mentions") if isinstance(entities, dict) else None
        found |= {each["id"] for each in mentions or () if isinstance(each.get("id"), str)}
    return found


def _references(view: Post) -> list[tuple[str, str]]:
    found = view.get("referenced_tweets") or ()
    references = [(_text(each["type"]), _text(each["id"])) for each in found]
    for _, told in references:
        parsed(told)
    return references


def _media(view: Post, included: Included) -> Iterator[MediaRef]:
    attachments = view.get("attachments")
    for key in (attachments.get("media_keys") if isinstance(attachments, dict) else None) or ():
        shown = included.media.get(str(key)) or {}
        url = _web_address(shown.get("url")) or _web_address(shown.get("preview_image_url"))
        if url:
            kind = "image" if shown.get("type") == "photo" else "video"
            yield MediaRef(kind, url, clean(_or_empty(shown.get("alt_text"))))


def _language(told: object) -> str | None:
    """Codes such as ``und`` and ``qme`` (only media) say that the network knows none."""
    return told if isinstance(told, str) and told != "und" and not told.startswith("q") else None


def _web_address(value: object) -> str | None:
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else None


def _moment(value: object) -> datetime:
    at = datetime.fromisoformat(_text(value))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _or_empty(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.80} is not text")
    return value
