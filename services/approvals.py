"""Which replies wait for a second pair of eyes, and what did those decide?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db import cases, notes, replies, reply_pages, thread
from db.notes import NoteRow
from db.reply_pages import ListedReply
from domain.errors import Invalid, NotAllowed, NotPossible
from domain.people import Member, Right
from domain.states import ReplyMove, ReplyState
from domain.text import clean
from services import handing_in, settling
from services.act import act, acting_member, require
from services.context import Context
from services.moves import back_to_draft
from services.reply_view import ReplyView, reply_view, reply_views
from services.routes import account_for, way

__all__ = ["ApprovalItem", "NoteRow", "approve", "reject", "waiting"]

#: So many notes stand beside a reply: the approver reads a reply, not an archive.
NOTES = 3


@dataclass(frozen=True, slots=True)
class ApprovalItem:
    """A reply that waits, with the post it answers. ``may_approve`` is false for its author.

    ``notes`` are the latest internal notes on the customer, the oldest first. ``limit`` is how long the channel lets
    a reply be (None: it does not say), counted in ``unit`` (``codepoints`` or ``graphemes``).
    """

    reply: ReplyView
    brand_id: int
    brand_name: str
    parent_text: str
    parent_author: str
    parent_at: datetime
    language: str | None
    urgency_level: int
    waiting_since: datetime
    may_approve: bool
    notes: tuple[NoteRow, ...] = ()
    limit: int | None = None
    unit: str = "codepoints"


def waiting(ctx: Context) -> list[ApprovalItem]:
    """Everything that waits for approval, the longest waiting first, 200 at most."""
    require(ctx, Right.READ, action="approvals.read", entity="reply")
    with ctx.store.read() as tx:
        listed = reply_pages.waiting_for_approval(tx)
        views = reply_views(tx, listed)
        return [_item(tx, ctx, one, view) for one, view in zip(listed, views, strict=True)]


def approve(ctx: Context, reply_id: int, *, text: str | None = None) -> ReplyView:
    """Let it go out, as written or with ``text`` instead. Never its author; a manager or a mentor of the channel.

    The same checks as at submission hold again; it goes out at once. An edit is noted in the case's history; what
    its author had written stays with the reply, so that they see what was changed and learn from it.
    """
    with act(ctx, "reply.approve", "reply", reply_id, needs=Right.WORK) as running:
        member, reply = acting_member(ctx), replies.get(running.tx, reply_id)
        _require_approver(member, reply)
        words = reply.text if text is None else clean(text)
        checked = handing_in.check(running.tx, ctx, reply, text=words, now=running.now)
        if checked.text != reply.text:
            about = {"reply": reply_id, "chars_before": len(reply.text), "chars_after": len(checked.text)}
            cases.record(
                running.tx, reply.case_id, "reply_edited_by_approver", at=running.now, actor_id=member.id, **about
            )
        edited = checked.text != reply.text
        kept = {"author_text": reply.text if edited else None}
        handing_in.queue(running, reply, ReplyMove.APPROVE, checked, undo_s=0, approver_id=member.id, **kept)
        running.details["edited"] = edited
        told = "reply_approved_changed" if edited else "reply_approved"
        settling.tell(running, reply, told, {"by": member.id, "edited": edited})
        return reply_view(running.tx, reply_id)


def reject(ctx: Context, reply_id: int, *, note: str) -> ReplyView:
    """Send it back to its author as a draft, with a note. Invalid without one."""
    with act(ctx, "reply.reject", "reply", reply_id, needs=Right.WORK) as running:
        member, reply = acting_member(ctx), replies.get(running.tx, reply_id)
        _require_approver(member, reply)
        words = clean(note, max_chars=2000)
        if not words:
            raise Invalid("Say what to change.", reason="note")
        back_to_draft(running, reply, ReplyMove.REJECT, reason="rejected", note=words)
        settling.tell(running, reply, "reply_rejected", {"by": member.id})
        return reply_view(running.tx, reply_id)


def _require_approver(member: Member, reply: replies.ReplyRow) -> None:
    if reply.status != ReplyState.AWAITING_APPROVAL:
        raise NotPossible(reason=f"reply_{reply.status}", reply=reply.id)
    if reply.author_id == member.id:
        raise NotPossible("Nobody approves their own reply.", reason="four_eyes", reply=reply.id)
    if not member.may_approve(reply.channel):
        raise NotAllowed("A manager or a mentor of this channel approves replies.", channel=reply.channel)


def _item(tx: Connection, ctx: Context, listed: ListedReply, view: ReplyView) -> ApprovalItem:
    member = ctx.actor.member
    other = member is not None and member.id != listed.reply.author_id
    post = thread.mention(tx, listed.reply.mention_id)
    account = account_for(tx, listed.brand_id, listed.reply.channel, origin=post.origin)
    limits = way(ctx, post, account).limits
    return ApprovalItem(
        reply=view,
        brand_id=listed.brand_id,
        brand_name=listed.brand_name,
        parent_text=listed.parent_text,
        parent_author=listed.parent_author,
        parent_at=listed.parent_at,
        language=listed.language,
        urgency_level=listed.urgency_level,
        waiting_since=listed.reply.updated_at,
        may_approve=other and member is not None and member.may_approve(listed.reply.channel),
        notes=tuple(notes.of_customer(tx, cases.get(tx, listed.reply.case_id).customer_id, rows=NOTES)),
        limit=None if limits is None else limits.max_chars,
        unit="codepoints" if limits is None else limits.unit,
    )
