"""How does one queued reply get out: marked as being sent, handed to the network, recorded?

Three short transactions, none of them open while the network is asked. A process that dies in
between leaves a row that says what is true: not begun, perhaps out, or out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from collectors.protocol import Publisher
from db import brands, cases, deliveries, leases, replies, thread
from db.cases import CaseRow
from db.replies import ReplyRow
from domain.brand import Account
from domain.errors import DeskError, Fatal, OutcomeUnknown, Refused, Retriable, StaleVersion, Unavailable
from domain.mention import Mention
from domain.people import Right
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, RouteKind
from domain.states import CaseState, ReplyMove, ReplyState
from services import renewing, settling
from services.act import Act, act
from services.context import Context
from services.moves import move_reply
from services.routes import account_for, way

#: Waiting before the next attempt doubles up to this.
LONGEST_WAIT_S = 900.0


@dataclass(frozen=True, slots=True)
class Started:
    """A reply marked as being sent, with everything the network needs."""

    reply: ReplyRow
    outgoing: OutgoingReply
    account: Account | None
    delivery_id: int
    lease: str


class _NotNow(Exception):
    """Leaves the first transaction without a trace."""


def start(ctx: Context, reply_id: int, *, worker: str) -> Started | ReplyState | None:
    """First transaction: mark the reply as being sent, on disk before the first byte leaves.

    Returns its new state instead when it must not or cannot go out this way, and None when it is not
    there to be sent (any more, or yet), or while another sender speaks for the same account.
    """
    try:
        with act(ctx, "reply.send", "reply", reply_id, needs=Right.WORK, durable=True) as running:
            reply = replies.get(running.tx, reply_id)
            waits = (reply.send_after or running.now) > running.now and not replies.is_from_ahead(reply, running.now)
            if reply.status != ReplyState.QUEUED or waits:
                raise _NotNow
            return _start(running, ctx, reply, worker)
    except (StaleVersion, _NotNow):
        return None  # Another worker was faster, or is.


def ask_network(ctx: Context, started: Started) -> Receipt | DeskError:
    """Between the transactions: one attempt. Whatever is not a clear answer comes back as OutcomeUnknown."""
    try:
        renewing.fresh(ctx, [started.account] if started.account else [])
        publisher = ctx.channels.publisher(started.reply.channel, started.account)
        ready = _prepared(ctx, publisher, started)
    except DeskError as error:
        return error
    return _publish(publisher, ready)


def record(ctx: Context, started: Started, answer: Receipt | DeskError) -> ReplyState:
    """Third transaction: write down what the network said; returns the state of the reply."""
    with act(ctx, "reply.record", "reply", started.reply.id, needs=Right.WORK) as running:
        leases.let_go(running.tx, started.lease, owner=started.reply.lease_owner or "", now=running.now)
        reply = replies.get(running.tx, started.reply.id)
        outcome = "receipt" if isinstance(answer, Receipt) else answer.key
        detail = answer.remote_id if isinstance(answer, Receipt) else settling.words(answer)
        deliveries.finish(running.tx, started.delivery_id, outcome, at=running.now, detail=detail)
        running.details["outcome"] = outcome
        return _settle(running, ctx, reply, answer, mine=_is_same_attempt(reply, started.reply)).status


def outgoing(reply: ReplyRow, post: Mention, account: Account | None) -> OutgoingReply:
    """The reply as the network gets it; the same bytes at every attempt."""
    return OutgoingReply(
        reply_id=reply.id,
        channel=reply.channel,
        origin=post.origin,
        account_handle="" if account is None else account.handle,
        parent_id=post.native_id,
        conversation_id=post.conversation_id,
        text=reply.text,
        language=post.language,
        created_at=reply.queued_at or reply.created_at,
        parent_ref=post.reply_ref,
        prepared=reply.prepared,
    )


def account_of(tx: Connection, reply: ReplyRow) -> Account | None:
    """The account a reply goes out through: the one it was handed in for."""
    return None if reply.account_id is None else brands.account(tx, reply.account_id)


def spacing_s(ctx: Context, channel: str) -> float:
    """Seconds between two look-ups on this channel."""
    return ctx.settings.probe_spacing_s or ctx.channels.manifest(channel).probe_spacing_s


def _start(running: Act, ctx: Context, reply: ReplyRow, worker: str) -> Started | ReplyState:
    case = cases.get(running.tx, reply.case_id)
    post, account = thread.mention(running.tx, reply.mention_id), account_of(running.tx, reply)
    try:
        voice = account or account_for(running.tx, case.brand_id, reply.channel, origin=post.origin)
        found = way(ctx, post, voice)
    except (Fatal, Refused) as error:
        return settling.returned(running, reply, error.key).status
    reason = _must_return(running, reply, case, post, publishing=found.publishing or found.kind == RouteKind.BY_HAND)
    if reason is not None:
        return settling.returned(running, reply, reason).status
    if found.kind == RouteKind.BY_HAND:
        return move_reply(running, reply, ReplyMove.ROUTE_BY_HAND).status
    lease, until = _lease_name(case, reply, account), running.now + timedelta(seconds=ctx.settings.send_lease_s)
    if leases.acquire(running.tx, lease, owner=worker, now=running.now, until=until) is None:
        raise _NotNow
    marked = _mark(running, reply, worker, until)
    delivery_id = deliveries.start(running.tx, reply.id, deliveries.PUBLISH, at=running.now)
    running.details["attempt"] = marked.attempts
    # A process that was slow, or stood still, would else write after another one has looked twice, found nothing
    # and sent it. Between the end of the lease and the second look the write itself has its time.
    ready = replace(outgoing(marked, post, account), not_after=until)
    return Started(marked, ready, account, delivery_id, lease)


def _mark(running: Act, reply: ReplyRow, worker: str, until: datetime) -> ReplyRow:
    return move_reply(
        running,
        reply,
        ReplyMove.START,
        attempts=reply.attempts + 1,
        lease_owner=worker,
        lease_until=until,
        first_attempt_at=reply.first_attempt_at or running.now,
    )


def _must_return(running: Act, reply: ReplyRow, case: CaseRow, post: Mention, *, publishing: bool) -> str | None:
    """Why this reply must not go out now, if so. What was queued does not burst out after a switch was off."""
    if post.deleted:
        return "parent_deleted"
    if case.owner_id is None or case.state not in (CaseState.OPEN, CaseState.WAITING):
        return "case_not_owned"
    if replies.answered_elsewhere(running.tx, reply):
        return "answered_meanwhile"
    return None if publishing else "publishing_off"


def _lease_name(case: CaseRow, reply: ReplyRow, account: Account | None) -> str:
    voice = f"brand{case.brand_id}" if account is None else f"account{account.id}"
    return f"send:{reply.channel}:{voice}"


def _is_same_attempt(reply: ReplyRow, marked: ReplyRow) -> bool:
    """Whether nobody has given up on this attempt since it was marked."""
    attempt = (marked.idempotency_key, marked.attempts)
    return reply.status == ReplyState.SENDING and (reply.idempotency_key, reply.attempts) == attempt


def _prepared(ctx: Context, publisher: Publisher, started: Started) -> Started:
    """The reply with what its channel fixes before the first attempt, on disk before the first byte leaves.

    Raises DeskError: whatever goes wrong here, nothing was published.
    """
    if started.reply.prepared:
        return started
    try:
        prepared = publisher.prepare(started.outgoing, key=IdempotencyKey(started.reply.idempotency_key))
    except (Retriable, Refused, Fatal):
        raise
    except Exception as error:
        raise Unavailable(f"{type(error).__name__} while preparing") from error
    if not prepared:
        return started
    try:
        with ctx.store.write(durable=True) as tx:
            reply = replies.change(tx, started.reply, prepared=prepared)
    except StaleVersion as error:
        raise Unavailable("Somebody else took over before anything was sent.") from error
    return replace(started, reply=reply, outgoing=replace(started.outgoing, prepared=prepared))


def _publish(publisher: Publisher, started: Started) -> Receipt | DeskError:
    try:
        receipt = publisher.publish(started.outgoing, key=IdempotencyKey(started.reply.idempotency_key))
    except (Retriable, Refused, Fatal, OutcomeUnknown) as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever it is, the reply may be out
        return OutcomeUnknown(f"{type(error).__name__} while sending")
    if not receipt.remote_id:
        return OutcomeUnknown("The network answered without naming the post.")
    return receipt


def _settle(running: Act, ctx: Context, reply: ReplyRow, answer: Receipt | DeskError, *, mine: bool) -> ReplyRow:
    """``mine``: nobody has touched the reply since it was marked. A receipt counts even when somebody has."""
    probe_at = running.now + timedelta(seconds=spacing_s(ctx, reply.channel))
    if isinstance(answer, Receipt):
        if replies.remote_taken(running.tx, reply.channel, answer.remote_id, reply_id=reply.id):
            return settling.unclear(running, reply, "remote_id_taken", probe_at=probe_at) if mine else reply
        if mine or reply.status == ReplyState.UNCERTAIN:
            move = ReplyMove.RECEIPT if mine else ReplyMove.FOUND
            return settling.sent(running, ctx, reply, move, answer)
        return reply
    if not mine:
        return reply
    if isinstance(answer, Retriable):
        wait_s = max(answer.retry_after_s, min(LONGEST_WAIT_S, 5.0 * 2 ** min(reply.attempts, 10)))
        return settling.requeued(running, reply, answer, wait_s=wait_s)
    if isinstance(answer, (Refused, Fatal)):
        return settling.refused(running, reply, answer)
    return settling.unclear(running, reply, settling.words(answer), probe_at=probe_at)
