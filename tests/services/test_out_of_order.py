"""Is every post stored once and in its own case, in whatever order, after whatever end, by whatever clock?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from collectors.protocol import Page
from db import polls
from db.tables import case_mentions, mentions
from domain.mention import Author
from services import brands, intake
from tests.fakes import a_post

MARA, UGO = Author("a-mara", "mara", "Mara"), Author("a-ugo", "ugo", "Ugo")


class Killed(BaseException):
    """The worker dies here."""


def stored(ctx) -> dict[str, str]:
    """Native id to text of every stored post; fails on a double."""
    with ctx.store.read() as tx:
        rows = tx.execute(select(mentions.c.native_id, mentions.c.text)).all()
    assert len(rows) == len({row.native_id for row in rows})
    return {row.native_id: row.text for row in rows}


def case_groups(ctx) -> set[frozenset[str]]:
    """Which posts share a case."""
    with ctx.store.read() as tx:
        query = select(case_mentions.c.case_id, mentions.c.native_id).join(mentions)
        rows = tx.execute(query).all()
    return {frozenset(row.native_id for row in rows if row.case_id == one.case_id) for one in rows}


def four_posts(clock):
    """Two customers under one post, each with two posts some minutes apart."""
    return [
        replace(
            a_post(f"BAD {writer.handle} {number}", native_id=f"{writer.handle}-{number}", at=clock(), parent_id=None),
            author=writer,
            conversation_id="root",
            published_at=clock() + timedelta(minutes=number),
        )
        for writer in (MARA, UGO)
        for number in (1, 2)
    ]


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
def test_posts_in_any_order_and_page_make_the_same_cases(ctx, network, watch, clock, order) -> None:
    posts = four_posts(clock)
    clock.move(minutes=10)
    network.pages = [Page((posts[order[0]], posts[order[1]]), None), Page((posts[order[2]], posts[order[3]]), None)]
    assert intake.poll(ctx, "fake", watch.id).stored == 4
    assert case_groups(ctx) == {frozenset({"mara-1", "mara-2"}), frozenset({"ugo-1", "ugo-2"})}


@pytest.mark.parametrize("turned", [False, True])
def test_an_authors_next_words_come_along_with_the_post_that_matched(ctx, network, brand, clock, turned) -> None:
    watch = brands.add_watch(ctx, brand.id, name="words", terms=("aurora",), channels=("fake",))
    matched = replace(a_post("Aurora lost my parcel", native_id="p1", at=clock()), author=MARA, conversation_id="p1")
    more = replace(
        a_post("it is number 4711, please call", native_id="p2", at=clock()),
        author=MARA,
        conversation_id="p1",
        parent_id="p1",
        published_at=clock() + timedelta(minutes=1),
    )
    stranger = replace(more, native_id="p3", author=UGO, text="lovely weather")
    network.pages = [Page((stranger, more, matched) if turned else (matched, more, stranger), None)]
    clock.move(minutes=5)
    intake.poll(ctx, "fake", watch.id)
    assert set(stored(ctx)) == {"p1", "p2"} and case_groups(ctx) == {frozenset({"p1", "p2"})}


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_worker_killed_around_any_page_costs_nothing_and_doubles_nothing(
    ctx, network, watch, clock, monkeypatch, call
) -> None:
    network.pages = [Page((a_post(f"BAD {n}", native_id=f"p{n}", at=clock()),), None) for n in range(4)]
    calls = 0
    real = polls.lease

    def lease(*args, **named):
        nonlocal calls
        calls += 1
        if calls == call + 1:
            raise Killed
        return real(*args, **named)

    monkeypatch.setattr(polls, "lease", lease)
    with pytest.raises(Killed):
        intake.poll(ctx, "fake", watch.id)
    before = len(stored(ctx))
    monkeypatch.setattr(polls, "lease", real)
    assert intake.poll(ctx, "fake", watch.id).error == "busy"
    clock.move(minutes=3)
    outcome = intake.poll(ctx, "fake", watch.id)
    assert (outcome.error, before + outcome.stored, len(stored(ctx))) == (None, 4, 4)


def test_a_clock_set_back_between_pages_loses_nothing(ctx, network, watch, clock) -> None:
    network.pages = [Page((a_post(f"BAD {n}", native_id=f"p{n}", at=clock()),), None) for n in range(4)]
    real = network.fetch

    def fetch(watch, cursor):
        clock.move(hours=-1)
        return real(watch, cursor)

    network.fetch = fetch
    outcomes = [intake.poll(ctx, "fake", watch.id) for _ in range(2)]
    assert [outcome.error for outcome in outcomes] == [None, None] and len(stored(ctx)) == 4


def test_an_older_wording_that_comes_late_does_not_undo_a_newer_one(ctx, watch, clock) -> None:
    first = replace(a_post("one", native_id="p1", at=clock()), version="v1")
    second = replace(first, text="two", version="v2", edited_at=clock() + timedelta(minutes=1))
    third = replace(first, text="three", version="v3", edited_at=clock() + timedelta(minutes=2))
    clock.move(minutes=10)
    for posts in ((first,), (third,), (second,), (third, second)):
        intake.store(ctx, watch, Page(posts, None))
    assert stored(ctx) == {"p1": "three"}


def test_of_a_page_with_a_post_and_its_end_nothing_is_left(ctx, watch, clock) -> None:
    post = a_post("BAD words", native_id="p1", at=clock())
    end = replace(post, text="", deleted=True)
    intake.store(ctx, watch, Page((end, post), None))
    assert stored(ctx) == {}
    intake.store(ctx, watch, Page((replace(post, native_id="p2"),), None))
    intake.store(ctx, watch, Page((replace(end, native_id="p2"), replace(post, native_id="p2")), None))
    assert stored(ctx) == {"p2": ""}
