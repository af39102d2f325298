"""What can be done with a case besides answering: put off, close, reopen, note?"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from db.cases import CaseRow
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
    """Out of the queue until then. Owner, or anybody for an ownerless case; Invalid when ``until`` is past."""
    raise NotImplementedError


def unsnooze(ctx: Context, case_id: int) -> CaseRow:
    """Back in the queue now."""
    raise NotImplementedError


def resolve(ctx: Context, case_id: int, *, code: ResolutionCode) -> CaseRow:
    """Done. Owner only; NotPossible(promise_open | reply_pending) while something is owed or under way."""
    raise NotImplementedError


def set_check_back(ctx: Context, case_id: int, *, at: datetime) -> CaseRow:
    """When to look whether the customer is content. Owner of a waiting case."""
    raise NotImplementedError


def dismiss(ctx: Context, case_id: int, *, reason: DismissReason) -> CaseRow:
    """Spam, noise or not ours: out of the queue, with the reason."""
    raise NotImplementedError


def reopen(ctx: Context, case_id: int) -> CaseRow:
    """Resolved: open again, with the former owner. Dismissed: new again, without one."""
    raise NotImplementedError


def add_note(ctx: Context, case_id: int, text: str) -> int:
    """Write an internal note; returns its id."""
    raise NotImplementedError
