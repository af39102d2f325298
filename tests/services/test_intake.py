"""Does what networks hand over reach the store once, with its cursor, and never half?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from collectors.protocol import BadItem, Page
from db import polls
from db.tables import authors, case_mentions, cases, customers, judgements, mention_matches, mentions, quarantine
from domain.errors import Misconfigured, NotFound, RateLimited, Unauthorized
from domain.mention import MediaRef
from services import brands, intake
from tests.conftest import case_of
from tests.fakes import a_post


def count(ctx, table):
    with ctx.store.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def row_of(ctx, native_id):
    with ctx.store.read() as tx:
        return tx.execute(select(mentions).where(mentions.c.native_id == native_id)).one()


def poll_row(ctx, watch):
    with ctx.store.read() as tx:
        return polls.get(tx, "fake", watch_id=watch.id)


def test_a_page_stored_twice_gives_each_post_once(ctx, watch):
    page = Page((a_post("BAD", native_id="1"), a_post("fine", native_id="2", author="luca")), None)
    assert intake.store(ctx, watch, page) == intake.StoreOutcome(stored=2, duplicates=0, quarantined=0)
    assert intake.store(ctx, watch, page) == intake.StoreOutcome(stored=0, duplicates=2, quarantined=0)
    assert count(ctx, mentions) == 2 and count(ctx, cases) == 2 and count(ctx, customers) == 2


def test_the_same_id_on_another_server_is_another_post(ctx, watch):
    here = a_post("hello", native_id="1")
    there = replace(here, origin="other.invalid")
    intake.store(ctx, watch, Page((here, there), None))
    assert count(ctx, mentions) == 2


def test_a_post_twice_in_one_page_is_stored_once(ctx, watch):
    post = a_post("hello", native_id="1")
    outcome = intake.store(ctx, watch, Page((post, post), None))
    assert (outcome.stored, outcome.duplicates) == (1, 1)


def test_a_newer_edit_replaces_the_text_and_asks_the_model_again(ctx, watch, classifier):
    from services import triage

    post = a_post("fine", native_id="1")
    intake.store(ctx, watch, Page((post,), None))
    triage.judge_pending(ctx, classifier, posts=10)
    edited = replace(post, text="URGENT smoke", edited_at=post.published_at + timedelta(minutes=5))
    intake.store(ctx, watch, Page((edited,), None))
    row = row_of(ctx, "1")
    assert row.text == "URGENT smoke" and row.judged_by is None and row.urgency_level == 3
    with ctx.store.read() as tx:
        assert tx.execute(select(cases.c.urgency_level)).scalar_one() == 3


def test_an_older_edit_that_arrives_late_changes_nothing(ctx, watch):
    post = a_post("one", native_id="1")
    for minutes, text in ((5, "three"), (2, "two")):
        edited = replace(post, text=text, edited_at=post.published_at + timedelta(minutes=minutes))
        intake.store(ctx, watch, Page((edited,), None))
    assert row_of(ctx, "1").text == "three"


def test_a_deletion_leaves_no_text_no_picture_and_no_name(ctx, watch):
    post = a_post("my address is 5 Elm Road", native_id="1", media=(MediaRef("image", "https://x.invalid/1"),))
    intake.store(ctx, watch, Page((post,), None))
    intake.store(ctx, watch, Page((replace(post, deleted=True),), None))
    row = row_of(ctx, "1")
    assert (row.text, row.media, row.url) == ("", [], None) and row.deleted_at is not None
    with ctx.store.read() as tx:
        assert tx.execute(select(authors.c.name, authors.c.handle)).one() == ("", "")
        assert tx.execute(select(customers.c.name)).scalar_one() == ""
        assert tx.execute(select(cases.c.state, cases.c.resolution)).one() == ("dismissed", "noise")


def test_an_author_with_other_posts_keeps_the_name_after_a_deletion(ctx, watch):
    first, second = a_post("BAD", native_id="1"), a_post("BAD again", native_id="2")
    intake.store(ctx, watch, Page((first, second), None))
    intake.store(ctx, watch, Page((replace(second, deleted=True),), None))
    with ctx.store.read() as tx:
        assert tx.execute(select(authors.c.name)).scalar_one() == "Mara"
        assert tx.execute(select(cases.c.state, cases.c.contacts)).one() == ("new", 1)


def test_somebody_whose_posts_were_all_deleted_gets_the_name_back_with_the_next_post(ctx, watch):
    post = a_post("BAD", native_id="1")
    for again in (post, replace(post, deleted=True), a_post("BAD again", native_id="2")):
        intake.store(ctx, watch, Page((again,), None))
    with ctx.store.read() as tx:
        assert tx.execute(select(customers.c.name)).scalar_one() == "Mara"


def test_a_deleted_post_that_arrives_again_stays_deleted(ctx, watch):
    post = a_post("secret", native_id="1")
    for again in (post, replace(post, deleted=True), post, replace(post, edited_at=post.published_at)):
        intake.store(ctx, watch, Page((again,), None))
    assert row_of(ctx, "1").text == ""


def test_a_deletion_of_a_post_never_seen_stores_nothing(ctx, watch):
    outcome = intake.store(ctx, watch, Page((a_post("", native_id="1", deleted=True),), None))
    assert outcome.stored == 0 and count(ctx, mentions) == 0 and count(ctx, customers) == 0


def test_own_posts_and_reposts_are_stored_but_make_no_case(ctx, watch):
    own, repost = a_post("news", native_id="1", is_own=True), a_post("RT", native_id="2", is_repost=True)
    assert intake.store(ctx, watch, Page((own, repost), None)).stored == 2
    assert count(ctx, cases) == 0


def test_competitors_posts_are_stored_but_make_no_case(ctx, brand):
    rival = brands.add_watch(ctx, brand.id, name="rival", terms=(), channels=("fake",), is_competitor=True)
    assert intake.store(ctx, rival, Page((a_post("BAD"),), None)).stored == 1
    assert count(ctx, cases) == 0


def test_a_post_two_brands_look_for_makes_a_case_for_each(ctx, watch):
    other = brands.add_brand(ctx, "Borea")
    second = brands.add_watch(ctx, other.id, name="all", terms=(), channels=("fake",))
    page = Page((a_post("BAD"),), None)
    intake.store(ctx, watch, page)
    assert intake.store(ctx, second, page).duplicates == 1
    assert count(ctx, mentions) == 1 and count(ctx, cases) == 2


def test_everything_arrives_with_the_rules_opinion(ctx, watch):
    intake.store(ctx, watch, Page((a_post("URGENT smoke", native_id="1"),), None))
    row = row_of(ctx, "1")
    assert (row.urgency_level, row.kind, row.judged_by) == (3, "complaint", None)
    assert count(ctx, judgements) == 1


def test_a_post_without_the_words_is_left_out_unless_the_author_goes_on_with_us(ctx, brand):
    watch = brands.add_watch(ctx, brand.id, name="words", terms=("aurora",), channels=("fake",))
    started = a_post("aurora, BAD parcel", native_id="1")
    intake.store(ctx, watch, Page((started,), None))
    more = a_post("still nothing!", native_id="2", conversation_id="1", parent_id="1")
    stranger = a_post("me too", native_id="3", author="ugo", conversation_id="1", parent_id="1")
    intake.store(ctx, watch, Page((more, stranger), None))
    assert case_of(ctx, more) == case_of(ctx, started)
    assert count(ctx, mentions) == 2


def test_hostile_text_is_stored_clean(ctx, watch):
    author = replace(a_post("x").author, name="Ma\x00ra\u202e", handle="ma\ud800ra")
    post = replace(a_post("a\x00b\ud83d <script>\u202e", native_id="1"), author=author)
    intake.store(ctx, watch, Page((post,), None))
    assert row_of(ctx, "1").text == "ab\ufffd <script>"
    with ctx.store.read() as tx:
        assert tx.execute(select(authors.c.name, authors.c.handle)).one() == ("Mara", "ma\ufffdra")


def test_a_round_fetches_every_page_and_remembers_where_to_go_on(ctx, watch, network, clock):
    network.pages = [Page((a_post("one"),), None), Page((a_post("two"),), None, bad=(BadItem("{", "no id"),))]
    outcome = intake.poll(ctx, "fake", watch.id)
    assert (outcome.fetched, outcome.stored, outcome.quarantined, outcome.error) == (3, 2, 1, None)
    assert outcome.complete_up_to == clock()
    assert count(ctx, quarantine) == 1
    network.pages.append(Page((a_post("three"),), None))
    assert intake.poll(ctx, "fake", watch.id).fetched == 1


def test_a_crash_between_pages_goes_on_where_the_store_stopped(ctx, watch, network, clock):
    network.pages = [Page((a_post("one"),), None), Page((a_post("two"),), None)]
    fetch = network.fetch

    def dies_on_the_second(watch, cursor):
        if cursor is not None:
            raise KeyboardInterrupt
        return fetch(watch, cursor)

    network.fetch = dies_on_the_second
    with pytest.raises(KeyboardInterrupt):
        intake.poll(ctx, "fake", watch.id)
    assert (poll_row(ctx, watch).cursor, count(ctx, mentions)) == ("1", 1)
    network.fetch = fetch
    assert intake.poll(ctx, "fake", watch.id).error == "busy", "its lease lasts a while longer"
    clock.move(minutes=3)
    assert intake.poll(ctx, "fake", watch.id).stored == 1


def test_a_page_that_cannot_be_stored_does_not_move_the_cursor(ctx, watch, network, monkeypatch):
    network.pages = [Page((a_post("one"),), None)]
    monkeypatch.setattr("services.intake.imports.put_aside", lambda *a, **k: 1 / 0)
    assert "ZeroDivisionError" in (intake.poll(ctx, "fake", watch.id).error or "")
    assert poll_row(ctx, watch).cursor is None and count(ctx, mentions) == 0


def test_a_limited_channel_waits_as_long_as_it_is_told(ctx, watch, network, clock):
    network.fetch_failures = [RateLimited(retry_after_s=900)]
    [outcome] = intake.poll_due(ctx, worker="w1")
    assert outcome.error is not None
    clock.move(minutes=10)
    assert intake.poll_due(ctx, worker="w1") == []
    clock.move(minutes=6)
    assert [o.error for o in intake.poll_due(ctx, worker="w1")] == [None]
    assert poll_row(ctx, watch).failing_since is None


def test_a_channel_that_refuses_our_sign_in_stops_until_a_person_polls_it(ctx, watch, network, clock):
    network.fetch_failures = [Unauthorized()]
    intake.poll_due(ctx, worker="w1")
    clock.move(days=1)
    assert intake.poll_due(ctx, worker="w1") == [] and poll_row(ctx, watch).stopped
    assert intake.poll(ctx, "fake", watch.id).error is None
    assert not poll_row(ctx, watch).stopped


def test_one_channel_is_polled_by_one_worker_at_a_time(ctx, watch, network, clock):
    with ctx.store.write() as tx:
        assert polls.lease_next(tx, owner="w1", now=clock(), until=clock() + intake.LEASE) is not None
    assert intake.poll_due(ctx, worker="w2") == []
    assert intake.poll(ctx, "fake", watch.id).error == "busy"
    clock.move(minutes=3)
    assert len(intake.poll_due(ctx, worker="w2")) == 1


def test_a_poller_that_was_too_slow_neither_moves_the_cursor_nor_ends_its_successors_lease(ctx, watch, network, clock):
    network.pages = [Page((a_post("one"),), None)]
    fetch = network.fetch

    def slowly(watch, cursor):
        page = fetch(watch, cursor)
        clock.move(minutes=3)
        with ctx.store.write() as tx:
            assert polls.lease_next(tx, owner="w2", now=clock(), until=clock() + intake.LEASE) is not None
        return page

    network.fetch = slowly
    intake.poll_due(ctx, worker="w1")
    row = poll_row(ctx, watch)
    assert (row.lease_owner, row.cursor, count(ctx, mentions)) == ("w2", None, 1)


def test_a_channel_that_repeats_its_page_for_ever_is_left_alone(ctx, watch, network):
    network.fetch = lambda watch, cursor: Page((a_post("again"),), cursor, has_more=True)
    outcome = intake.poll(ctx, "fake", watch.id)
    assert outcome.stored == 1 and "twice" in str(outcome.error)


def test_an_unknown_channel_is_named(ctx, watch):
    with pytest.raises(NotFound, match="carrier-pigeon"):
        intake.poll(ctx, "carrier-pigeon", watch.id)


def test_a_missing_secret_stops_the_channel_and_says_which(ctx, watch, network):
    network.fetch_failures = [Misconfigured("The environment variable TOKEN is not set.")]
    assert "TOKEN" in str(intake.poll(ctx, "fake", watch.id).error)
    assert count(ctx, case_mentions) == 0


def test_what_another_watch_knows_is_no_match_of_this_one(ctx, brand):
    ours = brands.add_watch(ctx, brand.id, name="ours", terms=("aurora",), channels=("fake",))
    rival = brands.add_watch(ctx, brand.id, name="rival", terms=("zefiro",), channels=("fake",), is_competitor=True)
    borea = brands.add_brand(ctx, "Borea")
    theirs = brands.add_watch(ctx, borea.id, name="theirs", terms=("borea",), channels=("fake",))
    post = a_post("aurora, BAD parcel", native_id="1")
    for each in (ours, rival, theirs):
        intake.store(ctx, each, Page((post,), None))
    assert count(ctx, mention_matches) == 1 and count(ctx, cases) == 1
    edited = replace(post, text="aurora, all fine", edited_at=post.published_at + timedelta(minutes=5))
    assert intake.store(ctx, theirs, Page((edited,), None)).duplicates == 1
    assert row_of(ctx, "1").text == "aurora, all fine", "its changes are taken from whoever tells of them"
    assert count(ctx, mention_matches) == 1 and count(ctx, cases) == 1


def test_an_older_wording_read_before_the_edit_and_stored_after_it_changes_nothing(ctx, watch):
    post = a_post("one", native_id="1", version="v1")
    one = replace(post, worded_at=post.published_at)
    two = replace(one, text="two", version="v2", worded_at=post.published_at + timedelta(minutes=5))
    three = replace(one, text="three", version="v3", worded_at=post.published_at + timedelta(minutes=9))
    for wording, shown in ((one, "one"), (two, "two"), (one, "two"), (three, "three"), (two, "three")):
        intake.store(ctx, watch, Page((wording,), None))
        assert row_of(ctx, "1").text == shown
    assert row_of(ctx, "1").version == "v3" and row_of(ctx, "1").edited_at == three.worded_at


def test_an_edit_whose_author_left_the_date_as_it_was_is_one(ctx, watch):
    post = a_post("one", native_id="1", version="v1")
    dated = replace(post, edited_at=post.published_at + timedelta(minutes=5))
    for wording in (dated, replace(dated, text="two", version="v2"), replace(dated, text="two", version="v2")):
        intake.store(ctx, watch, Page((wording,), None))
    assert row_of(ctx, "1").text == "two" and row_of(ctx, "1").edited_at == ctx.clock()
