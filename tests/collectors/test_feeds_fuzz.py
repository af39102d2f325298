"""Does any input at all get past the reading of feeds as anything but posts, set-aside items or one clear error?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.feeds.bookmark import decode
from collectors.feeds.client import Reading, parse
from collectors.feeds.collector import FeedsCollector
from collectors.feeds.dates import moment
from collectors.feeds.entries import Attached, Entry, Feed, Rating, Words, Writer
from collectors.feeds.normalize import Source, normalize
from collectors.protocol import Cursor
from domain.brand import Account, Watch
from domain.errors import DeskError, Malformed
from domain.text import clean

FIXTURES = [p.read_bytes() for p in sorted((Path(__file__).parents[2] / "collectors/feeds/fixtures").iterdir())]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WATCH = Watch(1, 1, "Aurora")
URL = "https://feeds.example/f"
quick = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))

anything = st.text(st.characters(), max_size=60) | st.sampled_from(
    ["", "\x00", "\ud83d", "\u202e", "]]>", "<![CDATA[", "&#x0;"]
)
links = anything | st.sampled_from(
    ["javascript:alert(1)", "http://[", "//", "http://x.example/1", "data:,x", "https://é.example"]
)
#: A clock may say anything, but for the first and the last day, which not every zone has.
EARLIEST, LATEST = datetime.fromisoformat("0001-01-02"), datetime.fromisoformat("9999-12-30")
times = st.none() | st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC))
words = st.builds(Words, anything | st.text("<>&;/a '\"!-[", max_size=300), st.booleans())
writers = st.none() | st.builds(Writer, anything, anything, links)
entries = st.builds(
    Entry,
    id=anything,
    link=links,
    title=words,
    body=words,
    published_at=times,
    updated_at=times,
    writer=writers,
    source=anything,
    parent=anything,
    language=anything,
    rating=st.none() | st.builds(Rating, st.floats(0, 5), st.floats(1, 100)),
    attached=st.lists(st.builds(Attached, links, anything, anything), max_size=12).map(tuple),
    fault=st.sampled_from(["", "", "", "broken"]),
    raw=anything,
)


class Said:
    """A source of feeds that says one thing after the other."""

    def __init__(self, *bodies: bytes | Feed) -> None:
        self.bodies = list(bodies)

    def read(self, url: str, *, etag: str | None, last_modified: str | None, secret: str | None) -> Reading:
        body = self.bodies.pop(0)
        return Reading(body if isinstance(body, Feed) else parse(body, url=url))


def rounds(*bodies: bytes | Feed) -> list[str]:
    """Read what is said in one round each, every page on a collector of its own; the ids that were handed over."""
    account = Account(1, 1, "feeds", "Forum", base_url=URL)
    cursor: Cursor | None = None
    found: list[str] = []
    for body in bodies:
        for _ in range(40):
            collector = FeedsCollector(Said(body), (account,), lambda: NOW, page_items=4)
            try:
                page = collector.fetch(WATCH, cursor)
            except DeskError as error:
                assert "Forum" in str(error)
                break
            found += [post.native_id for post in page.items]
            assert all(post.published_at <= NOW and post.text == clean(post.text) != "" for post in page.items)
            assert all(bad.reason for bad in page.bad)
            assert all(gap.from_at <= gap.to_at <= NOW for gap in page.gaps)
            cursor = page.next_cursor
            decode(cursor, ("x",))
            if not page.has_more:
                break
    return found


@quick
@given(entries, anything)
def test_any_entry_becomes_a_post_or_is_malformed(entry: Entry, title: str) -> None:
    feed = Feed(title, (entry,), language=title)
    try:
        post = normalize(entry, feed, Source.of(URL, "Forum"), seen_at=NOW)
    except Malformed:
        return
    assert post.native_id and post.author.native_id and post.conversation_id and post.version
    assert post.published_at <= NOW and (post.edited_at is None or post.edited_at <= NOW)
    assert len(post.native_id) <= 300 and (post.url is None or post.url.startswith("http"))
    assert normalize(entry, feed, Source.of(URL, "Forum"), seen_at=NOW) == post


@quick
@given(st.lists(entries, max_size=9), st.lists(entries, max_size=9))
def test_any_two_feeds_in_a_row_are_read_to_their_end_and_each_entry_once(one: list[Entry], two: list[Entry]) -> None:
    first, second = Feed("F", tuple(one)), Feed("F", tuple(one + two))
    found = rounds(first, first)
    assert len(found) == len(set(found))
    rounds(first, second, first)


@quick
@given(st.sampled_from(FIXTURES), st.data())
def test_a_feed_cut_and_bent_anywhere_gives_posts_or_one_clear_error(body: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    put_in = data.draw(
        st.binary(max_size=20) | st.sampled_from([b"<item>", b"</channel>", b"<![CDATA[", b"&#0;", b"\xff\xfe"])
    )
    bent = body[:start] + put_in + body[end:]
    rounds(body, bent, body[:end], body)


@quick
@given(st.binary(max_size=400) | st.text("<>/rsitemfd&;!?[]='\" \n", max_size=400).map(str.encode))
def test_any_bytes_at_all_are_a_feed_or_malformed(body: bytes) -> None:
    try:
        parse(body, url=URL)
    except Malformed:
        pass
    rounds(body)


@quick
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | anything,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "id",
                        "url",
                        "content_html",
                        "content_text",
                        "authors",
                        "author",
                        "name",
                        "attachments",
                        "date_published",
                        "title",
                        "image",
                        "mime_type",
                    ]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=25,
    )
)
def test_any_json_is_a_feed_or_malformed(item: object) -> None:
    import json

    rounds(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [item, item]}).encode())
    rounds(json.dumps(item).encode())


@quick
@given(
    st.text(max_size=80)
    | st.from_regex(r"\A\w{3}, \d{1,4} \w{3} -?\d{1,6} \d{1,3}:\d{1,3}:\d{1,3} [A-Z+\-0-9:]{1,9}\Z")
)
def test_any_date_is_a_moment_in_utc_or_none(written: str) -> None:
    found = moment(written)
    assert found is None or found.utcoffset() is not None


@quick
@given(anything)
def test_any_cursor_is_read_or_starts_over(cursor: str) -> None:
    assert decode(Cursor(cursor), ("a",)).left in ((), ("a",))
