"""Is the sample brand rich, valid and varied enough to learn and to demonstrate with?"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

CONTENT = Path(__file__).parents[2] / "collectors" / "sample" / "content"
SENTIMENTS = {"negative", "neutral", "positive"}
KINDS = {"complaint", "question", "praise", "idea", "other", "spam"}


def load(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CONTENT / name).read_text(encoding="utf-8").splitlines()]


AUTHORS = load("authors.jsonl")
POSTS = load("posts.jsonl")
REACTIONS = load("reactions.jsonl")
BY_ID = {post["id"]: post for post in POSTS}
OWN = {author["id"] for author in AUTHORS if author["own"]}


def is_noise(post: dict[str, Any]) -> bool:
    return post["author"] in OWN or post["repost_of"] is not None or post["expect"]["kind"] == "spam"


CUSTOMER_POSTS = [post for post in POSTS if not is_noise(post)]


def shingles(text: str) -> set[str]:
    letters = re.sub(r"\s+", " ", text.lower())
    return {letters[i : i + 5] for i in range(max(1, len(letters) - 4))}


def closest_pair(texts: list[str]) -> tuple[float, str, str]:
    sets = [shingles(text) for text in texts]
    pairs = ((i, j) for i in range(len(texts)) for j in range(i))
    return max((len(sets[i] & sets[j]) / len(sets[i] | sets[j]), texts[i], texts[j]) for i, j in pairs)


@pytest.mark.parametrize("rows", [AUTHORS, POSTS, REACTIONS], ids=["authors", "posts", "reactions"])
def test_every_id_is_given_once(rows: list[dict[str, Any]]) -> None:
    assert [row for row, count in Counter(row["id"] for row in rows).items() if count > 1] == []


def test_handles_are_unique_and_exactly_one_account_is_the_brand() -> None:
    assert len({author["handle"].lower() for author in AUTHORS}) == len(AUTHORS)
    assert [author["handle"] for author in AUTHORS if author["own"]] == ["LumenEnergia"]


def test_every_post_names_a_known_author_and_an_earlier_parent() -> None:
    authors = {author["id"] for author in AUTHORS}
    for post in POSTS:
        assert post["author"] in authors
        for reference in filter(None, (post["in_reply_to"], post["repost_of"])):
            assert BY_ID[reference]["offset_min"] < post["offset_min"], post["id"]


def test_posts_are_listed_in_order_of_time_within_the_window() -> None:
    offsets = [post["offset_min"] for post in POSTS]
    assert offsets == sorted(offsets)
    assert offsets[0] >= -3 * 24 * 60 and offsets[-1] <= 30


def test_there_are_enough_posts_and_people() -> None:
    assert len(POSTS) >= 200
    assert len({post["author"] for post in CUSTOMER_POSTS}) >= 85


def test_at_least_seventy_customers_are_waiting_at_the_first_start() -> None:
    assert len({post["author"] for post in CUSTOMER_POSTS if post["offset_min"] < 0}) >= 70


def test_about_three_quarters_of_the_posts_are_already_there() -> None:
    assert 0.70 <= sum(post["offset_min"] < 0 for post in POSTS) / len(POSTS) <= 0.80


def test_six_in_ten_posts_are_italian_and_the_others_english() -> None:
    assert {post["language"] for post in POSTS} == {"it", "en"}
    assert 0.55 <= sum(post["language"] == "it" for post in POSTS) / len(POSTS) <= 0.65


def test_few_people_post_in_the_dead_of_night() -> None:
    # The texts fit a first start at 11:00, so minute -630 and its like are half past midnight.
    night = [post for post in POSTS if 30 <= (post["offset_min"] + 11 * 60) % (24 * 60) < 6 * 60]
    assert 1 <= len(night) <= 0.05 * len(POSTS)


def test_all_kinds_and_urgencies_occur_with_weight_on_the_serious_ones() -> None:
    urgency = Counter(post["expect"]["urgency"] for post in CUSTOMER_POSTS)
    assert urgency[3] >= 6 and urgency[2] >= 30 and urgency[1] >= 50 and urgency[0] >= 30
    assert {post["expect"]["kind"] for post in POSTS if post["expect"]} == KINDS


def test_judgements_use_the_desks_words_and_only_noise_has_none() -> None:
    for row in POSTS + REACTIONS:
        expect = row["expect"]
        if expect is None:
            assert row["author"] in OWN or row["repost_of"]
            continue
        assert expect["sentiment"] in SENTIMENTS and expect["kind"] in KINDS and expect["urgency"] in range(4)


def test_no_two_texts_are_near_identical() -> None:
    texts = [post["text"] for post in POSTS if not post["repost_of"]] + [r["text"] for r in REACTIONS]
    share, one, other = closest_pair(texts)
    assert share < 0.25, (share, one, other)


def test_the_search_for_near_identical_texts_finds_a_changed_word() -> None:
    share, *_ = closest_pair(["Da ieri senza luce in via Roma", "Da ieri senza luce in via Torino", "Tutto bene"])
    assert share > 0.5


def test_a_repost_carries_the_words_of_its_original() -> None:
    reposts = [post for post in POSTS if post["repost_of"]]
    assert len(reposts) >= 5
    assert all(post["text"] == BY_ID[post["repost_of"]]["text"] for post in reposts)


def test_length_alone_does_not_tell_urgency() -> None:
    lengths: dict[int, list[int]] = {level: [] for level in range(4)}
    for post in CUSTOMER_POSTS:
        lengths[post["expect"]["urgency"]].append(len(post["text"]))
    assert any(length > 180 for length in lengths[1]) and any(length < 140 for length in lengths[3])
    assert max(len(post["text"]) for post in POSTS) > 1_000


def test_hostile_and_unusual_texts_are_in_it() -> None:
    texts = [post["text"] for post in POSTS]
    assert any("<script>" in text for text in texts)
    assert any("<b>" in text and "&amp;" in text for text in texts)
    assert any(not re.search(r"\w", text) for text in texts), "a post of emoji alone"
    assert any(re.search(r"[\u0600-\u06ff]", author["name"]) for author in AUTHORS), "a name written right to left"


def test_some_customers_return_on_several_days() -> None:
    days: dict[str, set[int]] = {}
    for post in CUSTOMER_POSTS:
        days.setdefault(post["author"], set()).add((post["offset_min"] + 11 * 60) // (24 * 60))
    assert sum(len(seen) >= 2 for seen in days.values()) >= 15
    assert sum(len(seen) >= 3 for seen in days.values()) >= 4


def test_threads_gather_several_people_under_one_post() -> None:
    people: dict[str, set[str]] = {}
    for post in POSTS:
        if post["in_reply_to"]:
            people.setdefault(post["in_reply_to"], set()).add(post["author"])
    assert sum(len(names) >= 3 for names in people.values()) >= 4


def test_the_cut_in_borgo_fornaci_grows_and_ends_in_thanks() -> None:
    place = {author["id"] for author in AUTHORS if author["location"] == "Castelmora"}
    crisis = [post for post in CUSTOMER_POSTS if post["author"] in place and post["offset_min"] >= -230]
    before = [post for post in crisis if post["offset_min"] < 0 and post["expect"]["sentiment"] == "negative"]
    thanks = [post for post in crisis if post["offset_min"] > 0 and post["expect"]["sentiment"] == "positive"]
    assert len({post["author"] for post in before}) >= 10 and len(thanks) >= 5


def test_one_author_deletes_a_post_after_the_first_start() -> None:
    deleted = [post for post in POSTS if "deleted_offset_min" in post]
    assert len(deleted) == 1
    assert deleted[0]["offset_min"] < 0 < deleted[0]["deleted_offset_min"] <= 30


def test_reactions_answer_customers_posts_and_second_ones_follow_first_ones() -> None:
    specific = [r for r in REACTIONS if r["to"]]
    assert len(specific) >= 40
    customers = {post["id"] for post in CUSTOMER_POSTS}
    assert {r["to"] for r in specific} <= customers
    turns = Counter((r["to"], r["n"]) for r in specific)
    assert set(turns.values()) == {1}
    assert all((post, 1) in turns for post, n in turns if n == 2) and sum(n == 2 for _, n in turns) >= 10


def test_reactions_come_within_two_minutes_in_the_language_of_the_post() -> None:
    for reaction in REACTIONS:
        assert 20 <= reaction["after_s"] <= 120
        if reaction["to"]:
            assert reaction["language"] == BY_ID[reaction["to"]]["language"], reaction["id"]


def test_reactions_for_any_post_name_a_kind_and_exist_in_both_languages() -> None:
    generic = [r for r in REACTIONS if r["to"] is None]
    assert {r["match"] for r in generic} <= KINDS
    assert {r["language"] for r in generic} == {"it", "en"} and len(generic) <= 15


def test_pictures_exist_have_alternative_text_and_load_nothing_from_elsewhere() -> None:
    used = {media["file"] for post in POSTS for media in post["media"]}
    assert all(media["alt"] for post in POSTS for media in post["media"])
    files = {path.name: path for path in (CONTENT / "media").glob("*.svg")}
    assert set(files) == used and 6 <= len(files) <= 8
    for path in files.values():
        source = path.read_text(encoding="utf-8")
        tags = {element.tag.rsplit("}")[-1] for element in ET.fromstring(source).iter()}
        assert not tags & {"script", "image", "foreignObject", "use", "a", "style"}, path.name
        assert not re.search(r"href|url\(|\son\w+=", source), path.name
