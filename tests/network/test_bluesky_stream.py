"""Is a post on the real Bluesky a ranked case within three seconds when its stream is heard?"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from db import leases, streams
from services import brands, cases, listening, queue
from services.context import Context
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


def test_post_is_a_ranked_case_within_three_seconds_with_its_author(hearing, somebody, acting) -> None:
    giulia, mara = acting("giulia", trained=("bluesky",)), somebody("mara")
    root = somebody("ugo").post("Chi conosce i contatori nuovi?")
    took_s: list[float] = []
    # A busy machine may be slow once; what the desk adds by itself shows in the best of three.
    for number in range(3):
        written_at = time.monotonic()
        mara.post(f"Con {hearing.watch.terms[0]} sono senza luce {number}", answering=root)
        [entry] = soon(lambda: ranked(giulia, hearing, f"senza luce {number}"), patience_s=30)  # noqa: B023
        took_s.append(time.monotonic() - written_at)
        if took_s[-1] < WITHIN_S:
            break
    assert min(took_s) < WITHIN_S, took_s
    assert "mara" in entry.author_handle and entry.reasons


def ranked(giulia: Context, hearing: Connected, ending: str) -> list[queue.QueueEntry]:
    """The case in the queue whose latest post ends like this."""
    entries = queue.page(giulia, queue.QueueFilter(hearing.watch.brand_id)).entries
    return [entry for entry in entries if entry.text.endswith(ending)]


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
