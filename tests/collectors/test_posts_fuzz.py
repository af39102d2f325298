"""Whatever a network hands over: is it read, or set aside, and does the channel go on?"""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.bluesky.normalize import normalize as read_bluesky
from collectors.mastodon.normalize import normalize as read_mastodon
from collectors.reddit.normalize import normalize as read_reddit
from collectors.x.normalize import Included
from collectors.x.normalize import normalize as read_x
from domain.errors import Malformed
from domain.mention import Mention
from tests.contract.harness_bluesky import BlueskyHarness
from tests.contract.harness_http_connector import HttpConnectorHarness
from tests.contract.harness_mastodon import MastodonHarness
from tests.contract.harness_reddit import RedditHarness
from tests.contract.harness_x import XHarness
from tests.contract.test_listening import WATCH

ROOT = Path(__file__).parents[2] / "collectors"
X = json.loads((ROOT / "x/fixtures/posts.json").read_text("utf-8"))
REDDIT = json.loads((ROOT / "reddit/fixtures/posts.json").read_text("utf-8"))
BLUESKY = json.loads((ROOT / "bluesky/fixtures/posts.json").read_text("utf-8"))
MASTODON = json.loads((ROOT / "mastodon/fixtures/statuses.json").read_text("utf-8"))
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\x00\u202e\ud800</p><p>" + "&lt;" * 50
IDS: tuple[Any, ...] = (7, -7, "-7", 2**70, "6f1ed002-ab55-9585-9014-ebf0951522d9", "", "0", "'; --", True, 1.5)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from([HOSTILE, *IDS]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
GONE = object()


def places(shape: object, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in a JSON value, to a member or an item."""
    inner = shape.items() if isinstance(shape, dict) else enumerate(shape) if isinstance(shape, list) else ()
    return [found for key, value in inner for found in ((*at, key), *places(value, (*at, key)))]


def changed(shape: Any, path: tuple[Any, ...], value: object) -> Any:
    """The same with another value there, or without it."""
    made = copy.deepcopy(shape)
    inside = made
    for key in path[:-1]:
        inside = inside[key]
    if value is GONE:
        del inside[path[-1]]
    else:
        inside[path[-1]] = value
    return made


def require_sound(post: Mention) -> None:
    """What the store and the desk rely on."""
    assert isinstance(post.native_id, str) and post.native_id and isinstance(post.author.native_id, str)
    assert isinstance(post.text, str) and "\x00" not in post.text
    post.text.encode("utf-8")
    for at in (post.published_at, post.edited_at):
        assert at is None or at.utcoffset() == timedelta(0)
    for url in (post.url, post.author.avatar_url, post.author.profile_url, *(each.url for each in post.media)):
        assert url is None or url.startswith(("https://", "http://"))
    assert post.parent_id is None or isinstance(post.parent_id, str)


@settings(max_examples=100)
@given(st.sampled_from(places(X)), ODD | st.just(GONE))
def test_post_of_x_with_anything_anywhere_is_read_or_malformed(path, value) -> None:
    told = changed(X, path, value)
    parts = {name: told.get("includes") for name in ("users", "tweets", "media")}
    lists = {name: part.get(name) if isinstance(part, dict) else None for name, part in parts.items()}

    def by(name: str, key: str) -> dict[str, Any]:
        items = lists[name] if isinstance(lists[name], list) else []
        return {str(each[key]): each for each in items if isinstance(each, dict) and key in each}

    along = Included(by("users", "id"), by("tweets", "id"), by("media", "media_key"))
    for view in told["data"] if isinstance(told.get("data"), list) else []:
        try:
            require_sound(read_x(view if isinstance(view, dict) else {}, included=along, own_id="900100200"))
        except Malformed:
            pass


@settings(max_examples=100)
@given(st.sampled_from(places(MASTODON)), ODD | st.just(GONE))
def test_post_of_mastodon_with_anything_anywhere_is_read_or_malformed(path, value) -> None:
    told = changed(MASTODON, path, value)
    for view in told.values():
        try:
            require_sound(read_mastodon(view if isinstance(view, dict) else {}, origin="piazza.example", own_id="42"))
        except Malformed:
            pass


@settings(max_examples=100)
@given(st.sampled_from(places(REDDIT)), ODD | st.just(GONE))
def test_thing_of_reddit_with_anything_anywhere_is_read_or_malformed(path, value) -> None:
    for view in changed(REDDIT, path, value).values():
        try:
            require_sound(read_reddit(view if isinstance(view, dict) else {}, own_name="aurora"))
        except Malformed:
            pass


@settings(max_examples=100)
@given(st.sampled_from(places(BLUESKY)), ODD | st.just(GONE))
def test_post_of_bluesky_with_anything_anywhere_is_read_or_malformed(path, value) -> None:
    for view in changed(BLUESKY, path, value).values():
        try:
            require_sound(read_bluesky(view if isinstance(view, dict) else {}, own_id="did:plc:aurorainvented"))
        except Malformed:
            pass


def heard(played: Any) -> tuple[list[str], int]:
    """The texts of one round, and how many items were set aside."""
    cursor, texts, bad = None, [], 0
    while True:
        page = played.collector().fetch(WATCH, cursor)
        texts, bad, cursor = texts + [post.text for post in page.items], bad + len(page.bad), page.next_cursor
        if not page.has_more:
            return texts, bad


@pytest.mark.parametrize(
    "network",
    [XHarness, RedditHarness, MastodonHarness, BlueskyHarness, HttpConnectorHarness],
    ids=lambda each: each.name,
)
def test_huge_hostile_and_misdated_posts_hold_up_nothing(network, tmp_path, clock) -> None:
    played = network(tmp_path / "network", clock)
    played.page_items = 50
    clock.move(days=-1)
    played.arrive("written by a clock a day behind")
    clock.move(days=2)
    played.arrive("written by a clock a day ahead")
    clock.move(days=-1)
    played.arrive(HOSTILE, author="ugo")
    played.arrive("x" * 5_000_000, author="lena")
    played.arrive_unreadable()
    played.arrive("the last one")
    texts, bad = heard(played)
    assert {text for text in texts if len(text) < 40} >= {"written by a clock a day behind", "the last one"}
    assert bad == 1 and "written by a clock a day ahead" in texts
    assert max(map(len, texts)) <= 5_000_000 and any(text.startswith("xxx") for text in texts)
