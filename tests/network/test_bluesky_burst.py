"""Is every post of a burst on the real Bluesky stored once, whatever goes wrong while it is polled?"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from domain.clock import utc_now
from services.context import Context
from tests.fakes import MovableClock
from tests.network.harness_real import RealBlueskyHarness
from tests.peers.bluesky import Bluesky
from tests.scenarios.bursting import play

pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.timeout(400)]
POSTS = 80


@pytest.fixture
def clock() -> MovableClock:
    """The network keeps real time; the desk begins there."""
    return MovableClock(utc_now())


def test_burst_with_faults_is_stored_whole(
    ctx: Context, clock: MovableClock, tmp_path: Path, bluesky_network: Bluesky
) -> None:
    word = "burst1"
    kind = partial(RealBlueskyHarness, network=bluesky_network, word=word)
    result = play(ctx, clock, tmp_path / "network", network="bluesky", seed=1, posts=POSTS, kind=kind, word=word)
    assert result.posted == POSTS and result.holds and (result.in_gaps, result.gaps) == (0, 0), result
    assert result.faults.total() > 5, result
