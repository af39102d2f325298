"""The contracts every channel keeps: a collector that listens and a publisher that answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol, runtime_checkable

from collectors.sign_in import SignIn
from collectors.spending import Purse, Terms, Unlimited
from domain.brand import Account, Watch
from domain.clock import Clock
from domain.mention import Mention
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, ReplyLimits, ReplyRoute

#: Where the next fetch goes on; opaque to everybody but its channel, any length, stored with the rows it covers.
Cursor = NewType("Cursor", str)


class GapReason(StrEnum):
    """Why posts may be missing, where one of these words says it; the desk has a sentence for each."""

    TOO_MANY = "too_many"  # more posts than the network hands out in one go
    TOO_LARGE = "too_large"  # one post alone is more than we read, and what lies behind it cannot be reached
    CIRCLE = "circle"  # its pages lead to each other in a circle, and what lies behind them cannot be reached
    QUOTES_REFUSED = "quotes_refused"  # the network does not let us ask who quotes us
    FORGOTTEN = "forgotten"  # the network no longer shows what is that old
    STREAM_LOST = "stream_lost"  # the stream skipped a stretch that nothing else brings back
    NO_ANSWER = "no_answer"  # the network did not answer for longer than it lets us look back
    REFUSED = "refused"  # it refused our sign-in, or a setting was wrong, for longer than that
    NOT_POLLED = "not_polled"  # nobody asked for longer than that: desk or watch were off


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which posts may be missing, and why.

    ``reason`` is a GapReason, or one with where it was (``"too_many: Forum"``), else a short English sentence.
    """

    from_at: datetime
    to_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class BadItem:
    """A raw item that could not be read: kept aside with the reason, never shown as a mention."""

    raw: str
    reason: str


@dataclass(frozen=True, slots=True)
class Quota:
    """What a network lets us ask before ``resets_at``, as its last answer said."""

    left: int
    limit: int | None = None
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a channel.

    ``next_cursor`` already covers every item of this page; ask again with it while ``has_more``.
    ``complete_up_to``: everything published before it has been handed over, as far as the network tells.
    ``gaps``: what this page could not bring and no later one will by itself. ``complete_from``, on the last
    page of a round: from then up to ``complete_up_to`` nothing is missing after all, whatever gap was told.
    ``around``: posts that make the items understood (what they answer); kept beside them, never a case.
    ``first_read_at``: these items come from the first reading of their source (a search, a feed, what addresses us),
    and then that reading began: what is much older was written before anybody listened.
    """

    items: tuple[Mention, ...]
    next_cursor: Cursor | None
    has_more: bool = False
    complete_up_to: datetime | None = None
    bad: tuple[BadItem, ...] = field(default=())
    gaps: tuple[Gap, ...] = field(default=())
    quota: Quota | None = None
    complete_from: datetime | None = None
    around: tuple[Mention, ...] = field(default=())
    first_read_at: datetime | None = None


class Collector(Protocol):
    """Listens on one channel. One that has served a watch may serve others of the brand after it, within minutes.

    ``fetch`` returns the next page after ``cursor`` (None: from the beginning of what the network
    offers). Everything may arrive twice; nothing may be skipped. Raises RateLimited, Unavailable,
    Unauthorized or Misconfigured; a single unreadable item goes to ``Page.bad``.
    """

    def fetch(self, watch: Watch, cursor: Cursor | None) -> Page: ...


@runtime_checkable
class Resting(Protocol):
    """A collector whose sources may rest after a failure, as its cursor says.

    ``awake``: the cursor with which all of them are asked again, but for those that their own server put off.
    """

    def awake(self, cursor: Cursor) -> Cursor: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A post that the desk keeps."""

    origin: str
    native_id: str


@dataclass(frozen=True, slots=True)
class Recheck:
    """What became of posts from before: which were asked about, and of those the ones that changed or are gone."""

    asked: tuple[Kept, ...]
    changed: tuple[Mention, ...]


@runtime_checkable
class Rechecking(Protocol):
    """A collector that can tell whether posts of long ago are still there: what is deleted there is deleted here.

    ``recheck`` asks about as many of ``posts``, from the first on, as fit into one question or two, and only about
    those its account can see. Gone is what the network says is gone, never what it merely does not show. Raises as
    ``fetch`` does.
    """

    def recheck(self, posts: Sequence[Kept]) -> Recheck: ...


class Listener(Protocol):
    """The second way in, where a network offers a stream: posts within seconds instead of at the next poll.

    ``batches`` connects and hands over what matches any of ``watches`` as small pages, at most a second apart while
    there is something, with an empty page now and then that moves the cursor; it goes on after ``cursor`` (None: from
    now) and ends soon after ``stopped`` turns true or ``watches`` should be read again. Raises like ``fetch`` when
    the connection breaks; polling goes on beside it and closes the hole. ``Page.has_more`` has no meaning here.
    """

    def batches(
        self, watches: Sequence[Watch], cursor: Cursor | None, *, stopped: Callable[[], bool]
    ) -> Iterator[Page]: ...


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody sent to the desk's own address for an account; names of headers in lower case."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Received:
    """What came in by a call, item by item as it was sent: a post, or why it cannot be read.

    ``call`` names the call, the same when it is sent again; empty where that cannot be told. Nobody can repeat it
    unchanged after ``repeatable_until``.
    """

    items: tuple[Mention | BadItem, ...]
    call: str = ""
    repeatable_until: datetime | None = None


