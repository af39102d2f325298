"""Does listening on Mastodon lose nothing and bring nothing twice, on servers that differ?"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from collectors.mastodon.pages import PAGE_ITEMS
from collectors.mastodon.sources import Kind
from collectors.protocol import Cursor, GapReason
from domain.brand import Watch
from domain.errors import Misconfigured
from services import brands, intake
from tests.collectors.test_bluesky_network import stored
from tests.contract.harness import OneChannel
from tests.contract.harness_mastodon import MastodonHarness
from tests.contract.mastodon_server import OUR_NAME
from tests.contract.scripted import Drop

TO_US = Watch(1, 1, "Aurora")
TAG = Watch(1, 1, "Aurora", terms=("#aurora",))
WORDS = Watch(1, 1, "Aurora", terms=("aurora luce",))
#: How many ways things go wrong are tried; more of them with SPORTELLO_TEST_SEEDS=50.
SEEDS = int(os.environ.get("SPORTELLO_TEST_SEEDS", "2"))
NOTIFICATIONS, CONTEXT = "GET /api/v1/notifications", "GET /api/v1/statuses/:id/context"


@pytest.fixture
def played(tmp_path, clock) -> MastodonHarness:
    return MastodonHarness(tmp_path / "network", clock)


def rounds(played: MastodonHarness, cursor: Cursor | None, watch: Watch = TO_US) -> tuple[list, Cursor | None]:
    pages = []
    while True:
        page = played.collector().fetch(watch, cursor)
        pages.append(page)
        cursor = page.next_cursor
        assert len(pages) < 200
        if not page.has_more:
            return pages, cursor


def texts(pages) -> list[str]:
    return [post.text for page in pages for post in page.items]


def test_pages_are_turned_forward_so_that_what_comes_meanwhile_is_not_jumped(played, clock) -> None:
    _, cursor = rounds(played, None)
    played.arrive("first")
    _, cursor = rounds(played, cursor)
    clock.move(minutes=10)
    _, cursor = rounds(played, cursor)
    clock.move(minutes=5)
    sent = [f"post {number}" for number in range(3 * played.page_items)]
    for text in sent:
        played.arrive(text)
    asked_from = len(played.server.asked)
    pages, _ = rounds(played, cursor)
    assert texts(pages) == sent  # Oldest first: a round that is cut short has its hole at the end, where it goes on.
    assert all(method == NOTIFICATIONS for method in played.server.asked[asked_from : asked_from + 3])


def test_quiet_round_is_few_questions_and_brings_nothing_again(played, clock) -> None:
    for number in range(3):
        played.arrive(f"post {number} #aurora")
    _, cursor = rounds(played, None, TAG)
    clock.move(hours=7)
    _, cursor = rounds(played, cursor, TAG)
    clock.move(minutes=1)
    asked_from = len(played.server.asked)
    pages, _ = rounds(played, cursor, TAG)
    assert texts(pages) == [] and len(played.server.asked) - asked_from <= 5


@pytest.mark.parametrize("watch", [TAG, WORDS], ids=["hashtag", "search"])
def test_posts_that_other_servers_hand_over_late_are_found(played, clock, watch) -> None:
    text = "aurora luce #aurora"
    played.server.add(f"one {text}", author="mara", to_us=False)
    _, cursor = rounds(played, None, watch)
    for minutes in (2, 10, 100):
        clock.move(minutes=30)
        played.server.add(f"now {text}", author="mara", to_us=False)
        _, cursor = rounds(played, cursor, watch)
        late = clock() - timedelta(minutes=minutes)
        words = f"{minutes} late {text}"
        played.server.add(words, author="ugo@altrove.example", to_us=False, written_at=late)
        clock.move(minutes=1)
        pages, cursor = rounds(played, cursor, watch)
        if minutes > 15:
            clock.move(hours=1)
            pages, cursor = rounds(played, cursor, watch)
        assert words in texts(pages)


def test_first_look_at_a_hashtag_ends_a_week_back_and_says_that_it_is_the_first(played, clock) -> None:
    for day in range(20):
        at = clock() - timedelta(days=20 - day, minutes=1)
        played.server.add(f"day {day} #aurora", author="mara", to_us=False, written_at=at)
    pages, cursor = rounds(played, None, TAG)
    assert sorted(texts(pages)) == sorted(f"day {day} #aurora" for day in range(14, 20))
    assert all(page.first_read_at == clock() for page in pages)
    clock.move(minutes=1)
    assert [page.first_read_at for page in rounds(played, cursor, TAG)[0]] == [None, None]


def test_word_is_searched_where_the_server_searches_and_read_as_a_hashtag_everywhere(played) -> None:
    played.server.add("parlo di aurora", author="mara", to_us=False)
    played.server.add("parlo di #aurora", author="ugo", to_us=False)
    watch = replace(TAG, terms=("aurora",))
    assert set(texts(rounds(played, None, watch)[0])) == {"parlo di aurora", "parlo di #aurora"}
    played.server.searches = False
    assert set(texts(rounds(played, None, watch)[0])) == {"parlo di #aurora"}
    played.server.before = lambda m: (404, {"error": "Not Found"}) if m == "GET /api/v2/search" else None
    assert set(texts(rounds(played, None, watch)[0])) == {"parlo di #aurora"}


def test_search_that_cannot_turn_its_page_tells_a_gap_and_ends(played, clock) -> None:
    for number in range(3 * played.page_items):
        at = clock() - timedelta(hours=100 - number)
        played.server.add(f"aurora luce {number}", author="mara", to_us=False, written_at=at)
    played.server.after = lambda m, told: (
        (200, told[1] | {"statuses": [p.view for p in list(played.server.posts.values())[-6:]][::-1]})
        if m == "GET /api/v2/search"
        else told
    )
    pages, _ = rounds(played, None, WORDS)
    [gap] = [gap for page in pages for gap in page.gaps]
    assert (gap.reason, gap.from_at) == (GapReason.TOO_MANY, clock() - timedelta(days=7))
    assert gap.to_at == clock() - timedelta(hours=88)


def test_people_who_quote_us_are_heard_where_the_server_knows_quotes(played) -> None:
    played.server.posts[played.arrive("guardate questi")].kind = "quote"
    assert texts(rounds(played, None)[0]) == ["guardate questi"]
    played.server.instance = {"version": "4.4.0", "api_versions": {"mastodon": 6}}
    asked = MastodonHarness(played._folder / "other", played._clock)
    asked.server.instance = played.server.instance
    asked.server.posts[asked.arrive("guardate questi")].kind = "quote"
    assert texts(rounds(asked, None)[0]) == []


def test_own_posts_under_a_hashtag_are_marked_and_boosts_and_favourites_are_never_asked_for(played) -> None:
    played.server.add("novità #aurora", author=OUR_NAME, to_us=False)
    played.server.posts[played.arrive("boosted")].kind = "reblog"
    played.server.posts[played.arrive("liked")].kind = "favourite"
    pages, _ = rounds(played, None, TAG)
    assert [(post.text, post.is_own) for page in pages for post in page.items] == [("novità #aurora", True)]


def test_what_was_meant_for_few_is_heard_only_when_it_names_us(played) -> None:
    played.server.add("aurora luce, ai miei amici", author="mara", to_us=False, visibility="private")
    played.server.add("aurora luce, a voi soli", author="ugo", visibility="direct")
    played.server.after = lambda m, told: (
        (200, told[1] | {"statuses": [p.view for p in list(played.server.posts.values())[::-1]]})
        if m == "GET /api/v2/search"
        else told
    )
    pages, _ = rounds(played, None, WORDS)
    assert texts(pages) == ["aurora luce, a voi soli"]


def test_what_addresses_us_is_heard_though_a_hashtag_brought_it_before(played) -> None:
    played.arrive("ciao #aurora")
    pages, _ = rounds(played, None, TAG)
    assert [post.to_us for page in pages for post in page.items] == [True]
    other = MastodonHarness(played._folder / "other", played._clock)
    _, cursor = rounds(other, None, TAG)
    post = other.server.add("ciao #aurora", author="mara", to_us=False)
    brought, cursor = rounds(other, cursor, TAG)
    assert [p.to_us for page in brought for p in page.items] == [False]
    other.server.posts[post["id"]].noted = 10**6
    other.server.posts[post["id"]].noted_at = post["created_at"]
    brought, _ = rounds(other, cursor, TAG)
    assert [p.to_us for page in brought for p in page.items] == [True]


def test_competitors_watch_reads_nothing_that_addresses_us(played) -> None:
    played.arrive("una domanda su #borea")
    watch = Watch(2, 1, "Borea", terms=("#borea",), is_competitor=True)
    assert texts(rounds(played, None, watch)[0]) == ["una domanda su #borea"]
    assert NOTIFICATIONS not in played.server.asked


def test_talk_above_a_mention_is_read_once_up_to_the_root_and_kept_beside_it(played) -> None:
    above = None
    for number in range(12):
        above = played.server.add(f"prima {number}", author=f"a{number}", to_us=False, in_reply_to_id=above)["id"]
    for number in range(3):
        played.server.add(f"@aurora {number}", author=f"b{number}", in_reply_to_id=above)
    root = next(iter(played.server.posts))
    pages, cursor = rounds(played, None)
    assert {p.conversation_id for page in pages for p in page.items} == {root}
    beside = [p for page in pages for p in page.around]
    assert [p.text for p in beside] == ["prima 0", *(f"prima {n}" for n in range(4, 12))]
    assert {p.conversation_id for p in beside} == {root} and not any(p.to_us for p in beside)
    assert played.server.asked.count(CONTEXT) == 1
    rounds(played, cursor)
    assert played.server.asked.count(CONTEXT) == 1


def test_answer_whose_talk_is_not_shown_begins_with_what_it_answers(played) -> None:
    played.server.add("@aurora e allora?", author="mara", in_reply_to_id="999")
    [post] = [p for page in rounds(played, None)[0] for p in page.items]
    assert (post.parent_id, post.conversation_id) == ("999", "999")


@pytest.mark.parametrize("api_version", [7, 0], ids=["together", "one by one"])
def test_edits_and_deletions_of_the_last_two_days_are_found_in_turn(played, clock, api_version) -> None:
    played.server.instance = {"api_versions": {"mastodon": api_version}} if api_version else {}
    names = [played.arrive(f"post {number}") for number in range(45)]
    _, cursor = rounds(played, None)
    clock.move(hours=3)
    _, cursor = rounds(played, cursor)  # out of what is read again in any case
    played.edit(names[3], "edited")
    played.delete(names[30])
    found = []
    for _ in range(15):
        clock.move(seconds=60)
        before = len(played.server.asked)
        pages, cursor = rounds(played, cursor)
        found += [(p.native_id, p.text, p.deleted) for page in pages for p in page.items]
        assert len(played.server.asked) - before <= 8
    assert sorted(found) == sorted([(names[3], "edited", False), (names[30], "", True)])


def test_answer_that_is_no_mastodons_buries_nobody(played, clock) -> None:
    played.arrive("resta")
    _, cursor = rounds(played, None)
    clock.move(minutes=5)
    played.server.after = lambda m, told: (404, b"<html>") if m.endswith("/:id") else told
    played.server.before = lambda m: (200, []) if m == "GET /api/v1/statuses" else None
    assert not any(p.deleted for page in rounds(played, cursor)[0] for p in page.items)
    played.server.after, played.server.before = lambda m, told: told, lambda m: None
    assert not any(p.deleted for page in rounds(played, cursor)[0] for p in page.items)


def test_round_that_rested_for_a_night_before_its_last_page_loses_nothing_of_the_night(played, clock) -> None:
    played.arrive("sera")
    _, cursor = rounds(played, None)
    clock.move(minutes=10)
    for number in range(played.page_items + 2):
        played.arrive(f"Aurora {number}")
    page = played.collector().fetch(TO_US, cursor)
    assert page.has_more
    clock.move(minutes=20)
    played.arrive("di notte")
    clock.move(hours=12)
    last, cursor = rounds(played, page.next_cursor)
    clock.move(seconds=30)
    after, _ = rounds(played, cursor)
    assert texts([*last, *after]).count("di notte") == 1


def test_watch_that_changes_in_the_middle_of_a_round_is_read_anew(played) -> None:
    for number in range(2 * played.page_items):
        played.arrive(f"post {number} #aurora #luce")
    page = played.collector().fetch(TAG, None)
    pages, _ = rounds(played, page.next_cursor, replace(TAG, terms=("#luce",)))
    assert set(texts([page, *pages])) == {f"post {n} #aurora #luce" for n in range(12)}


def test_same_questions_of_several_watches_are_asked_once(played) -> None:
    played.arrive("ciao")
    collector = played.collector()
    collector.fetch(TO_US, None)
    asked = played.server.asked.count(NOTIFICATIONS)
    assert texts([collector.fetch(replace(TO_US, id=2), None)]) == ["ciao"]
    assert played.server.asked.count(NOTIFICATIONS) == asked
    assert len(Kind) == 3 and PAGE_ITEMS == 40


def test_channel_without_an_account_says_so(played) -> None:
    setup = replace(played.setup(), account=None)
    from collectors.registry import channel

    with pytest.raises(Misconfigured):
        channel("mastodon").collector(setup).fetch(TO_US, None)


@pytest.fixture
def desk_on(played, ctx, brand):
    """A desk that hears that network, and its watch."""
    ctx = replace(ctx, channels=OneChannel(played))
    return ctx, brands.add_watch(ctx, brand.id, name="aurora", terms=("#aurora",), channels=("mastodon",))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_everything_posted_is_stored_whatever_fails_meanwhile(played, desk_on, clock, seed) -> None:
    """Bursts larger than a page under a hashtag and to us, late posts, edits, deletions, 429, 500 and drops."""
    ctx, watch = desk_on
    dice, server = random.Random(seed), played.server

    def trouble(method: str):
        kind = dice.random()
        if kind < 0.04:
            return 429, {"error": "Too many requests"}
        if kind < 0.08:
            return 500, {"error": "oops"}
        if kind < 0.12:
            raise Drop
        return None

    for _ in range(6):
        for _ in range(dice.randrange(20)):
            late = clock() - timedelta(seconds=dice.choice([0, 0, 40, 600]))
            to_us = dice.random() < 0.5
            text = f"#aurora {len(server.posts)}"
            server.add(text, author=f"author{dice.randrange(9)}", to_us=to_us, written_at=late)
        if server.posts and dice.random() < 0.6:
            played.delete(dice.choice(list(server.posts)))
        if server.posts and dice.random() < 0.6:
            edited = dice.choice(list(server.posts))
            played.edit(edited, f"#aurora edited {edited[-5:]}")
        server.before = trouble
        intake.poll(ctx, "mastodon", watch.id)
        server.before = lambda method: None
        clock.move(seconds=dice.choice([5, 30, 90]))
    for _ in range(8):
        assert intake.poll(ctx, "mastodon", watch.id).error is None
        clock.move(seconds=30)
    assert stored(ctx) == {name: post.raw for name, post in server.posts.items()}
