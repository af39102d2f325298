"""Is a reply whose fate is unknown out or not? Asked of the network, never guessed.

Found: sent. Absent twice, with the channel's spacing between: queued again, at most three times. After
six look-ups without an answer, or an hour of them, a person is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from db import deliveries, replies, thread
from db.replies import ReplyRow
from domain.errors import DeskError, OutcomeUnknown, Retriable, StaleVersion
from domain.people import Right
from domain.reply import IdempotencyKey, OutgoingReply, Receipt
from domain.states import ReplyMove, ReplyState
from services import renewing, settling
from services.act import Act, act
from services.context import Context
from services.delivering import account_of, outgoing, spacing_s
from services.moves import move_reply

ABSENT_PROOFS = 2
MAX_SENDS = 4
MAX_LOOKUPS = 6
LONGEST_DOUBT = timedelta(hours=1)
#: Clocks differ: a post may carry a time a little before we began.
CLOCK_SLACK = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Probing:
    """A look-up under way."""

    reply: ReplyRow
    outgoing: OutgoingReply
    delivery_id: int


def give_up_waiting(ctx: Context, reply_id: int) -> ReplyState | None:
    """A send whose lease ended without an outcome becomes uncertain; None when it has moved on by itself."""
    try:
        with act(ctx, "reply.expired", "reply", reply_id, needs=Right.WORK) as running:
            reply = replies.get(running.tx, reply_id)
            alive = reply.lease_until is not None and reply.lease_until > running.now
            if reply.status != ReplyState.SENDING or (alive and not replies.is_from_ahead(reply, running.now)):
                return None
            deliveries.close_open(running.tx, reply_id, "lost", at=running.now)
            return settling.unclear(running, reply, "lease_expired", probe_at=running.now).status
    except StaleVersion:
        return None


def probe(ctx: Context, reply_id: int) -> ReplyState | None:
    """Look one uncertain reply up; returns its state after that, None when another worker is at it."""
    begun = _begin(ctx, reply_id)
    if begun is None:
        return None
    return _record(ctx, begun, _ask(ctx, begun))


def _begin(ctx: Context, reply_id: int) -> Probing | None:
    try:
        with ctx.store.write() as tx:
            reply, now = replies.get(tx, reply_id), ctx.clock()
            at = reply.next_probe_at
            due = at is None or at <= now or replies.is_from_ahead(reply, now)
            if reply.status != ReplyState.UNCERTAIN or not due:
                return None
            # Nobody else looks while this look-up runs; when it dies, the next one is due after the lease.
            lease = now + timedelta(seconds=ctx.settings.send_lease_s)
            reply = replies.change(tx, reply, next_probe_at=lease, updated_at=min(reply.updated_at, now))
            delivery_id = deliveries.start(tx, reply_id, deliveries.LOOKUP, at=now)
            post = thread.mention(tx, reply.mention_id)
            return Probing(reply, outgoing(reply, post, account_of(tx, reply)), delivery_id)
    except StaleVersion:
        return None


def _ask(ctx: Context, begun: Probing) -> Receipt | DeskError | None:
    reply = begun.reply
    since = (reply.first_attempt_at or reply.created_at) - CLOCK_SLACK
    try:
        with ctx.store.read() as tx:
            account = account_of(tx, reply)
        renewing.fresh(ctx, [account] if account else [])
        publisher = ctx.channels.publisher(reply.channel, account)
        return publisher.lookup(begun.outgoing, key=IdempotencyKey(reply.idempotency_key), since=since)
    except DeskError as error:
        return error
    except Exception as error:  # noqa: BLE001 - an answer that cannot be read is no answer
        return OutcomeUnknown(f"{type(error).__name__} while looking")


def _record(ctx: Context, begun: Probing, answer: Receipt | DeskError | None) -> ReplyState | None:
    try:
        with act(ctx, "reply.probe", "reply", begun.reply.id, needs=Right.WORK) as running:
            reply = replies.get(running.tx, begun.reply.id)
            outcome, detail = _outcome(running, reply, answer)
            deliveries.finish(running.tx, begun.delivery_id, outcome, at=running.now, detail=detail)
            running.details["outcome"] = outcome
            if reply.version != begun.reply.version:
                return None  # Somebody found out first.
            return _settle(running, ctx, reply, answer, outcome).status
    except StaleVersion:
        return None


def _outcome(running: Act, reply: ReplyRow, answer: Receipt | DeskError | None) -> tuple[str, str | None]:
    """The word and the detail for the record of the look-up."""
    if answer is None:
        return "absent", None
    if isinstance(answer, DeskError):
        return answer.key, settling.words(answer)
    if not answer.remote_id or replies.remote_taken(running.tx, reply.channel, answer.remote_id, reply_id=reply.id):
        return "another_post", answer.remote_id
    return "found", answer.remote_id


def _settle(running: Act, ctx: Context, reply: ReplyRow, answer: Receipt | DeskError | None, outcome: str) -> ReplyRow:
    if isinstance(answer, Receipt) and outcome == "found":
        return settling.sent(running, ctx, reply, ReplyMove.FOUND, answer)
    wait_s = spacing_s(ctx, reply.channel)
    history = deliveries.of_replies(running.tx, [reply.id]).get(reply.id, [])
    if answer is None:
        absent = reply.absent_probes + 1
        later = running.now + timedelta(seconds=wait_s)
        if absent < ABSENT_PROOFS:
            return replies.change(running.tx, reply, absent_probes=absent, next_probe_at=later)
        if sum(d.act == deliveries.PUBLISH for d in history) >= MAX_SENDS:
            return settling.needs_human(running, reply)
        again = {"absent_probes": absent, "next_probe_at": None, "send_after": running.now}
        return move_reply(running, reply, ReplyMove.PROVED_ABSENT, **again)
    last_send = max((d.id for d in history if d.act == deliveries.PUBLISH), default=0)
    looks = sum(d.act == deliveries.LOOKUP and d.id > last_send for d in history)
    # Uncertain since then; the first attempt may be much older, after retries or in a backup.
    doubt = running.now - reply.updated_at
    if looks >= MAX_LOOKUPS or (looks >= ABSENT_PROOFS and doubt >= LONGEST_DOUBT):
        return settling.needs_human(running, reply)
    if isinstance(answer, Retriable):
        wait_s = max(wait_s, answer.retry_after_s)
    return replies.change(running.tx, reply, next_probe_at=running.now + timedelta(seconds=wait_s))
