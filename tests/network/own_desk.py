"""Where does a run of the matrix take place? On a desk of its own, with an account of its own on the real network."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from argon2 import PasswordHasher
from procrastinate.schema import SchemaManager

from bootstrap import Channels, migrate, open_backend
from collectors.bluesky.client import BlueskyNetwork
from db import guest
from db.engine import Store
from domain.brand import Account
from domain.clock import utc_now
from domain.people import Role, Training
from services import brands, team, watches
from services.context import Context, colleague
from settings import Settings
from tests.network.engines import Ground
from tests.network.people import Somebody
from tests.network.sending import Sending
from tests.network.stepped_clock import SteppedClock
from tests.peers import bluesky, postgres
from tests.peers.bluesky import Bluesky
from tests.peers.faulty_way import FaultyWay
from worker.distributed import SCHEMA

PASSWORD_NAME = "SPORTELLO_BENCHMARK_BLUESKY"
CUSTOMERS = ("mara", "ugo", "lena")


@dataclass(frozen=True)
class Stage:
    """What all runs share: the network, a server, and an empty desk to copy, on the server and as a file."""

    network: Bluesky
    server: postgres.Server
    url: str
    file: Path


@dataclass(frozen=True)
class Lane:
    """Where one run after another takes place. Its customers, and our account there, stay signed in.

    ``way``: the line between our account and the network, which can be made bad.
    """

    stage: Stage
    folder: Path
    customers: tuple[Somebody, ...]
    ours: Somebody
    way: FaultyWay


def migrated_on(server: postgres.Server) -> str:
    """An empty desk's database on the server, with the queue of its workers."""
    url = server.fresh()
    store = Store(url)
    guest.settle(store, SCHEMA, script=SchemaManager.get_schema())
    store.close()
    return url


def migrated_file(folder: Path) -> Path:
    """An empty desk's database file."""
    settings = Settings(data_dir=str(folder / "empty"))
    migrate(settings)
    return settings.data_path / "sportello.db"


def lane(stage: Stage, folder: Path, name: str) -> Lane:
    """A lane that keeps what it needs in ``folder``, with an account of ours of that name."""
    os.environ[PASSWORD_NAME] = bluesky.PASSWORD
    customers = tuple(somebody(stage.network, folder, each) for each in CUSTOMERS)
    return Lane(stage, folder, customers, somebody(stage.network, folder, name), FaultyWay(stage.network.pds))


def somebody(network: Bluesky, folder: Path, name: str) -> Somebody:
    """An account of the public, or of ours, as its owner uses it."""
    account = Account(0, 0, "bluesky", network.account(name), base_url=network.pds)
    return Somebody(BlueskyNetwork(account, str(folder), utc_now, secret=bluesky.PASSWORD), account.handle)


@contextmanager
def own_desk(lane: Lane, ground: Ground, word: str) -> Iterator[Sending]:
    """A desk that is about to answer on the network. ``word``: the brand, and what stands in every post about it."""
    with tempfile.TemporaryDirectory(prefix="desk-", dir=lane.folder) as folder, ExitStack() as after:
        database_url = _database(lane, ground, after, Path(folder))
        settings = Settings(data_dir=folder, database_url=database_url, publish="live", undo_s=0)
        # One sign-in of our account serves all desks of the lane: the network makes each dear.
        (lane.folder / "bluesky").mkdir(exist_ok=True)
        (Path(folder) / "bluesky").symlink_to(lane.folder / "bluesky")
        clock = SteppedClock()
        ctx = replace(open_backend(settings).ctx, clock=clock, channels=Channels(folder, clock))
        after.callback(ctx.store.close)
        lane.way.faults, lane.way.meanwhile = [], None
        yield _sending(lane, ctx, clock, word)


def _database(lane: Lane, ground: Ground, after: ExitStack, folder: Path) -> str:
    if not ground.on_a_server:
        shutil.copy(lane.stage.file, folder / "sportello.db")
        return ""
    url = lane.stage.server.copy(lane.stage.url)
    after.callback(lane.stage.server.drop, url)
    return url


def _sending(lane: Lane, ctx: Context, clock: SteppedClock, word: str) -> Sending:
    """Brand, watch, account and somebody who answers."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    trained = (Training("bluesky", mentor=True),)
    team.add_member(ctx, login="giulia", name="Giulia", roles=tuple(Role), trained=trained, hasher=cheap)
    giulia = ctx.acting_as(colleague(team.find(ctx, "giulia")))
    brand = brands.add_brand(ctx, word.title())
    account = brands.add_account(
        ctx, brand.id, channel="bluesky", handle=lane.ours.handle, base_url=lane.way.url, secret_ref=PASSWORD_NAME
    )
    brands.set_publishing(ctx, account.id, on=True)
    watch = watches.add_watch(ctx, brand.id, name="posts", terms=(word,), channels=("bluesky",))
    return Sending(ctx, watch, giulia, clock, lane.customers[0], lane.ours)