class Receiver(Protocol):
    """The way in where a source calls us instead of being asked.

    ``read`` makes sure who calls before it looks at what they say. Raises Unauthorized for anybody else, Invalid
    (with ``reason``) for a call that cannot be read at all, and Misconfigured without what it takes to tell.
    """

    def read(self, call: Call) -> Received: ...


class Publisher(Protocol):
    """Answers on one channel.

    ``prepare`` runs once, before the first attempt, and may ask the network; what it returns is stored
    before the first byte of the reply leaves and stands in ``reply.prepared`` at every attempt and
    look-up (the exact record to write, or the newest own post before the reply). It publishes nothing
    and raises like ``fetch``, or Refused for a definite no.
    ``publish`` makes one attempt and returns the receipt. The same key twice gives one post. It calls
    ``reply.require_time`` right before it writes. It raises RateLimited or Unavailable only when nothing
    can have been published, Refused or Fatal for a definite no, and OutcomeUnknown for everything else.
    ``lookup`` returns the receipt of a published reply, or None when the network does not show it.
    """

    @property
    def limits(self) -> ReplyLimits: ...

    def route(self, mention: Mention) -> ReplyRoute: ...

    def prepare(self, reply: OutgoingReply, *, key: IdempotencyKey) -> str: ...

    def publish(self, reply: OutgoingReply, *, key: IdempotencyKey) -> Receipt: ...

    def lookup(self, reply: OutgoingReply, *, key: IdempotencyKey, since: datetime) -> Receipt | None: ...


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a channel is and can do, read from its ``manifest.toml``.

    ``needs_account``: nothing is heard without an account of ours (feeds and the sample need none).
    ``streams``: it has a ``listener`` as a second way in. ``silence_s``: after this long without any post
    the desk asks whether the channel still hears; 0: it learns from each watch's own last days.
    ``looks_back_s``: how far back a poll can go to make up for missed time; 0: for ever.
    ``receives``: it has a ``receiver``: its sources may call us, each with an address of its own here.
    ``charges``: what is read and written there costs, and is counted in the account's purse.
    ``rechecks``: its collector can tell whether posts of long ago are still there (``Rechecking``).
    ``ways``: how an account is connected there (``collectors.sign_in.Way``), the best first; none: only by its name.
    ``trains``: what people write there may teach a model; on some networks only with their word (Reddit).
    ``own_app``: the network knows a desk only by an app that the firm makes there; its id is typed.
    ``exempt_from_publish_switch`` is true only where nothing reaches the public (the sample brand).
    """

    name: str
    title: str
    listens: bool
    answers: bool
    poll_interval_s: int = 60
    probe_spacing_s: float = 60.0
    exempt_from_publish_switch: bool = False
    needs_account: bool = True
    streams: bool = False
    silence_s: int = 0
    looks_back_s: int = 0
    charges: bool = False
    rechecks: bool = False
    receives: bool = False
    ways: tuple[str, ...] = ()
    own_app: bool = False
    trains: bool = True


@dataclass(frozen=True, slots=True)
class ChannelSetup:
    """What a channel is built with. ``data_dir`` is the desk's own folder, as a string path.

    ``accounts``: all active accounts of the brand there, oldest first, for a channel that listens through
    several at once (feeds: one per address); ``account`` is the voice, the first of them.
    ``secrets``: those of ``accounts`` by their id. ``private_addresses``: addresses that people typed may lead
    inside our own network. ``terms``: what a network that charges takes; ``purse``: what of it is left this month.
    """

    account: Account | None
    data_dir: str
    clock: Clock
    secret: str | None = field(default=None, repr=False)
    accounts: tuple[Account, ...] = ()
    secrets: Mapping[int, str] = field(default_factory=dict, repr=False)
    private_addresses: bool = False
    terms: Terms = Terms()
    purse: Purse = field(default_factory=Unlimited, repr=False)


class Channel(Protocol):
    """What a channel's folder offers at its top level: ``collectors.<name>.channel``."""

    @property
    def manifest(self) -> Manifest: ...

    def collector(self, setup: ChannelSetup) -> Collector: ...

    def publisher(self, setup: ChannelSetup) -> Publisher: ...


class StreamingChannel(Channel, Protocol):
    """A channel whose manifest says ``streams``."""

    def listener(self, setup: ChannelSetup) -> Listener: ...


class ConnectingChannel(Channel, Protocol):
    """A channel whose accounts can be connected from the desk: its manifest names ``ways`` beside an address."""

    def sign_in(self, clock: Clock, *, private: bool = False) -> SignIn: ...


class ReceivingChannel(Channel, Protocol):
    """A channel whose manifest says ``receives``."""

    def receiver(self, setup: ChannelSetup) -> Receiver: ...


def origin_through(account: Account) -> str:
    """The origin of posts that come through one account alone, on channels where each account is a source of its own.

    Its number is never given away again, so that a post is answered where it came from or not at all.
    """
    return f"account-{account.id}"
