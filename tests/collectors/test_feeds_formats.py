"""Is every format and encoding of feeds read for what it says, and nothing hostile let in?"""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.feeds.client import parse
from collectors.feeds.dates import moment
from collectors.feeds.normalize import Source, normalize
from domain.errors import Malformed
from domain.mention import MediaRef, Mention

SEEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
URL = "https://feeds.example/f"
FIXTURES = Path(__file__).parents[2] / "collectors" / "feeds" / "fixtures"


def read(body: str | bytes, *, content_type: str = "") -> list[Mention]:
    body = body if isinstance(body, bytes) else body.encode()
    feed = parse(body, url=URL, content_type=content_type)
    return [normalize(e, feed, Source.of(URL, "Forum"), seen_at=SEEN) for e in feed.entries if not e.fault]


def shown(name: str) -> str:
    return (FIXTURES / name).read_text(encoding="utf-8")


def utc(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_rss_2_gives_title_whole_text_author_link_picture_and_the_time_in_its_zone() -> None:
    [post] = read(shown("rss20.xml"))
    assert post.text == "Bolletta & conguaglio\n\nAddebitato due volte.\nChe faccio?"
    assert (post.native_id, post.url) == ("forum-812", "https://feeds.example/t/812")
    assert (post.author.name, post.published_at, post.edited_at) == ("Mara Conti", utc(8, 30), None)
    assert post.media == (MediaRef("image", "https://feeds.example/img/812.jpg"),)
    assert post.conversation_id == post.native_id and post.parent_id is None


def test_rss_091_with_its_old_doctype_is_read_and_has_no_date() -> None:
    [post] = read(shown("rss091.xml"))
    assert post.text == "Aurora raises prices\n\nCafé owners complain"
    assert (post.native_id, post.published_at) == ("http://old.example/1", SEEN)


def test_rss_1_gives_the_date_of_dublin_core() -> None:
    [post] = read(shown("rss10.xml"))
    assert (post.native_id, post.author.name, post.published_at) == ("http://list.example/7", "Ugo", utc(4))


def test_atom_gives_xhtml_as_text_the_edit_and_the_post_it_answers() -> None:
    [post] = read(shown("atom.xml"))
    assert post.text == "Aurora <3\n\nOne\nTwo & three"
    assert (post.published_at, post.edited_at) == (utc(7), utc(8))
    assert (post.parent_id, post.conversation_id) == ("tag:blog.example,0", "tag:blog.example,0")
    assert (post.author.name, post.url) == ("Nadia", "https://blog.example/posts/1")


def test_strangers_in_an_alert_are_not_one_customer() -> None:
    one, other = read(shown("alert.xml"))
    assert one.text == "Aurora outage\n\nThe Aurora app\xa0 ..." or one.text.startswith("Aurora outage")
    assert one.author.name == other.author.name == "Alert - Aurora"
    assert one.author.native_id != other.author.native_id


def test_stars_of_a_review_begin_its_text_in_the_feeds_language() -> None:
    [post] = read(shown("reviews.xml"))
    assert post.text == "1 stella su 5.\n\nSi blocca\n\nNon si apre più."
    assert read(shown("reviews.xml").replace('xml:lang="it"', 'xml:lang="en"'))[0].text.startswith("1 of 5 stars.")
    assert read(shown("reviews.xml").replace("<im:rating>1<", "<im:rating>9<"))[0].text.startswith("Si blocca")


def test_json_feed_is_read_and_an_item_of_another_shape_is_set_aside() -> None:
    feed = parse(shown("feed.json").encode(), url=URL)
    one, other = read(shown("feed.json"))
    assert (one.native_id, one.text, one.url) == ("5", "Aurora never answers", "https://micro.example/5")
    assert (one.published_at, one.edited_at) == (utc(7, 30), utc(7, 45))
    assert [media.type for media in one.media] == ["video", "image"]
    assert (one.author.name, other.author.name, other.text) == ("Lea", "Micro", "plain <b>")
    assert [bool(entry.fault) for entry in feed.entries] == [False, False, True]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "windows-1252", "iso-8859-15"]
)
def test_words_survive_every_encoding(encoding: str) -> None:
    declared = "utf-16" if encoding.startswith("utf-16") else encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel><title>F</title>'
    text += "<item><guid>1</guid><title>Perché è così</title></item></channel></rss>"
    assert read(text.encode(encoding))[0].text == "Perché è così"
    assert read(text.encode(encoding), content_type="text/xml")[0].text == "Perché è così"


