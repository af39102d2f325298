"""How is a desk put together? Store, channels and classifiers bound to one context, for app, worker and commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from classifiers.protocol import Classifier, ModelCard
from collectors import registry as channel_registry
from collectors.protocol import (
    Channel,
    ChannelSetup,
    Collector,
    ConnectingChannel,
    Listener,
    Manifest,
    Publisher,
    Receiver,
    ReceivingChannel,
    StreamingChannel,
)
from collectors.sign_in import SignIn
from collectors.spending import Purse, Terms, Unlimited
from db import backup as backup_file
from db import schema
from db.engine import Store
from domain.brand import Account
from domain.clock import Clock, utc_now
from domain.errors import Misconfigured, NotAllowed, NotPossible
from domain.judgement import Judgement
from domain.people import Member
from services import keyring, restoring, spending, team, vault
from services.context import SYSTEM, Actor, Context, colleague, command_line
from services.spike_watch import Watcher
from services.topics import Finder
from settings import Settings

if TYPE_CHECKING:
    from classifiers.topics.encoder import Vectors


class _Restartable(Protocol):
    def restart(self, setup: ChannelSetup) -> None: ...


def _named_secret(account: Account) -> str | None:
    return vault.named(account.secret_ref) if account.secret_ref else None


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels of this installation, as services see them."""

    data_dir: str
    clock: Clock
    private_addresses: bool = False
    terms: Terms = Terms()
    purse: Callable[[Account], Purse] = field(default=lambda account: Unlimited(), repr=False)
    secret_of: Callable[[Account], str | None] = field(default=_named_secret, repr=False)

    def names(self) -> tuple[str, ...]:
        return channel_registry.CHANNELS

    def manifest(self, name: str) -> Manifest:
        return channel_registry.manifest(name)

    def collector(self, name: str, account: Account | None = None, *, accounts: tuple[Account, ...] = ()) -> Collector:
        return channel_registry.channel(name).collector(self._setup(account, accounts))

    def listener(self, name: str, account: Account | None = None, *, accounts: tuple[Account, ...] = ()) -> Listener:
        streaming = cast(StreamingChannel, channel_registry.channel(name))
        return streaming.listener(self._setup(account, accounts))

    def publisher(self, name: str, account: Account | None = None) -> Publisher:
        return channel_registry.channel(name).publisher(self._setup(account))

    def sign_in(self, name: str) -> SignIn:
        channel = channel_registry.channel(name)
        if not hasattr(channel, "sign_in"):
            raise NotPossible(f"{name} needs no sign-in.", reason="no_sign_in")
        return cast(ConnectingChannel, channel).sign_in(self.clock, private=self.private_addresses)

    def receiver(self, name: str, account: Account) -> Receiver:
        return cast(ReceivingChannel, channel_registry.channel(name)).receiver(self._setup(account))

    def restart(self, name: str) -> None:
        channel: Channel = channel_registry.channel(name)
        if not hasattr(channel, "restart"):
            raise NotPossible(f"{name} is a real network: its story cannot be told again.", reason="not_restartable")
        cast(_Restartable, channel).restart(self._setup(None))

    def _setup(self, account: Account | None, accounts: tuple[Account, ...] = ()) -> ChannelSetup:
        secret = None if account is None else self.secret_of(account)
        found = {each.id: self.secret_of(each) for each in accounts}
        return ChannelSetup(
            account=account,
            data_dir=self.data_dir,
            clock=self.clock,
            secret=secret,
            accounts=accounts,
            secrets={account_id: each for account_id, each in found.items() if each is not None},
            private_addresses=self.private_addresses,
            terms=self.terms,
            purse=Unlimited() if account is None else self.purse(account),
        )


class LazyClassifier:
    """A classifier that is loaded when it first has something to judge."""

    def __init__(self, load: Callable[[], Classifier]) -> None:
        self._load = load

    @cached_property
    def _loaded(self) -> Classifier:
        return self._load()

    @property
    def card(self) -> ModelCard:
        return self._loaded.card

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        return self._loaded.judge(texts) if texts else []


def _chosen(settings: Settings) -> Classifier:
    from classifiers import registry  # Costs memory and time: only where something is judged.

    return registry.chosen(settings)


def _encoder() -> Vectors:
    from classifiers.topics.encoder import Encoder

    return Encoder()


def _rules() -> Classifier:
    from classifiers import registry

    return registry.load("rules")


