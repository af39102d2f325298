"""Does a comment or post of Reddit become the mention it is, and a watch the listings that find it?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.newest_first import decode
from collectors.protocol import Cursor
from collectors.reddit import keys
from collectors.reddit.collector import PACE
from collectors.reddit.normalize import normalize, raw_text
from collectors.reddit.sources import MAX_QUERY_CHARS, Kind, sources
from domain.brand import Watch
from domain.errors import Malformed, Misconfigured
from domain.mention import Audience

FIXTURES = json.loads((Path(__file__).parents[2] / "collectors/reddit/fixtures/posts.json").read_text("utf-8"))
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def watch(*terms: str, is_competitor: bool = False) -> Watch:
    return Watch(1, 1, "Aurora", terms=terms, is_competitor=is_competitor)


def test_comment_is_read_whole_as_it_was_written() -> None:
    profile = {"icon_img": "https://styles.example/mara.png", "subreddit": {"public_description": "Vivo a Lodi"}}
    post = normalize(FIXTURES["comment"], own_name="Aurora_Care", profile=profile, to_us=True)
    assert post.text == "u/aurora_care il pacco **non arriva** da tre giorni > e nessuno risponde &"
    assert (post.native_id, post.parent_id, post.conversation_id) == ("t1_kx81c2a", "t1_kx80zzz", "t3_1rpac0o")
    assert (post.published_at, post.edited_at, post.is_own, post.to_us) == (AT, None, False, True)
    assert post.url == "https://www.reddit.com/r/spedizioni/comments/1rpac0o/pacchi_di_oggi/kx81c2a/"
    assert (post.author.native_id, post.author.handle, post.author.bio) == ("t2_5m4ra", "mara_neri", "Vivo a Lodi")
    assert post.author.avatar_url == "https://styles.example/mara.png" and post.author.followers is None
    assert json.loads(post.reply_ref or "") == {"id": "t1_kx81c2a", "link": "t3_1rpac0o"}


def test_post_is_its_title_its_text_and_where_it_links_to() -> None:
    post = normalize(FIXTURES["post"], own_name="vale_T")
    assert (post.text, post.is_own) == ("Pacchi di oggi\n\nAurora consegna ancora?", True)
    assert (post.parent_id, post.conversation_id) == (None, "t3_1rpac0o")
    assert [(media.type, media.url) for media in post.media] == [("image", "https://preview.example/p1c.jpg")]
    assert normalize(FIXTURES["address"]).text == "Guardate qui\n\nhttps://aurora.example/novita"


def test_edit_and_closed_thread_are_understood() -> None:
    post = normalize(FIXTURES["edited"])
    assert post.edited_at == post.worded_at == AT + timedelta(minutes=10)
    assert json.loads(post.reply_ref or "")["closed"] == "thread_locked"
    silently = normalize({**FIXTURES["comment"], "body": "Altro"})
    assert silently.version != normalize(FIXTURES["comment"]).version and silently.worded_at is None
    assert normalize({**FIXTURES["comment"], "edited": True}).edited_at is None


@pytest.mark.parametrize(
    "view",
    [
        FIXTURES["deleted"],
        FIXTURES["removed"],
        {**FIXTURES["comment"], "author": "[deleted]"},
        {**FIXTURES["comment"], "author": None, "body": "[removed]"},
    ],
    ids=["deleted", "removed by a moderator", "its author left", "nobody"],
)
def test_what_is_deleted_removed_or_left_by_its_author_becomes_a_tombstone(view) -> None:
    post = normalize(view)
    assert post.deleted and (post.text, post.author.handle, post.author.name, post.media) == ("", "", "", ())


def test_somebody_who_writes_removed_has_written_it() -> None:
    post = normalize({**FIXTURES["comment"], "body": "[removed]"})
    assert not post.deleted and post.text == "[removed]"


def test_comment_in_a_private_subreddit_is_not_for_everybody() -> None:
    assert normalize(FIXTURES["comment"]).audience is Audience.PUBLIC
    assert normalize({**FIXTURES["comment"], "subreddit_type": "restricted"}).audience is Audience.PUBLIC
    assert normalize({**FIXTURES["comment"], "subreddit_type": "private"}).audience is Audience.FOLLOWERS


def test_crosspost_without_words_of_its_own_is_a_repost() -> None:
    assert normalize(FIXTURES["crosspost"]).is_repost
    assert not normalize({**FIXTURES["crosspost"], "title": "Anche a me: Aurora"}).is_repost
    assert not normalize(FIXTURES["post"]).is_repost


@pytest.mark.parametrize("field", ["name", "author", "body", "created_utc", "link_id", "parent_id"])
@pytest.mark.parametrize("value", [7, [], {}, True, "\ud800" * 3])
def test_item_of_another_shape_is_malformed_and_nothing_else(field, value) -> None:
    if (field, value) in [("body", "\ud800" * 3), ("author", "\ud800" * 3), ("created_utc", 7)]:
        assert normalize({**FIXTURES["comment"], field: value}).native_id == "t1_kx81c2a"
        return
    view = {**FIXTURES["comment"], field: value}
    if isinstance(value, str) and field in ("link_id", "parent_id"):
        assert normalize(view).native_id  # Ids that no store keeps become ones that it can.
        return
    with pytest.raises(Malformed):
        normalize(view)
    assert raw_text(view)


@given(
    st.dictionaries(st.sampled_from(sorted(FIXTURES["post"])), st.integers() | st.text() | st.none() | st.booleans())
)
def test_whatever_a_thing_holds_it_is_read_or_malformed(told) -> None:
    try:
        assert normalize({**FIXTURES["post"], **told}).channel == "reddit"
    except Malformed as error:
        assert "Reddit" in str(error)


def test_watch_is_asked_for_as_the_inbox_searches_and_subreddits() -> None:
    found = sources(watch("Aurora Luce", "#auroraluce", "r/Spedizioni", "/r/pacchi/", "aurora"))
    assert [(source.kind, source.words) for source in found] == [
        (Kind.TO_US, ""),
        (Kind.SEARCH, '"Aurora Luce" OR "auroraluce" OR "aurora"'),
        (Kind.POSTS, "pacchi+spedizioni"),
        (Kind.COMMENTS, "pacchi+spedizioni"),
    ]
    assert [source.path for source in found][2:] == ["r/pacchi+spedizioni/new/", "r/pacchi+spedizioni/comments/"]
    assert [source.kind for source in sources(watch("Borea", is_competitor=True))] == [Kind.SEARCH]


def test_watch_that_is_too_long_for_the_network_is_said_to_be() -> None:
    packed = [source.words for source in sources(watch(*(f"parola {n:03} {'x' * 80}" for n in range(20))))[1:]]
    assert len(packed) == 4 and max(map(len, packed)) <= MAX_QUERY_CHARS
    for terms in (("x" * 600,), tuple(f"{n} {'x' * 300}" for n in range(9)), tuple(f"r/posto{n}" for n in range(11))):
        with pytest.raises(Misconfigured) as refused:
            sources(watch(*terms))
        assert refused.value.values["field"] == "terms"
    with pytest.raises(Misconfigured):
        sources(watch(is_competitor=True))


def test_words_of_the_query_language_are_words_like_any_other() -> None:
    assert sources(watch('dice "mai" OR author:ugo'))[1].words == '"dice mai OR author:ugo"'
    assert [source.kind for source in sources(watch("r/../api", "r/a b"))] == [Kind.TO_US, Kind.SEARCH]


@given(st.text(max_size=30) | st.sampled_from(['{"round":{"todo":[]}}', "[]", '{"marks":{"a":5}}', '{"recent":[[]]}']))
def test_cursor_that_cannot_be_read_begins_anew(cursor) -> None:
    assert decode(Cursor(cursor), PACE).round is None


def test_keys_are_read_from_words_or_an_object_and_shown_nowhere() -> None:
    grant = keys.read("app app-hush grant-hush")
    script = keys.read("app app-hush aurora_care pass-hush")
    assert (grant.refresh_token, script.username, script.password) == ("grant-hush", "aurora_care", "pass-hush")
    for found in (grant, script):
        assert keys.read(found.secret) == found and "hush" not in repr(found)
    told = {"client_id": "app", "client_secret": "", "refresh_token": "grant-hush"}
    assert keys.read(json.dumps(told)).client_secret == ""


@pytest.mark.parametrize("secret", ["", "hush", "hush two", "{hush", '{"client_id": 1}', "a b c d e", "[]"])
def test_secret_that_holds_no_keys_is_said_without_showing_it(secret) -> None:
    with pytest.raises(Misconfigured) as refused:
        keys.read(secret)
    assert "hush" not in str(refused.value)