def test_charset_of_the_answer_counts_where_the_document_says_nothing() -> None:
    text = "<rss version='2.0'><channel><title>F</title><item><guid>1</guid><title>Già</title></item></channel></rss>"
    assert read(text.encode("cp1251", "replace").replace(b"?", b"\xe0"), content_type="text/xml; charset=iso-8859-1")[
        0
    ].text
    assert read(text.encode("latin-1"), content_type="application/rss+xml; charset=ISO-8859-1")[0].text == "Già"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mon, 02 Mar 2026 09:30:00 +0100", utc(8, 30)),
        ("Mon, 02 Mar 2026 09:30:00 CEST", utc(7, 30)),
        ("Mon, 02 Mar 2026 09:30:00 EST", utc(14, 30)),
        ("lun, 02 mar 2026 09:30:00 +0100", utc(8, 30)),
        ("2026-03-02T09:30:00.123Z", None),
        ("2026-03-02 09:30:00", utc(9, 30)),
        ("yesterday", None),
        ("", None),
        ("Mon, 99 Foo 2026", None),
    ],
)
def test_dates_are_read_in_every_zone_or_not_at_all(written: str, expected: datetime | None) -> None:
    import feedparser

    item = f"<item><pubDate>{written}</pubDate></item>"
    body = f"<rss version='2.0'><channel><title>F</title>{item}</channel></rss>"
    told = feedparser.parse(body.encode()).entries[0].get("published_parsed")
    found = moment(written, told)
    if written.endswith("Z") and expected is None and written.startswith("2026"):
        assert found is not None and found.replace(microsecond=0) == utc(9, 30)
    else:
        assert found == expected


def test_a_date_in_the_future_or_of_an_unset_clock_counts_as_now() -> None:
    for wrong in (
        "Mon, 02 Mar 2099 09:30:00 +0000",
        "Thu, 01 Jan 1970 00:00:00 +0000",
        "Mon, 01 Jan 0001 00:00:00 GMT",
    ):
        [post] = read(shown("rss20.xml").replace("Mon, 02 Mar 2026 09:30:00 CET", wrong))
        assert post.published_at == SEEN


def test_an_entry_without_an_id_keeps_a_stable_one() -> None:
    bare = "<rss version='2.0'><channel><title>F</title><item>{}</item></channel></rss>"
    with_link = bare.format("<title>A</title><link>https://x.example/1</link>")
    assert read(with_link)[0].native_id == "https://x.example/1"
    without = bare.format("<title>A</title><description>words</description>")
    assert (
        read(without)[0].native_id == read(without)[0].native_id != read(without.replace("words", "other"))[0].native_id
    )


def test_only_links_to_the_web_are_kept() -> None:
    [post] = read(shown("rss20.xml").replace("<link>/t/812</link>", "<link>javascript:alert(1)</link>"))
    assert post.url is None


def test_entities_a_document_declares_are_refused_before_they_grow() -> None:
    for hostile in (
        shown("hostile-laughs.xml"),
        shown("hostile-file.xml"),
        shown("hostile-laughs.xml").encode("utf-16").decode("utf-16"),
    ):
        with pytest.raises(Malformed, match="entities"):
            parse(hostile.encode(), url=URL)
    with pytest.raises(Malformed, match="entities"):
        parse(shown("hostile-laughs.xml").replace("?>", " encoding='utf-16'?>", 1).encode("utf-16"), url=URL)


def test_a_web_page_is_no_feed_and_says_where_its_feed_is() -> None:
    with pytest.raises(Malformed, match=r"names this feed: https://feeds\.example/feed\.xml"):
        parse(shown("no-feed.html").encode(), url=URL)
    for nothing in (
        b"",
        b"  \n",
        b"{}",
        b'{"version": "1"}',
        b"{" * 10_000,
        b"hello",
        gzip.compress(b"x"),
        b"\x00" * 50,
    ):
        with pytest.raises(Malformed):
            parse(nothing, url=URL)


def test_an_entry_in_which_the_feed_breaks_off_is_set_aside() -> None:
    whole = shown("alert.xml").encode()
    feed = parse(whole[: whole.index(b"Other page") + 5], url=URL)
    assert [bool(entry.fault) for entry in feed.entries] == [False, True]


def test_a_slip_in_the_markup_does_not_cost_the_feed() -> None:
    [post] = read(shown("rss20.xml").replace("Riassunto", "AT&T <br> R&D").replace("Mara Conti", "M & C"))
    assert post.author.name == "M & C"


@pytest.mark.parametrize(
    "body",
    [
        b"<rss version='2.0'><channel><title>F</title><item>" + b"<b>" * 300_000 + b"</b>" * 300_000,
        b"<rss version='2.0'><channel>" + b"<item/>" * 400_000 + b"</channel></rss>",
        b"<rss version='2.0'><channel><item><author>" + b"a" * 2_000_000 + b"</author></item></channel></rss>",
        b"<rss><channel><item><author>" + b"a." * 150_000,
        b"<rss>" + b"<a " * 300_000,
        b'{"version": "https://jsonfeed.org/version/1", "items": [' + b"{}," * 100_000 + b"{}]}",
    ],
    ids=["deep", "many", "endless name", "endless name, broken", "never closed", "many in JSON"],
)
def test_a_feed_made_to_stop_a_reader_is_refused_quickly(body: bytes) -> None:
    started_s = time.perf_counter()
    with pytest.raises(Malformed):
        parse(body, url=URL)
    assert time.perf_counter() - started_s < 5


def test_the_fixture_gives_the_same_posts_each_time() -> None:
    body = (FIXTURES / "forum.atom").read_bytes()
    first, second = read(body), read(body)
    assert first == second and len(first) == 2
    assert first[1].parent_id == first[0].native_id and first[0].media[0].alt == "La bolletta"
