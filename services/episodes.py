"""Which case does a post belong to, and how urgent is that case now? Used inside other services' transactions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db import cases, changes, episodes, mentions, notices, standing
from db.cases import CaseRow
from db.mentions import PostRow
from domain.judgement import Kind, Sentiment, UrgencyLevel
from domain.states import CaseMove, CaseState, case_after
from services import ranking
from services.context import Context


def attach_mention(tx: Connection, ctx: Context, mention_id: int, brand_id: int, now: datetime) -> int | None:
    """Make a stored post part of its customer's case with this brand; returns the case, None when it makes none.

    It joins the live case, reopens one resolved less than ``reopen_window_days`` ago, else opens a new one.
    Our own posts, reposts, history and tombstones make none. The case is ranked again.
    """
    return attach_mentions(tx, ctx, [mention_id], brand_id, now).get(mention_id)


def attach_mentions(
    tx: Connection, ctx: Context, mention_ids: Sequence[int], brand_id: int, now: datetime
) -> dict[int, int]:
    """The same for many posts; returns the case of each post that has one."""
    posts = mentions.posts(tx, mention_ids)
    if not posts:
        return {}
    attached = episodes.attached(tx, [p.id for p in posts], brand_id=brand_id)
    by_customer: dict[int, list[PostRow]] = {}
    for post in posts:
        if post.id not in attached:
            by_customer.setdefault(post.customer_id, []).append(post)
    if not by_customer:
        return attached
    changes.raise_version(tx, brand_id)
    desk = _Desk(tx, now, brand_id, changes.version(tx, brand_id), timedelta(days=ctx.settings.reopen_window_days))
    placed = _place(desk, by_customer)
    episodes.attach_many(tx, [(case_id, mention_id) for mention_id, case_id in placed.items()], at=now)
    ranking.rerank_many(tx, sorted(set(placed.values())), now)
    return attached | placed


def rerank(tx: Connection, ctx: Context, case_id: int, now: datetime) -> None:
    """Compute the case's judgement, priority, reasons and waiting time anew.

    It rests on judgements, corrections, promises, hand-overs and followers, and leaves ``version``
    alone: a colleague's act must not be refused because the rank moved.
    """
    ranking.rerank_many(tx, [case_id], now)


def rerank_many(tx: Connection, ctx: Context, case_ids: Sequence[int], now: datetime) -> None:
    """The same for many cases in a handful of statements."""
    ranking.rerank_many(tx, case_ids, now)


def rerank_due(ctx: Context, *, limit: int = 500) -> int:
    """Rank again what time alone has changed; returns how many cases."""
    now = ctx.clock()
    with ctx.store.read() as tx:
        due = standing.due_for_rank(tx, now=now, limit=limit)
    if due:
        with ctx.store.write() as tx:
            ranking.rerank_many(tx, due, now)
            _tell_desks(tx, {case.brand_id for case in standing.of_cases(tx, due)})
    return len(due)


def set_noise_aside(tx: Connection, case_ids: Sequence[int], now: datetime) -> int:
    """Dismiss ownerless cases in which every post is surely spam, or gone; returns how many.

    A case that a person has brought back is left alone for ever.
    """
    posts = standing.posts_of(tx, case_ids)
    spared = standing.reopened(tx, case_ids)
    noise = [
        (case.id, reason)
        for case in standing.of_cases(tx, case_ids)
        if case.state is CaseState.NEW and case.id not in spared and (reason := _noise(posts.get(case.id, [])))
    ]
    for case_id, reason in noise:
        state = case_after(CaseState.NEW, CaseMove.DISMISS)
        cases.change(tx, cases.get(tx, case_id), state=state, closed_at=now, resolution=reason)
        cases.record(tx, case_id, "dismissed", at=now, reason=reason, by="system")
    return len(noise)


def bring_back(tx: Connection, ctx: Context, case_ids: Sequence[int], now: datetime, *, however_old: bool) -> None:
    """Put cases back into the queue that the desk set aside as spam and that are spam no more.

    As long as a case is opened again, else where silence does harm and ``however_old`` is asked for. What a person set
    aside stays there, and so does the case of somebody who has another by now.
    """
    aside = [cases.get(tx, case_id) for case_id in standing.aside_as_spam(tx, case_ids)]
    posts = standing.posts_of(tx, [case.id for case in aside])
    since = now - timedelta(days=ctx.settings.reopen_window_days)
    back = []
    for case in aside:
        heard = [p for p in posts.get(case.id, []) if not p.deleted and p.kind not in (None, Kind.SPAM)]
        presses = however_old and any(p.urgency_level == UrgencyLevel.ACT_NOW for p in heard)
        lately = case.closed_at is not None and case.closed_at > since
        if not heard or not (presses or lately):
            continue
        if cases.live_of_customer(tx, case.customer_id, brand_id=case.brand_id) is not None:
            continue
        changes.raise_version(tx, case.brand_id)
        values = {"closed_at": None, "resolution": None, "arrived_version": changes.version(tx, case.brand_id)}
        cases.change(tx, case, state=case_after(case.state, CaseMove.REOPEN), **values)
        cases.record(tx, case.id, "brought_back", at=now, by="system")
        back.append(case.id)
    ranking.rerank_many(tx, back, now)


def _noise(posts: Sequence[standing.PostStand]) -> str | None:
    living = [p for p in posts if not p.deleted]
    if not living:
        return "noise"
    surely = all(p.kind == Kind.SPAM and p.judged_by is not None and not p.unsure for p in living)
    return "spam" if surely else None


@dataclass(frozen=True, slots=True)
class _Desk:
    """What placing posts needs to know."""

    tx: Connection
    now: datetime
    brand_id: int
    version: int
    reopen_window: timedelta


def _place(desk: _Desk, by_customer: dict[int, list[PostRow]]) -> dict[int, int]:
    """Find, reopen or open the case of each customer; returns the case by post."""
    live = episodes.live_of_customers(desk.tx, list(by_customer), brand_id=desk.brand_id)
    without = [c for c in by_customer if c not in live]
    closed = episodes.closed_since(desk.tx, without, brand_id=desk.brand_id, since=desk.now - desk.reopen_window)
    newcomers = {c: posts for c, posts in by_customer.items() if c not in live and c not in closed}
    placed = _open_new(desk, newcomers)
    for customer_id, case in (live | closed).items():
        _write_again(desk, case, by_customer[customer_id])
        placed |= {post.id: case.id for post in by_customer[customer_id]}
    return placed


def _open_new(desk: _Desk, by_customer: dict[int, list[PostRow]]) -> dict[int, int]:
    rows = [_new_case(desk, customer_id, posts) for customer_id, posts in by_customer.items()]
    case_ids = episodes.create_many(desk.tx, rows)
    episodes.record_many(desk.tx, case_ids, "opened", at=desk.now)
    placed = zip(case_ids, by_customer.values(), strict=True)
    return {post.id: case_id for case_id, posts in placed for post in posts}


def _new_case(desk: _Desk, customer_id: int, posts: Sequence[PostRow]) -> dict[str, Any]:
    """A case before its first ranking, which follows in the same transaction."""
    return {
        "brand_id": desk.brand_id,
        "customer_id": customer_id,
        "state": CaseState.NEW,
        "channel": posts[-1].channel,
        "last_mention_id": posts[-1].id,
        "last_mention_at": posts[-1].published_at,
        "waiting_since": posts[0].published_at,
        "opened_at": desk.now,
        "arrived_version": desk.version,
        "sentiment": Sentiment.NEUTRAL,
        "kind": Kind.OTHER,
        "urgency": 1.0,
        "urgency_level": 1,
        "priority": 0.0,
        "reasons": [],
    }


def _write_again(desk: _Desk, case: CaseRow, posts: Sequence[PostRow]) -> None:
    """The customer of a known case wrote: it is our turn again, unless the post is older than our answer."""
    if case.last_reply_at is not None and posts[-1].published_at <= case.last_reply_at:
        return
    after = case_after(case.state, CaseMove.CUSTOMER_WROTE)
    again = after is not case.state
    values: dict[str, Any] = {"state": after, "snoozed_until": None}
    if again:
        first = next(p for p in posts if case.last_reply_at is None or p.published_at > case.last_reply_at)
        values |= {"closed_at": None, "resolution": None, "check_back_at": None}
        values |= {"waiting_since": first.published_at, "arrived_version": desk.version}
    cases.change(desk.tx, case, **values)
    kind = "reopened_by_customer" if case.state is CaseState.RESOLVED else "customer_wrote"
    cases.record(desk.tx, case.id, kind, at=desk.now, mentions=[p.id for p in posts])
    if case.owner_id is not None:
        notices.add(desk.tx, user_id=case.owner_id, kind=kind, case_id=case.id, at=desk.now, details={})


def _tell_desks(tx: Connection, brand_ids: Iterable[int]) -> None:
    for brand_id in sorted(set(brand_ids)):
        changes.raise_version(tx, brand_id)
