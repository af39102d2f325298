"""What was said around a case: its posts, the rest of their conversations, the customer's earlier contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select, union

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


_beside = mentions.alias("beside")
# Statements are built once: putting one together costs more than running it.
_NEWEST_FIRST = (mentions.c.published_at.desc(), mentions.c.id.desc())
_LIMITED = _QUERY.order_by(*_NEWEST_FIRST).limit(bindparam("rows"))
_OF_CUSTOMER = _LIMITED.where(
    mentions.c.author_id.in_(select(authors.c.id).where(authors.c.customer_id == bindparam("wanted")))
)
_CASES = (
    select(case_mentions.c.mention_id, case_mentions.c.case_id)
    .where(case_mentions.c.mention_id.in_(bindparam("wanted", expanding=True)))
    .order_by(case_mentions.c.case_id)
)
_IN_CASE = select(case_mentions.c.mention_id).where(case_mentions.c.case_id == bindparam("case_id"))
_CASE_OF = (
    select(func.max(case_mentions.c.case_id)).where(case_mentions.c.mention_id == mentions.c.id).scalar_subquery()
)


def _newest(*conditions: ColumnElement[bool]) -> Select[Any]:
    """The ids of the latest posts of a kind, for a union: not every database lets its parts be limited as they are."""
    chosen = select(mentions.c.id).where(*conditions).order_by(*_NEWEST_FIRST).limit(bindparam("rows")).subquery()
    return select(chosen.c.id)


# One statement, each part of which has its index; with OR every post would be read. A case has few conversations.
_AROUND_CASE = (
    _QUERY.add_columns(_CASE_OF.label("case_id"), mentions.c.id.in_(_IN_CASE).label("is_in_case"))
    .where(
        mentions.c.id.in_(
            union(
                _newest(mentions.c.id.in_(_IN_CASE)),
                _newest(
                    mentions.c.author_id.in_(
                        select(authors.c.id).where(authors.c.customer_id == bindparam("customer_id"))
                    )
                ),
                _newest(
                    mentions.c.conversation_id.in_(
                        select(_beside.c.conversation_id).where(_beside.c.id.in_(_IN_CASE)).distinct()
                    )
                ),
            )
        )
    )
    .order_by(*_NEWEST_FIRST)
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


def of_case(tx: Connection, case_id: int, *, customer_id: int, rows: int) -> tuple[list[PostRow], dict[int, int]]:
    """The latest posts around a case, oldest first, the case's own always among them; and the case of each, if any.

    A post that is in several cases counts for the newest.
    """
    asked = {"case_id": case_id, "customer_id": customer_id, "rows": rows}
    found = tx.execute(_AROUND_CASE, asked).all()
    own, others = [row for row in found if row.is_in_case], [row for row in found if not row.is_in_case]
    kept = [*own[:rows], *others[: max(0, rows - len(own))]]
    case_of = {row.id: row.case_id for row in kept if row.case_id is not None}
    posts = [PostRow(*row[:-2]) for row in kept]
    return sorted(posts, key=lambda p: (p.published_at, p.id)), case_of


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
