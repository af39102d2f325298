"""May this reply go out as it stands, and what is its first step?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db import cases, replies, thread, users
from db.cases import CaseRow
from db.replies import ReplyRow
from domain.errors import Invalid, NotPossible, PublishingOff, TooLong
from domain.people import Member, Role
from domain.reply import RouteKind
from domain.states import CaseState, ReplyMove
from domain.text import clean
from services.act import Act
from services.context import Context
from services.moves import move_reply
from services.routes import Way, account_for, way


@dataclass(frozen=True, slots=True)
class Checked:
    """A reply that may go out: its final words and its way."""

    text: str
    way: Way

    @property
    def account_id(self) -> int | None:
        return None if self.way.account is None else self.way.account.id


def check(tx: Connection, ctx: Context, reply: ReplyRow, *, text: str, now: datetime) -> Checked:
    """Everything that can be known before the network is asked.

    Raises Invalid (empty, or a promise without words or with a past date), TooLong, PublishingOff and
    NotPossible (the case is closed, the post is gone or not part of the case).
    """
    case, words = cases.get(tx, reply.case_id), clean(text)
    if case.state not in (CaseState.OPEN, CaseState.WAITING):
        raise NotPossible(reason=f"case_{case.state}", case=case.id)
    if not words:
        raise Invalid("The reply is empty.", reason="empty")
    _check_promise(reply, now)
    found = _way(tx, ctx, case, reply)
    if found.limits is not None and (length := found.limits.count(words)) > found.limits.max_chars:
        raise TooLong(length=length, limit=found.limits.max_chars, channel=found.manifest.title)
    if found.kind == RouteKind.API and not found.publishing:
        raise PublishingOff(channel=reply.channel)
    return Checked(words, found)


def needs_approval(tx: Connection, member: Member, channel: str) -> bool:
    """Whether somebody else reads this colleague's replies first: not trained there, and not an admin working alone."""
    return not member.is_trained(channel) and not (Role.ADMIN in member.roles and users.is_alone(tx, member.id))


def queue(running: Act, reply: ReplyRow, move: ReplyMove, checked: Checked, *, undo_s: int, **values: Any) -> ReplyRow:
    """Queue a checked reply; one that the network cannot take goes straight to the people who post by hand."""
    values.setdefault("author_text", None)
    queued = move_reply(
        running,
        reply,
        move,
        text=checked.text,
        account_id=checked.account_id,
        queued_at=running.now,
        send_after=running.now + timedelta(seconds=undo_s),
        return_reason=None,
        return_note=None,
        **values,
    )
    if checked.way.kind == RouteKind.BY_HAND:
        return move_reply(running, queued, ReplyMove.ROUTE_BY_HAND)
    return queued


def _way(tx: Connection, ctx: Context, case: CaseRow, reply: ReplyRow) -> Way:
    if not replies.belongs_to_case(tx, reply.mention_id, case.id):
        raise Invalid("The post answered is not part of this case.", reason="mention", mention=reply.mention_id)
    post = thread.mention(tx, reply.mention_id)
    if post.deleted:
        raise NotPossible("The post answered is no longer there.", reason="parent_deleted", mention=reply.mention_id)
    return way(ctx, post, account_for(tx, case.brand_id, reply.channel, origin=post.origin))


def _check_promise(reply: ReplyRow, now: datetime) -> None:
    if (reply.promise_text is None) != (reply.promise_due_at is None):
        raise Invalid("A promise needs words and a date.", reason="promise_incomplete")
    if reply.promise_due_at is not None and reply.promise_due_at <= now:
        raise Invalid("A promise needs a date to come.", reason="promise_past")
