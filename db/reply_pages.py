"""Replies with the names and links around them, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from db.replies import ReplyRow
from db.tables import accounts, authors, brands, cases, customers, mentions, replies, users
from domain.states import ReplyState


@dataclass(frozen=True, slots=True)
class ListedReply:
    """A reply, the post it answers, and who is who. Names are as of now."""

    reply: ReplyRow
    brand_id: int
    brand_name: str
    customer_name: str
    author_name: str
    approver_name: str | None
    account_handle: str | None
    parent_url: str | None
    parent_text: str
    parent_author: str
    parent_at: datetime
    language: str | None
    urgency_level: int


_approvers = users.alias("approvers")
_OWN = [replies.c[name] for name in ReplyRow.__slots__]
_AROUND = [
    cases.c.brand_id.label("_brand_id"),
    brands.c.name.label("_brand_name"),
    customers.c.name.label("_customer_name"),
    users.c.name.label("_author_name"),
    _approvers.c.name.label("_approver_name"),
    accounts.c.handle.label("_account_handle"),
    mentions.c.url.label("_parent_url"),
    mentions.c.text.label("_parent_text"),
    authors.c.name.label("_parent_author"),
    mentions.c.published_at.label("_parent_at"),
    mentions.c.language.label("_language"),
    cases.c.urgency_level.label("_urgency_level"),
]
_QUERY = select(*_OWN, *_AROUND).select_from(
    replies.join(cases, cases.c.id == replies.c.case_id)
    .join(brands, brands.c.id == cases.c.brand_id)
    .join(customers, customers.c.id == cases.c.customer_id)
    .join(users, users.c.id == replies.c.author_id)
    .join(mentions, mentions.c.id == replies.c.mention_id)
    .join(authors, authors.c.id == mentions.c.author_id)
    .outerjoin(_approvers, _approvers.c.id == replies.c.approver_id)
    .outerjoin(accounts, accounts.c.id == replies.c.account_id)
)


def _listed(tx: Connection, query: Select[Any]) -> list[ListedReply]:
    found = []
    for row in tx.execute(query):
        values = dict(row._mapping)
        around = {name[1:]: values.pop(name) for name in list(values) if name.startswith("_")}
        values["status"] = ReplyState(values["status"])
        found.append(ListedReply(reply=ReplyRow(**values), **around))
    return found


def listed(tx: Connection, reply_id: int) -> ListedReply:
    """One reply that is known to exist."""
    return _listed(tx, _QUERY.where(replies.c.id == reply_id))[0]


def page(
    tx: Connection,
    *,
    states: Sequence[ReplyState],
    brand_id: int | None = None,
    author_id: int | None = None,
    before_id: int | None = None,
    rows: int = 50,
) -> list[ListedReply]:
    """Replies in these states, the newest first, below ``before_id``."""
    query = _QUERY.where(replies.c.status.in_(list(states)))
    if brand_id is not None:
        query = query.where(cases.c.brand_id == brand_id)
    if author_id is not None:
        query = query.where(replies.c.author_id == author_id)
    if before_id is not None:
        query = query.where(replies.c.id < before_id)
    return _listed(tx, query.order_by(replies.c.id.desc()).limit(rows))


def waiting_for_approval(tx: Connection, *, rows: int = 200) -> list[ListedReply]:
    """Replies that wait for a second pair of eyes, the longest waiting first."""
    query = _QUERY.where(replies.c.status == ReplyState.AWAITING_APPROVAL)
    return _listed(tx, query.order_by(replies.c.updated_at, replies.c.id).limit(rows))
