"""What a window asks every few seconds, as SQL: how many cases, words and colleagues there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, bindparam, func, or_, select

from db.queue import BRAND_ID, IS_CARRIED, IS_NEW, IS_RANKED, NOBODY, NOW, USER_ID, open_promise
from db.tables import cases, changes, notices, presence, promises, replies, users
from domain.text import name_order

#: Counting stops one beyond this, so that a huge queue costs no more than a large one: there it says "1,000+".
COUNT_CAP = 1_000


def _count(*conditions: Any) -> ScalarSelect[int]:
    some = select(cases.c.id).where(*conditions).limit(COUNT_CAP + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


_MINE = (cases.c.brand_id == BRAND_ID, cases.c.owner_id == USER_ID, IS_CARRIED)
_ASLEEP = cases.c.snoozed_until > NOW
# What sleeps is counted by its own index and taken away: else each of a thousand rows would be looked at. One
# statement for all, since sending one costs more than counting.
_COUNTS = select(
    _count(cases.c.brand_id == BRAND_ID, IS_NEW).label("free"),
    _count(cases.c.brand_id == BRAND_ID, _ASLEEP, IS_NEW).label("free_asleep"),
    _count(*_MINE, or_(cases.c.snoozed_until.is_(None), cases.c.snoozed_until <= NOW)).label("mine"),
    _count(*_MINE, select(promises.c.id).where(open_promise()).exists()).label("promised"),
    _count(cases.c.brand_id == BRAND_ID, IS_RANKED).label("everybody"),
    _count(cases.c.brand_id == BRAND_ID, _ASLEEP, IS_RANKED).label("asleep"),
)
# What a window asks every few seconds while nothing happens: three numbers, each by its index.
_STATE = select(
    select(changes.c.version).where(changes.c.brand_id == BRAND_ID).scalar_subquery().label("version"),
    select(func.count())
    .where(notices.c.user_id == USER_ID, notices.c.read_at.is_(None))
    .scalar_subquery()
    .label("unread"),
    select(func.count())
    .select_from(replies.join(cases, cases.c.id == replies.c.case_id))
    .where(replies.c.status == "awaiting_approval", cases.c.brand_id == BRAND_ID, replies.c.author_id != USER_ID)
    .scalar_subquery()
    .label("waiting"),
)
_ONLINE = (
    select(users.c.id, users.c.name, presence.c.case_id)
    .join(presence, presence.c.user_id == users.c.id)
    .where(presence.c.seen_at >= bindparam("since", type_=presence.c.seen_at.type), users.c.active)
)


def counts(tx: Connection, brand_id: int, *, user_id: int | None, now: datetime) -> tuple[int, int, int, int]:
    """Cases that are free, mine, mine with a promise, everybody's; ``COUNT_CAP + 1`` stands for more."""
    row = tx.execute(_COUNTS, {"brand_id": brand_id, "user_id": user_id or NOBODY, "now": now}).one()
    return _awake(row.free, row.free_asleep), row.mine, row.promised, _awake(row.everybody, row.asleep)


def _awake(listed: int, asleep: int) -> int:
    return listed if listed > COUNT_CAP else max(0, listed - asleep)


def arrived_since(tx: Connection, brand_id: int, *, version: int, listed: Sequence[int] = ()) -> int:
    """Cases that came to the queue after the desk's counter stood at ``version``, besides those already listed.

    ``COUNT_CAP + 1`` stands for more.
    """
    came = [cases.c.brand_id == brand_id, cases.c.arrived_version > version, IS_RANKED]
    unlisted = [cases.c.id.not_in(listed)] if listed else []
    return int(tx.execute(select(_count(*came, *unlisted))).scalar_one())


def state(tx: Connection, brand_id: int, *, user_id: int | None) -> tuple[int, int, int]:
    """The desk's counter, unread notices, and replies that wait for somebody else's approval than this person's own."""
    row = tx.execute(_STATE, {"brand_id": brand_id, "user_id": user_id or NOBODY}).one()
    return row.version or 0, row.unread, row.waiting


def online(tx: Connection, *, since: datetime) -> list[tuple[int, str, int]]:
    """Colleagues who gave a sign of life since then: id, name, the case they look at."""
    rows = tx.execute(_ONLINE, {"since": since})
    return sorted(((row.id, row.name, row.case_id) for row in rows), key=lambda each: (name_order(each[1]), each[0]))
