"""Does a channel remember from fetch to fetch what it has to, also from cursors that a former release stored?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collectors import newest_first, rounds
from collectors.bluesky.collector import PACE
from collectors.mastodon import bookmark as of_mastodon
from collectors.newest_first import Bookmark
from collectors.protocol import Cursor
from collectors.rounds import ASIDE_ITEMS, RECENT_AGE, RECENT_POSTS, SURE_ITEMS, Memory, Round, Seen
from collectors.x import bookmark as of_x

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)
#: Cursors as the release before stored them, in the middle of a round.
BEFORE = {"deep_at": AT.isoformat(), "checked": 3, "aside": ["0a1b2c3d4e5f"]}
BEGAN = {"began_at": LATER.isoformat(), "todo": ["to us", "b"], "deep": True, "token": "7", "heard_at": AT.isoformat()}
MEMORY = Memory((Seen("1", "w", AT),), None, ("0a1b2c3d4e5f",))


def stored(**values: object) -> Cursor:
    return Cursor(json.dumps({**BEFORE, **values}))


def seen(number: int, *, minutes: int = 0) -> Seen:
    return Seen(str(number), "w", AT + timedelta(minutes=minutes))


def test_cursor_of_bluesky_stored_by_the_release_before_goes_on_where_it_was() -> None:
    told = {**BEGAN, "newest_at": LATER.isoformat(), "is_dated": True}
    cursor = stored(marks={"to us": AT.isoformat()}, recent=[["1", "w", int(AT.timestamp())]], round=told)
    found = newest_first.decode(cursor, PACE)
    round_ = Round(LATER, ("to us", "b"), True, "7", AT, is_whole=False)
    assert found == Bookmark(PACE, (("to us", AT),), AT, MEMORY, round_, LATER)
    assert found.goes_on(("to us", "b")) and found.boundary("to us") == AT - PACE.deep_overlap


def test_cursor_of_x_stored_by_the_release_before_goes_on_where_it_was() -> None:
    told = {**BEGAN, "here_at": LATER.isoformat(), "posts": 40, "lowest": "77", "rest": None}
    cursor = stored(marks={"to us": AT.isoformat()}, recent=[["1", "w", int(AT.timestamp())]], round=told)
    found = of_x.decode(cursor)
    round_ = Round(LATER, ("to us", "b"), True, "7", AT, LATER, is_whole=False)
    assert found == of_x.Bookmark((("to us", AT),), AT, MEMORY, round_, of_x.Here(40, "77"))


def test_cursor_of_mastodon_stored_by_the_release_before_goes_on_where_it_was() -> None:
    told = {**BEGAN, "newest": "9", "asked_at": LATER.isoformat(), "is_dated": False}
    trails = {"to us": [AT.isoformat(), [["5", AT.isoformat()]]]}
    found = of_mastodon.decode(stored(trails=trails, recent=[["1", "w", 1, int(AT.timestamp())]], round=told))
    trail = of_mastodon.Trail(AT, (of_mastodon.Place("5", AT),))
    memory = replace(MEMORY, recent=(Seen("1", "w", AT, to_us=True),))
    round_ = Round(LATER, ("to us", "b"), True, "7", AT, LATER, is_dated=False, is_whole=False)
    assert found == of_mastodon.Bookmark((("to us", trail),), AT, memory, round_, "9")


def test_posts_are_looked_at_again_in_turn_the_newest_of_two_days() -> None:
    memory = Memory().remember((seen(number, minutes=number) for number in range(RECENT_POSTS + 5)), now=LATER)
    assert [post.native_id for post in memory.to_check(2)] == ["5", "6"] and len(memory.recent) == RECENT_POSTS
    checked = memory.after_check(memory.to_check(2))
    assert [post.native_id for post in checked.to_check(1)] == ["7"] == [checked.to_check(RECENT_POSTS)[0].native_id]
    assert [post.native_id for post in checked.after_check(memory.recent[-1:]).to_check(1)] == ["5"]
    memory = memory.remember((), forget=("6",), now=LATER)
    assert "6" not in {post.native_id for post in memory.recent}
    assert memory.remember((), now=AT + RECENT_AGE + timedelta(days=1)).recent == Memory().to_check(3) == ()


def test_no_post_misses_its_turn_because_others_come_and_go() -> None:
    memory = Memory().remember((seen(number, minutes=number) for number in range(RECENT_POSTS)), now=LATER)
    left = {post.native_id for post in memory.recent}
    for step in range(6):
        turn = memory.to_check(50)
        left -= {post.native_id for post in turn}
        new = (seen(1000 * (step + 1) + number, minutes=RECENT_POSTS + step) for number in range(10))
        gone = [turn[0].native_id, turn[-1].native_id]
        memory = memory.after_check(turn).remember(new, forget=gone, now=LATER + timedelta(hours=3))
        again = rounds.decode(rounds.Stored(memory=memory).encode(), lambda stored: stored.memory, anew=Memory())
        assert again == memory
    assert left <= {str(number) for number in range(60)}  # None but those that so many new ones have pushed out.


def test_post_counts_as_had_in_its_wording_and_once_addressed_to_us_stays_so() -> None:
    memory = Memory().remember((Seen("1", "a", AT, to_us=True),), now=AT).remember((Seen("1", "b", AT),), now=AT)
    assert memory.has("1", "b", to_us=True) and not memory.has("1", "a")
    assert not Memory((Seen("1", "a", AT),)).has("1", "a", to_us=True)


def test_what_could_not_be_read_is_told_once_and_remembered_for_a_while() -> None:
    memory = Memory().put_aside(("a", "b")).put_aside(("a",))
    assert memory.aside == ("a", "b")
    assert len(memory.put_aside(map(str, range(ASIDE_ITEMS))).aside) == ASIDE_ITEMS
    assert len(rounds.name_of_bad("half a pair \ud800")) == 12


def test_round_claims_no_more_than_the_first_page_of_each_source_told() -> None:
    first = Round(AT, ("a", "b")).asked(LATER).asked(LATER + timedelta(hours=1))
    assert first.heard_at == first.here_at == LATER
    second = first.rest()
    assert second is not None and second.asked(AT).heard_until(late=timedelta(minutes=1)) == AT - timedelta(minutes=1)
    assert second.asked(None).heard_until(late=timedelta(0)) is None and second.rest() is None


def test_round_is_complete_from_where_the_shallowest_of_its_sources_was_read() -> None:
    first = Round(AT, ("a", "b"))
    assert first.proved(AT).proved(LATER).proved(AT).complete_from == LATER
    doubted = first.proved(AT).proved(None)
    assert doubted.complete_from is None and doubted.proved(AT).complete_from is None
    stored = rounds.Stored(round=first.proved(LATER)).encode()
    assert rounds.decode(stored, lambda told: told.round, anew=None).complete_from == LATER


def test_small_pages_end_with_their_source_and_believe_several_items_in_a_row_alone() -> None:
    small = Round(LATER, ("a", "b")).fitted(1, of=50)
    assert small.page_of(50) == 1 and not small.saw([AT] * (SURE_ITEMS - 1), LATER).is_sure
    assert not small.saw([AT] * (SURE_ITEMS - 1), LATER).saw([LATER], LATER).saw([AT], LATER).is_sure
    sure = small
    for _ in range(SURE_ITEMS):
        sure = sure.saw([AT], LATER)
    kept = newest_first.decode(Bookmark(PACE, round=sure).encode(), PACE).round
    assert kept == sure and sure.is_sure and small.saw([AT] * SURE_ITEMS, LATER).is_sure
    following = sure.rest()
    assert following is not None and (following.page_of(50), following.older) == (50, 0)


@pytest.mark.parametrize(
    ("sources", "goes_on"), [(("a", "b"), True), (("b",), True), (("a",), False), (("a", "b", "c"), False)]
)
def test_round_goes_on_only_over_its_own_sources(sources, goes_on) -> None:
    assert Round(AT, ("b",)).goes_on(sources, read=("a",)) is goes_on


def test_deep_round_is_due_every_hour_whatever_a_clock_does() -> None:
    assert rounds.is_deep_due(None, AT) and not rounds.is_deep_due(AT, LATER)
    assert rounds.is_deep_due(AT, AT + timedelta(hours=1)) and rounds.is_deep_due(AT + timedelta(days=1), AT)
