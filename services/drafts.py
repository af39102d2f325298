"""What becomes of the words somebody types: kept, submitted, taken back?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from db import cases, replies, thread
from db.replies import ReplyRow
from domain.clock import require_aware
from domain.errors import Invalid, NotPossible, StaleVersion
from domain.people import Member, Right
from domain.states import ReplyMove, ReplyState
from domain.text import MAX_TEXT_CHARS, clean, one_line
from services import handing_in
from services.act import act, acting_member, require
from services.context import Context
from services.moves import back_to_draft, move_reply, new_key, require_nothing_under_way, require_owner
from services.reply_view import DraftView, ReplyView, draft_view, reply_view

__all__ = ["DraftView", "ReplyView", "discard", "save", "submit", "undo", "withdraw"]

_PROMISE_CHARS = 500


def save(
    ctx: Context,
    case_id: int,
    *,
    mention_id: int,
    text: str,
    promise_text: str | None = None,
    promise_due_at: datetime | None = None,
    version: int | None = None,
) -> DraftView:
    """Keep what is typed; also while a colleague owns the case. Typing leaves no audit line; handing in does.

    ``version`` is the one last seen (0: none seen; None: overwrite whatever is there). Raises
    StaleVersion(text, version) when another tab saved in between: the stored text stays. Raises
    Invalid for a post of another case and for more than 20,000 characters.
    """
    require(ctx, Right.WORK, action="draft.save", entity="case")
    member = acting_member(ctx)
    if len(text) > MAX_TEXT_CHARS:
        raise Invalid(f"A draft has at most {MAX_TEXT_CHARS} characters.", reason="text_long", max_chars=MAX_TEXT_CHARS)
    values = {
        "text": clean(text),
        "promise_text": one_line(clean(promise_text or ""), max_chars=_PROMISE_CHARS) or None,
        "promise_due_at": None if promise_due_at is None else require_aware(promise_due_at),
        "mention_id": mention_id,
    }
    with ctx.store.write() as tx:
        stored = replies.draft_of(tx, case_id, member.id)
        if stored is not None and all(getattr(stored, name) == value for name, value in values.items()):
            return draft_view(stored)
        if version is not None and version != (stored.version if stored else 0):
            raise _stale(stored)
        now = ctx.clock()
        draft = stored or _new(tx, case_id, mention_id, member, now)
        if not replies.belongs_to_case(tx, mention_id, case_id):
            raise Invalid("The post answered is not part of this case.", reason="mention", mention=mention_id)
        return draft_view(replies.change(tx, draft, updated_at=now, **values))


def submit(ctx: Context, reply_id: int, *, undo_s: int | None = None) -> ReplyView:
    """Hand a draft in: queued, awaiting approval, or to be posted by hand. Owner of the case only.

    Raises AlreadyClaimed, NotPossible, Invalid (empty), TooLong, PublishingOff; the draft is kept each time.
    """
    with act(ctx, "reply.submit", "reply", reply_id, needs=Right.WORK) as running:
        member, reply = acting_member(ctx), replies.get(running.tx, reply_id)
        _require_author(reply, member)
        case = cases.get(running.tx, reply.case_id)
        require_owner(running, case, member)
        if reply.status != ReplyState.DRAFT:
            raise NotPossible(reason=f"reply_{reply.status}", reply=reply_id)
        require_nothing_under_way(running, case)
        checked = handing_in.check(running.tx, ctx, reply, text=reply.text, now=running.now)
        if handing_in.needs_approval(running.tx, member, reply.channel):
            waiting = {"text": checked.text, "account_id": checked.account_id, "return_reason": None}
            move_reply(running, reply, ReplyMove.SUBMIT_FOR_APPROVAL, return_note=None, **waiting)
        else:
            undo_s = ctx.settings.undo_s if undo_s is None else undo_s
            handing_in.queue(running, reply, ReplyMove.SUBMIT, checked, undo_s=undo_s)
        running.details["case"] = reply.case_id
        return reply_view(running.tx, reply_id)


def undo(ctx: Context, reply_id: int) -> DraftView:
    """Take a queued reply back before it goes out. Its author only.

    NotPossible once it is being sent, and after a send of unclear outcome (reason=maybe_sent).
    """
    with act(ctx, "reply.undo", "reply", reply_id, needs=Right.WORK) as running:
        reply = replies.get(running.tx, reply_id)
        _require_author(reply, acting_member(ctx))
        if reply.status == ReplyState.QUEUED and (reply.absent_probes or reply.denied_once):
            raise NotPossible("An earlier attempt may have reached the network.", reason="maybe_sent", reply=reply_id)
        return draft_view(back_to_draft(running, reply, ReplyMove.UNDO))


def withdraw(ctx: Context, reply_id: int) -> DraftView:
    """Take a reply back from the approvers. Its author only."""
    with act(ctx, "reply.withdraw", "reply", reply_id, needs=Right.WORK) as running:
        reply = replies.get(running.tx, reply_id)
        _require_author(reply, acting_member(ctx))
        return draft_view(back_to_draft(running, reply, ReplyMove.WITHDRAW))


def discard(ctx: Context, reply_id: int) -> None:
    """Throw a draft away. Its author only; NotPossible for anything that is no draft."""
    with act(ctx, "reply.discard", "reply", reply_id, needs=Right.WORK) as running:
        reply = replies.get(running.tx, reply_id)
        _require_author(reply, acting_member(ctx))
        if reply.status != ReplyState.DRAFT:
            raise NotPossible(reason=f"reply_{reply.status}", reply=reply_id)
        replies.remove(running.tx, reply_id)


def _new(tx: Connection, case_id: int, mention_id: int, member: Member, now: datetime) -> ReplyRow:
    cases.get(tx, case_id)
    post = thread.mention(tx, mention_id)
    return replies.create_draft(
        tx,
        case_id=case_id,
        mention_id=mention_id,
        channel=post.channel,
        author_id=member.id,
        key=new_key(),
        at=now,
    )


def _stale(stored: ReplyRow | None) -> StaleVersion:
    return StaleVersion(
        "This draft was changed in another window.",
        text=stored.text if stored else "",
        version=stored.version if stored else 0,
    )


def _require_author(reply: ReplyRow, member: Member) -> None:
    if reply.author_id != member.id:
        raise NotPossible("Only its author may do that with a reply.", reason="not_author", reply=reply.id)
