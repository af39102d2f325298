"""States of a case and of a reply, and every move between them, as data checked at import."""

from __future__ import annotations

from enum import StrEnum


class CaseState(StrEnum):
    """Where one open episode of a customer stands."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class CaseMove(StrEnum):
    """What can happen to a case."""

    CLAIM = "claim"
    DISMISS = "dismiss"
    REPLY_SENT = "reply_sent"
    RESOLVE = "resolve"
    RELEASE = "release"
    CUSTOMER_WROTE = "customer_wrote"
    CHECK_BACK_DUE = "check_back_due"
    REOPEN = "reopen"
    JOIN = "join"


class ReplyState(StrEnum):
    """Where a reply stands between the first letter and the network."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    QUEUED = "queued"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    NEEDS_HUMAN = "needs_human"
    BY_HAND = "by_hand"
    FAILED = "failed"
    SENT = "sent"
    DELETED = "deleted"


class ReplyMove(StrEnum):
    """What can happen to a reply."""

    SUBMIT_FOR_APPROVAL = "submit_for_approval"
    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    UNDO = "undo"
    OVERTAKEN = "overtaken"
    START = "start"
    ROUTE_BY_HAND = "route_by_hand"
    RECEIPT = "receipt"
    RETRY = "retry"
    REFUSE = "refuse"
    UNCLEAR = "unclear"
    FOUND = "found"
    PROVED_ABSENT = "proved_absent"
    CANNOT_TELL = "cannot_tell"
    CONFIRMED_BY_PERSON = "confirmed_by_person"
    DENIED_BY_PERSON = "denied_by_person"
    GIVE_UP = "give_up"
    EDIT = "edit"
    DELETE = "delete"
    RESTORED = "restored"


CASE_MOVES: dict[tuple[CaseState, CaseMove], CaseState] = {
    (CaseState.NEW, CaseMove.CLAIM): CaseState.OPEN,
    (CaseState.NEW, CaseMove.DISMISS): CaseState.DISMISSED,
    (CaseState.NEW, CaseMove.CUSTOMER_WROTE): CaseState.NEW,
    (CaseState.OPEN, CaseMove.REPLY_SENT): CaseState.WAITING,
    (CaseState.OPEN, CaseMove.RESOLVE): CaseState.RESOLVED,
    (CaseState.OPEN, CaseMove.DISMISS): CaseState.DISMISSED,
    (CaseState.OPEN, CaseMove.RELEASE): CaseState.NEW,
    (CaseState.OPEN, CaseMove.CUSTOMER_WROTE): CaseState.OPEN,
    (CaseState.OPEN, CaseMove.CHECK_BACK_DUE): CaseState.OPEN,
    (CaseState.WAITING, CaseMove.CUSTOMER_WROTE): CaseState.OPEN,
    (CaseState.WAITING, CaseMove.CHECK_BACK_DUE): CaseState.OPEN,
    (CaseState.WAITING, CaseMove.REPLY_SENT): CaseState.WAITING,
    (CaseState.WAITING, CaseMove.RESOLVE): CaseState.RESOLVED,
    (CaseState.RESOLVED, CaseMove.CUSTOMER_WROTE): CaseState.OPEN,
    (CaseState.RESOLVED, CaseMove.REOPEN): CaseState.OPEN,
    (CaseState.DISMISSED, CaseMove.REOPEN): CaseState.NEW,
    # Two persons turned out to be one: this case is part of their other one, until they are separated again.
    (CaseState.NEW, CaseMove.JOIN): CaseState.DISMISSED,
    (CaseState.OPEN, CaseMove.JOIN): CaseState.DISMISSED,
    (CaseState.WAITING, CaseMove.JOIN): CaseState.DISMISSED,
}

