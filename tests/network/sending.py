"""How does a desk send on a network, and what does the network show in the end? For tests and benchmarks."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import bindparam, select

from db.tables import case_mentions, mentions, replies
from domain.brand import Watch
from domain.states import ReplyState
from services import cases, claims, drafts, outbox
from services.context import Context
from tests.network.network import Network, Written

T = TypeVar("T")
PATIENCE_S = 15.0
_CASE = (
    select(case_mentions.c.case_id)
    .join(mentions, mentions.c.id == case_mentions.c.mention_id)
    .where(mentions.c.native_id == bindparam("post"))
)
_STATES = select(replies.c.status, replies.c.lease_owner).where(replies.c.id.in_(bindparam("asked", expanding=True)))
#: What the desk may say of a reply that the network has. ``needs_human`` says that it does not know.
TRUE_OF_WHAT_IS_OUT = (ReplyState.SENDING, ReplyState.UNCERTAIN, ReplyState.NEEDS_HUMAN, ReplyState.SENT)


class Movable(Protocol):
    """A clock of a test."""

    def __call__(self) -> datetime: ...

    def move(self, **by: float) -> datetime: ...


@dataclass
class Sending:
    """A desk on a network with a clock of its own, and its operator.

    ``asked``: the customers' posts that were answered, by the answer.
    """

    ctx: Context
    watch: Watch
    giulia: Context
    clock: Movable
    network: Network
    asked: dict[int, str] = field(default_factory=dict)

    def queue(self, number: int, *, words: str | None = None) -> int:
        """A new customer's post, answered and handed in; returns the reply."""
        [reply_id] = self.queue_all([number], words=words)
        return reply_id

    def queue_all(self, numbers: Iterable[int], *, words: str | None = None) -> list[int]:
        """A post of each of these customers, heard together, answered and handed in one by one; returns the replies."""
        said = {number: f"{self.watch.terms[0]} {number}" for number in numbers}
        posts = self.network.ask(self.ctx, self.watch, said)
        return [self._answered(post, words or f"Answer {number}") for number, post in zip(said, posts, strict=True)]

    def _answered(self, post: str, words: str) -> int:
        with self.ctx.store.read() as tx:
            case_id = tx.execute(_CASE, {"post": post}).scalar_one()
        claims.claim(self.giulia, case_id)
        mention_id = cases.view(self.giulia, case_id).route.mention_id
        draft = drafts.save(self.giulia, case_id, mention_id=mention_id, text=words)
        reply_id = drafts.submit(self.giulia, draft.reply_id, undo_s=0).reply_id
        self.asked[reply_id] = post
        return reply_id

    def settle(self) -> None:
        """Workers go on undisturbed until everything has had its time."""
        for _ in range(8):
            self.clock.move(seconds=61)
            work(self.ctx)

    def states(self) -> Counter[str]:
        """How many of the replies are in which state."""
        return Counter(status for status, _ in self._as_they_are())

    def is_each_once(self, expected: list[int]) -> bool:
        """Whether the network shows each of these replies exactly once, and the desk says so with its address."""
        return not self.wrong(expected)

    def wrong(self, expected: list[int]) -> list[str]:
        """What is not as it should be when all is done: each reply out once, under its post, and shown as it is."""
        written, shown, found = self._written(), self.shown(), list[str]()
        if len(written) != len(expected):
            found.append(f"{len(written)} posts of ours for {len(expected)} replies")
        for reply_id in expected:
            reply, under = shown[reply_id], [w for w in written if w.parent_id == self.asked[reply_id]]
            if [w.text for w in under] != [reply.text]:
                found.append(f"reply {reply_id} is out {len(under)} times under its post")
            elif reply.status != ReplyState.SENT or reply.remote_id not in (under[0].remote_id, None):
                found.append(f"reply {reply_id} is out and shown as {reply.status}, {reply.remote_id}")
            elif under[0].in_link not in str(reply.url):
                found.append(f"reply {reply_id} is shown with the link {reply.url}")
        return found

    def unread(self, expected: list[int]) -> list[str]:
        """Replies that their customers do not read once under their posts."""
        texts = {reply_id: shown.text for reply_id, shown in self.shown().items()}

        def read(reply_id: int) -> list[str]:
            return self.network.read_under(self.asked[reply_id])

        late = [reply_id for reply_id in expected if not soon(lambda: read(reply_id) == [texts[reply_id]])]  # noqa: B023
        return [f"the customer reads {read(reply_id)} as reply {reply_id}" for reply_id in late]

    def untrue(self) -> list[str]:
        """What the desk says now of replies that the network does not bear out."""
        before = self.is_out()
        shown = self.shown()
        after = self.is_out()
        hidden = [r for r in shown.values() if r.reply_id in before and r.status not in TRUE_OF_WHAT_IS_OUT]
        invented = [r for r in shown.values() if r.reply_id not in after and r.status == ReplyState.SENT]
        said = [f"reply {r.reply_id} is out and shown as {r.status}" for r in hidden]
        return said + [f"reply {r.reply_id} is shown as sent and is not there" for r in invented]

    def is_out(self) -> set[int]:
        """The replies that stand under their posts."""
        under = {written.parent_id for written in self._written()}
        return {reply_id for reply_id, post in self.asked.items() if post in under}

    def link_to(self, reply_id: int) -> str:
        """What somebody who sees the reply on the network copies from there."""
        [written] = [each for each in self._written() if each.parent_id == self.asked[reply_id]]
        return f"https://network.example/{written.in_link}"

    def in_the_hands_of(self, pids: list[int]) -> bool:
        """Whether one of these workers is just sending a reply."""
        owners = [owner or "" for status, owner in self._as_they_are() if status == ReplyState.SENDING]
        return any(owner.partition(":")[0] == worker_name(pid) for owner in owners for pid in pids)

    def shown(self) -> dict[int, outbox.ReplyView]:
        """What the desk shows of its replies."""
        return {r.reply_id: r for r in outbox.page(self.ctx, states=tuple(ReplyState), limit=1000)}

    def _as_they_are(self) -> list[tuple[str, str | None]]:
        """The state of every reply, and who has it in hand: one question, for whoever looks again and again."""
        with self.ctx.store.read() as tx:
            return [(str(status), owner) for status, owner in tx.execute(_STATES, {"asked": [*self.asked]})]

    def _written(self) -> list[Written]:
        """What our account has written for this desk, under the posts of its customers or astray."""
        posts, alone = set(self.asked.values()), self.network.of_one_desk
        return [written for written in self.network.out() if alone or written.parent_id in posts]


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
