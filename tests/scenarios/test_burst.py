"""Is every post of a burst stored once, whatever the network and the desk do to each other meanwhile?"""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.reddit import collector as reddit
from collectors.reddit import steps
from services.context import Context
from tests.fakes import MovableClock
from tests.scenarios.bursting import NETWORKS, play

POSTS = 250


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("place", NETWORKS)
def test_a_burst_with_faults_is_stored_whole_or_its_gap_is_known(
    place: str, seed: int, ctx: Context, clock: MovableClock, tmp_path: Path
) -> None:
    result = play(ctx, clock, tmp_path / "network", network=place, seed=seed, posts=POSTS)
    assert result.posted == POSTS and result.holds, result
    assert result.faults.total() > 5
    if place != "feeds":
        assert (result.in_gaps, result.gaps) == (0, 0)


def test_what_went_past_a_short_feed_is_told_as_a_gap(ctx: Context, clock: MovableClock, tmp_path: Path) -> None:
    result = play(ctx, clock, tmp_path / "network", network="feeds", seed=3, posts=POSTS, window=30)
    assert result.holds and result.in_gaps > 0, result


@pytest.mark.databases("sqlite")
def test_an_edit_pushed_out_of_all_that_a_round_sees_is_found_by_the_daily_look(
    ctx: Context, clock: MovableClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reddit, "RECENT_POSTS", 60)
    monkeypatch.setattr(reddit, "CHECKED_POSTS", 20)
    monkeypatch.setattr(steps, "DOUBTED_END", 72)
    result = play(ctx, clock, tmp_path / "network", network="reddit", seed=4, posts=POSTS, window=80)
    assert result.holds and result.late > 0, result
