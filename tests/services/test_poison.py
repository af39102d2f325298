"""Does one post that cannot be stored, or one answer nobody foresaw, leave the rest of a channel alone?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from collectors.protocol import Page
from db import polls
from db.tables import mentions, quarantine
from domain.errors import Malformed, NotFound, Unavailable
from services import intake, storing
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
