"""What does a post of Mastodon mean? Pure: a status as a server shows it in, one Mention out.

The shapes are those of docs.joinmastodon.org, entities/Status and entities/Notification.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from domain.errors import Malformed
from domain.mention import Audience, Author, MediaRef, Mention
from domain.text import clean, html_to_text

CHANNEL = "mastodon"
MEDIA = {"image": "image", "video": "video", "gifv": "video", "audio": "audio"}
#: Servers divide paragraphs by their tags alone.
_BETWEEN_PARAGRAPHS = re.compile(r"</p>\s*<p(?:\s[^>]*)?>", re.IGNORECASE)


def normalize(
    view: Mapping[str, Any],
    *,
    origin: str,
    own_id: str = "",
    root: str | None = None,
    to_us: bool = False,
    heard_at: datetime | None = None,
) -> Mention:
    """Read one post of the server ``origin``. ``root``: the first post of its talk, where that was asked for.

    ``heard_at``: it was there by then; people's clocks are wrong. Raises Malformed for any other shape.
    """
    try:
        return _post(view, origin=origin, own_id=own_id, root=root, to_us=to_us, heard_at=heard_at)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise Malformed(f"Not a post of Mastodon: {type(error).__name__}") from error


def tombstone(native_id: str, *, origin: str) -> Mention:
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


def raw_text(view: Mapping[str, Any]) -> str:
    """The item for the record of what could not be read; never raises."""
    try:
        return json.dumps(view, ensure_ascii=False, default=str)[:4000]
    except (TypeError, ValueError, RecursionError):
        return "unreadable"


def moment(value: object) -> datetime:
    """A time as servers write it; without a zone it is UTC. Raises Malformed for anything else."""
    try:
        at = datetime.fromisoformat(_text(value))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise Malformed("Mastodon named no time for an item.") from error


def named(value: object) -> str:
    """An id as text. Ids are opaque: long numbers here, UUIDs elsewhere. Raises Malformed for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise Malformed("Mastodon named no id for an item.")
    return value


def answers(view: Mapping[str, Any]) -> str | None:
    """The id of the post this one answers; None when it answers nothing, or nothing that can be read."""
    found = view.get("in_reply_to_id")
    try:
        return None if found is None else named(found)
    except Malformed:
        return None


def wording(view: Mapping[str, Any]) -> str:
    """Names the wording of a post: when it was edited last; empty while it never was."""
    edited_at = view.get("edited_at")
    return edited_at if isinstance(edited_at, str) else ""


def audience(view: Mapping[str, Any]) -> Audience:
    """Who may read a post (docs.joinmastodon.org, entities/Status, visibility); what nobody knows is the narrowest.

    An unlisted post is open to everybody, it is only not shown in lists.
    """
    told = view.get("visibility") or "public"
    if told in ("public", "unlisted"):
        return Audience.PUBLIC
    return Audience.FOLLOWERS if told == "private" else Audience.NAMED


def words(html: str) -> str:
    """The words of a post's HTML as plain text, paragraph by paragraph."""
    return html_to_text(_BETWEEN_PARAGRAPHS.sub("<br><br>", html))


def address(account: Mapping[str, Any]) -> str:
    """What follows the ``@`` when our server is to reach this account."""
    return _text(account["acct"]).lstrip("@")


def _post(
    view: Mapping[str, Any], *, origin: str, own_id: str, root: str | None, to_us: bool, heard_at: datetime | None
) -> Mention:
    native_id, boosted = named(view["id"]), view.get("reblog")
    shown = boosted if isinstance(boosted, dict) else view
    author, parent = _author(view["account"], origin), answers(view)
    written_at, edited_at = moment(view["created_at"]), _perhaps(view.get("edited_at"))
    published_at = written_at if heard_at is None else min(written_at, heard_at)
    return Mention(
        channel=CHANNEL,
        origin=origin,
        native_id=native_id,
        author=author,
        text=_words_under_warning(shown),
        published_at=published_at,
        conversation_id=root or parent or native_id,
        parent_id=parent,
        url=_web_address(view.get("url")) or _web_address(view.get("uri")),
        language=_language(shown.get("language")),
        edited_at=edited_at,
        media=tuple(_pictures(shown)),
        is_own=author.native_id == own_id,
        is_repost=isinstance(boosted, dict),
        version=wording(view) or _text(view["created_at"]),
        reply_ref=_reply_ref(view, native_id),
        to_us=to_us,
        worded_at=edited_at or published_at,
        audience=audience(view),
    )


def _author(account: Mapping[str, Any], origin: str) -> Author:
    acct, followers = address(account), account.get("followers_count")
    counts = isinstance(followers, int) and not isinstance(followers, bool)
    return Author(
        native_id=named(account["id"]),
        handle=acct if "@" in acct else f"{acct}@{origin}",
        name=clean(_text(account.get("display_name") or acct)),
        bio=words(_text(account.get("note") or "")),
        followers=followers if counts else None,
        avatar_url=_web_address(account.get("avatar_static")) or _web_address(account.get("avatar")),
        profile_url=_web_address(account.get("url")),
    )


def _words_under_warning(view: Mapping[str, Any]) -> str:
    """What is behind a content warning is read with it: the warning alone often names what it is about."""
    warning, text = clean(_text(view.get("spoiler_text") or "")), words(_text(view["content"]))
    return f"{warning}\n\n{text}" if warning and text else warning or text


def _reply_ref(view: Mapping[str, Any], native_id: str) -> str:
    """What an answer needs: the post, whom to name, and who may see it."""
    ref = {"id": native_id, "acct": address(view["account"]), "visibility": _text(view.get("visibility") or "public")}
    return json.dumps(ref, ensure_ascii=False, separators=(",", ":"))


def _pictures(view: Mapping[str, Any]) -> Iterator[MediaRef]:
    warning = "[sensitive] " if view.get("sensitive") is True else ""
    for each in view.get("media_attachments") or ():
        # What another server has not handed over yet is only there.
        url = _web_address(each.get("url")) or _web_address(each.get("remote_url"))
        if url and each.get("type") in MEDIA:
            yield MediaRef(MEDIA[each["type"]], url, clean(warning + _text(each.get("description") or "")))


def _language(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _perhaps(value: object) -> datetime | None:
    return None if value is None else moment(value)


def _web_address(value: object) -> str | None:
    if not isinstance(value, str) or not value.startswith(("https://", "http://")):
        return None
    try:
        return value if urlsplit(value).netloc else None
    except ValueError:
        return None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value
