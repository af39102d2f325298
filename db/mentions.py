"""Public posts: store new ones once, change known ones, find those that wait for the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, text, update

from db import past_wordings
from db.conflicts import insert_new
from db.tables import (
    authors,
    case_mentions,
    cases,
    conversations,
    judgements,
    mention_matches,
    mentions,
    replies,
    watches,
)
from domain.judgement import Correction
from domain.mention import Mention

#: In ``judged_by`` for posts no model needs to read: our own, and tombstones.
NOBODY = "-"

#: Names a post for good: channel, origin, native id.
MentionKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """A post that has a row already. ``past``: names of wordings that others followed, where somebody looked."""

    id: int
    author_id: int
    edited_at: datetime | None
    deleted_at: datetime | None
    text: str
    version: str | None
    reply_ref: str | None
    past: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A post that waits for the model, as it was when read."""

    id: int
    text: str
    edited_at: datetime | None
    is_history: bool = False


@dataclass(frozen=True, slots=True)
class PostRow:
    """What attaching a post to a case needs to know of it."""

    id: int
    customer_id: int
    channel: str
    published_at: datetime


def mention_key(mention: Mention) -> MentionKey:
    """What names this post for good."""
    return mention.channel, mention.origin, mention.native_id


def find(tx: Connection, keys: Iterable[MentionKey]) -> dict[MentionKey, Stored]:
    """Those of these posts that are stored."""
    by_origin: dict[tuple[str, str], list[str]] = {}
    for channel, origin, native_id in keys:
        by_origin.setdefault((channel, origin), []).append(native_id)
    found: dict[MentionKey, Stored] = {}
    columns = [mentions.c[name] for name in ("native_id", *Stored.__slots__) if name != "past"]
    for (channel, origin), native_ids in by_origin.items():
        query = select(*columns).where(
            mentions.c.channel == channel, mentions.c.origin == origin, mentions.c.native_id.in_(native_ids)
        )
        for native_id, *rest in tx.execute(query):
            found[channel, origin, native_id] = Stored(*rest)
    return found


def conversation_ids(tx: Connection, posts: Sequence[Mention]) -> dict[MentionKey, int]:
    """A row for the conversation of every post, by channel, origin and the root's native id."""
    wanted = {(p.channel, p.origin, p.conversation_id) for p in posts}
    names = ("channel", "origin", "native_id")
    tx.execute(insert_new(tx, conversations), [dict(zip(names, key, strict=True)) for key in sorted(wanted)])
    found: dict[MentionKey, int] = {}
    for channel, origin in {key[:2] for key in wanted}:
        roots = [key[2] for key in wanted if key[:2] == (channel, origin)]
        query = select(conversations.c.native_id, conversations.c.id).where(
            conversations.c.channel == channel,
            conversations.c.origin == origin,
            conversations.c.native_id.in_(roots),
        )
        for native_id, conversation_id in tx.execute(query):
            found[channel, origin, native_id] = conversation_id
    return found


