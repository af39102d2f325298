"""How does a desk send on the real network, and what does the network show in the end? For tests and benchmarks."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import select

from collectors.bluesky.normalize import normalize
from collectors.protocol import Page
from db import replies
from db.tables import cases as cases_table
from domain.brand import Watch
from domain.states import ReplyState
from services import cases, claims, drafts, intake, outbox
from services.context import Context
from tests.network.people import Somebody

T = TypeVar("T")
PATIENCE_S = 15.0
#: What the desk may say of a reply that the network has. ``needs_human`` says that it does not know.
TRUE_OF_WHAT_IS_OUT = (ReplyState.SENDING, ReplyState.UNCERTAIN, ReplyState.NEEDS_HUMAN, ReplyState.SENT)


class Movable(Protocol):
    """A clock of a test."""

    def __call__(self) -> datetime: ...

    def move(self, **by: float) -> datetime: ...


@dataclass
class Sending:
    """A desk on the real network with a clock of its own, its operator, and two readers: the public and our account.

    ``asked``: the customers' posts that were answered, by the answer.
    """

    ctx: Context
    watch: Watch
    giulia: Context
    clock: Movable
    public: Somebody
    ours: Somebody
    asked: dict[int, dict[str, Any]] = field(default_factory=dict)

    def queue(self, number: int, *, by: Somebody | None = None) -> int:
        """A new customer's post, answered and handed in; returns the reply."""
        post = (by or self.public).post(f"{self.watch.terms[0]} {number}")
        [view] = soon(lambda: self.public.network.posts([post["uri"]]))
        mention = normalize(view)
        if by is None:
            # Every post of its own customer, though one account writes them all.
            author = replace(mention.author, native_id=f"{mention.author.native_id}-{number}")
            mention = replace(mention, author=author)
        intake.store(self.ctx, self.watch, Page((mention,), None))
        with self.ctx.store.read() as tx:
            case_id = max(tx.execute(select(cases_table.c.id)).scalars())
        claims.claim(self.giulia, case_id)
        mention_id = cases.view(self.giulia, case_id).route.mention_id
        draft = drafts.save(self.giulia, case_id, mention_id=mention_id, text=f"Answer {number}")
        reply_id = drafts.submit(self.giulia, draft.reply_id, undo_s=0).reply_id
        self.asked[reply_id] = post
        return reply_id

    def settle(self) -> None:
        """Workers go on undisturbed until everything has had its time."""
        for _ in range(8):
            self.clock.move(seconds=61)
            work(self.ctx)

    def states(self) -> Counter[str]:
        return Counter(str(reply.status) for reply in outbox.page(self.ctx, limit=1000))

    def is_each_once(self, expected: list[int]) -> bool:
        """Whether the network shows each of these replies exactly once, and the desk says so with its address."""
        return not self.wrong(expected)

    def wrong(self, expected: list[int]) -> list[str]:
        """What is not as it should be when all is done: each reply out once, under its post, and shown as it is."""
        records, shown, found = self._records(), self._shown(), list[str]()
        if len(records) != len(expected):
            found.append(f"{len(records)} posts of ours for {len(expected)} replies")
        for reply_id in expected:
            post, reply = self.asked[reply_id], shown[reply_id]
            under = [r for r in records if r["value"]["reply"]["parent"]["uri"] == post["uri"]]
            if [r["value"]["text"] for r in under] != [reply.text]:
                found.append(f"reply {reply_id} is out {len(under)} times under its post")
            elif reply.status != ReplyState.SENT or reply.remote_id != under[0]["uri"]:
                found.append(f"reply {reply_id} is out and shown as {reply.status}, {reply.remote_id}")
            elif not str(reply.url).endswith(under[0]["uri"].rpartition("/")[2]):
                found.append(f"reply {reply_id} is shown with the link {reply.url}")
        return found

    def unread(self, expected: list[int]) -> list[str]:
        """Replies that their customers do not read once under their posts."""
        texts = {reply_id: shown.text for reply_id, shown in self._shown().items()}

        def read(reply_id: int) -> list[str]:
            return [answer["record"]["text"] for answer in self.public.answers(self.asked[reply_id])]

        late = [reply_id for reply_id in expected if not soon(lambda: read(reply_id) == [texts[reply_id]])]  # noqa: B023
        return [f"the customer reads {read(reply_id)} as reply {reply_id}" for reply_id in late]

    def untrue(self) -> list[str]:
        """What the desk says now of replies that the network does not bear out."""
        before = {record["value"]["text"] for record in self._records()}
        shown = self._shown()
        after = {record["value"]["text"] for record in self._records()}
        hidden = [r for r in shown.values() if r.text in before and r.status not in TRUE_OF_WHAT_IS_OUT]
        invented = [r for r in shown.values() if r.text not in after and r.status == ReplyState.SENT]
        said = [f"reply {r.reply_id} is out and shown as {r.status}" for r in hidden]
        return said + [f"reply {r.reply_id} is shown as sent and is not there" for r in invented]

    def in_the_hands_of(self, pids: list[int]) -> bool:
        """Whether one of these workers is just sending a reply."""
        with self.ctx.store.read() as tx:
            held = [replies.get(tx, reply_id) for reply_id in self.asked]
        owners = [row.lease_owner or "" for row in held if row.status == ReplyState.SENDING]
        return any(owner.partition(":")[0] == worker_name(pid) for owner in owners for pid in pids)

    def _records(self) -> list[dict[str, Any]]:
        """What our account has written under the posts of these customers, as its server has it."""
        posts = {post["uri"] for post in self.asked.values()}
        return [r for r in self.ours.records() if r["value"].get("reply", {}).get("parent", {}).get("uri") in posts]

    def _shown(self) -> dict[int, outbox.ReplyView]:
        return {r.reply_id: r for r in outbox.page(self.ctx, states=tuple(ReplyState), limit=1000)}


def worker_name(pid: int) -> str:
    """What a worker process of the tests calls itself."""
    return f"worker-{pid}"


def work(ctx: Context) -> None:
    """One turn of a worker."""
    outbox.reconcile(ctx, worker=worker_name(os.getpid()))
    outbox.deliver_due(ctx, worker=worker_name(os.getpid()))


def soon(look: Callable[[], T], *, patience_s: float = PATIENCE_S) -> T:
    """What ``look`` finds as soon as it finds something: the network shows what is written a moment later."""
    end = time.monotonic() + patience_s
    while True:
        found = look()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.1)
