"""How does a reply reach the network exactly once, and what do we know about each one?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from db import cases, replies, reply_pages
from db.replies import ReplyRow
from domain.errors import Invalid, NotPossible
from domain.people import Member, Right
from domain.reply import Receipt
from domain.states import ReplyMove, ReplyState
from services import delivering, probing, settling
from services.act import Act, act, acting_member, require
from services.context import Context
from services.moves import back_to_draft, may_reassign, move_reply
from services.reply_view import DraftView, Probe, ReplyView, draft_view, reply_view, reply_views

__all__ = [
    "DeliveryCounts",
    "DueReply",
    "Probe",
    "ReplyView",
    "confirm_by_person",
    "deliver_due",
    "deliver_one",
    "deny_by_person",
    "due_replies",
    "edit_failed",
    "give_up_by_hand",
    "page",
    "reconcile",
]

_SUBMITTED = tuple(state for state in ReplyState if state != ReplyState.DRAFT)


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """What one round of the outbox brought, in replies."""

    sent: int = 0
    uncertain: int = 0
    failed: int = 0
    requeued: int = 0
    needs_human: int = 0
    returned: int = 0
    by_hand: int = 0


@dataclass(frozen=True, slots=True)
class DueReply:
    """A reply that may go out now. ``voice`` names the account, or the brand's only voice on that channel."""

    reply_id: int
    voice: str


def deliver_due(ctx: Context, *, worker: str, limit: int = 20) -> DeliveryCounts:
    """Send what is queued and due, each in three short transactions: mark, call, record.

    ``worker`` names this process and no other. A reply whose account another sender speaks for waits.
    """
    with ctx.store.read() as tx:
        due = [reply.id for reply in replies.due(tx, ctx.clock(), rows=limit)]
    return _counted({reply_id: _deliver(ctx, reply_id, worker) for reply_id in due})


def due_replies(ctx: Context, *, limit: int = 100) -> list[DueReply]:
    """What is queued and due, each with the voice it goes out through: replies of one voice go one after another."""
    with ctx.store.read() as tx:
        due = replies.due(tx, ctx.clock(), rows=limit)
    return [DueReply(reply.id, f"{reply.channel}:{reply.account_id or 'brand'}") for reply in due]


def deliver_one(ctx: Context, reply_id: int, *, worker: str) -> DeliveryCounts:
    """Send this reply if it is due; nothing happens when it is not there to be sent any more."""
    return _counted({reply_id: _deliver(ctx, reply_id, worker)})


def reconcile(ctx: Context, *, worker: str, limit: int = 20) -> DeliveryCounts:
    """Look up replies whose fate is unknown; sends that nobody finished become uncertain first."""
    with ctx.store.read() as tx:
        lost = [reply.id for reply in replies.abandoned(tx, ctx.clock())]
    states = {reply_id: probing.give_up_waiting(ctx, reply_id) for reply_id in lost}
    with ctx.store.read() as tx:
        doubtful = [reply.id for reply in replies.to_probe(tx, ctx.clock(), rows=limit)]
    return _counted(states | {reply_id: probing.probe(ctx, reply_id) for reply_id in doubtful})


def page(
    ctx: Context,
    brand_id: int | None = None,
    *,
    states: tuple[ReplyState, ...] = (),
    mine: bool = False,
    before_id: int | None = None,
    limit: int = 50,
) -> list[ReplyView]:
    """Replies from submission on, the newest first, below ``before_id``; drafts only when asked for."""
    require(ctx, Right.READ, action="outbox.read", entity="reply")
    author_id = acting_member(ctx).id if mine else None
    with ctx.store.read() as tx:
        rows = reply_pages.page(
            tx, states=states or _SUBMITTED, brand_id=brand_id, author_id=author_id, before_id=before_id, rows=limit
        )
        return reply_views(tx, rows)


def confirm_by_person(ctx: Context, reply_id: int, *, url: str) -> ReplyView:
    """Somebody saw it on the network: ``url`` is its link. From needs_human and by_hand; Invalid without a web link."""
    with act(ctx, "reply.confirm", "reply", reply_id, needs=Right.WORK) as running:
        acting_member(ctx)
        reply = replies.get(running.tx, reply_id)
        receipt = Receipt(remote_id="", url=_web_link(url), published_at=running.now)
        settling.sent(running, ctx, reply, ReplyMove.CONFIRMED_BY_PERSON, receipt)
        return reply_view(running.tx, reply_id)


def deny_by_person(ctx: Context, reply_id: int) -> ReplyView:
    """Somebody looked and it is not there: queued once more. NotPossible(denied_once) the second time."""
    with act(ctx, "reply.deny", "reply", reply_id, needs=Right.WORK) as running:
        acting_member(ctx)
        reply = replies.get(running.tx, reply_id)
        if reply.denied_once:
            raise NotPossible("It was already sent once more.", reason="denied_once", reply=reply_id)
        move_reply(running, reply, ReplyMove.DENIED_BY_PERSON, denied_once=True, send_after=running.now)
        return reply_view(running.tx, reply_id)


def give_up_by_hand(ctx: Context, reply_id: int) -> DraftView:
    """It was not posted by hand after all: a draft of its author again. Author, owner, or Right.REASSIGN."""
    with act(ctx, "reply.give_up", "reply", reply_id, needs=Right.WORK) as running:
        reply = _concerned(ctx, running, reply_id, acting_member(ctx))
        return draft_view(back_to_draft(running, reply, ReplyMove.GIVE_UP))


def edit_failed(ctx: Context, reply_id: int) -> DraftView:
    """A refused reply becomes a draft of its author again. Author, owner, or Right.REASSIGN."""
    with act(ctx, "reply.edit", "reply", reply_id, needs=Right.WORK) as running:
        reply = _concerned(ctx, running, reply_id, acting_member(ctx))
        # The stable word in front of the sentence says why.
        why = (reply.error or "failed").partition(":")[0]
        return draft_view(back_to_draft(running, reply, ReplyMove.EDIT, reason=why[:40]))


def _deliver(ctx: Context, reply_id: int, worker: str) -> ReplyState | None:
    started = delivering.start(ctx, reply_id, worker=worker)
    if not isinstance(started, delivering.Started):
        return started
    return delivering.record(ctx, started, delivering.ask_network(ctx, started))


def _counted(states: Mapping[int, ReplyState | None]) -> DeliveryCounts:
    seen = Counter(states.values())
    return DeliveryCounts(
        sent=seen[ReplyState.SENT],
        uncertain=seen[ReplyState.UNCERTAIN],
        failed=seen[ReplyState.FAILED],
        requeued=seen[ReplyState.QUEUED],
        needs_human=seen[ReplyState.NEEDS_HUMAN],
        returned=seen[ReplyState.DRAFT],
        by_hand=seen[ReplyState.BY_HAND],
    )


def _web_link(url: str) -> str:
    link = url.strip()
    parts = urlsplit(link)
    if parts.scheme not in ("http", "https") or not parts.netloc or len(link) > 2000 or " " in link:
        raise Invalid("Paste the link of the published reply.", reason="url")
    return link


def _concerned(ctx: Context, running: Act, reply_id: int, member: Member) -> ReplyRow:
    reply = replies.get(running.tx, reply_id)
    owner_id = cases.get(running.tx, reply.case_id).owner_id
    if member.id not in (reply.author_id, owner_id) and not may_reassign(ctx):
        raise NotPossible("Only its author or the owner of the case may do that.", reason="not_author", reply=reply_id)
    return reply
