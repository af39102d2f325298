"""What does a post or comment of Reddit mean? Pure: one thing in, one Mention out.

The shapes are those of reddit.com/dev/api (t1 a comment, t3 a post), with texts as they were written (raw_json=1). An
id counts per kind, so the full name stands for a thing. What was deleted or removed keeps its place and loses its
words; whose author is gone has nobody who could be answered, and Reddit wants it forgotten.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.reddit.places import WEB
from domain.errors import Malformed
from domain.mention import Audience, Author, MediaRef, Mention
from domain.text import clean

CHANNEL, ORIGIN = "reddit", "reddit.com"
ID, LINK, CLOSED = "id", "link", "closed"
COMMENT, POST = "t1_", "t3_"
#: What stands in place of an author or of words that are gone.
GONE = ("[deleted]", "[removed]", "[ Removed by Reddit ]", "[ Removed by reddit in response to a copyright notice. ]")
#: Kinds of subreddit that everybody may read (reddit.com/dev/api, subreddit_type); "user" is somebody's own page.
OPEN = ("public", "restricted", "archived", "user")
Thing = Mapping[str, Any]
NOBODY: Thing = {}


def normalize(view: Thing, *, own_name: str = "", profile: Thing = NOBODY, to_us: bool = False) -> Mention:
    """Read one thing. ``profile``: what its author shows of themselves. Raises Malformed for any other shape."""
    try:
        name = name_of(view)
        if is_gone(view):
            return tombstone(name)
        return _mention(view, name, own_name=own_name, profile=profile, to_us=to_us)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, IndexError, OSError) as error:
        raise Malformed(f"Not a post of Reddit: {type(error).__name__}: {error}") from error


def tombstone(name: str) -> Mention:
    """It is gone. Its time is not needed any more, so it is the beginning of time; only its key counts."""
    return Mention(
        channel=CHANNEL,
        origin=ORIGIN,
        native_id=name,
        author=Author(native_id=f"gone {name}", handle="", name=""),
        text="",
        published_at=datetime.fromtimestamp(0, UTC),
        conversation_id=name,
        deleted=True,
    )


def is_gone(view: Thing) -> bool:
    """Whether its author or a moderator took it away, or its author left Reddit.

    A moderator's removal leaves the author of a post standing there; words alone may be what somebody wrote.
    """
    author = view["author"]
    if author is None or author in GONE:
        return True
    return view.get("removed_by_category") is not None and view.get("selftext") in (*GONE, "")


def name_of(view: Thing) -> str:
    """The full name of a comment or post. Raises Malformed where there is none."""
    name = view.get("name")
    if not isinstance(name, str) or not name.startswith((COMMENT, POST)) or not name[3:].isalnum():
        raise Malformed("Neither a comment nor a post of Reddit: it has no name.")
    return name


def written_at(view: Thing) -> datetime:
    """When it was written, by the network's clock. Raises Malformed where it does not say."""
    try:
        return _moment(view["created_utc"])
    except (ValueError, KeyError, TypeError, OverflowError, OSError) as error:
        raise Malformed(f"A post of Reddit without its time: {type(error).__name__}") from error


def parents(view: Thing) -> tuple[str, ...]:
    """What a comment answers, and the post it stands under; nothing for a post."""
    found = [view.get(key) for key in ("parent_id", "link_id")]
    named = [each for each in found if isinstance(each, str) and each.startswith((COMMENT, POST))]
    return tuple(dict.fromkeys(named))


def raw_text(view: Thing) -> str:
    """The item for the record of what could not be read; never raises."""
    try:
        return json.dumps(view, ensure_ascii=False, default=str)[:4000]
    except (TypeError, ValueError, RecursionError):
        return "unreadable"


def link(view: Thing) -> str | None:
    """Where people read it."""
    path = view.get("permalink")
    return f"{WEB}{path}" if isinstance(path, str) and path.startswith("/r/") else None


def closed(view: Thing) -> str:
    """Why nobody can answer it; empty where it is open."""
    return "thread_locked" if view.get("locked") is True or view.get("archived") is True else ""


