"""Does every channel hand over each post once, whole, in time and purged when its author deletes it?"""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from sqlalchemy import func, select

from collectors.protocol import Cursor, GapReason, Page
from db import gaps, polls
from db.tables import cases, mentions, metadata, quarantine
from domain.brand import Watch
from domain.errors import RateLimited, Unauthorized, Unavailable
from domain.mention import Mention
from domain.text import clean
from services import intake
from tests.contract.harness import Harness, Trouble
from tests.contract.rules import keeps

WATCH = Watch(id=1, brand_id=1, name="Aurora")
HOSTILE = (
    "<script>alert('x')</script><img src=x onerror=alert(1)>",
    "\u202eevil\u202c \u2066isolate\u2069",
    "nul\x00 bell\x07 esc\x1b[31m",
    "lone \ud83d surrogate",
    "👩\u200d👩\u200d👧 zero\u200bwidth",
    "'; DROP TABLE mentions; -- {0} %s $1 {{x}}",
    "=HYPERLINK(1)\r\n@all\u2028line",
    "x" * 10_000,
)


def read(harness: Harness, cursor: Cursor | None = None) -> tuple[list[Page], Cursor | None]:
    """One round. The desk restarts between any two pages."""
    pages: list[Page] = []
    while True:
        page = harness.collector().fetch(WATCH, cursor)
        pages.append(page)
        cursor = page.next_cursor
        assert len(pages) < 100, "paging does not end"
        if not page.has_more:
            return pages, cursor


def posts(pages: list[Page]) -> list[Mention]:
    return [post for page in pages for post in page.items]


def ids(pages: list[Page]) -> set[str]:
    return {post.native_id for post in posts(pages)}


def count(desk, table) -> int:
    with desk.store.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def row_of(desk, native_id: str):
    with desk.store.read() as tx:
        return tx.execute(select(mentions).where(mentions.c.native_id == native_id)).one()


def poll(desk, harness: Harness, watch: Watch) -> intake.PollOutcome:
    return intake.poll(desk, harness.name, watch.id)


def stored_text(desk) -> str:
    """Every value of every table, whatever it is called."""
    with desk.store.read() as tx:
        return "\n".join(str(row) for table in metadata.tables.values() for row in tx.execute(select(table)))


@keeps("aware_utc_times")
def test_every_time_has_a_zone_and_it_is_utc(harness, clock) -> None:
    harness.arrive("BAD parcel")
    pages, _ = read(harness)
    [post], last = posts(pages), pages[-1]
    assert post.published_at == clock() and last.complete_up_to is not None
    gaps = [moment for page in pages for gap in page.gaps for moment in (gap.from_at, gap.to_at)]
    times = [post.published_at, post.edited_at, last.complete_up_to, last.complete_from, *gaps]
    assert all(moment.tzinfo is UTC or moment.utcoffset() == timedelta(0) for moment in times if moment is not None)


@keeps("stable_ids")
def test_two_looks_show_the_same_posts_under_the_same_ids(harness) -> None:
    sent = [harness.arrive(f"post {number}", author=f"author{number}") for number in range(5)]
    first, second = posts(read(harness)[0]), posts(read(harness)[0])
    assert first == second and [post.native_id for post in first] == sent
    assert len({post.author.native_id for post in first}) == 5
    assert all(post.channel == harness.name and post.origin and post.conversation_id for post in first)


@keeps("stable_ids")
def test_author_has_an_id_that_does_not_depend_on_the_name(harness) -> None:
    harness.arrive("one", author="mara")
    harness.arrive("two", author="mara")
    [one, two] = posts(read(harness)[0])
    assert one.author.native_id == two.author.native_id not in ("", one.author.handle, one.author.name)


@keeps("same_content_same_rows")
def test_same_posts_twice_give_the_same_rows(harness, desk, listening) -> None:
    for number in range(4):
        harness.arrive(f"BAD parcel {number}", author=f"author{number}")
    first, second = read(harness)[0], read(harness)[0]
    assert sum(intake.store(desk, listening, page).stored for page in first) == 4
    before = (count(desk, mentions), count(desk, cases))
    assert sum(intake.store(desk, listening, page).stored for page in second) == 0
    assert (count(desk, mentions), count(desk, cases)) == before == (4, 4)


