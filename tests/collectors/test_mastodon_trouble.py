"""Does listening on Mastodon go on past what a server hides, cannot show, or breaks on?"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from collectors.mastodon.answers import date_of
from collectors.mastodon.talks import LOST_TALKS
from collectors.x.client import date_of as date_of_x
from domain.errors import RateLimited
from tests.collectors.test_mastodon_listening import CONTEXT, WORDS, rounds, texts
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


def test_line_in_a_netrc_takes_no_part(played, tmp_path, monkeypatch) -> None:
    kept = tmp_path / "netrc"
    kept.write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(kept))
    played.arrive("ciao")
    assert texts(rounds(played, None)[0]) == ["ciao"]


def test_post_that_bears_any_date_does_not_end_the_reading_of_those_below_it(played, clock) -> None:
    """Where servers list posts as they came, a date is whatever its author's server says."""
    names = [played.server.add(f"aurora luce {n}", author="mara", to_us=False)["id"] for n in range(10)]
    played.server.posts[names[-1]].view["created_at"] = "1990-01-01T00:00:00.000Z"
    pages, _ = rounds(played, None, WORDS)
    assert set(names[:-1]) <= {post.native_id for page in pages for post in page.items}


@pytest.mark.parametrize("header", ["\u00b2", "9" * 400, "-1", "soon"])
def test_wait_that_cannot_be_read_is_an_ordinary_one(played, header) -> None:
    played.server.headers = {"retry-after": header}
    played.server.before = lambda m: (429, {"error": "Too many requests"})
    with pytest.raises(RateLimited) as limited:
        rounds(played, None)
    assert 1.0 <= limited.value.retry_after_s <= 86_400


def test_servers_date_without_a_zone_is_utc_wherever_we_are(monkeypatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        told = {"date": "Mon, 02 Mar 2026 09:00:00 -0000"}
        assert {date_of(told), date_of_x(told)} == {datetime(2026, 3, 2, 9, 0, tzinfo=UTC)}
    finally:
        monkeypatch.undo()
        time.tzset()
