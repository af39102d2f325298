"""What may have happened to our replies after the copy was made that has now been brought back?"""

from __future__ import annotations

from db import deliveries, replies
from db.replies import ReplyRow
from domain.people import Right
from domain.states import ReplyMove, ReplyState
from services.act import Act, act
from services.context import Context
from services.moves import move_reply


def doubt_replies(ctx: Context) -> int:
    """Make every reply the copy was about to send, or was sending, uncertain; returns how many.

    The desk that went on after the copy may have published it. The outbox therefore looks it up, from the
    moment it was handed in, and sends it only once it is absent twice. Look-ups from before the copy
    prove nothing any more. Harmless when repeated.
    """
    with act(ctx, "database.restore", "database", needs=Right.SETUP, durable=True) as running:
        doubtful = replies.perhaps_out(running.tx)
        for reply in doubtful:
            _doubt(running, reply)
        running.details["replies"] = len(doubtful)
    return len(doubtful)


def _doubt(running: Act, reply: ReplyRow) -> None:
    unknown = {
        "first_attempt_at": reply.first_attempt_at or reply.queued_at or reply.created_at,
        "absent_probes": 0,
        "next_probe_at": running.now,
        "lease_owner": None,
        "lease_until": None,
        "error": "restored",
    }
    deliveries.close_open(running.tx, reply.id, "lost", at=running.now)
    if reply.status == ReplyState.UNCERTAIN:
        replies.change(running.tx, reply, updated_at=running.now, **unknown)
    else:
        move_reply(running, reply, ReplyMove.RESTORED, **unknown)
