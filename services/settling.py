"""What follows once the fate of a reply is known: for the reply, its case, its promise and its author?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from db import cases, notices, promises, replies
from db.cases import CaseRow
from db.replies import ReplyRow
from domain.errors import DeskError, NotPossible
from domain.reply import Receipt
from domain.states import CaseMove, CaseState, ReplyMove
from domain.text import one_line
from services import episodes
from services.act import Act
from services.context import Context
from services.moves import back_to_draft, change_case, move_case, move_reply

#: When nobody names a date, this is when somebody looks whether the customer is content.
CHECK_BACK_AFTER = timedelta(days=3)
_AT_REST: dict[str, Any] = {"lease_owner": None, "lease_until": None, "next_probe_at": None}


def sent(running: Act, ctx: Context, reply: ReplyRow, move: ReplyMove, receipt: Receipt) -> ReplyRow:
    """The reply is out: it, its case, its promise and the rank change together or not at all."""
    moved = move_reply(
        running,
        reply,
        move,
        remote_id=receipt.remote_id or None,
        url=receipt.url,
        sent_at=receipt.published_at,
        error=None,
        **_AT_REST,
    )
    case = cases.get(running.tx, reply.case_id)
    if reply.promise_text and reply.promise_due_at:
        _promise(running, case, reply, reply.promise_text, reply.promise_due_at)
    _customers_turn(running, case, reply, receipt)
    episodes.rerank(running.tx, ctx, case.id, running.now)
    return moved


def requeued(running: Act, reply: ReplyRow, error: DeskError, *, wait_s: float) -> ReplyRow:
    """Nothing can have gone out and it may work later."""
    later = running.now + timedelta(seconds=wait_s)
    return move_reply(running, reply, ReplyMove.RETRY, send_after=later, error=words(error), **_AT_REST)


def refused(running: Act, reply: ReplyRow, error: DeskError) -> ReplyRow:
    """The network said no for good: its author is told."""
    moved = move_reply(running, reply, ReplyMove.REFUSE, error=words(error), **_AT_REST)
    tell(running, reply, "reply_failed", {"error": error.key})
    return moved


def unclear(running: Act, reply: ReplyRow, what: str, *, probe_at: datetime) -> ReplyRow:
    """It may or may not be out: it is looked up from ``probe_at`` on, never sent again blindly."""
    rest = _AT_REST | {"next_probe_at": probe_at, "absent_probes": 0}
    return move_reply(running, reply, ReplyMove.UNCLEAR, error=what[:500], **rest)


def returned(running: Act, reply: ReplyRow, reason: str) -> ReplyRow:
    """Before it went out, something happened that makes it wrong to send it: a draft again, and its author is told."""
    tell(running, reply, "reply_returned", {"reason": reason})
    return back_to_draft(running, reply, ReplyMove.OVERTAKEN, reason=reason)


def needs_human(running: Act, reply: ReplyRow) -> ReplyRow:
    """Looking did not help: a person has to."""
    moved = move_reply(running, reply, ReplyMove.CANNOT_TELL, **_AT_REST)
    tell(running, reply, "reply_needs_human", {})
    return moved


def tell(running: Act, reply: ReplyRow, kind: str, about: dict[str, object]) -> None:
    """Tell the author of a reply, and whoever carries its case by now."""
    case = cases.get(running.tx, reply.case_id)
    for user_id in {reply.author_id, case.owner_id or reply.author_id} - {running.user_id}:
        details = {"reply": reply.id, **about}
        notices.add(running.tx, user_id=user_id, kind=kind, case_id=case.id, at=running.now, details=details)


def words(error: DeskError) -> str:
    """A stable word (the reason, where the error has one) and a short English sentence, for the row."""
    code = error.reason if isinstance(error, NotPossible) else error.key
    return f"{code}: {one_line(str(error), max_chars=200)}"


def _promise(running: Act, case: CaseRow, reply: ReplyRow, text: str, due_at: datetime) -> None:
    promise_id = promises.add(
        running.tx,
        case_id=case.id,
        customer_id=case.customer_id,
        owner_id=case.owner_id or reply.author_id,
        reply_id=reply.id,
        text=text,
        due_at=due_at,
        at=running.now,
    )
    cases.record(running.tx, case.id, "promised", at=running.now, actor_id=reply.author_id, promise=promise_id)


def _customers_turn(running: Act, case: CaseRow, reply: ReplyRow, receipt: Receipt) -> None:
    note: dict[str, object] = {"reply": reply.id}
    if case.state not in (CaseState.OPEN, CaseState.WAITING):
        # The receipt is a fact whatever became of the case.
        change_case(running, case, "reply_sent", note=note, last_reply_at=receipt.published_at)
        return
    unread = replies.posts_since(running.tx, case.id, reply.queued_at or reply.created_at)
    # What the customer wrote after the reply was handed in is not answered by it.
    answered_at = min(receipt.published_at, reply.queued_at or receipt.published_at) if unread else receipt.published_at
    check_back_at = case.check_back_at
    if check_back_at is None or check_back_at <= running.now:
        check_back_at = running.now + CHECK_BACK_AFTER
    moved = move_case(
        running,
        case,
        CaseMove.REPLY_SENT,
        note=note,
        last_reply_at=answered_at,
        check_back_at=check_back_at,
        snoozed_until=None,
    )
    if unread:
        move_case(running, moved, CaseMove.CUSTOMER_WROTE, check_back_at=None)
