"""The contracts every channel keeps: a collector that listens and a publisher that answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType, Protocol

from domain.brand import Account, Watch
from domain.clock import Clock
from domain.mention import Mention
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, ReplyLimits, ReplyRoute

#: Where the next fetch goes on; opaque to everybody but its channel, any length, stored with the rows it covers.
Cursor = NewType("Cursor", str)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which posts may be missing, and why."""

    from_at: datetime
    to_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class BadItem:
    """A raw item that could not be read: kept aside with the reason, never shown as a mention."""

    raw: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a channel.

    ``next_cursor`` already covers every item of this page; ask again with it while ``has_more``.
    ``complete_up_to``: everything published before it has been handed over, as far as the network tells.
    """

    items: tuple[Mention, ...]
    next_cursor: Cursor | None
    has_more: bool = False
    complete_up_to: datetime | None = None
    bad: tuple[BadItem, ...] = field(default=())
    gaps: tuple[Gap, ...] = field(default=())


class Collector(Protocol):
    """Listens on one channel.

    ``fetch`` returns the next page after ``cursor`` (None: from the beginning of what the network
    offers). Everything may arrive twice; nothing may be skipped. Raises RateLimited, Unavailable,
    Unauthorized or Misconfigured; a single unreadable item goes to ``Page.bad``.
    """

    def fetch(self, watch: Watch, cursor: Cursor | None) -> Page: ...


class Publisher(Protocol):
    """Answers on one channel.

    ``publish`` makes one attempt and returns the receipt. The same key twice gives one post. It raises
    RateLimited or Unavailable only when nothing can have been published, Refused or Fatal for a
    definite no, and OutcomeUnknown for everything else.
    ``lookup`` returns the receipt of a published reply, or None when the network does not show it.
    """

    @property
    def limits(self) -> ReplyLimits: ...

    def route(self, mention: Mention) -> ReplyRoute: ...

    def publish(self, reply: OutgoingReply, *, key: IdempotencyKey) -> Receipt: ...

    def lookup(self, reply: OutgoingReply, *, key: IdempotencyKey, since: datetime) -> Receipt | None: ...


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a channel is and can do, read from its ``manifest.toml``.

    ``exempt_from_publish_switch`` is true only where nothing reaches the public (the sample brand).
    """

    name: str
    title: str
    listens: bool
    answers: bool
    poll_interval_s: int = 60
    probe_spacing_s: float = 60.0
    exempt_from_publish_switch: bool = False


@dataclass(frozen=True, slots=True)
class ChannelSetup:
    """What a channel is built with. ``data_dir`` is the desk's own folder, as a string path."""

    account: Account | None
    data_dir: str
    clock: Clock
    secret: str | None = field(default=None, repr=False)


class Channel(Protocol):
    """What a channel's folder offers at its top level: ``collectors.<name>.channel``."""

    @property
    def manifest(self) -> Manifest: ...

    def collector(self, setup: ChannelSetup) -> Collector: ...

    def publisher(self, setup: ChannelSetup) -> Publisher: ...