def add_new(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[MentionKey, int]:
    """Insert posts; returns the ids of those that were new, by their key."""
    if not rows:
        return {}
    columns = (mentions.c.channel, mentions.c.origin, mentions.c.native_id, mentions.c.id)
    done = tx.execute(insert_new(tx, mentions).returning(*columns), list(rows))
    return {(channel, origin, native_id): mention_id for channel, origin, native_id, mention_id in done}


def add_matches(
    tx: Connection, mention_ids: Iterable[int], *, watch_id: int, at: datetime, is_older: bool = False
) -> None:
    """Note that this watch matched these posts; ``is_older``: in a first reading, too old to be queued by it."""
    rows = [{"mention_id": i, "watch_id": watch_id, "matched_at": at, "is_older": is_older} for i in mention_ids]
    if rows:
        tx.execute(insert_new(tx, mention_matches), rows)


def matched(tx: Connection, mention_ids: Sequence[int], *, watch_id: int | None) -> set[int]:
    """Which of these posts this watch has matched already, or any watch."""
    query = select(mention_matches.c.mention_id).where(mention_matches.c.mention_id.in_(mention_ids))
    query = query if watch_id is None else query.where(mention_matches.c.watch_id == watch_id)
    return set(tx.execute(query).scalars())


def bring_forward(tx: Connection, mention_ids: Sequence[int]) -> None:
    """Posts kept beside others that now matched a watch themselves are work, not history."""
    if mention_ids:
        unmatched = ~select(mention_matches.c.watch_id).where(mention_matches.c.mention_id == mentions.c.id).exists()
        beside = update(mentions).where(mentions.c.id.in_(mention_ids), mentions.c.is_history, unmatched)
        tx.execute(beside.values(is_history=False))


def change_text(tx: Connection, mention_id: int, *, text: str, edited_at: datetime, media: list[Any]) -> None:
    """The author edited the post: it has to be judged anew."""
    values = {"text": text, "edited_at": edited_at, "media": media, "judged_by": None}
    tx.execute(update(mentions).where(mentions.c.id == mention_id).values(**values))


def change_reference(tx: Connection, mention_id: int, *, version: str | None, reply_ref: str | None) -> None:
    """The network names this wording, or the way to answer it, anew."""
    tx.execute(update(mentions).where(mentions.c.id == mention_id).values(version=version, reply_ref=reply_ref))


def bury(tx: Connection, mention_id: int, *, at: datetime) -> None:
    """The post is gone from its network: nothing of its content stays, nor names that are made of it."""
    empty: dict[str, Any] = {
        "text": "",
        "media": [],
        "url": None,
        "version": None,
        "reply_ref": None,
        "judged_by": NOBODY,
        "deleted_at": at,
    }
    tx.execute(update(mentions).where(mentions.c.id == mention_id).values(**empty))
    past_wordings.forget(tx, mention_id)


def posts(tx: Connection, mention_ids: Sequence[int]) -> list[PostRow]:
    """Those of these posts that can make a case, in the order they were written."""
    query = (
        select(mentions.c.id, authors.c.customer_id, mentions.c.channel, mentions.c.published_at)
        .join(authors, authors.c.id == mentions.c.author_id)
        .where(mentions.c.id.in_(mention_ids), mentions.c.deleted_at.is_(None))
        .where(~mentions.c.is_own, ~mentions.c.is_repost, ~mentions.c.is_history)
        .order_by(mentions.c.published_at, mentions.c.id)
    )
    return [PostRow(*row) for row in tx.execute(query)]


def waiting(tx: Connection, *, posts: int, history: bool = True) -> list[Waiting]:
    """Posts no model has judged: live ones before history, the newest first; without ``history`` live ones alone."""
    # Literal SQL, because a partial index is only used when its condition is not a parameter.
    pending = text("judged_by IS NULL")
    found: list[Waiting] = []
    for is_history in (False, True)[: 1 + history]:
        query = select(mentions.c.id, mentions.c.text, mentions.c.edited_at).where(
            pending, mentions.c.is_history == is_history
        )
        rows = tx.execute(query.order_by(mentions.c.id.desc()).limit(posts - len(found)))
        found += [Waiting(*row, is_history=is_history) for row in rows]
        if len(found) >= posts:
            break
    return found


def waiting_among(tx: Connection, mention_ids: Sequence[int]) -> list[Waiting]:
    """Those of these posts that no model has judged yet."""
    columns = (mentions.c.id, mentions.c.text, mentions.c.edited_at)
    query = select(*columns).where(mentions.c.id.in_(mention_ids), mentions.c.judged_by.is_(None))
    return [Waiting(*row) for row in tx.execute(query.order_by(mentions.c.id.desc()))]


def count_waiting(tx: Connection) -> int:
    """How many posts wait for the model."""
    return int(tx.execute(text("SELECT count(*) FROM mentions WHERE judged_by IS NULL")).scalar_one())


def put_labels(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Copy labels onto posts; every row has ``b_id`` and the same columns."""
    if rows:
        names = [name for name in rows[0] if name != "b_id"]
        statement = update(mentions).where(mentions.c.id == bindparam("b_id"))
        renamed = [{"b_id": row["b_id"], **{f"v_{n}": row[n] for n in names}} for row in rows]
        tx.execute(statement.values({n: bindparam(f"v_{n}") for n in names}), renamed)


def still_the_same(tx: Connection, read: Sequence[Waiting]) -> set[int]:
    """The ids of those posts whose text has not changed since they were read."""
    now = {
        row.id: row.edited_at
        for row in tx.execute(
            select(mentions.c.id, mentions.c.edited_at).where(
                mentions.c.id.in_([w.id for w in read]), mentions.c.deleted_at.is_(None)
            )
        )
    }
    return {w.id for w in read if w.id in now and now[w.id] == w.edited_at}


def brand_ids(tx: Connection, mention_ids: Sequence[int]) -> set[int]:
    """The brands whose watches matched any of these posts."""
    query = select(watches.c.brand_id).join(mention_matches, mention_matches.c.watch_id == watches.c.id)
    return set(tx.execute(query.where(mention_matches.c.mention_id.in_(mention_ids)).distinct()).scalars())


def ours(tx: Connection, keys: Iterable[tuple[str, str]]) -> set[str]:
    """Which of these (channel, native id) are replies that we sent."""
    remote_ids = [native_id for _, native_id in keys]
    return set(tx.execute(select(replies.c.remote_id).where(replies.c.remote_id.in_(remote_ids))).scalars())


def fill_language(tx: Connection, found: Sequence[tuple[int, str]]) -> None:
    """Note the language a classifier found where the network did not say, also in place of what one found before.

    To be asked before the new judgement is copied onto the posts: what was found before stands in the last one.
    """
    if found:
        before = select(judgements.c.language).where(judgements.c.id == mentions.c.judgement_id).scalar_subquery()
        unsaid = mentions.c.language.is_(None) | (mentions.c.language == before)
        other = mentions.c.language.is_distinct_from(bindparam("b_language"))
        statement = update(mentions).where(mentions.c.id == bindparam("b_id"), unsaid, other)
        rows = [{"b_id": mention_id, "b_language": language[:12]} for mention_id, language in found]
        tx.execute(statement.values(language=bindparam("b_language")), rows)


def known_talks(tx: Connection, brand_id: int, posts: Sequence[Mention]) -> set[MentionKey]:
    """Those of these posts that go on a talk we are in: the author's own case, or an answer to our reply."""
    parents = [p.parent_id for p in posts if p.parent_id]
    ours_here = set(tx.execute(select(replies.c.remote_id).where(replies.c.remote_id.in_(parents))).scalars())
    talks = (
        select(authors.c.native_id, conversations.c.native_id)
        .select_from(case_mentions)
        .join(cases, cases.c.id == case_mentions.c.case_id)
        .join(mentions, mentions.c.id == case_mentions.c.mention_id)
        .join(authors, authors.c.id == mentions.c.author_id)
        .join(conversations, conversations.c.id == mentions.c.conversation_id)
        .where(cases.c.brand_id == brand_id, authors.c.native_id.in_([p.author.native_id for p in posts]))
    )
    known = {(author, root) for author, root in tx.execute(talks)}
    return {
        mention_key(p) for p in posts if p.parent_id in ours_here or (p.author.native_id, p.conversation_id) in known
    }


def is_there(tx: Connection, mention_id: int) -> bool:
    """Whether this post is stored and not deleted."""
    query = select(mentions.c.id).where(mentions.c.id == mention_id, mentions.c.deleted_at.is_(None))
    return tx.execute(query).scalar_one_or_none() is not None


def put_correction(tx: Connection, mention_id: int, said: Correction) -> None:
    """Copy a person's labels onto the post."""
    values: dict[str, Any] = {"corrected": True, "unsure": False}
    if said.sentiment is not None:
        values["sentiment"] = said.sentiment.value
    if said.kind is not None:
        values["kind"] = said.kind.value
    if said.urgency_level is not None:
        values |= {"urgency_level": int(said.urgency_level), "urgency": float(said.urgency_level)}
    tx.execute(update(mentions).where(mentions.c.id == mention_id).values(**values))
