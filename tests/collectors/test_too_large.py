"""Is a page of very large posts read in smaller ones, and one that nobody can read left behind and told, everywhere?"""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest

from collectors import bounded, guarded
from collectors.fitting import TooLarge, fitting
from collectors.protocol import Cursor, GapReason
from domain.brand import Watch
from tests.contract.harness_bluesky import BlueskyHarness
from tests.contract.harness_mastodon import MastodonHarness
from tests.contract.harness_reddit import RedditHarness
from tests.contract.harness_x import XHarness
from tests.fakes import MovableClock

WATCH = Watch(id=1, brand_id=1, name="Aurora")
#: An answer may be so long here: two large posts are more.
MOST_BYTES, LARGE, FAR_TOO_LARGE = 100_000, "x" * 60_000, "x" * 200_000
NETWORKS = {"bluesky": BlueskyHarness, "mastodon": MastodonHarness, "reddit": RedditHarness, "x": XHarness}


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (bounded, guarded):
        monkeypatch.setattr(module, "MAX_BYTES", MOST_BYTES)


def heard(harness, cursor: Cursor | None = None):
    found, gaps = [], []
    for _ in range(60):
        page = harness.collector().fetch(WATCH, cursor)
        found += [post.native_id for post in page.items]
        gaps += page.gaps
        cursor = page.next_cursor
        if not page.has_more:
            return found, gaps, cursor
    raise AssertionError("the round does not end")


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("name", ["bluesky", "mastodon", "reddit"])
def test_large_posts_on_one_page_are_read_in_smaller_pages(name: str, tmp_path: Path, clock: MovableClock) -> None:
    harness = NETWORKS[name](tmp_path, clock)
    sent = [harness.arrive(f"{text} {number}") for number, text in enumerate(["one", LARGE, LARGE, LARGE, "five"])]
    found, gaps, _ = heard(harness)
    assert (set(found), gaps) == (set(sent), [])


def test_large_page_is_tried_few_times_before_one_fits() -> None:
    tried: list[int] = []

    def ask(most: int) -> str:
        tried.append(most)
        if most > 1:
            raise TooLarge("more than anybody reads")
        return "one"

    assert fitting(ask, 100).answer == "one" and tried == [100, 25, 6, 1]
    tried.clear()
    assert fitting(ask, 100, least=10).answer is None and tried == [100, 25, 10]


@pytest.mark.usefixtures("short")
def test_what_a_small_packed_answer_unpacks_to_is_bounded_as_well(tmp_path: Path, clock: MovableClock) -> None:
    harness = BlueskyHarness(tmp_path, clock)
    sent = [harness.arrive(f"{LARGE} {number}") for number in range(3)]
    server = harness.server
    plain = server.answered

    def packed(call, asked):
        status, body = plain(call, asked)
        return status, gzip.compress(json.dumps(body).encode())

    server.answered, server.headers = packed, {"content-encoding": "gzip"}
    asked_before = len(server.asked)
    found, gaps, _ = heard(harness)
    assert (set(found), gaps) == (set(sent), [])
    lists = [call for call in server.asked[asked_before:] if call.endswith("listNotifications")]
    assert len(lists) > 3, "a page of all of them was read, which unpacks to more than anybody reads"


def one_of_yesterday_first(harness, name: str, clock: MovableClock) -> None:
    """The last one to come stands first, and says that it is of yesterday."""
    at = clock() - timedelta(days=1)
    if name == "bluesky":
        harness.server.find(harness.arrive("late")).view["indexedAt"] = at.isoformat()
        return
    late, things = harness.arrive("late"), harness.server.things
    harness.server.by_name[late].view["created_utc"] = at.timestamp()
    harness.server._newest = lambda: sorted(
        things, key=lambda each: (each.name == late, each.view["created_utc"], each.number), reverse=True
    )


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("name", ["bluesky", "reddit"])
def test_one_backdated_post_alone_on_a_small_page_ends_no_round(name: str, tmp_path: Path, clock: MovableClock) -> None:
    harness = NETWORKS[name](tmp_path, clock)
    harness.arrive("before")
    _, _, cursor = heard(harness)
    clock.move(minutes=30)
    sent = [harness.arrive(f"{LARGE} {number}") for number in range(4)]
    one_of_yesterday_first(harness, name, clock)
    pages = []
    while not pages or pages[-1].has_more:
        pages.append(harness.collector().fetch(WATCH, cursor))
        cursor = pages[-1].next_cursor
    assert set(sent) <= {post.native_id for page in pages for post in page.items}
    assert [page.gaps for page in pages if page.gaps] == []
    assert {page.complete_from for page in pages} == {None}, "small pages prove that nothing was missed"


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("hidden", [False, True])
def test_first_reading_of_mastodon_goes_on_below_a_backdated_post(
    hidden: bool, tmp_path: Path, clock: MovableClock
) -> None:
    harness = MastodonHarness(tmp_path, clock)
    if hidden:
        harness.arrive(FAR_TOO_LARGE)
    sent = [harness.arrive(f"{LARGE} {number}") for number in range(4)]
    harness.arrive("late")
    list(harness.server.posts.values())[-1].noted_at = (clock() - timedelta(days=8)).isoformat()
    found, gaps, _ = heard(harness)
    assert set(sent) <= set(found)
    assert [gap.reason for gap in gaps] == [GapReason.TOO_LARGE] * hidden


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("name", ["bluesky", "reddit"])
def test_what_a_huge_post_hides_is_told_though_a_backdated_one_stood_above(
    name: str, tmp_path: Path, clock: MovableClock
) -> None:
    harness = NETWORKS[name](tmp_path, clock)
    harness.arrive("before")
    _, _, cursor = heard(harness)
    clock.move(minutes=30)
    harness.arrive(FAR_TOO_LARGE)
    above = harness.arrive("above")
    one_of_yesterday_first(harness, name, clock)
    found, gaps, _ = heard(harness, cursor)
    assert above in found
    assert [gap.reason for gap in gaps] == [GapReason.TOO_LARGE]


@pytest.mark.usefixtures("short")
def test_notifications_whose_posts_are_too_large_stand_for_themselves(tmp_path: Path, clock: MovableClock) -> None:
    harness = BlueskyHarness(tmp_path, clock)
    sent = [harness.arrive(f"named {number}") for number in range(3)]
    large = {"posts": [], "more": FAR_TOO_LARGE}
    harness.server.before = lambda call: (200, large) if call == "app.bsky.feed.getPosts" else None
    found, gaps, _ = heard(harness)
    assert (set(found), gaps) == (set(sent), [])


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("name", NETWORKS)
def test_one_post_too_large_for_any_page_stops_nothing_and_is_told(
    name: str, tmp_path: Path, clock: MovableClock
) -> None:
    harness = NETWORKS[name](tmp_path, clock)
    harness.arrive(FAR_TOO_LARGE)
    clock.move(seconds=60)
    above = [harness.arrive(f"after {number}") for number in range(12)]
    found, gaps, cursor = heard(harness)
    # The least page of X holds several.
    assert set(above[6 if name == "x" else 0 :]) <= set(found)
    assert gaps and {gap.reason for gap in gaps} == {GapReason.TOO_LARGE} and all(g.from_at < g.to_at for g in gaps)
    if name != "x":
        clock.move(minutes=1)
        assert heard(harness, cursor)[1] == [], "what stands below was told before"
    clock.move(minutes=5)
    later = [harness.arrive(f"later {number}") for number in range(12)]
    found, _, _ = heard(harness, cursor)
    assert set(later[6 if name == "x" else 0 :]) <= set(found)
