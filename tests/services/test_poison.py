"""Does one post that cannot be stored, or one answer nobody foresaw, leave the rest of a channel alone?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from collectors.protocol import Cursor, Gap, GapReason, Page
from db import polls, streams
from db.tables import mentions, quarantine
from domain.errors import Malformed, NotFound, Unavailable
from services import brands, coverage, intake, listening, storing
from tests.fakes import a_post


def texts(ctx):
    with ctx.store.read() as tx:
        return sorted(tx.execute(select(mentions.c.text)).scalars())


def put_aside(ctx):
    with ctx.store.read() as tx:
        return [tuple(row) for row in tx.execute(select(quarantine.c.raw, quarantine.c.reason))]


@pytest.fixture
def poison(ctx, monkeypatch):
    """Rows of a post that says POISON break in the database, whichever it is."""
    row = storing._row

    def poisoned(post, **ids):
        return row(post, **ids) | ({"published_at": None} if "POISON" in post.text else {})

    monkeypatch.setattr(storing, "_row", poisoned)


def test_a_post_that_cannot_be_stored_is_put_aside_and_the_rest_of_its_page_stays(ctx, watch, network, poison):
    network.pages = [
        Page((a_post("one"), a_post("POISON"), a_post("two", author="luca")), None, around=(a_post("POISON beside"),)),
        Page((a_post("three"),), None),
    ]
    [outcome] = intake.poll_due(ctx, worker="a")
    assert (outcome.stored, outcome.quarantined, outcome.error) == (3, 1, None)
    assert texts(ctx) == ["one", "three", "two"]
    [(raw, reason)] = put_aside(ctx)
    assert "POISON" in raw and reason == "It cannot be stored (IntegrityError)."


def test_what_ended_on_such_a_page_stays_ended(ctx, watch, poison):
    gone = a_post("gone", native_id="p1")
    page = Page((replace(gone, text="", deleted=True), a_post("POISON"), gone, a_post("one")), None)
    intake.store(ctx, watch, page)
    assert texts(ctx) == ["", "one"] and len(put_aside(ctx)) == 1


def test_the_same_post_shown_again_is_put_aside_once(ctx, watch, network, poison):
    for _ in range(2):
        intake.store(ctx, watch, Page((a_post("POISON"), a_post("one")), None), channel="fake")
    assert len(put_aside(ctx)) == 1 and texts(ctx) == ["one"]


def test_a_post_that_nobody_can_judge_is_put_aside_too(ctx, watch, monkeypatch):
    judge = ctx.rules.judge

    def breaks(given):
        if any("POISON" in text for text in given):
            raise RecursionError
        return judge(given)

    monkeypatch.setattr(ctx.rules, "judge", breaks)
    outcome = intake.store(ctx, watch, Page((a_post("POISON"), a_post("one")), None))
    assert (outcome.stored, outcome.quarantined) == (1, 1) and texts(ctx) == ["one"]


def test_a_store_that_does_not_answer_puts_nothing_aside(ctx, watch, network, monkeypatch):
    def away(*args, **options):
        raise Unavailable("The store does not answer.")

    network.pages = [Page((a_post("one"),), None)]
    with monkeypatch.context() as broken:
        broken.setattr(intake, "store_posts", away)
        assert intake.poll(ctx, "fake", watch.id).error == "The store does not answer."
    assert put_aside(ctx) == []
    assert intake.poll(ctx, "fake", watch.id).stored == 1


@pytest.mark.parametrize("error", [KeyError("x"), Malformed("No list."), NotFound("Not there.")])
def test_an_answer_nobody_foresaw_gives_the_lease_back_and_waits(ctx, watch, network, clock, error):
    network.fetch_failures = [error, error]
    [outcome] = intake.poll_due(ctx, worker="a")
    assert outcome.error
    with ctx.store.read() as tx:
        row = polls.get(tx, "fake", watch_id=watch.id)
    assert row.lease_owner is None and row.failing_since == clock.now and not row.stopped
    assert row.next_poll_at >= clock.now + timedelta(seconds=intake.UNEXPECTED_S)
    assert intake.poll_due(ctx, worker="b") == [], "not again and again"
    network.fetch_failures.clear()
    clock.move(minutes=2)
    assert intake.poll_due(ctx, worker="b")[0].error is None


@pytest.fixture
def worded(ctx, brand):
    """A watch with words: without any, a stream brings only what is addressed to us."""
    return brands.add_watch(ctx, brand.id, name="words", terms=("one", "two", "POISON"), channels=("fake",))


def heard(ctx, *posts, **told):
    page = Page(posts, Cursor("7"), **told)
    return listening.store_batch(ctx, "fake", listening._audience(ctx, "fake"), page, worker="w1")


def test_a_stream_goes_on_after_a_post_that_cannot_be_stored(ctx, worded, poison):
    assert heard(ctx, a_post("one"), a_post("POISON"), a_post("two", author="luca")) == 2
    assert texts(ctx) == ["one", "two"] and len(put_aside(ctx)) == 1
    heard(ctx, a_post("POISON"), a_post("", native_id="x", deleted=True))
    assert len(put_aside(ctx)) == 1
    with ctx.store.read() as tx:
        assert streams.cursor(tx, "fake") == "7"


def test_what_a_stream_says_it_skipped_is_a_gap_and_what_it_brings_breaks_a_silence(ctx, brand, worded, clock):
    before = clock.now - timedelta(hours=1)
    heard(ctx, a_post("one", at=clock.now), gaps=(Gap(before, clock.now, GapReason.STREAM_LOST),))
    [row] = coverage.coverage(ctx, brand.id)
    assert [(gap.from_at, gap.to_at, gap.reason) for gap in row.gaps] == [(before, clock.now, "stream_lost")]
    assert row.last_post_at == clock.now and row.complete_up_to is None


def test_a_watch_without_words_takes_from_a_stream_only_what_names_us(ctx, watch, account):
    assert heard(ctx, a_post("one"), a_post("@aurora good morning", author="luca")) == 1
    assert texts(ctx) == ["@aurora good morning"]


def test_a_stream_that_breaks_in_a_way_nobody_foresaw_is_shown_and_tried_again(ctx, watch, monkeypatch):
    tries = []

    def breaks(*args, **options):
        tries.append(1)
        raise KeyError("x")
        yield

    monkeypatch.setattr(listening, "_batches", breaks)
    monkeypatch.setattr(listening, "_pause", lambda pause_s, stopped: None)
    listening.listen(ctx, "fake", worker="w1", stopped=lambda: len(tries) == 2)
    with ctx.store.read() as tx:
        state = streams.of(tx, ["fake"])["fake"]
    assert state.last_error == "It broke while listening (KeyError)." and state.failing_since is not None
