"""How does a case or a reply change? One move of the tables, its event, and word to every desk."""

from __future__ import annotations

import secrets
from typing import Any

from db import cases, changes, promises, replies, users
from db.cases import CaseRow
from db.replies import ReplyRow
from domain.errors import AlreadyClaimed, NotPossible
from domain.people import Member, Right
from domain.states import CaseMove, IllegalMove, ReplyMove, case_after, reply_after
from services.act import Act
from services.context import Context

#: The word in the case's history for each move.
CASE_EVENTS = {
    CaseMove.CLAIM: "claimed",
    CaseMove.DISMISS: "dismissed",
    CaseMove.REPLY_SENT: "reply_sent",
    CaseMove.RESOLVE: "resolved",
    CaseMove.RELEASE: "released",
    CaseMove.CUSTOMER_WROTE: "customer_wrote",
    CaseMove.CHECK_BACK_DUE: "check_back_due",
    CaseMove.REOPEN: "reopened",
    CaseMove.JOIN: "joined_into",
}
REPLY_EVENTS = {
    ReplyMove.SUBMIT_FOR_APPROVAL: "reply_handed_in",
    ReplyMove.SUBMIT: "reply_queued",
    ReplyMove.APPROVE: "reply_approved",
    ReplyMove.REJECT: "reply_rejected",
    ReplyMove.WITHDRAW: "reply_withdrawn",
    ReplyMove.UNDO: "reply_undone",
    ReplyMove.OVERTAKEN: "reply_returned",
    ReplyMove.START: "reply_sending",
    ReplyMove.ROUTE_BY_HAND: "reply_by_hand",
    ReplyMove.RECEIPT: "reply_delivered",
    ReplyMove.RETRY: "reply_requeued",
    ReplyMove.REFUSE: "reply_failed",
    ReplyMove.UNCLEAR: "reply_uncertain",
    ReplyMove.FOUND: "reply_found",
    ReplyMove.PROVED_ABSENT: "reply_absent",
    ReplyMove.CANNOT_TELL: "reply_needs_human",
    ReplyMove.CONFIRMED_BY_PERSON: "reply_confirmed",
    ReplyMove.DENIED_BY_PERSON: "reply_denied",
    ReplyMove.GIVE_UP: "reply_given_up",
    ReplyMove.EDIT: "reply_edited",
    ReplyMove.DELETE: "reply_deleted",
    ReplyMove.RESTORED: "restored",
}


def change_case(
    running: Act, case: CaseRow, event: str, *, note: dict[str, object] | None = None, **values: Any
) -> CaseRow:
    """Change a case without moving its state; ``note`` are ids and codes for its history."""
    cases.change(running.tx, case, **values)
    cases.record(running.tx, case.id, event, at=running.now, actor_id=running.user_id, **(note or {}))
    changes.raise_version(running.tx, case.brand_id)
    return cases.get(running.tx, case.id)


def move_case(
    running: Act, case: CaseRow, move: CaseMove, *, note: dict[str, object] | None = None, **values: Any
) -> CaseRow:
    """Move a case as the table of states allows. Raises NotPossible when it does not."""
    try:
        state = case_after(case.state, move)
    except IllegalMove:
        raise NotPossible(reason=f"case_{case.state}", case=case.id) from None
    return change_case(running, case, CASE_EVENTS[move], note=note, state=state, **values)


def move_reply(running: Act, reply: ReplyRow, move: ReplyMove, **values: Any) -> ReplyRow:
    """Move a reply as the table of states allows, with the case's event. Raises NotPossible when it does not."""
    try:
        status = reply_after(reply.status, move)
    except IllegalMove:
        raise NotPossible(reason=f"reply_{reply.status}", reply=reply.id) from None
    moved = replies.change(running.tx, reply, status=status, updated_at=running.now, **values)
    case = cases.get(running.tx, reply.case_id)
    about: dict[str, object] = {"reply": reply.id} | ({"reason": moved.return_reason} if moved.return_reason else {})
    cases.record(running.tx, case.id, REPLY_EVENTS[move], at=running.now, actor_id=running.user_id, **about)
    changes.raise_version(running.tx, case.brand_id)
    return moved


def back_to_draft(
    running: Act, reply: ReplyRow, move: ReplyMove, *, reason: str | None = None, note: str | None = None
) -> ReplyRow:
    """Make a reply a draft again. What its author has typed meanwhile is put below it, so that nothing is lost.

    The draft gets a new key: the next reply is another one, even if its words are the same.
    """
    text, other = reply.text, replies.draft_of(running.tx, reply.case_id, reply.author_id)
    promise = (reply.promise_text, reply.promise_due_at)
    if other is not None:
        if other.text and other.text != text:
            text = f"{text}\n\n{other.text}" if text else other.text
        if other.promise_text and promise[0] is None:
            promise = (other.promise_text, other.promise_due_at)
        replies.remove(running.tx, other.id)
    return move_reply(
        running,
        reply,
        move,
        text=text,
        promise_text=promise[0],
        promise_due_at=promise[1],
        idempotency_key=new_key(),
        return_reason=reason,
        return_note=note,
        **_NEVER_SENT,
    )


_NEVER_SENT: dict[str, Any] = {
    "prepared": "",
    "approver_id": None,
    "queued_at": None,
    "send_after": None,
    "attempts": 0,
    "lease_owner": None,
    "lease_until": None,
    "first_attempt_at": None,
    "absent_probes": 0,
    "next_probe_at": None,
    "denied_once": False,
    "error": None,
}


def new_key() -> str:
    """A key that names one reply over every attempt to send it."""
    return secrets.token_hex(16)


def require_owner(running: Act, case: CaseRow, member: Member) -> None:
    """Raise AlreadyClaimed when a colleague owns the case, NotPossible(not_claimed) when nobody does."""
    if case.owner_id == member.id:
        return
    if case.owner_id is None:
        raise NotPossible("Claim the case first.", reason="not_claimed", case=case.id)
    raise held(running, case)


def held(running: Act, case: CaseRow) -> AlreadyClaimed:
    """The refusal that names who has the case and since when."""
    owner = case.owner_id or 0
    name = users.names(running.tx, [owner]).get(owner, "?")
    return AlreadyClaimed(by=name, since=case.owned_since or case.opened_at, by_id=owner)


def may_reassign(ctx: Context) -> bool:
    """Whether the actor may decide about a colleague's case."""
    return Right.REASSIGN in ctx.actor.rights


def require_nothing_under_way(running: Act, case: CaseRow) -> None:
    """Raise NotPossible(reply_pending) while a reply of this case may still reach the public."""
    pending = replies.under_way(running.tx, case.id)
    if pending is not None:
        raise NotPossible(
            "A reply of this case is still on its way.", reason="reply_pending", case=case.id, reply=pending.id
        )


def require_nothing_owed(running: Act, case: CaseRow) -> None:
    """Raise NotPossible(promise_open) while a promise to this customer is open."""
    if promises.is_open_in(running.tx, case.id):
        raise NotPossible("A promise of this case is still open.", reason="promise_open", case=case.id)
