"""Is a post on the real Bluesky a ranked case within three seconds when its stream is heard?"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from db import leases, streams
from services import brands, cases, listening, queue
from tests.network.conftest import Connected
from tests.network.sending import soon
from tests.peers.bluesky import Bluesky
from tests.peers.jetstream import Jetstream

pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.timeout(400)]
WITHIN_S = 3.0


@pytest.fixture(scope="module")
def stream(bluesky_network: Bluesky) -> Iterator[Jetstream]:
    """The stream of the real network's posts."""
    running = Jetstream()
    running.follow(bluesky_network.pds)
    yield running
    running.close()


@pytest.fixture
def hearing(connected: Connected, stream: Jetstream) -> Iterator[Connected]:
    """A desk whose worker hears the stream and polls nothing."""
    brands.remove_account(connected.ctx, connected.account.id)
    account = brands.add_account(
        connected.ctx,
        connected.watch.brand_id,
        channel="bluesky",
        handle=connected.account.handle,
        base_url=f"{connected.account.base_url}?stream={stream.url}",
        secret_ref="BLUESKY_PASSWORD",
    )
    over = threading.Event()
    before = len(stream.asked)
    listener = threading.Thread(
        target=listening.listen, args=(connected.ctx, "bluesky"), kwargs={"worker": "w1", "stopped": over.is_set}
    )
    listener.start()
    assert soon(lambda: len(stream.asked) > before)
    yield replace(connected, account=account)
    over.set()
    listener.join(10)
    assert not listener.is_alive()


def test_post_is_a_ranked_case_within_three_seconds_with_its_author_and_thread(hearing, somebody, acting) -> None:
    giulia, mara = acting("giulia", trained=("bluesky",)), somebody("mara")
    root = somebody("ugo").post("Chi conosce i contatori nuovi?")
    written_at = time.monotonic()
    mara.post(f"Con {hearing.watch.terms[0]} sono senza luce", answering=root)
    [entry] = soon(lambda: queue.page(giulia, queue.QueueFilter(hearing.watch.brand_id)).entries, patience_s=10)
    assert time.monotonic() - written_at < WITHIN_S
    assert entry.text.endswith("sono senza luce") and "mara" in entry.author_handle


def test_deletion_and_break_of_the_stream_are_followed(hearing, somebody, acting, stream) -> None:
    giulia, mara, name = acting("giulia", trained=("bluesky",)), somebody("mara"), hearing.watch.terms[0]
    inbox = queue.QueueFilter(hearing.watch.brand_id)
    first = mara.post(f"{name} uno")
    [entry] = soon(lambda: queue.page(giulia, inbox).entries)
    stream.break_connections()
    mara.post(f"{name} due")
    assert soon(lambda: len([p for p in cases.view(giulia, entry.case_id).posts if "due" in p.text]) == 1)
    mara.delete(first)
    assert soon(lambda: not any("uno" in p.text for p in cases.view(giulia, entry.case_id).posts))
    with hearing.ctx.store.read() as tx:
        assert streams.cursor(tx, "bluesky") is not None


def test_second_worker_does_not_listen_beside_the_first(hearing, stream) -> None:
    before = len(stream.asked)
    listening.listen(hearing.ctx, "bluesky", worker="w2", stopped=lambda: False)
    assert len(stream.asked) == before
    with hearing.ctx.store.write() as tx:
        now = hearing.ctx.clock()
        assert leases.acquire(tx, "listen:bluesky", owner="w2", now=now, until=now) is None
