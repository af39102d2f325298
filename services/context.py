"""What every service works with: the store, the settings, the clock, and who is acting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from classifiers.protocol import Classifier, ModelCard
from collectors.protocol import Collector, Listener, Manifest, Publisher, Receiver
from collectors.sign_in import SignIn
from db.engine import Store
from domain.brand import Account
from domain.clock import Clock, utc_now
from domain.errors import NotFound
from domain.judgement import Judgement, Kind, Sentiment, UrgencyLevel
from domain.people import Member, Right
from services.refusals import Tally
from settings import Settings


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a colleague (``user:<id>``), the command line (``cli:<os user>``) or the desk itself (``system``).

    The command line and the desk itself have every right; a colleague has those of their roles.
    """

    name: str
    rights: frozenset[Right]
    member: Member | None = None

    @property
    def user_id(self) -> int | None:
        return None if self.member is None else self.member.id


SYSTEM = Actor(name="system", rights=frozenset(Right))


def colleague(member: Member) -> Actor:
    """The actor for a signed-in colleague; an inactive one has no rights."""
    return Actor(name=f"user:{member.id}", rights=member.rights if member.active else frozenset(), member=member)


def command_line(os_user: str) -> Actor:
    """The actor for somebody who can read the data folder."""
    return Actor(name=f"cli:{os_user}", rights=frozenset(Right))


class ChannelDoor(Protocol):
    """The way from a service to a network; bound by ``bootstrap``, faked by tests.

    Every method raises NotFound for a channel nobody knows. ``account`` None: without our own voice.
    ``accounts``: all the brand has there, for channels that listen through several (feeds).
    """

    def names(self) -> tuple[str, ...]: ...

    def manifest(self, name: str) -> Manifest: ...

    def collector(
        self, name: str, account: Account | None = None, *, accounts: tuple[Account, ...] = ()
    ) -> Collector: ...

    def listener(self, name: str, account: Account | None = None, *, accounts: tuple[Account, ...] = ()) -> Listener:
        """The second way in of a channel whose manifest says ``streams``."""
        ...

    def publisher(self, name: str, account: Account | None = None) -> Publisher: ...

    def sign_in(self, name: str) -> SignIn:
        """How an account gets in there; NotPossible for a channel that needs no sign-in."""
        ...

    def receiver(self, name: str, account: Account) -> Receiver:
        """The way in for whom this account's source is, on a channel whose manifest says ``receives``."""
        ...

    def restart(self, name: str) -> None:
        """Begin a replayed channel's story anew; NotPossible for a real network."""
        ...


class NoChannels:
    """A desk without networks: every door is closed."""

    def names(self) -> tuple[str, ...]:
        return ()

    def manifest(self, name: str) -> Manifest:
        raise NotFound(f"There is no channel called {name!r}.", channel=name)

    def collector(self, name: str, account: Account | None = None, *, accounts: tuple[Account, ...] = ()) -> Collector:
        raise NotFound(f"There is no channel called {name!r}.", channel=name)

    def listener(self, name: str, account: Account | None = None, *, accounts: tuple[Account, ...] = ()) -> Listener:
        raise NotFound(f"There is no channel called {name!r}.", channel=name)

    def publisher(self, name: str, account: Account | None = None) -> Publisher:
        raise NotFound(f"There is no channel called {name!r}.", channel=name)

    def sign_in(self, name: str) -> SignIn:
        raise NotFound(f"There is no channel called {name!r}.", channel=name)

    def receiver(self, name: str, account: Account) -> Receiver:
        raise NotFound(f"There is no channel called {name!r}.", channel=name)

    def restart(self, name: str) -> None:
        raise NotFound(f"There is no channel called {name!r}.", channel=name)


class NoOpinion:
    """Stands in where no rules are bound: every post is of normal urgency and asks for a reader."""

    card = ModelCard("none", "none", (), "Apache-2.0", 0, ())

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        opinion = Judgement(
            language="und",
            sentiment=Sentiment.NEUTRAL,
            sentiment_scores={Sentiment.NEUTRAL: 1.0},
            kind=Kind.OTHER,
            kind_scores={Kind.OTHER: 1.0},
            urgency=1.0,
            urgency_level=UrgencyLevel.NORMAL,
            reasons=(),
            unsure=True,
            model="none",
        )
        return [opinion] * len(texts)


@dataclass(frozen=True, slots=True)
class Context:
    """The first argument of every service.

    ``rules`` takes the first look at a post on its arrival, before the model has judged it; ``refusals`` keeps
    the audit from growing with each attempt of somebody who does not stop.
    """

    store: Store
    settings: Settings
    actor: Actor = SYSTEM
    clock: Clock = utc_now
    channels: ChannelDoor = NoChannels()
    rules: Classifier = NoOpinion()
    refusals: Tally = field(default_factory=Tally, compare=False)

    def acting_as(self, actor: Actor) -> Context:
        """The same desk, in somebody else's name."""
        return replace(self, actor=actor)
