"""Where does a run of the matrix take place? On a desk of its own, with an account of ours on a network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from procrastinate.schema import SchemaManager

from bootstrap import migrate, open_backend
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
from tests.network.network import Network
from tests.network.people import Somebody
from tests.network.real_bluesky import RealBluesky
from tests.network.sending import Sending
from tests.network.stepped_clock import SteppedClock
from tests.peers import bluesky, postgres
from tests.peers.bluesky import Bluesky
from tests.peers.faulty_way import Fault, FaultyWay
from tests.peers.postgres_again import Again
from worker.distributed import SCHEMA

SECRET_NAME = "SPORTELLO_BENCHMARK_SECRET"
CUSTOMERS = ("mara", "ugo", "lena")


@dataclass(frozen=True)
class Stage:
    """What all runs share: the real network, a server, and an empty desk to copy, on the server and as a file."""

    bluesky: Bluesky | None
    server: postgres.Server
    url: str
    file: Path

    def note(self, url: str) -> None:
        """A lane has made this database, and uses it to the end."""
        with self._notes.open("a", encoding="utf-8") as notes:
            notes.write(f"{url}\n")

    def clear(self) -> None:
        """Leave nothing on the server; the lanes have ended."""
        lines = self._notes.read_text("utf-8").splitlines() if self._notes.exists() else []
        for url in (*lines, self.url):
            self.server.drop(url)

    @property
    def _notes(self) -> Path:
        return self.file.parent / "databases"


@dataclass(frozen=True)
class Kept:
    """What a desk leaves to the next one in its place: an engine whose statements are prepared, and its clock.

    Workers are forked from the lane: what is prepared there none of them has to prepare again.
    """

    ctx: Context
    clock: SteppedClock


@dataclass(frozen=True)
class Lane:
    """Where one run after another takes place, all on ``network``.

    ``way``: the line between our account and the network, which can be made bad. ``kept``: from the runs before.
    ``again``: its database on the server.
    """

    stage: Stage
    folder: Path
    network: Network
    way: FaultyWay
    kept: dict[Ground, Kept]
    again: Again


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


def real_network(network: Bluesky, folder: Path, name: str) -> RealBluesky:
    """The real network with an account of ours of that name; it and its customers stay signed in, in ``folder``."""
    customers = tuple(somebody(network, folder, each) for each in CUSTOMERS)
    return RealBluesky(customers, somebody(network, folder, name), network.pds, session=folder / "bluesky")


def somebody(network: Bluesky, folder: Path, name: str) -> Somebody:
    """An account of the public, or of ours, as its owner uses it."""
    account = Account(0, 0, "bluesky", network.account(name), base_url=network.pds)
    return Somebody(BlueskyNetwork(account, str(folder), utc_now, secret=bluesky.PASSWORD), account.handle)


@contextmanager
def own_desk(lane: Lane, ground: Ground, word: str) -> Iterator[Sending]:
    """A desk that is about to answer on the network. ``word``: the brand, and what stands in every post about it.

    Its database and folder are empty, at the address that the one before had.
    """
    folder = lane.folder / ground.name.lower()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    lane.network.moves_into(folder)
    kept = lane.kept.get(ground)
    if kept is None:
        kept = lane.kept[ground] = _first(lane, ground, folder)
    elif ground.on_a_server:
        lane.again.renew(kept.ctx.settings.database_url, lane.stage.url)
    else:
        shutil.copy(lane.stage.file, folder / "sportello.db")
    kept.clock.set_right()
    lane.way.faults, lane.way.meanwhile = [], None
    try:
        yield _sending(lane, kept.ctx, kept.clock, word)
    finally:
        kept.ctx.store.close()


def _first(lane: Lane, ground: Ground, folder: Path) -> Kept:
    url = lane.again.adopt(lane.stage.server.copy(lane.stage.url)) if ground.on_a_server else ""
    if url:
        lane.stage.note(url)
    else:
        shutil.copy(lane.stage.file, folder / "sportello.db")
    settings, clock = Settings(data_dir=str(folder), database_url=url, publish="live", undo_s=0), SteppedClock()
    return Kept(open_backend(settings, clock=clock).ctx, clock)


def rehearse(lane: Lane, ground: Ground) -> None:
    """Send a reply whose answer is lost, and look it up: the lane has then asked for all that its workers ask."""
    with own_desk(lane, ground, "rehearsal") as desk:
        desk.queue(0)
        lane.way.faults = [Fault.LOST_AFTER]
        desk.settle()


def _sending(lane: Lane, ctx: Context, clock: SteppedClock, word: str) -> Sending:
    """Brand, watch, account and somebody who answers."""
    network, cheap = lane.network, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    trained = (Training(network.channel, mentor=True),)
    team.add_member(ctx, login="giulia", name="Giulia", roles=tuple(Role), trained=trained, hasher=cheap)
    giulia = ctx.acting_as(colleague(team.find(ctx, "giulia")))
    brand = brands.add_brand(ctx, word.title())
    os.environ[SECRET_NAME] = network.secret
    account = brands.add_account(
        ctx,
        brand.id,
        channel=network.channel,
        handle=network.handle,
        base_url=lane.way.url + urlsplit(network.url).path,
        secret_ref=SECRET_NAME,
    )
    brands.set_publishing(ctx, account.id, on=True)
    watch = watches.add_watch(ctx, brand.id, name="posts", terms=(word,), channels=(network.channel,))
    return Sending(ctx, watch, giulia, clock, network)