@keeps("bursts_larger_than_a_page")
@pytest.mark.parametrize("more", [0, 1, 2])
def test_burst_larger_than_a_page_loses_nothing(harness, desk, listening, more) -> None:
    sent = {harness.arrive(f"post {number}") for number in range(3 * harness.page_items + more)}
    outcome = poll(desk, harness, listening)
    assert (outcome.stored, outcome.error) == (len(sent), None)
    with desk.store.read() as tx:
        assert set(tx.execute(select(mentions.c.native_id)).scalars()) == sent


@keeps("bursts_larger_than_a_page")
def test_posts_that_arrive_while_pages_are_read_are_not_lost(harness, clock) -> None:
    sent = [harness.arrive(f"post {number}") for number in range(2 * harness.page_items)]
    page = harness.collector().fetch(WATCH, None)
    seen = ids([page])
    for number in range(2 * harness.page_items):
        clock.move(seconds=1)
        sent.append(harness.arrive(f"later {number}"))
    pages, cursor = read(harness, page.next_cursor)
    assert seen | ids(pages) | ids(read(harness, cursor)[0]) == set(sent)


@keeps("restartable")
def test_next_round_brings_what_is_new_and_its_cursor_survives_a_restart(harness, clock) -> None:
    long_ago = harness.arrive("long ago")
    clock.move(days=1)
    harness.arrive("before")
    _, cursor = read(harness)
    _, cursor = read(harness, cursor)
    clock.move(minutes=5)
    later = harness.arrive("after")
    # A round may look back a little; it never begins at the beginning.
    brought = ids(read(harness, Cursor(str(cursor)))[0])
    assert later in brought and long_ago not in brought


@keeps("repeated_page_token")
def test_page_that_names_itself_as_the_next_ends_the_round(harness, desk, listening) -> None:
    for number in range(2 * harness.page_items):
        harness.arrive(f"post {number}")
    with harness.trouble(Trouble.SAME_PAGE):
        outcome = poll(desk, harness, listening)
    assert outcome.stored == harness.page_items and outcome.fetched <= 3 * harness.page_items
    with desk.store.read() as tx:
        is_stopped = polls.get(tx, harness.name, watch_id=listening.id).stopped
        told = [gap.reason for gap in gaps.of_poll(tx, harness.name, watch_id=listening.id)]
    # Either a person is asked to act, or what stands behind the page is told and everything else is heard.
    assert outcome.error is not None if is_stopped else outcome.error is None and GapReason.CIRCLE in told


@keeps("coverage_told")
def test_everything_published_before_complete_up_to_has_been_handed_over(harness, clock) -> None:
    sent = {}
    for number in range(3 * harness.page_items + 1):
        sent[harness.arrive(f"post {number}")] = clock()
        clock.move(seconds=10)
    seen: set[str] = set()
    pages, _ = read(harness)
    assert len(pages) > 1
    for page in pages:
        seen |= ids([page])
        if page.complete_up_to is not None:
            assert page.complete_up_to <= clock()
            assert {name for name, at in sent.items() if at < page.complete_up_to} <= seen
    assert pages[-1].complete_up_to >= max(sent.values()) and seen == set(sent)


@keeps("malformed_items_set_aside")
def test_unreadable_item_is_set_aside_and_the_rest_arrives(harness, desk, listening) -> None:
    before = harness.arrive("before")
    harness.arrive_unreadable()
    after = harness.arrive("after")
    outcome = poll(desk, harness, listening)
    assert (outcome.stored, outcome.quarantined, outcome.error) == (2, 1, None)
    assert row_of(desk, before).text == "before" and row_of(desk, after).text == "after"
    with desk.store.read() as tx:
        [aside] = tx.execute(select(quarantine)).all()
    assert aside.channel == harness.name and aside.raw and aside.reason


