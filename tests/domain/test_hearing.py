"""Is a silence told from a quiet day, and a hiccup from a loss?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.hearing import LEARN_POSTS, SILENCE_FLOOR, Blindness, blindness, ordinary_silence, patience

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def why(**facts):
    moments = {"failing_since": None, "due_since": None, "last_post_at": None, "last_success_at": None}
    return blindness(now=NOW, patience=5 * MINUTE, **({"stopped": False, "expected_silence": None} | moments | facts))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, None),
        ({"stopped": True}, Blindness.STOPPED),
        ({"failing_since": NOW - 5 * MINUTE}, None),
        ({"failing_since": NOW - 6 * MINUTE}, Blindness.FAILING),
        ({"due_since": NOW + MINUTE}, None),
        ({"due_since": NOW - 6 * MINUTE}, Blindness.NOT_POLLED),
        ({"last_post_at": NOW - timedelta(hours=9), "expected_silence": timedelta(hours=8)}, Blindness.SILENT),
        ({"last_post_at": NOW - timedelta(hours=7), "expected_silence": timedelta(hours=8)}, None),
        (
            {
                "last_post_at": NOW - timedelta(hours=9),
                "last_success_at": NOW - timedelta(hours=2),
                "expected_silence": timedelta(hours=8),
            },
            None,
        ),
        ({"last_post_at": None, "expected_silence": timedelta(hours=8)}, None),
        ({"last_post_at": NOW - timedelta(days=9), "expected_silence": None}, None),
    ],
)
def test_a_channel_is_blind_for_one_named_reason(facts, expected):
    assert why(**facts) is expected


def test_patience_is_five_minutes_or_three_polls():
    assert (patience(2), patience(60), patience(3600)) == (5 * MINUTE, 5 * MINUTE, 180 * MINUTE)


def test_three_times_the_longest_pause_is_no_longer_ordinary():
    posts = [NOW - timedelta(hours=4 * n) for n in range(30)]
    assert ordinary_silence(posts) == timedelta(hours=12)
    posts.append(NOW - timedelta(hours=29 * 4 + 10))
    assert ordinary_silence(posts) == timedelta(hours=30)


def test_a_busy_channel_gets_the_floor_and_a_new_one_nothing():
    assert ordinary_silence([NOW - MINUTE * 10 * n for n in range(500)]) == SILENCE_FLOOR
    assert ordinary_silence([NOW - timedelta(hours=n) for n in range(60)]) is None, "two days are no rule"
    assert ordinary_silence([NOW - timedelta(days=n) for n in range(LEARN_POSTS - 1)]) is None
    assert ordinary_silence([]) is None


@given(st.lists(st.integers(0, 14 * 24 * 3600), max_size=60), st.randoms())
def test_the_order_of_the_posts_says_nothing_and_no_pause_is_beyond_the_rule(seconds, chance):
    posts = [NOW - timedelta(seconds=s) for s in seconds]
    shuffled = list(posts)
    chance.shuffle(shuffled)
    found = ordinary_silence(posts)
    assert found == ordinary_silence(shuffled)
    moments = sorted(posts)
    assert found is None or all(b - a < found for a, b in zip(moments, moments[1:], strict=False))