@dataclass(frozen=True)
class Backend:
    """One desk, ready for use. ``ctx`` acts as the desk itself."""

    ctx: Context
    _model: list[Classifier] = field(default_factory=list, repr=False)
    _by_heads: dict[int, Classifier] = field(default_factory=dict, repr=False)

    def for_member(self, member: Member) -> Context:
        """The desk in a colleague's name, with that colleague's rights."""
        return self.ctx.acting_as(colleague(member))

    def for_cli(self, os_user: str, as_login: str | None = None) -> Context:
        """The desk for somebody at the command line; with ``as_login`` in that colleague's name and rights only.

        Raises NotFound for an unknown login, NotAllowed for a disabled one.
        """
        if as_login is None:
            return self.ctx.acting_as(command_line(os_user))
        member = team.find(self.ctx, as_login)
        if not member.active:
            raise NotAllowed(f"{member.login} is disabled.", action="act", login=member.login)
        return self.for_member(member)

    @cached_property
    def topics(self) -> Finder:
        """Finds cases on the same problem; its encoder is loaded when the first post is to be placed."""
        return Finder(_encoder)

    @cached_property
    def spikes(self) -> Watcher:
        """Watches what is counted for spikes; remembers for some hours what is usual."""
        return Watcher()

    def classifier(self) -> Classifier:
        """The model the settings name, loaded once, with the heads the team has taught it by now.

        Raises Misconfigured when its files are missing.
        """
        from services import heads  # Brings numpy, and only what judges needs it.

        if not self._model:
            self._model.append(_chosen(self.ctx.settings))
        number = heads.number(self.ctx)
        if number not in self._by_heads:
            self._by_heads.clear()
            self._by_heads[number] = heads.worn(self.ctx, self._model[0])
        return self._by_heads[number]


def open_backend(settings: Settings, *, clock: Clock = utc_now) -> Backend:
    """Open the desk of these settings; a desk that does not exist yet is made.

    Raises Misconfigured for a database of another version, Unavailable when it does not answer.
    """
    if schema.is_missing(settings.effective_database_url):
        migrate(settings)
    store = Store(settings.effective_database_url)
    schema.require_current(store)
    private = settings.private_addresses == "allow"
    channels = Channels(
        str(settings.data_path),
        clock,
        private_addresses=private,
        terms=spending.terms_of(settings),
        purse=_purses(store, settings, clock),
        secret_of=vault.reader(store, keyring.of(settings)),
    )
    rules = LazyClassifier(_rules)
    return Backend(Context(store=store, settings=settings, clock=clock, channels=channels, rules=rules))


def has_desk(settings: Settings) -> bool:
    """Whether there is a database already; asking makes none."""
    return not schema.is_missing(settings.effective_database_url)


def _purses(store: Store, settings: Settings, clock: Clock) -> Callable[[Account], Purse]:
    """One purse an account for the life of this process, so that it knows what was paid for today."""
    known: dict[int, spending.Ledger] = {}

    def purse(account: Account) -> Purse:
        new = spending.Ledger(store, clock, account.id, spending.ceilings_of(settings))
        return known.setdefault(account.id, new)

    return purse


def migrate(settings: Settings) -> str:
    """Make the data folder and bring the database to this version; returns the schema's revision."""
    try:
        # Customers' words live here: nobody else on this machine reads them.
        settings.data_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as err:
        raise Misconfigured(f"The data folder {settings.data_path} cannot be made: {err.strerror}.") from err
    return schema.migrate(settings.effective_database_url)


def backup(settings: Settings, file: Path | str) -> None:
    """Write a complete copy of the database to ``file`` while the desk runs."""
    backup_file.backup(settings.effective_database_url, Path(file))


def restore(settings: Settings, file: Path | str, *, actor: Actor = SYSTEM, clock: Clock = utc_now) -> int:
    """Replace the database by a copy made with ``backup``, brought to this version's schema.

    Replies that may have gone out since the copy was made are looked up before anything is sent; returns
    how many. All of it happens before the copy takes its place: a desk never opens one half prepared.
    """
    settings.data_path.mkdir(parents=True, exist_ok=True)
    doubted: list[int] = []

    def prepare(url: str) -> None:
        schema.migrate(url)
        store = Store(url)
        try:
            ctx = Context(store=store, settings=settings, actor=actor, clock=clock)
            doubted.append(restoring.doubt_replies(ctx))
        finally:
            store.close()

    backup_file.restore(settings.effective_database_url, Path(file), prepare=prepare)
    return doubted[0]
