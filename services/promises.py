"""What did we promise to whom, and did we keep it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from db import cases, changes, promises
from db.cases import CaseRow
from db.promises import PromiseRow
from domain.clock import require_aware
from domain.errors import Invalid, NotPossible
from domain.people import Right
from domain.states import CaseState
from domain.text import clean, one_line
from services import episodes
from services.act import Act, act, acting_member, require
from services.context import Context
from services.moves import may_reassign, require_owner

#: How long a closing can be taken back: long enough to notice a slip of the hand, too short to rewrite history.
TAKE_BACK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class PromiseView:
    """One promise. ``status`` is open, kept or broken; ``overdue`` holds for open ones past their date."""

    promise_id: int
    case_id: int
    customer_id: int
    customer_name: str
    channel: str
    text: str
    due_at: datetime
    status: str
    overdue: bool
    owner_id: int
    owner_name: str
    reply_id: int | None
    created_at: datetime
    closed_at: datetime | None


def open_promises(ctx: Context, brand_id: int, *, mine: bool) -> list[PromiseView]:
    """Open promises of this brand (or only the actor's), by due date."""
    require(ctx, Right.READ, action="promise.read", entity="promise")
    with ctx.store.read() as tx:
        rows = promises.open_of_brand(tx, brand_id, owner_id=acting_member(ctx).id if mine else None)
    return [promise_view(row, ctx.clock()) for row in rows]


def just_closed(ctx: Context, brand_id: int, *, mine: bool) -> list[PromiseView]:
    """Promises of this brand (or only the actor's) whose closing can still be taken back, the latest first."""
    require(ctx, Right.READ, action="promise.read", entity="promise")
    now = ctx.clock()
    with ctx.store.read() as tx:
        owner_id = acting_member(ctx).id if mine else None
        rows = promises.closed_since(tx, brand_id, now - TAKE_BACK, owner_id=owner_id)
    return [promise_view(row, now) for row in rows]


def add(ctx: Context, case_id: int, *, text: str, due_at: datetime) -> PromiseView:
    """Write down a promise made in this case. Owner only; Invalid without words or with a past date."""
    words, due_at = one_line(clean(text), max_chars=500), require_aware(due_at)
    with act(ctx, "promise.add", "case", case_id, needs=Right.WORK) as running:
        case = cases.get(running.tx, case_id)
        require_owner(running, case, acting_member(ctx))
        if case.state not in (CaseState.OPEN, CaseState.WAITING):
            raise NotPossible(reason=f"case_{case.state}", case=case_id)
        if not words or due_at <= running.now:
            raise Invalid("A promise needs words and a date to come.", reason="promise_past" if words else "empty")
        owner = {"customer_id": case.customer_id, "owner_id": case.owner_id or 0}
        promise_id = promises.add(running.tx, case_id=case_id, **owner, text=words, due_at=due_at, at=running.now)
        cases.record(running.tx, case_id, "promised", at=running.now, actor_id=running.user_id, promise=promise_id)
        changes.raise_version(running.tx, case.brand_id)
        episodes.rerank(running.tx, ctx, case_id, running.now)
        running.details["promise"] = promise_id
        return promise_view(promises.get(running.tx, promise_id), running.now)


def keep(ctx: Context, promise_id: int) -> PromiseView:
    """The promise was kept. Its owner, the case's owner, or Right.REASSIGN."""
    return _close(ctx, promise_id, promises.KEPT)


def break_(ctx: Context, promise_id: int) -> PromiseView:
    """The promise was not kept. Its owner, the case's owner, or Right.REASSIGN."""
    return _close(ctx, promise_id, promises.BROKEN)


def reopen(ctx: Context, promise_id: int) -> PromiseView:
    """Take back that a promise was kept, or not: it is open again, with whoever carries the case now.

    Whoever may close it, within ``TAKE_BACK`` of its closing. Raises NotPossible(too_late_promise) later,
    NotPossible(case_...) when the case is nobody's or closed: an open promise has an owner.
    """
    with act(ctx, "promise.reopen", "promise", promise_id, needs=Right.WORK) as running:
        promise = promises.get(running.tx, promise_id)
        case = cases.get(running.tx, promise.case_id)
        _require_concerned(ctx, promise, case)
        if promise.closed_at is not None and promise.closed_at < running.now - TAKE_BACK:
            raise NotPossible(reason="too_late_promise", promise=promise_id)
        if case.owner_id is None or case.state not in (CaseState.OPEN, CaseState.WAITING):
            raise NotPossible(reason=f"case_{case.state}", case=case.id)
        if promises.open_again(running.tx, promise_id, owner_id=case.owner_id):
            _tell_story(ctx, running, case, "promise_reopened", promise_id)
        return promise_view(promises.get(running.tx, promise_id), running.now)


def promise_view(row: PromiseRow, now: datetime) -> PromiseView:
    """A promise as it stands now."""
    return PromiseView(
        promise_id=row.id,
        case_id=row.case_id,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        channel=row.channel,
        text=row.text,
        due_at=row.due_at,
        status=row.status,
        overdue=row.status == promises.OPEN and row.due_at < now,
        owner_id=row.owner_id,
        owner_name=row.owner_name,
        reply_id=row.reply_id,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )


def _close(ctx: Context, promise_id: int, status: str) -> PromiseView:
    with act(ctx, f"promise.{status}", "promise", promise_id, needs=Right.WORK) as running:
        promise = promises.get(running.tx, promise_id)
        case = cases.get(running.tx, promise.case_id)
        _require_concerned(ctx, promise, case)
        if not promises.close(running.tx, promise_id, status, at=running.now):
            raise NotPossible(reason=f"promise_{promise.status}", promise=promise_id)
        _tell_story(ctx, running, case, f"promise_{status}", promise_id)
        return promise_view(promises.get(running.tx, promise_id), running.now)


def _require_concerned(ctx: Context, promise: PromiseRow, case: CaseRow) -> None:
    if acting_member(ctx).id not in (promise.owner_id, case.owner_id) and not may_reassign(ctx):
        raise NotPossible(
            "Only who made the promise, or carries the case, can say so.", reason="not_owner", promise=promise.id
        )


def _tell_story(ctx: Context, running: Act, case: CaseRow, event: str, promise_id: int) -> None:
    cases.record(running.tx, case.id, event, at=running.now, actor_id=running.user_id, promise=promise_id)
    changes.raise_version(running.tx, case.brand_id)
    episodes.rerank(running.tx, ctx, case.id, running.now)
