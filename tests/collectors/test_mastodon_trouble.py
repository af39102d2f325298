"""Does listening on Mastodon go on past what a server hides, cannot show, or breaks on?"""

from __future__ import annotations

import pytest

from collectors.mastodon.talks import LOST_TALKS
from tests.collectors.test_mastodon_listening import CONTEXT, rounds, texts
from tests.contract.harness_mastodon import MastodonHarness


@pytest.fixture
def played(tmp_path, clock) -> MastodonHarness:
    return MastodonHarness(tmp_path / "network", clock)


def test_mention_that_the_servers_policy_filters_is_heard(played, clock) -> None:
    """As by default what strangers write to us alone, and what limited accounts write."""
    played.server.posts[played.arrive("vi scrivo in privato")].is_filtered = True
    pages, cursor = rounds(played, None)
    assert texts(pages) == ["vi scrivo in privato"]
    clock.move(minutes=10)
    rounds(played, cursor)
    clock.move(minutes=10)
    played.server.posts[played.arrive("ci siete?")].is_filtered = True
    assert texts(rounds(played, cursor)[0]) == ["ci siete?"]


@pytest.mark.parametrize("answer", [(500, {"error": "Oops"}), (200, {}), (200, [])])
def test_talks_that_the_server_cannot_show_hold_nothing_up(played, answer) -> None:
    for number in range(6):
        played.server.add(f"@aurora {number}", author=f"b{number}", in_reply_to_id=f"99{number}")
    played.server.after = lambda m, told: answer if m == CONTEXT else told
    pages, _ = rounds(played, None)
    assert texts(pages) == [f"@aurora {number}" for number in range(6)]
    assert [bad for page in pages for bad in page.bad] == []
    # A server in trouble is not asked for each.
    assert played.server.asked.count(CONTEXT) == LOST_TALKS


@pytest.mark.parametrize("answer", [(500, {"error": "Oops"}), (200, {})])
def test_post_that_breaks_the_look_at_what_changed_does_not_stop_listening(played, clock, answer) -> None:
    played.arrive("spoilt")
    _, cursor = rounds(played, None)
    played.server.before = lambda m: answer if m == "GET /api/v1/statuses" else None
    for number in range(2):
        clock.move(minutes=1)
        played.arrive(f"next {number}")
        pages, cursor = rounds(played, cursor)
        assert texts(pages) == [f"next {number}"]