REPLY_MOVES: dict[tuple[ReplyState, ReplyMove], ReplyState] = {
    (ReplyState.DRAFT, ReplyMove.SUBMIT_FOR_APPROVAL): ReplyState.AWAITING_APPROVAL,
    (ReplyState.DRAFT, ReplyMove.SUBMIT): ReplyState.QUEUED,
    (ReplyState.AWAITING_APPROVAL, ReplyMove.APPROVE): ReplyState.QUEUED,
    (ReplyState.AWAITING_APPROVAL, ReplyMove.REJECT): ReplyState.DRAFT,
    (ReplyState.AWAITING_APPROVAL, ReplyMove.WITHDRAW): ReplyState.DRAFT,
    (ReplyState.AWAITING_APPROVAL, ReplyMove.OVERTAKEN): ReplyState.DRAFT,
    (ReplyState.QUEUED, ReplyMove.UNDO): ReplyState.DRAFT,
    (ReplyState.QUEUED, ReplyMove.OVERTAKEN): ReplyState.DRAFT,
    (ReplyState.QUEUED, ReplyMove.START): ReplyState.SENDING,
    (ReplyState.QUEUED, ReplyMove.ROUTE_BY_HAND): ReplyState.BY_HAND,
    (ReplyState.SENDING, ReplyMove.RECEIPT): ReplyState.SENT,
    (ReplyState.SENDING, ReplyMove.RETRY): ReplyState.QUEUED,
    (ReplyState.SENDING, ReplyMove.REFUSE): ReplyState.FAILED,
    (ReplyState.SENDING, ReplyMove.UNCLEAR): ReplyState.UNCERTAIN,
    # After a copy was brought back: it may have gone out since the copy was made.
    (ReplyState.QUEUED, ReplyMove.RESTORED): ReplyState.UNCERTAIN,
    (ReplyState.SENDING, ReplyMove.RESTORED): ReplyState.UNCERTAIN,
    (ReplyState.UNCERTAIN, ReplyMove.FOUND): ReplyState.SENT,
    (ReplyState.UNCERTAIN, ReplyMove.PROVED_ABSENT): ReplyState.QUEUED,
    (ReplyState.UNCERTAIN, ReplyMove.CANNOT_TELL): ReplyState.NEEDS_HUMAN,
    (ReplyState.NEEDS_HUMAN, ReplyMove.CONFIRMED_BY_PERSON): ReplyState.SENT,
    (ReplyState.NEEDS_HUMAN, ReplyMove.DENIED_BY_PERSON): ReplyState.QUEUED,
    (ReplyState.BY_HAND, ReplyMove.FOUND): ReplyState.SENT,
    (ReplyState.BY_HAND, ReplyMove.CONFIRMED_BY_PERSON): ReplyState.SENT,
    (ReplyState.BY_HAND, ReplyMove.GIVE_UP): ReplyState.DRAFT,
    (ReplyState.FAILED, ReplyMove.EDIT): ReplyState.DRAFT,
    (ReplyState.SENT, ReplyMove.DELETE): ReplyState.DELETED,
}

#: Cases that stand in the queue (unless snoozed).
RANKED_STATES = frozenset({CaseState.NEW, CaseState.OPEN})
#: While a reply is here it may still reach the public: its case can be neither resolved nor released.
PENDING_REPLY_STATES = frozenset(
    {
        ReplyState.QUEUED,
        ReplyState.SENDING,
        ReplyState.UNCERTAIN,
        ReplyState.NEEDS_HUMAN,
        ReplyState.BY_HAND,
        ReplyState.AWAITING_APPROVAL,
    }
)


class IllegalMove(ValueError):
    """This state does not know this move."""


def case_after(state: CaseState, move: CaseMove) -> CaseState:
    """The state after ``move``; IllegalMove when the table has no such move."""
    try:
        return CASE_MOVES[state, move]
    except KeyError:
        raise IllegalMove(f"a case that is {state} cannot {move}") from None


def reply_after(state: ReplyState, move: ReplyMove) -> ReplyState:
    """The state after ``move``; IllegalMove when the table has no such move."""
    try:
        return REPLY_MOVES[state, move]
    except KeyError:
        raise IllegalMove(f"a reply that is {state} cannot {move}") from None


def _check_tables() -> None:
    """Every state is reachable, and only the ends have no way out."""
    reached_cases = {CaseState.NEW, *CASE_MOVES.values()}
    reached_replies = {ReplyState.DRAFT, *REPLY_MOVES.values()}
    leaving_cases = {state for state, _ in CASE_MOVES}
    leaving_replies = {state for state, _ in REPLY_MOVES}
    if reached_cases != set(CaseState) or reached_replies != set(ReplyState):
        raise AssertionError("a state cannot be reached")
    if leaving_cases != set(CaseState) or leaving_replies != set(ReplyState) - {ReplyState.DELETED}:
        raise AssertionError("a state has no way out")


_check_tables()
