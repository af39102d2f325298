"""What can be done with a case besides answering: put off, close, reopen, note?"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from db import cases, changes, notes
from db.cases import CaseRow
from domain.clock import require_aware
from domain.errors import Invalid, NotPossible
from domain.people import Right
from domain.states import RANKED_STATES, CaseMove, CaseState
from domain.text import clean
from services import episodes
from services.act import Act, act, acting_member
from services.case_view import (
    CaseEventView,
    CaseView,
    CustomerBrief,
    Evidence,
    Identity,
    PostKind,
    RouteView,
    ThreadPost,
    view,
)
from services.context import Context
from services.moves import (
    change_case,
    may_reassign,
    move_case,
    require_nothing_owed,
    require_nothing_under_way,
    require_owner,
)
from services.one_case import JOINED

__all__ = [
    "CaseEventView",
    "CaseView",
    "CustomerBrief",
    "DismissReason",
    "Evidence",
    "Identity",
    "PostKind",
    "ResolutionCode",
    "RouteView",
    "ThreadPost",
    "add_note",
    "dismiss",
    "reopen",
    "resolve",
    "set_check_back",
    "snooze",
    "unsnooze",
    "view",
]


class ResolutionCode(StrEnum):
    """How a case ended."""

    CUSTOMER_CONFIRMED = "customer_confirmed"
    CHECK_BACK_PASSED = "check_back_passed"
    ANSWERED = "answered"
    REFERRED = "referred"
    NO_ANSWER_NEEDED = "no_answer_needed"


class DismissReason(StrEnum):
    """Why a case needs nobody."""

    SPAM = "spam"
    NOISE = "noise"
    NOT_OURS = "not_ours"


def snooze(ctx: Context, case_id: int, *, until: datetime) -> CaseRow:
    """Out of the queue until then. Owner or Right.REASSIGN, anybody for an ownerless case; Invalid for a past date."""
    until = require_aware(until)
    with act(ctx, "case.snooze", "case", case_id, needs=Right.WORK) as running:
        case = _decided(ctx, running, case_id)
        if case.state not in RANKED_STATES:
            raise NotPossible(reason=f"case_{case.state}", case=case_id)
        if until <= running.now:
            raise Invalid("That moment has passed.", reason="past")
        return change_case(running, case, "snoozed", note={"until": until.isoformat()}, snoozed_until=until)


def unsnooze(ctx: Context, case_id: int) -> CaseRow:
    """Back in the queue now; harmless when it is there."""
    with act(ctx, "case.unsnooze", "case", case_id, needs=Right.WORK) as running:
        case = _decided(ctx, running, case_id)
        if case.snoozed_until is None:
            return case
        return change_case(running, case, "unsnoozed", snoozed_until=None)


def resolve(ctx: Context, case_id: int, *, code: ResolutionCode) -> CaseRow:
    """Done. Owner only; NotPossible(promise_open | reply_pending) while something is owed or under way."""
    with act(ctx, "case.resolve", "case", case_id, needs=Right.WORK) as running:
        case = cases.get(running.tx, case_id)
        require_owner(running, case, acting_member(ctx))
        running.details["code"] = str(code)
        return _close(running, case, CaseMove.RESOLVE, ResolutionCode(code))


def set_check_back(ctx: Context, case_id: int, *, at: datetime) -> CaseRow:
    """When to look whether the customer is content. Owner of a waiting case."""
    at = require_aware(at)
    with act(ctx, "case.check_back", "case", case_id, needs=Right.WORK) as running:
        case = cases.get(running.tx, case_id)
        require_owner(running, case, acting_member(ctx))
        if case.state != CaseState.WAITING:
            raise NotPossible(reason=f"case_{case.state}", case=case_id)
        if at <= running.now:
            raise Invalid("That moment has passed.", reason="past")
        return change_case(running, case, "check_back_set", note={"until": at.isoformat()}, check_back_at=at)


def dismiss(ctx: Context, case_id: int, *, reason: DismissReason) -> CaseRow:
    """Spam, noise or not ours: out of the queue, with the reason. A colleague's case only with Right.REASSIGN."""
    with act(ctx, "case.dismiss", "case", case_id, needs=Right.WORK) as running:
        case = _decided(ctx, running, case_id)
        running.details["reason"] = str(reason)
        return _close(running, case, CaseMove.DISMISS, DismissReason(reason))


def reopen(ctx: Context, case_id: int) -> CaseRow:
    """Resolved: open again, with the former owner. Dismissed: new again, without one.

    NotPossible(other_live) when the customer has another case with this brand by now, NotPossible(case_joined) for
    one that is part of another.
    """
    with act(ctx, "case.reopen", "case", case_id, needs=Right.WORK) as running:
        case = cases.get(running.tx, case_id)
        acting_member(ctx)
        other = cases.live_of_customer(running.tx, case.customer_id, brand_id=case.brand_id)
        if case.resolution == JOINED:
            raise NotPossible("It goes on as part of another case.", reason="case_joined", case=case_id)
        if other is not None and other.id != case_id:
            raise NotPossible("The customer has a newer case.", reason="other_live", case=other.id)
        values: dict[str, Any] = {"closed_at": None, "resolution": None, "snoozed_until": None}
        if case.state == CaseState.DISMISSED:
            values |= {"owner_id": None, "owned_since": None}
        move_case(running, case, CaseMove.REOPEN, **values)
        episodes.rerank(running.tx, ctx, case_id, running.now)
        return cases.get(running.tx, case_id)


def add_note(ctx: Context, case_id: int, text: str) -> int:
    """Write an internal note; returns its id. Invalid when it is empty."""
    words = clean(text)
    with act(ctx, "case.note", "case", case_id, needs=Right.WORK) as running:
        case, author = cases.get(running.tx, case_id), acting_member(ctx)
        if not words:
            raise Invalid("The note is empty.", reason="empty")
        about = {"case_id": case_id, "customer_id": case.customer_id, "author_id": author.id}
        note_id = notes.add(running.tx, **about, text=words, at=running.now)
        cases.record(running.tx, case_id, "noted", at=running.now, actor_id=author.id, note=note_id)
        changes.raise_version(running.tx, case.brand_id)
        return note_id


def _decided(ctx: Context, running: Act, case_id: int) -> CaseRow:
    """The case, if the actor may decide about it: an ownerless one, one's own, or with Right.REASSIGN any."""
    case, member = cases.get(running.tx, case_id), acting_member(ctx)
    if case.owner_id is not None and not may_reassign(ctx):
        require_owner(running, case, member)
    return case


def _close(running: Act, case: CaseRow, move: CaseMove, code: StrEnum) -> CaseRow:
    require_nothing_under_way(running, case)
    require_nothing_owed(running, case)
    closed: dict[str, Any] = {"closed_at": running.now, "resolution": str(code), "snoozed_until": None}
    return move_case(
        running,
        case,
        move,
        note={"code": str(code)},
        **closed,
        check_back_at=None,
        lock_user_id=None,
        lock_until=None,
    )
