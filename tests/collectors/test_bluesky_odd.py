"""Does one odd item on Bluesky, with a time nobody believes, hide what stands around it or comes after it?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.collectors.test_bluesky_network import rounds, texts
from tests.contract.harness_bluesky import BlueskyHarness


@pytest.fixture
def played(tmp_path, clock) -> BlueskyHarness:
    return BlueskyHarness(tmp_path / "network", clock)


def test_old_time_on_the_newest_page_ends_no_round(played, clock) -> None:
    _, cursor = rounds(played, None)
    clock.move(minutes=10)
    for number in range(20):
        played.arrive(f"n {number}")
    odd = played.server.posts[-1].view
    odd["indexedAt"] = (clock() - timedelta(days=60)).isoformat()
    pages, _ = rounds(played, cursor)
    assert texts(pages) >= {f"n {number}" for number in range(19)}


def test_round_still_ends_where_most_of_a_page_is_known(played, clock) -> None:
    for number in range(30):
        played.arrive(f"n {number}")
    _, cursor = rounds(played, None)
    clock.move(days=1)
    _, cursor = rounds(played, cursor)
    clock.move(minutes=40)
    played.arrive("next")
    told, asked = "app.bsky.notification.listNotifications", len(played.server.asked)
    pages, cursor = rounds(played, cursor)
    assert "next" in texts(pages) and played.server.asked[asked:].count(told) == 1


@pytest.mark.parametrize("ahead", [timedelta(days=2), timedelta(days=4000)])
def test_time_to_come_hides_nothing_that_is_written_until_then(played, clock, ahead) -> None:
    played.arrive("odd")
    played.server.posts[-1].view["indexedAt"] = (clock() + ahead).isoformat()
    _, cursor = rounds(played, None)
    for number in range(2):
        clock.move(minutes=40)
        played.arrive(f"next {number}")
        pages, cursor = rounds(played, cursor)
        assert f"next {number}" in texts(pages)