@keeps("own_posts_and_reposts_marked")
def test_own_posts_and_reposts_are_marked_and_make_no_case(harness, desk, listening) -> None:
    own, repost = harness.arrive("news", author="us", own=True), harness.arrive("news", repost=True)
    plain = harness.arrive("BAD parcel", author="ugo")
    marks = {post.native_id: (post.is_own, post.is_repost) for post in posts(read(harness)[0])}
    assert marks == {own: (True, False), repost: (False, True), plain: (False, False)}
    poll(desk, harness, listening)
    assert (count(desk, mentions), count(desk, cases)) == (3, 1)


@keeps("deletions_as_tombstones")
def test_deleted_post_becomes_a_tombstone_and_leaves_no_word_in_the_store(harness, desk, listening, clock) -> None:
    gone = harness.arrive("my address is Elmroad", author="zenobia")
    harness.arrive("BAD parcel", author="ugo")
    poll(desk, harness, listening)
    assert "Elmroad" in stored_text(desk) and "Zenobia" in stored_text(desk)
    _, cursor = read(harness)
    clock.move(minutes=5)
    harness.delete(gone)
    # Some networks tell of no deletion: only who remembers the post finds that it is gone.
    [tombstone] = [post for post in posts(read(harness, cursor)[0]) if post.native_id == gone and post.deleted]
    assert (tombstone.text, tombstone.media, tombstone.author.name, tombstone.author.handle) == ("", (), "", "")
    assert poll(desk, harness, listening).error is None
    assert row_of(desk, gone).deleted_at is not None
    assert "elmroad" not in stored_text(desk).lower() and "zenobia" not in stored_text(desk).lower()


@keeps("edits")
def test_edited_post_is_shown_with_its_new_words(harness, desk, listening, clock) -> None:
    edited = harness.arrive("first words")
    poll(desk, harness, listening)
    clock.move(minutes=5)
    harness.edit(edited, "other words")
    poll(desk, harness, listening)
    assert row_of(desk, edited).text == "other words" and row_of(desk, edited).edited_at is not None
    assert "first words" not in stored_text(desk)


@keeps("hostile_text", of="listening")
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_hostile_text_is_stored_as_written_but_for_what_no_screen_takes(harness, desk, listening, text) -> None:
    name = harness.arrive(text)
    assert poll(desk, harness, listening).stored == 1
    assert row_of(desk, name).text == clean(text) != ""


@keeps("rate_limits", of="listening")
def test_network_that_asks_to_slow_down_says_for_how_long(harness, desk, listening) -> None:
    name = harness.arrive("BAD parcel")
    with harness.trouble(Trouble.LIMITED):
        with pytest.raises(RateLimited) as limited:
            harness.collector().fetch(WATCH, None)
        assert poll(desk, harness, listening).error is not None
    assert limited.value.retry_after_s > 0
    assert poll(desk, harness, listening).error is None and row_of(desk, name).text


@keeps("sign_in_errors", of="listening")
def test_refused_sign_in_stops_the_channel_until_a_person_acts(harness, desk, listening) -> None:
    harness.arrive("BAD parcel")
    with harness.trouble(Trouble.SIGN_IN):
        with pytest.raises(Unauthorized):
            harness.collector().fetch(WATCH, None)
        poll(desk, harness, listening)
    with desk.store.read() as tx:
        assert polls.get(tx, harness.name, watch_id=listening.id).stopped
    assert poll(desk, harness, listening).stored == 1


@keeps("unreachable_network", of="listening")
def test_network_out_of_reach_is_asked_again_and_nothing_is_lost(harness, desk, listening) -> None:
    harness.arrive("before")
    poll(desk, harness, listening)
    harness.arrive("meanwhile")
    with harness.trouble(Trouble.DOWN):
        with pytest.raises(Unavailable):
            harness.collector().fetch(WATCH, None)
        outcome = poll(desk, harness, listening)
    assert outcome.error is not None and outcome.stored == 0
    with desk.store.read() as tx:
        assert not polls.get(tx, harness.name, watch_id=listening.id).stopped
    assert poll(desk, harness, listening).stored == 1
