"""Which wording of a post counts? Edits and deletions onto what is stored; an older copy changes nothing.

A network tells of an edit by its time, by a number that grows, or by no more than a new name. Where no name comes
back, those that others followed are kept, so that whoever hands one in again, however late, turns nothing back;
unless its own time says that it is a later wording under a name that was there before. Of a network whose clock is
ahead that time is kept as well, for it passes. Where numbers grow, they alone tell: whoever tries an old one again may
give it any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from db import customers, mentions, past_wordings
from db.mentions import MentionKey, Stored
from db.past_wordings import AHEAD
from domain.mention import Mention
from domain.text import clean

#: The id of a post that has no row yet.
_NO_ROW = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """What several wordings of one post come to.

    ``post``: the one that counts. ``row``: the post as it is to be stored. ``followed``: names of wordings that
    another one followed, and of those whose time lay ahead. ``is_edited``: it reads otherwise than it was stored.
    """

    post: Mention
    row: Stored
    followed: tuple[str, ...] = ()
    is_edited: bool = False


def known(tx: Connection, wordings: Mapping[MentionKey, Sequence[Mention]]) -> dict[MentionKey, Stored]:
    """Those of these posts that are stored, with the wordings behind them where a copy of one may come back."""
    found = mentions.find(tx, wordings)
    asked = [s.id for key, s in found.items() if any(_is_in_doubt(post, s) for post in wordings[key])]
    past = past_wordings.of(tx, asked) if asked else {}
    return {key: replace(stored, past=past.get(stored.id, frozenset())) for key, stored in found.items()}


def settle(wordings: Sequence[Mention], stored: Stored | None, now: datetime) -> Settled:
    """Apply wordings of one post, at least one, one after the other to what is stored of it; writes nothing."""
    if stored is None:
        settled, rest = Settled(wordings[0], _unstored(wordings[0], now)), wordings[1:]
    else:
        settled, rest = Settled(wordings[-1], stored), wordings
    for post in rest:
        settled = _after(settled, post, now)
    told = dict.fromkeys(_as_told(post) for post in wordings if post.ahead_at is not None and not post.deleted)
    new = (name for name in told if stored is None or name not in stored.past)
    return replace(settled, followed=(*settled.followed, *new))


def change(tx: Connection, settled: Settled, stored: Stored, now: datetime) -> int | None:
    """Write what became of a stored post; returns its id when the text changed."""
    row = settled.row
    if row.deleted_at != stored.deleted_at:
        mentions.bury(tx, stored.id, at=now)
        customers.forget_if_silent(tx, stored.author_id, at=now)
        return None
    if settled.is_edited and row.edited_at is not None:
        mentions.change_text(tx, stored.id, text=row.text, edited_at=row.edited_at, media=media_of(settled.post))
    if (row.version, row.reply_ref) != (stored.version, stored.reply_ref):
        mentions.change_reference(tx, stored.id, version=row.version, reply_ref=row.reply_ref)
    past_wordings.add(tx, stored.id, settled.followed, at=now)
    return stored.id if settled.is_edited else None


def media_of(post: Mention) -> list[dict[str, str]]:
    """Its pictures and the like, as they are stored."""
    return [{"type": m.type, "url": m.url, "alt": clean(m.alt)} for m in post.media]


def _unstored(post: Mention, now: datetime) -> Stored:
    gone_at = now if post.deleted else None
    return Stored(_NO_ROW, _NO_ROW, post.edited_at, gone_at, post.text, post.version, post.reply_ref)


def _after(settled: Settled, post: Mention, now: datetime) -> Settled:
    """The same once this wording came too.

    A network that names wordings says of an edit no more than a new name: its time is when that wording came to
    be, where the network tells, else when we saw it.
    """
    held = settled.row
    if held.deleted_at is not None or _is_stale(post, held):
        return settled
    if post.deleted:
        return replace(settled, post=post, row=replace(held, deleted_at=now))
    is_edited = _is_edit(post, held)
    row = replace(
        held,
        text=post.text if is_edited or held.id == _NO_ROW else held.text,
        edited_at=_edited_at(post, held, now) if is_edited else held.edited_at,
        version=post.version or held.version,
        reply_ref=post.reply_ref or held.reply_ref,
    )
    if held.version is None or not _may_be_past(post, held) or _step(post, held) > 0:
        return replace(settled, post=post, row=row, is_edited=settled.is_edited or is_edited)
    # The name has its time again as it is followed again; where numbers grow, the number itself tells.
    names = (*(name for name in settled.followed if name != held.version), held.version)
    row = replace(row, past=held.past | {held.version})
    return Settled(post, row, names, settled.is_edited or is_edited)


def _is_edit(post: Mention, stored: Stored) -> bool:
    """Whether a wording that is not older reads otherwise than the stored one."""
    if post.edited_at is not None and (stored.edited_at is None or post.edited_at > stored.edited_at):
        return True
    # Worded otherwise without a later date: some networks have no such date, and some authors forget it.
    is_reworded = post.version and stored.version and post.version != stored.version and post.text != stored.text
    is_later = _step(post, stored) > 0 or post.edited_at is None or post.edited_at == stored.edited_at
    return bool(is_reworded and is_later)


def _is_stale(post: Mention, stored: Stored) -> bool:
    """Whether this is a copy from before the wording we have: somebody read it earlier and came later."""
    if post.deleted or (post.version is not None and post.version == stored.version):
        return False
    if step := _step(post, stored):
        return step < 0
    if post.edited_at is not None and _as_told(post) in stored.past:
        return True  # Its time lay ahead when it came first, and only looks later than what we have.
    if post.version in stored.past:
        return not _is_told_later(post, stored)
    if post.worded_at is None or stored.edited_at is None or post.version == stored.version:
        return False
    return post.worded_at < stored.edited_at


def _is_told_later(post: Mention, stored: Stored) -> bool:
    """A late copy carries the time of its own wording. One that we had to guess (it lay ahead of us) tells nothing."""
    if post.worded_at is None or post.edited_at is None or stored.edited_at is None:
        return False
    return post.edited_at > stored.edited_at


def _as_told(post: Mention) -> str:
    """Names a wording whose time lay ahead together with that time: late copies of it carry the same one.

    One without a name is its words.
    """
    told = post.ahead_at or post.edited_at
    what = post.text if post.version is None else post.version
    return AHEAD + hashlib.sha256(f"{what} {told}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _step(post: Mention, stored: Stored) -> int:
    """By how many wordings this one is later than the stored one; 0 where they are not counted."""
    is_counted = post.wording_no is not None and stored.version is not None and stored.version.isdecimal()
    return post.wording_no - int(stored.version) if is_counted else 0  # type: ignore[operator,arg-type]


def _is_in_doubt(post: Mention, stored: Stored) -> bool:
    """Whether the wordings behind the stored one say what becomes of this one."""
    if _may_be_past(post, stored):
        return True
    is_later = post.edited_at is not None and (stored.edited_at is None or post.edited_at > stored.edited_at)
    return not post.deleted and (post.ahead_at is not None or (post.version is None and is_later))


def _may_be_past(post: Mention, stored: Stored) -> bool:
    return post.is_named_once and not post.deleted and post.version != stored.version


def _edited_at(post: Mention, stored: Stored, now: datetime) -> datetime:
    """When the edit was: never twice the same, because that names the wording the model has read."""
    told = post.edited_at or post.worded_at
    return told if told is not None and (stored.edited_at is None or told > stored.edited_at) else now
