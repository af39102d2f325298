"""Which hooks and fixtures hold for every test? A store, a movable clock, a brand, colleagues, a fake network."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import insert, select

from collectors.protocol import Page
from db.engine import Store
from db.tables import case_mentions, trainings, user_roles, users
from domain.brand import Account, Brand, Watch
from domain.mention import Mention
from domain.people import Member, Role, Training
from services import brands, intake
from services.context import Context, colleague
from settings import Settings
from tests.databases import (
    database,
    migrated_database,
    postgres_again,
    postgres_server,
    pytest_configure,
    pytest_generate_tests,
)
from tests.fakes import FakeChannel, FakeChannels, FakeClassifier, MovableClock, a_post
from tests.leaks import nothing_leaks, whole_run_is_read
from tests.not_run import pytest_runtest_makereport, pytest_terminal_summary
from tests.order import pytest_collection_modifyitems
from tests.statements import statements_stay_compiled

__all__ = [
    "database",
    "migrated_database",
    "nothing_leaks",
    "postgres_again",
    "postgres_server",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_generate_tests",
    "pytest_runtest_makereport",
    "pytest_terminal_summary",
    "statements_stay_compiled",
    "whole_run_is_read",
]

# A busy machine is no broken rule: how long one example takes says nothing about it.
hypothesis.settings.register_profile("sportello", deadline=None)
hypothesis.settings.load_profile("sportello")


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Settings:
    """Settings of a desk with its own data folder; every account that is switched on may publish."""
    return Settings(data_dir=str(tmp_path / "data"), database_url=database, publish="live", undo_s=0)


@pytest.fixture
def store(settings: Settings, migrated_database: Path) -> Iterator[Store]:
    """A migrated, empty store: a file in the data folder of ``settings``, or a database of a server."""
    settings.data_path.mkdir(parents=True)
    if not settings.database_url:
        shutil.copy(migrated_database, settings.data_path / "sportello.db")
    store = Store(settings.effective_database_url)
    yield store
    store.close()


@pytest.fixture
def clock() -> MovableClock:
    """Monday, 2 March 2026, 9:00 UTC, until the test moves it."""
    return MovableClock()


@pytest.fixture
def network(clock: MovableClock) -> FakeChannel:
    """The network called ``fake``."""
    return FakeChannel(clock=clock)


@pytest.fixture
def classifier() -> FakeClassifier:
    """Judges by plain words, see ``tests.fakes``."""
    return FakeClassifier()


@pytest.fixture
def ctx(store: Store, settings: Settings, clock: MovableClock, network: FakeChannel) -> Context:
    """The desk itself acts (every right). Use ``ctx.acting_as(colleague(member))`` for a person."""
    rules = FakeClassifier("fake-rules")
    return Context(store=store, settings=settings, clock=clock, channels=FakeChannels(network), rules=rules)


@pytest.fixture
def brand(ctx: Context) -> Brand:
    """A brand with one watch that matches everything."""
    return brands.add_brand(ctx, "Aurora")


@pytest.fixture
def watch(ctx: Context, brand: Brand) -> Watch:
    """A watch on the fake network that takes every post."""
    return brands.add_watch(ctx, brand.id, name="all", terms=(), channels=("fake",))


@pytest.fixture
def account(ctx: Context, brand: Brand) -> Account:
    """Our voice on the fake network, switched on."""
    account = brands.add_account(ctx, brand.id, channel="fake", handle="aurora")
    brands.set_publishing(ctx, account.id, on=True)
    return account


@pytest.fixture
def member(store: Store, clock: MovableClock) -> Callable[..., Member]:
    """Makes a colleague: ``member("paolo", roles=("operator",), trained=("fake",), mentor=False)``."""

    def make(
        login: str,
        *,
        roles: tuple[str, ...] = ("operator",),
        trained: tuple[str, ...] = ("fake",),
        mentor: bool = False,
        language: str = "en",
    ) -> Member:
        with store.write() as tx:
            values = {
                "login": login,
                "name": login.title(),
                "password_hash": "-",
                "language": language,
                "created_at": clock(),
            }
            user_id = tx.execute(insert(users).values(**values).returning(users.c.id)).scalar_one()
            for role in roles:
                tx.execute(insert(user_roles).values(user_id=user_id, role=role))
            for channel in trained:
                tx.execute(insert(trainings).values(user_id=user_id, channel=channel, mentor=mentor))
        return Member(
            id=user_id,
            login=login,
            name=login.title(),
            roles=frozenset(Role(r) for r in roles),
            trained=tuple(Training(c, mentor) for c in trained),
            language=language,
        )

    return make


@pytest.fixture
def acting(ctx: Context, member: Callable[..., Member]) -> Callable[..., Context]:
    """A context in a new colleague's name: ``acting("paolo", roles=("operator",))``."""

    def make(login: str, **options: object) -> Context:
        return ctx.acting_as(colleague(member(login, **options)))

    return make


@pytest.fixture
def say(ctx: Context, watch: Watch, clock: MovableClock) -> Callable[..., int]:
    """A customer posts now (or ``at``); returns the case: ``say("BAD parcel", author="mara")``."""

    def post(text: str, *, author: str = "mara", at: datetime | None = None, **fields: object) -> int:
        mention = a_post(text, author=author, at=at or clock(), **fields)  # type: ignore[arg-type]
        intake.store(ctx, watch, Page((mention,), None))
        return case_of(ctx, mention)

    return post


def case_of(ctx: Context, mention: Mention) -> int:
    """The case a stored post belongs to."""
    from db.tables import mentions

    query = select(case_mentions.c.case_id).join(mentions, mentions.c.id == case_mentions.c.mention_id)
    with ctx.store.read() as tx:
        return int(tx.execute(query.where(mentions.c.native_id == mention.native_id)).scalar_one())
