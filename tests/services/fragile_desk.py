"""How can a sender die? A desk that kills its own process at a named point, and a network that forgives nothing."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from bootstrap import Channels
from collectors.protocol import Collector, Manifest
from db.engine import Store
from domain.brand import Account
from domain.clock import Clock
from domain.mention import Mention
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, ReplyLimits, ReplyRoute, RouteKind
from services.context import ChannelDoor, Context


class Point(StrEnum):
    """Where the process dies."""

    MARKING = "before the mark is committed"
    MARKED = "after the mark, before the first byte"
    PREPARING = "asked what to fix before the first attempt, before that is committed"
    PREPARED = "after that is committed, before the first byte"
    PUBLISHED = "after the network has it, before the answer"
    RECORDING = "after the answer, before it is committed"
    RECORDED = "after everything"
    LOOKING = "while looking it up"
    FOUND = "after the look-up, before it is committed"


def die() -> None:
    """What ``kill -9`` does."""
    os.kill(os.getpid(), signal.SIGKILL)


class FragileStore(Store):
    """A store whose process dies around one of its write transactions.

    What was asked counts in the thread that asked: other work goes on beside it.
    """

    point: Point | None = None

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.here = threading.local()

    @classmethod
    def over(cls, store: Store) -> FragileStore:
        """The same store, with all that its engine has prepared, for a process that was forked when it was closed."""
        fragile = cls.__new__(cls)
        fragile.__dict__.update(store.__dict__)
        fragile.here = threading.local()
        return fragile

    @property
    def asked(self) -> bool:
        return getattr(self.here, "asked", False)

    @property
    def preparing(self) -> bool:
        return getattr(self.here, "preparing", False)

    @contextmanager
    def write(self, *, durable: bool = False, **how: bool) -> Iterator[object]:
        with super().write(durable=durable, **how) as tx:
            yield tx
            answered = self.asked and not durable and self.point in (Point.RECORDING, Point.FOUND)
            fixing = durable and self.preparing and self.point == Point.PREPARING
            if answered or fixing or (durable and self.point == Point.MARKING):
                die()
        if durable and self.preparing and self.point == Point.PREPARED:
            die()
        if (durable and self.point == Point.MARKED) or (self.asked and self.point == Point.RECORDED):
            die()


@dataclass
class Careless:
    """A network without idempotency: every ``publish`` is another line. ``lookup`` finds lines by their key."""

    path: Path
    clock: Clock
    limits = ReplyLimits(max_chars=500, count=len)

    def route(self, mention: Mention) -> ReplyRoute:
        return ReplyRoute(RouteKind.API)

    def prepare(self, reply: OutgoingReply, *, key: IdempotencyKey) -> str:
        return ""

    def publish(self, reply: OutgoingReply, *, key: IdempotencyKey) -> Receipt:
        with self.path.open("a") as log:
            log.write(json.dumps({"key": key, "text": reply.text, "reply": reply.reply_id}) + "\n")
            log.flush()
            os.fsync(log.fileno())
        return Receipt(f"c-{key}", None, self.clock())

    def lookup(self, reply: OutgoingReply, *, key: IdempotencyKey, since: datetime) -> Receipt | None:
        known = any(json.loads(line)["key"] == key for line in lines(self.path))
        return Receipt(f"c-{key}", None, self.clock()) if known else None


@dataclass
class Fatal:
    """A publisher whose process dies around its calls."""

    inner: object
    store: FragileStore

    @property
    def limits(self) -> ReplyLimits:
        return self.inner.limits

    def route(self, mention: Mention) -> ReplyRoute:
        return self.inner.route(mention)

    def prepare(self, reply: OutgoingReply, *, key: IdempotencyKey) -> str:
        prepared = self.inner.prepare(reply, key=key)
        self.store.here.preparing = True
        return prepared

    def publish(self, reply: OutgoingReply, *, key: IdempotencyKey) -> Receipt:
        receipt = self.inner.publish(reply, key=key)
        if self.store.point == Point.PUBLISHED:
            die()
        self.store.here.asked = True
        return receipt

    def lookup(self, reply: OutgoingReply, *, key: IdempotencyKey, since: datetime) -> Receipt | None:
        if self.store.point == Point.LOOKING:
            die()
        self.store.here.asked = True
        return self.inner.lookup(reply, key=key, since=since)


@dataclass
class Door:
    """Both networks, the careless one and the sample, under their names; ``wrap`` makes their publishers fatal."""

    data_dir: str
    clock: Clock
    wrap: Callable[[object], object] = lambda publisher: publisher

    def names(self) -> tuple[str, ...]:
        return "sample", "careless"

    def manifest(self, name: str) -> Manifest:
        if name == "careless":
            return Manifest("careless", "Careless", True, True, exempt_from_publish_switch=True)
        return self._real().manifest(name)

    def collector(self, name: str, account: Account | None = None, *, accounts: tuple[Account, ...] = ()) -> Collector:
        return self._real().collector(name, account, accounts=accounts)

    def publisher(self, name: str, account: Account | None = None) -> object:
        careless = Careless(Path(self.data_dir) / "careless.jsonl", self.clock)
        return self.wrap(careless if name == "careless" else self._real().publisher(name, account))

    def _real(self) -> ChannelDoor:
        return Channels(self.data_dir, self.clock)


def lines(path: Path) -> list[str]:
    """The lines of a log, none when it is not there."""
    return path.read_text().splitlines() if path.exists() else []


@dataclass
class Wrapped:
    """Any door whose publishers are fatal."""

    inner: ChannelDoor
    store: FragileStore

    def publisher(self, name: str, account: Account | None = None) -> object:
        return Fatal(self.inner.publisher(name, account), self.store)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


def in_a_process(
    ctx: Context, point: Point | None, job: Callable[[Context], object], *, through: ChannelDoor | None = None
) -> int:
    """Run ``job`` in a process of its own that dies at ``point``; returns the signal that ended it, 0 for none.

    ``through``: real networks instead of the two here.
    """
    ctx.store.close()
    child = os.fork()
    if child == 0:
        try:
            store = FragileStore(ctx.settings.effective_database_url)
            store.point = point
            here = Door(str(ctx.settings.data_path), ctx.clock, lambda publisher: Fatal(publisher, store))
            door = here if through is None else Wrapped(through, store)
            job(replace(ctx, store=store, channels=door))
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * -1
