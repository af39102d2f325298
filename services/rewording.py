"""Which wording of a post counts? Edits and deletions onto what is stored; an older copy changes nothing.

A network tells of an edit by its time, by a number that grows, or by no more than a new name. Where no name ever comes
back, those that others followed are kept, so that whoever hands one in again, however late, turns nothing back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from db import customers, mentions, past_wordings
from db.mentions import MentionKey, Stored
from domain.mention import Mention
from domain.text import clean


def known(tx: Connection, posts: Mapping[MentionKey, Mention]) -> dict[MentionKey, Stored]:
    """Those of these posts that are stored, with the wordings behind them where a copy of one may come back."""
    found = mentions.find(tx, posts)
    asked = [stored.id for key, stored in found.items() if _may_be_past(posts[key], stored)]
    past = past_wordings.of(tx, asked) if asked else {}
    return {key: replace(stored, past=past.get(stored.id, frozenset())) for key, stored in found.items()}


def change(tx: Connection, post: Mention, stored: Stored, now: datetime) -> int | None:
    """Apply a deletion or a newer edit to a stored post; returns its id when the text changed.

    A network that names wordings says of an edit no more than a new name: its time is when that wording came to
    be, where the network tells, else when we saw it. An older copy changes nothing.
    """
    if stored.deleted_at is not None or _is_stale(post, stored):
        return None
    if post.deleted:
        mentions.bury(tx, stored.id, at=now)
        customers.forget_if_silent(tx, stored.author_id, at=now)
        return None
    edited = is_edit(post, stored)
    if edited:
        edited_at = _edited_at(post, stored, now)
        mentions.change_text(tx, stored.id, text=post.text, edited_at=edited_at, media=media_of(post))
    reference = (post.version or stored.version, post.reply_ref or stored.reply_ref)
    if reference != (stored.version, stored.reply_ref):
        mentions.change_reference(tx, stored.id, version=reference[0], reply_ref=reference[1])
    if stored.version and _may_be_past(post, stored):
        past_wordings.add(tx, stored.id, stored.version, at=now)
    return stored.id if edited else None


def is_edit(post: Mention, stored: Stored) -> bool:
    """Whether the post reads otherwise now than it is stored."""
    if post.deleted or stored.deleted_at is not None or _is_stale(post, stored):
        return False
    if post.edited_at is not None and (stored.edited_at is None or post.edited_at > stored.edited_at):
        return True
    # Worded otherwise without a later date: some networks have no such date, and some authors forget it.
    is_reworded = post.version and stored.version and post.version != stored.version and post.text != stored.text
    is_later = _step(post, stored) > 0 or post.edited_at is None or post.edited_at == stored.edited_at
    return bool(is_reworded and is_later)


def media_of(post: Mention) -> list[dict[str, str]]:
    """Its pictures and the like, as they are stored."""
    return [{"type": m.type, "url": m.url, "alt": clean(m.alt)} for m in post.media]


def _is_stale(post: Mention, stored: Stored) -> bool:
    """Whether this is a copy from before the wording we have: somebody read it earlier and came later."""
    if post.deleted or (post.version is not None and post.version == stored.version):
        return False
    if step := _step(post, stored):
        return step < 0
    if post.version in stored.past:
        return True
    if post.worded_at is None or stored.edited_at is None or post.version == stored.version:
        return False
    return post.worded_at < stored.edited_at


def _step(post: Mention, stored: Stored) -> int:
    """By how many wordings this one is later than the stored one; 0 where they are not counted."""
    is_counted = post.wording_no is not None and stored.version is not None and stored.version.isdecimal()
    return post.wording_no - int(stored.version) if is_counted else 0  # type: ignore[operator,arg-type]


def _may_be_past(post: Mention, stored: Stored) -> bool:
    return post.is_named_once and not post.deleted and post.version != stored.version


def _edited_at(post: Mention, stored: Stored, now: datetime) -> datetime:
    """When the edit was: never twice the same, because that names the wording the model has read."""
    told = post.edited_at or post.worded_at
    return told if told is not None and (stored.edited_at is None or told > stored.edited_at) else now
