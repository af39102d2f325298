"""Does a post of Mastodon become the mention it is, and is a watch asked for as servers understand it?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.mastodon.bookmark import Bookmark, Trail, decode
from collectors.mastodon.normalize import answers, normalize, raw_text, words
from collectors.mastodon.sources import MOST_ASKED, sources
from collectors.mastodon.wording import length, naming
from collectors.protocol import Cursor
from domain.brand import Watch
from domain.errors import Malformed, Misconfigured
from domain.mention import Audience

FIXTURES = json.loads((Path(__file__).parents[2] / "collectors/mastodon/fixtures/statuses.json").read_text("utf-8"))
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PIAZZA = "piazza.example"


def test_plain_post_is_read_whole_as_plain_text() -> None:
    post = normalize(FIXTURES["plain"], origin=PIAZZA, own_id="42", to_us=True)
    assert post.text == (
        "@aurora il pacco non arriva & nessuno risponde.\n\n"
        "Guardate: https://aurora.example/spedizioni/stato?numero=12345\nGrazie"
    )
    assert (post.origin, post.native_id, post.conversation_id) == (PIAZZA, "116160000000000001", "116160000000000001")
    assert (post.published_at, post.language, post.parent_id, post.edited_at) == (AT, "it", None, None)
    assert post.url == "https://altrove.example/@mara/116160000000000001" and post.to_us and not post.is_own
    assert (post.author.handle, post.author.name) == ("mara@altrove.example", "Mara Neri")
    assert (post.author.bio, post.author.followers) == ("Vivo a Lodi\ne leggo", 12)
    assert post.author.avatar_url == "https://media.example/mara.png"
    assert post.author.profile_url == "https://altrove.example/@mara"
    assert normalize(FIXTURES["plain"], origin=PIAZZA, own_id="109900000000000007").is_own


def test_warning_edit_parent_and_pictures_are_understood() -> None:
    post = normalize(FIXTURES["reply_under_warning"], origin=PIAZZA, root="116150000000000000")
    assert post.text == "cibo, muffa\n\nAnche il mio era aperto"
    assert (post.parent_id, post.conversation_id) == ("116160000000000001", "116150000000000000")
    assert post.edited_at == post.worded_at == datetime(2026, 3, 2, 9, 7, 30, 250_000, tzinfo=UTC)
    assert post.version == "2026-03-02T09:07:30.250Z"
    assert [(m.type, m.url, m.alt) for m in post.media] == [
        ("image", "https://media.example/scatola.jpg", "[sensitive] Una scatola rotta"),
        ("video", "https://altrove.example/muffa.mp4", "[sensitive]"),
    ]
    assert (post.author.handle, post.author.name, post.author.followers) == ("ugo@piazza.example", "ugo", 0)
    assert json.loads(post.reply_ref or "") == {"id": "116160000000000002", "acct": "ugo", "visibility": "unlisted"}


@pytest.mark.parametrize(
    ("visibility", "audience"),
    [
        ("public", Audience.PUBLIC),
        ("unlisted", Audience.PUBLIC),
        ("private", Audience.FOLLOWERS),
        ("direct", Audience.NAMED),
        ("local", Audience.NAMED),
    ],
)
def test_who_may_read_a_post_is_told_and_what_nobody_knows_is_the_narrowest(visibility, audience) -> None:
    assert normalize({**FIXTURES["plain"], "visibility": visibility}, origin=PIAZZA).audience is audience


def test_boost_is_a_repost_of_its_booster_with_the_words_of_another() -> None:
    post = normalize(FIXTURES["boost"], origin=PIAZZA)
    assert (post.is_repost, post.text, post.author.name) == (True, "il pacco non arriva", "Ugo")


def test_ids_are_opaque_and_servers_that_leave_things_out_are_read() -> None:
    post = normalize(FIXTURES["without_numbers"], origin="altra.example")
    assert post.native_id == "0195538a-7c00-7000-8000-0242ac120002"
    assert (post.published_at, post.language, post.author.avatar_url) == (AT, None, None)
    assert normalize(FIXTURES["plain"] | {"id": 7}, origin=PIAZZA).native_id == "7"
    assert normalize(FIXTURES["plain"] | {"id": -7}, origin=PIAZZA).native_id == "-7"


def test_wrong_clocks_do_not_reach_into_the_future() -> None:
    ahead = FIXTURES["plain"] | {"created_at": "2026-03-03T09:00:00Z"}
    assert normalize(ahead, origin=PIAZZA, heard_at=AT).published_at == AT
    assert normalize(FIXTURES["plain"], origin=PIAZZA, heard_at=AT + timedelta(days=1)).published_at == AT


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>uno</p><p>due</p>", "uno\n\ndue"),
        ("<p>uno<br>due<br />tre</p>", "uno\ndue\ntre"),
        ("<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", "<script>alert(1)</script>"),
        ("<script>alert(1)</script><p>ciao</p>", "ciao"),
        ("<p>a<img src=x onerror=alert(1)>b</p>", "ab"),
        ("senza paragrafi", "senza paragrafi"),
        ("<p>rotto", "rotto"),
        ("<ul><li>uno</li><li>due</li></ul>", "uno\ndue"),
        ("", ""),
        ("<p>&#x202E;oprusni&#0;</p>", "oprusni\ufffd"),
    ],
    ids=lambda v: ascii(v)[:20],
)
def test_html_of_servers_becomes_what_people_read(html, text) -> None:
    assert words(html) == text


@pytest.mark.parametrize(
    "broken",
    [
        {"id": None},
        {"id": ""},
        {"id": True},
        {"account": None},
        {"account": {"id": "7"}},
        {"account": {"acct": "mara"}},
        {"content": None},
        {"content": ["x"]},
        {"created_at": "yesterday"},
        {"created_at": 10**30},
        {"created_at": None},
        {"edited_at": "yesterday"},
        {"spoiler_text": 5},
        {"media_attachments": [5]},
        {"media_attachments": 5},
        {"visibility": 5},
    ],
    ids=lambda broken: ascii(broken)[:30],
)
def test_anything_else_is_malformed_and_nothing_worse(broken) -> None:
    with pytest.raises(Malformed) as told:
        normalize(FIXTURES["plain"] | broken, origin=PIAZZA)
    assert "pacco" not in str(told.value)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FIXTURES["reply_under_warning"], "new"]), anything, max_size=4))
def test_hostile_shapes_are_read_or_malformed(change) -> None:
    view = FIXTURES["reply_under_warning"] | change
    assert isinstance(raw_text(view), str) and isinstance(answers(view), str | None)
    try:
        normalize(view, origin=PIAZZA)
    except Malformed:
        pass


def names(*terms: str, is_competitor: bool = False) -> list[str]:
    return [s.name for s in sources(Watch(1, 1, "Aurora", terms=terms, is_competitor=is_competitor))]


def test_watch_is_asked_for_as_mentions_hashtags_and_searches() -> None:
    assert names() == ["to us"]
    assert names("#aurora") == ["to us", "tag aurora"]
    assert names("Caffè", "#caffè") == ["to us", "tag Caffè", "tag caffè", "search Caffè"]
    assert names("Aurora Luce") == ["to us", 'search "Aurora Luce"']
    assert names("borea", is_competitor=True) == ["tag borea", "search borea"]


@pytest.mark.parametrize("term", ["a/b", "a?b=c", "#a/../b", "dell'energia", "from:mara", "-no", '"due parole"', "24"])
def test_words_that_mean_something_to_a_server_are_quoted_and_never_part_of_an_address(term) -> None:
    tags = [name for name in names(term) if name.startswith("tag")]
    searches = [name.removeprefix("search ") for name in names(term) if name.startswith("search")]
    assert tags == [] and all(s == term or (s[0] == s[-1] == '"' and '"' not in s[1:-1]) for s in searches)


def test_watch_that_asks_for_too_much_is_told_so() -> None:
    assert len(names(*(f"#t{number}" for number in range(MOST_ASKED - 1)))) == MOST_ASKED
    with pytest.raises(Misconfigured, match="16 things"):
        names(*(f"#t{number}" for number in range(MOST_ASKED)))
    with pytest.raises(Misconfigured, match="too long"):
        names("x" * 201)
    with pytest.raises(Misconfigured, match="needs a word"):
        names("#", is_competitor=True)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("è" * 500, 500),
        ("नि" * 10, 10),
        ("👨\u200d👩\u200d👧\u200d👦", 1),
        ("http://a.it", 23),
        (f"vedi https://aurora.example/{'x' * 200}, grazie", 36),
        ("(https://it.example/wiki/Roma_(città))", 25),
        ("https://senza-punto", 19),
        ("@mara@altrove.example ciao", 10),
        ("@mara.neri@altrove.example", 10),
        ("scrivi a mara@altrove.example", 29),
        ("@mara ciao", 10),
    ],
    ids=lambda v: str(v)[:16],
)
def test_length_is_what_servers_count(text, counted) -> None:
    assert length(text) == counted


def test_addresses_count_as_the_server_says() -> None:
    assert length("http://a.it", url_chars=256) == 256


def test_reply_names_who_is_answered_once() -> None:
    assert naming("Ciao", "mara@altrove.example") == "@mara@altrove.example Ciao"
    assert naming("Ciao @Mara@altrove.example!", "mara@altrove.example") == "Ciao @Mara@altrove.example!"
    assert naming("Ciao @mara", "mara") == "Ciao @mara"
    for other in ("Ciao @mara@altrove.example", "a@mara", "@maraviglia", "@mara.neri"):
        assert naming(other, "mara") == f"@mara {other}"


def place(trail: Trail, token: str, minutes: int) -> Trail:
    at = AT + timedelta(minutes=minutes)
    return trail.reached(token, at, spacing=timedelta(minutes=5), keep=timedelta(hours=6))


def test_reading_goes_on_from_a_place_as_far_back_as_asked_and_old_places_are_dropped() -> None:
    trail = Trail(AT)
    assert trail.start(timedelta(0)) is None
    for minute in range(0, 1000, 2):
        trail = place(trail, f"p{minute}", minute)
    assert trail.start(timedelta(0)) == "p998"
    started = int((trail.start(timedelta(minutes=15)) or "")[1:])
    assert 998 - 15 - 6 <= started <= 998 - 15
    assert int((trail.start(timedelta(hours=6)) or "")[1:]) <= 998 - 360 and len(trail.places) < 80
    quiet = place(place(trail, "p998", 1200), "p998", 1400)
    assert quiet.start(timedelta(minutes=15)) == "p998"


@given(st.text(max_size=30) | st.sampled_from(['{"round":{"todo":[]}}', "[]", '{"trails":{"a":5}}', '{"recent":[[]]}']))
def test_cursor_that_cannot_be_read_begins_anew(cursor) -> None:
    assert decode(Cursor(cursor)).round is None


def test_cursor_comes_back_as_it_was() -> None:
    began = Bookmark().begin(("to us", "tag a"), AT).asked(AT).turn("3", "9")
    assert decode(began.encode()) == began
    done = began.done("9", spacing=timedelta(0), keep=timedelta(0))
    assert decode(done.encode()) == done
