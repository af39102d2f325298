"""What does a test on a real network start from? The network, once a test process, and a desk connected to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bootstrap import Channels
from collectors.bluesky.client import BlueskyNetwork
from domain.brand import Account, Watch
from domain.clock import utc_now
from services import brands
from services.context import Context
from tests.fakes import MovableClock
from tests.network.people import Somebody
from tests.network.real_bluesky import RealBluesky
from tests.network.sending import Sending
from tests.not_run import not_run
from tests.peers import bluesky, bluesky_install
from tests.peers.bluesky import Bluesky


@pytest.fixture(scope="session")
def bluesky_network() -> Iterator[Bluesky]:
    """The real Bluesky network on this machine."""
    try:
        bluesky_install.install()
        network = bluesky.start()
    except (bluesky_install.NotInstalled, LookupError) as why:
        not_run(str(why), bluesky_install.WAY_OUT)
    yield network
    network.stop()


@pytest.fixture
def somebody(bluesky_network: Bluesky, tmp_path: Path) -> Callable[[str], Somebody]:
    """Somebody of the public with an account of their own: ``somebody("mara")``."""

    def make(name: str) -> Somebody:
        account = Account(0, 0, "bluesky", bluesky_network.account(name), base_url=bluesky_network.pds)
        network = BlueskyNetwork(account, str(tmp_path / "public"), utc_now, secret=bluesky.PASSWORD)
        return Somebody(network, account.handle)

    return make


@dataclass(frozen=True)
class Connected:
    """A desk with one brand that listens and answers on the network."""

    ctx: Context
    watch: Watch
    account: Account


@pytest.fixture
def connected(ctx: Context, bluesky_network: Bluesky, monkeypatch: pytest.MonkeyPatch, request: Any) -> Connected:
    """A brand of its own for each test: nobody else's posts reach it."""
    name = "brand" + format(time.time_ns() % 10**10, "x")
    monkeypatch.setenv("BLUESKY_PASSWORD", bluesky.PASSWORD)
    ctx = replace(ctx, clock=utc_now, channels=Channels(str(ctx.settings.data_path), utc_now))
    brand = brands.add_brand(ctx, name.title())
    account = brands.add_account(
        ctx,
        brand.id,
        channel="bluesky",
        handle=bluesky_network.account(name),
        base_url=bluesky_network.pds,
        secret_ref="BLUESKY_PASSWORD",
    )
    brands.set_publishing(ctx, account.id, on=True)
    watch = brands.add_watch(ctx, brand.id, name="posts", terms=(name.title(),), channels=("bluesky",))
    return Connected(ctx, watch, account)


@pytest.fixture
def sending(
    connected: Connected, bluesky_network: Bluesky, somebody: Callable[[str], Somebody], acting: Any
) -> Sending:
    """The same desk about to send, under a clock that can be moved."""
    clock = MovableClock(utc_now())
    ctx = replace(connected.ctx, clock=clock)
    giulia = replace(acting("giulia", trained=("bluesky",)), clock=clock, channels=ctx.channels)
    ours = somebody(connected.account.handle.removesuffix(".test"))
    network = RealBluesky((somebody("mara"),), ours, bluesky_network.pds)
    return Sending(ctx, connected.watch, giulia, clock, network)
