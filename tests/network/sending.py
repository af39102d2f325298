"""How does a desk send on the real network, and what does the network show in the end? For tests and benchmarks."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import select

from collectors.bluesky.normalize import normalize
from collectors.protocol import Page
from db.tables import cases as cases_table
from domain.brand import Watch
from domain.states import ReplyState
from services import cases, claims, drafts, intake, outbox
from services.context import Context
from tests.fakes import MovableClock
from tests.network.people import Somebody

T = TypeVar("T")
PATIENCE_S = 15.0


@dataclass
class Sending:
    """A desk on the real network with a clock of its own, its operator, and two readers: the public and our account."""

    ctx: Context
    watch: Watch
    giulia: Context
    clock: MovableClock
    public: Somebody
    ours: Somebody

    def queue(self, number: int) -> int:
        """A new customer's post, answered and handed in; returns the reply."""
        post = self.public.post(f"{self.watch.terms[0]} {number}")
        [view] = soon(lambda: self.public.network.posts([post["uri"]]))
        mention = normalize(view)
        # Every post of its own customer, though one account writes them all.
        author = replace(mention.author, native_id=f"{mention.author.native_id}-{number}")
        intake.store(self.ctx, self.watch, Page((replace(mention, author=author),), None))
        with self.ctx.store.read() as tx:
            case_id = max(tx.execute(select(cases_table.c.id)).scalars())
        claims.claim(self.giulia, case_id)
        mention_id = cases.view(self.giulia, case_id).route.mention_id
        draft = drafts.save(self.giulia, case_id, mention_id=mention_id, text=f"Answer {number}")
        return drafts.submit(self.giulia, draft.reply_id, undo_s=0).reply_id

    def settle(self) -> None:
        """Workers go on undisturbed until everything has had its time."""
        for _ in range(8):
            self.clock.move(seconds=61)
            work(self.ctx)

    def states(self) -> Counter[str]:
        return Counter(str(reply.status) for reply in outbox.page(self.ctx, limit=1000))

    def is_each_once(self, replies: list[int]) -> bool:
        """Whether the network shows each of these replies exactly once, and the desk says so with its address."""
        public = {record["value"]["text"]: record["uri"] for record in self.ours.records()}
        words = Counter(record["value"]["text"] for record in self.ours.records())
        shown = {r.reply_id: r for r in outbox.page(self.ctx, states=tuple(ReplyState), limit=1000)}
        return (
            len(words) == len(replies)
            and set(words.values()) <= {1}
            and all(shown[i].status == ReplyState.SENT and shown[i].remote_id in public.values() for i in replies)
        )


def work(ctx: Context) -> None:
    """One turn of a worker."""
    outbox.reconcile(ctx, worker=f"worker-{os.getpid()}")
    outbox.deliver_due(ctx, worker=f"worker-{os.getpid()}")


def soon(look: Callable[[], T], *, patience_s: float = PATIENCE_S) -> T:
    """What ``look`` finds as soon as it finds something: the network shows what is written a moment later."""
    end = time.monotonic() + patience_s
    while True:
        found = look()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.1)
