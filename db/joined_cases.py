"""Cases that are one for now: what each was by itself, and whose posts, replies, promises and notes are whose."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from db.cases import CaseRow
from db.tables import authors, case_mentions, cases, joined_cases, mentions, notes, promises, replies
from domain.states import ReplyState

_MOVED = (case_mentions, promises, notes)
_MOMENTS = (
    *("owned_since", "opened_at", "waiting_since", "last_mention_at", "last_reply_at"),
    *("snoozed_until", "check_back_at"),
)
#: What a case is by itself; everything else follows from its posts when it is ranked.
_OWN = (*_MOMENTS, "state", "owner_id", "hand_overs", "last_mention_id", "channel")
#: Kept beside them: whose draft was put below their other one.
_BELOW = "drafts_below"


@dataclass(frozen=True, slots=True)
class JoinedCase:
    """One of several that are one. ``own``: what it was before; it stands for all where ``into_case_id`` is None.

    ``below``: the authors whose draft was put below the one they had in the other case; None: that was not kept yet.
    """

    case_id: int
    into_case_id: int | None
    own: Mapping[str, Any]
    version: int
    below: frozenset[int] | None = None


def own_values(case: CaseRow) -> dict[str, Any]:
    """What this case is by itself."""
    return {name: getattr(case, name) for name in _OWN}


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    return {n: v.isoformat() if isinstance(v, datetime) else v for n, v in values.items()}


def _read(values: Mapping[str, Any]) -> dict[str, Any]:
    return {n: datetime.fromisoformat(v) if n in _MOMENTS and v is not None else v for n, v in values.items()}


def keep(tx: Connection, case: CaseRow, *, into: int | None, version: int, at: datetime) -> None:
    """Remember what this case is by itself, in the place of what was remembered.

    Its last reply was one to all that were part of it by then.
    """
    forget(tx, [case.id])
    others = update(joined_cases).where(joined_cases.c.into_case_id == case.id)
    tx.execute(others.values(last_reply_at=case.last_reply_at))
    values = {"case_id": case.id, "into_case_id": into, "own": _written(own_values(case)) | {_BELOW: []}}
    tx.execute(insert(joined_cases).values(**values, last_reply_at=case.last_reply_at, joined_at=at, version=version))


def keep_below(tx: Connection, case_id: int, author_ids: Collection[int]) -> None:
    """Remember of this case, already remembered, whose drafts were put below their other ones."""
    row = joined_cases.c.case_id == case_id
    own = tx.execute(select(joined_cases.c.own).where(row)).scalar_one()
    tx.execute(update(joined_cases).where(row).values(own={**own, _BELOW: sorted(author_ids)}))


def point(tx: Connection, case_id: int, *, into: int | None, version: int) -> None:
    """This case, already remembered, and all that are part of it, are part of ``into`` now; None: it stands for all."""
    row = update(joined_cases).where(joined_cases.c.case_id == case_id)
    tx.execute(row.values(into_case_id=into, version=version))
    if into is not None:
        others = update(joined_cases).where(joined_cases.c.into_case_id == case_id)
        tx.execute(others.values(into_case_id=into))


def group(tx: Connection, case_id: int) -> list[JoinedCase]:
    """All cases that are one with this one, the one that stands for them first; empty when it is alone."""
    found = tx.execute(select(joined_cases.c.into_case_id).where(joined_cases.c.case_id == case_id)).one_or_none()
    if found is None:
        return []
    head = found.into_case_id or case_id
    query = select(joined_cases).where((joined_cases.c.case_id == head) | (joined_cases.c.into_case_id == head))
    rows = tx.execute(query.order_by(joined_cases.c.into_case_id.is_not(None), joined_cases.c.case_id))
    return [_joined(row) for row in rows]


def _joined(row: Any) -> JoinedCase:
    own = dict(row.own)
    below = own.pop(_BELOW, None)
    known = None if below is None else frozenset(below)
    return JoinedCase(row.case_id, row.into_case_id, _read(own), row.version, known)


def of_homes(tx: Connection, customer_ids: Sequence[int]) -> list[int]:
    """The cases among those that are one with others that belong to these customers by themselves."""
    home = func.coalesce(cases.c.home_customer_id, cases.c.customer_id)
    query = select(cases.c.id).join(joined_cases, joined_cases.c.case_id == cases.c.id)
    return list(tx.execute(query.where(home.in_(customer_ids)).order_by(cases.c.id)).scalars())


def forget(tx: Connection, case_ids: Sequence[int]) -> None:
    """These cases are by themselves again."""
    tx.execute(joined_cases.delete().where(joined_cases.c.case_id.in_(case_ids)))


def move_rows(tx: Connection, case_id: int, *, to: int) -> None:
    """All that is in ``case_id`` becomes part of ``to`` and remembers where it was.

    A draft stays when its author has one in ``to`` already: nobody writes two replies in one case.
    """
    for table in _MOVED:
        home = func.coalesce(table.c.home_case_id, case_id)
        tx.execute(update(table).where(table.c.case_id == case_id).values(home_case_id=home, case_id=to))
    there = select(replies.c.author_id).where(replies.c.case_id == to, replies.c.status == ReplyState.DRAFT)
    movable = (replies.c.status != ReplyState.DRAFT) | replies.c.author_id.not_in(there)
    home = func.coalesce(replies.c.home_case_id, case_id)
    tx.execute(update(replies).where(replies.c.case_id == case_id, movable).values(home_case_id=home, case_id=to))


def move_home(tx: Connection, case_id: int, *, home: int) -> None:
    """What ``case_id`` has from ``home`` goes back there."""
    for table in (*_MOVED, replies):
        theirs = update(table).where(table.c.case_id == case_id, table.c.home_case_id == home)
        tx.execute(theirs.values(case_id=home, home_case_id=None))


def drafts_of(tx: Connection, case_id: int) -> dict[int, tuple[int, str]]:
    """The drafts in a case: by author, id and text."""
    query = select(replies.c.author_id, replies.c.id, replies.c.text)
    rows = tx.execute(query.where(replies.c.case_id == case_id, replies.c.status == ReplyState.DRAFT))
    return {author_id: (reply_id, text) for author_id, reply_id, text in rows}


def write_draft(tx: Connection, reply_id: int, text: str) -> None:
    """Put other words into a draft; its version is raised, so that nobody overwrites them unseen."""
    statement = update(replies).where(replies.c.id == reply_id)
    tx.execute(statement.values(text=text, version=replies.c.version + 1))


def strangers(tx: Connection, customer_id: int, *, author_of: int) -> dict[int, list[int]]:
    """The posts in cases of one customer whose author is another one, by case."""
    query = (
        select(case_mentions.c.case_id, case_mentions.c.mention_id)
        .join(cases, cases.c.id == case_mentions.c.case_id)
        .join(mentions, mentions.c.id == case_mentions.c.mention_id)
        .join(authors, authors.c.id == mentions.c.author_id)
        .where(cases.c.customer_id == customer_id, authors.c.customer_id == author_of)
        .order_by(case_mentions.c.case_id, mentions.c.published_at, mentions.c.id)
    )
    found: dict[int, list[int]] = {}
    for case_id, mention_id in tx.execute(query):
        found.setdefault(case_id, []).append(mention_id)
    return found


def posts_in(tx: Connection, case_id: int) -> list[int]:
    """The posts of a case."""
    return list(tx.execute(select(case_mentions.c.mention_id).where(case_mentions.c.case_id == case_id)).scalars())


def count_posts(tx: Connection, case_id: int) -> int:
    """How many posts a case has."""
    query = select(func.count()).select_from(case_mentions).where(case_mentions.c.case_id == case_id)
    return int(tx.execute(query).scalar_one())


def move_posts(tx: Connection, case_id: int, mention_ids: Sequence[int], *, to: int) -> None:
    """These posts, the replies to them and what those promised become part of another case for good."""
    ours = replies.c.mention_id.in_(mention_ids) & (replies.c.case_id == case_id)
    promised = select(replies.c.id).where(ours)
    moved = update(promises).where(promises.c.case_id == case_id, promises.c.reply_id.in_(promised))
    tx.execute(moved.values(case_id=to))
    there = select(replies.c.author_id).where(replies.c.case_id == to, replies.c.status == ReplyState.DRAFT)
    movable = (replies.c.status != ReplyState.DRAFT) | replies.c.author_id.not_in(there)
    tx.execute(update(replies).where(ours, movable).values(case_id=to, home_case_id=None))
    posts = update(case_mentions).where(case_mentions.c.case_id == case_id, case_mentions.c.mention_id.in_(mention_ids))
    tx.execute(posts.values(case_id=to, home_case_id=None))


def newest_post(tx: Connection, case_id: int) -> tuple[int, datetime, str] | None:
    """The newest post of a case: id, moment, channel."""
    query = select(mentions.c.id, mentions.c.published_at, mentions.c.channel).join(
        case_mentions, case_mentions.c.mention_id == mentions.c.id
    )
    ordered = query.where(case_mentions.c.case_id == case_id).order_by(mentions.c.published_at.desc(), mentions.c.id)
    row = tx.execute(ordered.limit(1)).one_or_none()
    return None if row is None else (row.id, row.published_at, row.channel)


def last_reply_at(tx: Connection, case_id: int) -> datetime | None:
    """When the latest reply of a case went out."""
    at: datetime | None = tx.execute(select(func.max(replies.c.sent_at)).where(replies.c.case_id == case_id)).scalar()
    return at


def belongs_to(tx: Connection, case_id: int, *, customer_id: int) -> None:
    """This case is this customer's, and never was anybody else's."""
    statement = update(cases).where(cases.c.id == case_id)
    tx.execute(statement.values(customer_id=customer_id, home_customer_id=None))