def _mention(view: Thing, name: str, *, own_name: str, profile: Thing, to_us: bool) -> Mention:
    is_comment = name.startswith(COMMENT)
    author, words = _text(view["author"]), clean(_words(view, is_comment=is_comment))
    edited_at = _edited_at(view)
    root = _text(view["link_id"]) if is_comment else name
    return Mention(
        channel=CHANNEL,
        origin=ORIGIN,
        native_id=name,
        author=_author(author, view, profile),
        text=words,
        published_at=_moment(view["created_utc"]),
        conversation_id=root,
        parent_id=_text(view["parent_id"]) if is_comment else None,
        url=link(view),
        edited_at=edited_at,
        media=tuple(_media(view)),
        is_own=bool(own_name) and author.lower() == own_name.lower(),
        is_repost=_is_repost(view),
        version=_version(words),
        reply_ref=_reply_ref(name, root, view),
        to_us=to_us,
        audience=Audience.PUBLIC if view.get("subreddit_type", OPEN[0]) in OPEN else Audience.FOLLOWERS,
        # An edit of the first minutes is not told as one: then nothing says since when it reads so.
        worded_at=edited_at,
    )


def _words(view: Thing, *, is_comment: bool) -> str:
    """A comment's words; of a post its title, its text, and where it links to if that is elsewhere."""
    if is_comment:
        return _text(view["body"])
    told = [_text(view["title"]), _or_empty(view.get("selftext"))]
    address = _web_address(view.get("url_overridden_by_dest"))
    if address and not view.get("is_self") and not _is_reddits(address):
        told.append(address)
    return "\n\n".join(each for each in told if each)


def _author(handle: str, view: Thing, profile: Thing) -> Author:
    shown = profile.get("subreddit")
    about = shown if isinstance(shown, dict) else {}
    followers = about.get("subscribers")
    return Author(
        native_id=_or_empty(view.get("author_fullname")) or f"u/{handle.lower()}",
        handle=handle,
        name=clean(_or_empty(about.get("title")) or handle),
        bio=clean(_or_empty(about.get("public_description"))),
        # Reddit shows no number of followers to others, but for a zero.
        followers=followers if isinstance(followers, int) and not isinstance(followers, bool) and followers else None,
        avatar_url=_web_address(profile.get("icon_img")),
        profile_url=f"{WEB}/user/{handle}",
    )


def _is_repost(view: Thing) -> bool:
    """A crosspost under the same title and without words of its own; with words of its own it is a post like any."""
    above = view.get("crosspost_parent_list")
    if not isinstance(above, list) or not above or not isinstance(above[0], dict):
        return False
    return view.get("title") == above[0].get("title") and _or_empty(view.get("selftext")) in (
        "",
        _or_empty(above[0].get("selftext")),
    )


def _reply_ref(name: str, root: str, view: Thing) -> str:
    """What an answer needs: exactly this thing, the post it stands under, and whether it is closed."""
    ref = {ID: name, LINK: root}
    if closed(view):
        ref[CLOSED] = closed(view)
    return json.dumps(ref, separators=(",", ":"))


def _media(view: Thing) -> Iterator[MediaRef]:
    held = view.get("media_metadata")
    for each in held.values() if isinstance(held, dict) else ():
        source = each.get("s") if isinstance(each, dict) else None
        url = _web_address(source.get("u") or source.get("gif")) if isinstance(source, dict) else None
        if url:
            yield MediaRef("image", url)
    video = view.get("secure_media")
    told = video.get("reddit_video") if isinstance(video, dict) else None
    address = _web_address(told.get("fallback_url")) if isinstance(told, dict) else None
    if address:
        yield MediaRef("video", address)
    picture = _web_address(view.get("url_overridden_by_dest"))
    if picture and view.get("post_hint") == "image":
        yield MediaRef("image", picture)


def _edited_at(view: Thing) -> datetime | None:
    """``false``, or when it was edited; very old edits say ``true`` and no time."""
    edited = view.get("edited")
    return None if edited is None or isinstance(edited, bool) else _moment(edited)


def _version(words: str) -> str:
    """Names a wording: not every edit is told by its time."""
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]


def _is_reddits(address: str) -> bool:
    host = address.split("/")[2].rpartition("@")[2].lower()
    return host.endswith(("reddit.com", "redd.it"))


def _web_address(value: object) -> str | None:
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else None


def _moment(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("not a time")
    return datetime.fromtimestamp(value, UTC)


def _or_empty(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} is not text")
    return value
