"""Who carries a case, who is on it right now, and how it changes hands?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from db.cases import CaseRow
from services.context import Context


@dataclass(frozen=True, slots=True)
class LockState:
    """Who is typing or sending in a case, and until when that holds without a sign of life."""

    holder_id: int
    holder_name: str
    until: datetime
    mine: bool


def claim(ctx: Context, case_id: int) -> CaseRow:
    """Take an ownerless case. Raises AlreadyClaimed(by, since, by_id) when a colleague was first."""
    raise NotImplementedError


def take(ctx: Context, case_id: int, *, reason: str) -> CaseRow:
    """Take a case from a colleague, who is told. Raises Invalid without a reason, NotPossible while a reply is going out."""
    raise NotImplementedError


def release(ctx: Context, case_id: int) -> CaseRow:
    """Give a case back to everybody. NotPossible(promise_open | reply_pending) while something is owed or under way."""
    raise NotImplementedError


def hand_over(ctx: Context, case_id: int, *, to_user_id: int, note: str) -> CaseRow:
    """Move a case with a note to a colleague; its open promises go along. Owner, or Right.REASSIGN."""
    raise NotImplementedError


def lock(ctx: Context, case_id: int) -> LockState:
    """Say "I am on it", or learn who is; renews the lease (setting ``lock_lease_s``) of whoever holds it."""
    raise NotImplementedError


def unlock(ctx: Context, case_id: int) -> None:
    """Let go of the lock, if it is mine."""
    raise NotImplementedError


def see(ctx: Context, case_id: int | None) -> None:
    """A sign of life: this colleague looks at this case (None: at no case)."""
    raise NotImplementedError
