"""What was said around a case: its posts, the rest of their conversations, the customer's earlier contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from db.tables import authors, case_mentions, conversations, judgements, mentions
from domain.errors import NotFound
from domain.mention import Audience, Author, MediaRef, Mention

_AUTHOR_COLUMNS = ("handle", "name", "bio", "location", "followers", "avatar_url", "profile_url")


@dataclass(frozen=True, slots=True)
class PostRow:
    """One post with its author, its labels and the reasons of its latest judgement."""

    id: int
    channel: str
    origin: str
    native_id: str
    conversation_id: int
    parent_native_id: str | None
    text: str
    language: str | None
    url: str | None
    media: Sequence[Mapping[str, Any]]
    published_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    is_own: bool
    is_repost: bool
    audience: str
    sentiment: str | None
    kind: str | None
    urgency_level: int | None
    unsure: bool | None
    judged_by: str | None
    corrected: bool
    customer_id: int
    author_name: str
    handle: str
    reasons: Sequence[Mapping[str, Any]] | None


_OWN = [
    mentions.c[name] for name in PostRow.__slots__ if name not in {"customer_id", "author_name", "handle", "reasons"}
]
_QUERY = select(
    *_OWN, authors.c.customer_id, authors.c.name.label("author_name"), authors.c.handle, judgements.c.reasons
).select_from(
    mentions.join(authors, authors.c.id == mentions.c.author_id).outerjoin(
        judgements, judgements.c.id == mentions.c.judgement_id
    )
)


# Statements are built once: putting one together costs more than running it.
_NEWEST_FIRST = (mentions.c.published_at.desc(), mentions.c.id.desc())
_LIMITED = _QUERY.order_by(*_NEWEST_FIRST).limit(bindparam("rows"))
_OF_CASE = _LIMITED.where(
    mentions.c.id.in_(select(case_mentions.c.mention_id).where(case_mentions.c.case_id == bindparam("wanted")))
)
_OF_CUSTOMER = _LIMITED.where(
    mentions.c.author_id.in_(select(authors.c.id).where(authors.c.customer_id == bindparam("wanted")))
)
_OF_CONVERSATIONS = _LIMITED.where(mentions.c.conversation_id.in_(bindparam("wanted", expanding=True)))
_CASES = (
    select(case_mentions.c.mention_id, case_mentions.c.case_id)
    .where(case_mentions.c.mention_id.in_(bindparam("wanted", expanding=True)))
    .order_by(case_mentions.c.case_id)
)
_ONE = _QUERY.where(mentions.c.id == bindparam("wanted"))
_MENTION = (
    select(
        mentions,
        conversations.c.native_id.label("root_id"),
        authors.c.native_id.label("author_native_id"),
        *[authors.c[name].label(f"author_{name}") for name in _AUTHOR_COLUMNS],
    )
    .select_from(mentions.join(conversations).join(authors))
    .where(mentions.c.id == bindparam("wanted"))
)


def _posts(tx: Connection, query: Select[Any], wanted: object, rows: int) -> list[PostRow]:
    # The newest first, so that a limit keeps what matters now.
    return [PostRow(*row) for row in tx.execute(query, {"wanted": wanted, "rows": rows})]


def case_ids_of_posts(tx: Connection, mention_ids: Sequence[int]) -> dict[int, int]:
    """The case each of these posts belongs to; the newest when there are several."""
    return {row.mention_id: row.case_id for row in tx.execute(_CASES, {"wanted": list(mention_ids)})}


def of_case(tx: Connection, case_id: int, *, customer_id: int, rows: int) -> list[PostRow]:
    """The latest posts around a case, oldest first; the case's own are always among them.

    Three indexed look-ups (the case, the customer's accounts, the conversations) instead of one with
    OR, which would read every post.
    """
    own = _posts(tx, _OF_CASE, case_id, rows)
    theirs = of_customer(tx, customer_id, rows=rows)
    around = _posts(tx, _OF_CONVERSATIONS, sorted({post.conversation_id for post in own}), rows)
    kept = {post.id: post for post in own}
    others = sorted({p.id: p for p in [*theirs, *around]}.values(), key=lambda p: p.published_at, reverse=True)
    for post in others:
        if len(kept) >= rows:
            break
        kept.setdefault(post.id, post)
    return sorted(kept.values(), key=lambda p: (p.published_at, p.id))


def of_customer(tx: Connection, customer_id: int, *, rows: int) -> list[PostRow]:
    """The latest posts of all accounts of a customer, the newest first."""
    return _posts(tx, _OF_CUSTOMER, customer_id, rows)


def post(tx: Connection, mention_id: int) -> PostRow:
    """One post as it is shown; NotFound when there is none."""
    found = _posts(tx, _ONE, mention_id, 1)
    if not found:
        raise NotFound(f"There is no post {mention_id}.", entity="mention", id=mention_id)
    return found[0]


def mention(tx: Connection, mention_id: int) -> Mention:
    """The post as a channel knows it; NotFound when there is none."""
    row = tx.execute(_MENTION, {"wanted": mention_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no post {mention_id}.", entity="mention", id=mention_id)
    author = {name: getattr(row, f"author_{name}") for name in _AUTHOR_COLUMNS}
    return Mention(
        channel=row.channel,
        origin=row.origin,
        native_id=row.native_id,
        author=Author(native_id=row.author_native_id, **author),
        text=row.text,
        published_at=row.published_at,
        conversation_id=row.root_id,
        parent_id=row.parent_native_id,
        url=row.url,
        language=row.language,
        edited_at=row.edited_at,
        media=tuple(MediaRef(m.get("type", ""), m.get("url", ""), m.get("alt", "")) for m in row.media),
        is_own=row.is_own,
        is_repost=row.is_repost,
        deleted=row.deleted_at is not None,
        version=row.version,
        reply_ref=row.reply_ref,
        audience=Audience(row.audience),
    )
