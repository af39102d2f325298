"""Does a post of Bluesky become the mention it is, and is a reply written as the network wants it?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.bluesky.collector import PACE
from collectors.bluesky.normalize import normalize, parents, raw_text
from collectors.bluesky.publisher import length
from collectors.bluesky.richtext import facets
from collectors.bluesky.tid import ALPHABET, tid
from collectors.newest_first import Bookmark, decode
from collectors.protocol import Cursor
from domain.errors import Malformed

FIXTURES = json.loads((Path(__file__).parents[2] / "collectors/bluesky/fixtures/posts.json").read_text("utf-8"))
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_plain_post_is_read_whole() -> None:
    post = normalize(FIXTURES["plain"], profile={"followersCount": 12, "description": "Vivo a Lodi"})
    assert (post.text, post.published_at, post.language) == ("Il pacco di @aurora.example non arriva", AT, "it")
    assert post.url == "https://bsky.app/profile/mara.example/post/3mplain"
    assert (post.author.name, post.author.followers, post.author.bio) == ("Mara Neri", 12, "Vivo a Lodi")
    assert post.native_id == post.conversation_id and post.version == "bafyrei3mplain" and not post.is_own
    assert normalize(FIXTURES["plain"], own_id="did:plc:marainvented").is_own


def test_reply_names_its_parent_its_root_and_what_an_answer_needs() -> None:
    post = normalize(FIXTURES["reply"])
    root, parent = (f"at://did:plc:aurorainvented/app.bsky.feed.post/{key}" for key in ("3mroot", "3mparent"))
    assert (post.conversation_id, post.parent_id) == (root, parent) and parents(FIXTURES["reply"]) == (parent, root)
    ref = json.loads(post.reply_ref or "")
    assert ref["root"]["uri"] == root and ref["parent"] == {"uri": post.native_id, "cid": post.version}


def test_pictures_are_references_with_a_warning_where_the_network_warns() -> None:
    [picture] = normalize(FIXTURES["pictures"]).media
    assert (picture.type, picture.url, picture.alt) == (
        "image",
        "https://cdn.example/f.jpg",
        "[graphic-media] Una scatola rotta",
    )
    assert [m.url for m in normalize(FIXTURES["quote_with_picture"]).media] == ["https://cdn.example/f2.jpg"]
    assert [(m.type, m.alt) for m in normalize(FIXTURES["video"]).media] == [("video", "Un rumore")]


def test_wrong_clocks_lost_handles_closed_talks_and_moderation_are_understood() -> None:
    assert normalize(FIXTURES["future"]).published_at == AT + timedelta(seconds=1)
    assert normalize(FIXTURES["without_zone"]).published_at == AT - timedelta(minutes=1)
    assert normalize(FIXTURES["lost_handle"]).url == "https://bsky.app/profile/did:plc:marainvented/post/3mhandle"
    assert json.loads(normalize(FIXTURES["closed"]).reply_ref or "")["closed"] == "replies_closed"
    gone = normalize(FIXTURES["taken_down"])
    assert gone.deleted and gone.text == "" and gone.author.handle == ""


@pytest.mark.parametrize(
    "broken",
    [
        {"uri": "at://x"},
        {"cid": None},
        {"author": None},
        {"author": {"did": "did:plc:somebodyelse", "handle": "a.b"}},
        {"record": []},
        {"record": {"text": 5}},
        {"indexedAt": "yesterday"},
        {"indexedAt": 10**30},
        {"labels": "no"},
        {"embed": {"images": [5]}},
    ],
    ids=lambda broken: ascii(broken)[:30],
)
def test_anything_else_is_malformed_and_nothing_worse(broken) -> None:
    with pytest.raises(Malformed):
        normalize(FIXTURES["plain"] | broken)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FIXTURES["reply"], "embed"]), anything, max_size=4))
def test_hostile_shapes_are_read_or_malformed(change) -> None:
    view = FIXTURES["reply"] | change
    assert isinstance(raw_text(view), str) and isinstance(parents(view), tuple)
    try:
        normalize(view)
    except Malformed:
        pass


def places(text: str) -> list[tuple[str, str]]:
    """Every facet with the words its bytes cut out of the text."""
    found = facets(text, lambda handle: None if handle.startswith("nobody") else f"did:plc:{handle.split('.')[0]}")
    raw, shown = text.encode(), []
    for facet in found:
        index, [feature] = facet["index"], facet["features"]
        words = raw[index["byteStart"] : index["byteEnd"]].decode()
        shown.append((words, feature.get("uri") or feature.get("did") or feature["tag"]))
    return shown


def test_links_mentions_and_tags_have_their_place_in_bytes() -> None:
    assert places("È qui: https://aurora.example/è?a=1. 👍 @mara.example (www.aurora.example) #caffè!") == [
        ("https://aurora.example/è?a=1", "https://aurora.example/è?a=1"),
        ("@mara.example", "did:plc:mara"),
        ("www.aurora.example", "https://www.aurora.example"),
        ("#caffè", "caffè"),
    ]
    assert places("https://it.example/wiki/Roma_(città)#storia") == [
        ("https://it.example/wiki/Roma_(città)#storia", "https://it.example/wiki/Roma_(città)#storia")
    ]
    assert places("a@b.example @nobody.example #123 nome#tag x@mara.example http://") == []


@given(st.text(alphabet="aè👍 @#.:/()whtps", max_size=60))
def test_facets_never_overlap_and_never_cut_a_character(text) -> None:
    ends = [facet["index"] for facet in facets(text, lambda handle: "did:plc:x")]
    assert all(a["byteEnd"] <= b["byteStart"] for a, b in zip(ends, ends[1:], strict=False))
    for index in ends:
        text.encode()[index["byteStart"] : index["byteEnd"]].decode()


def test_length_has_both_limits_of_the_network() -> None:
    family = "👨\u200d👩\u200d👧\u200d👦"
    assert length("è" * 300) == 300 and length("नि" * 10) == 10 and length("🇮🇹") == 1
    # 100 families are 2500 bytes and fit, 150 are 3750 and do not.
    assert length(family * 100) == 250 and length(family * 150) == 375
    assert length("a ") == 2


def test_key_of_a_reply_is_a_valid_tid_the_same_each_time_and_another_for_another_reply() -> None:
    keys = {tid(AT, f"key{number}") for number in range(500)}
    assert len(keys) == 500 and tid(AT, "key1") == tid(AT, "key1")
    assert all(len(key) == 13 and set(key) <= set(ALPHABET) and key[0] in "234567abcdefghij" for key in keys)
    assert tid(AT, "a") < tid(AT + timedelta(seconds=3), "a")


@given(st.text(max_size=30) | st.just('{"round":{"todo":[]}}') | st.just("[]") | st.just('{"marks":{"a":5}}'))
def test_cursor_that_cannot_be_read_begins_anew(cursor) -> None:
    assert decode(Cursor(cursor), PACE).round is None


def test_cursor_comes_back_as_it_was() -> None:
    began = Bookmark(PACE).begin(("to us", "search a"), AT).asked(AT).turn("3", AT, items=2)
    assert decode(began.encode(), PACE) == began
    assert decode(began.done(AT).encode(), PACE) == began.done(AT)
