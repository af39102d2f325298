"""Are open cases on one problem found in small rounds, kept as numbers alone, and shown beside one another?"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from classifiers.topics import grouping
from collectors.protocol import Page
from db import meta
from domain.brand import Brand, Watch
from services import cases, claims, intake, topics, triage
from services import queue as queue_service
from services.context import Context
from services.queue import QueueFilter
from services.topics import ROUND_POSTS, Finder
from tests.fakes import FakeClassifier, MovableClock, a_post

WORDS = ("parcel", "refund", "login", "modem", "window", "garden", "ticket", "bakery")


class WordVectors:
    """One direction a known word; counts the texts it was given."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        self.given.extend(texts)
        return np.array([[float(word in text) for word in WORDS] for text in texts], np.float32) + 0.001


@pytest.fixture
def vectors() -> WordVectors:
    return WordVectors()


@pytest.fixture
def finder(vectors: WordVectors, monkeypatch: pytest.MonkeyPatch) -> Finder:
    monkeypatch.setattr(grouping, "_middles", lambda: ({}, np.zeros(len(WORDS), np.float32)))
    return Finder(lambda: vectors)


@pytest.fixture
def heard(ctx: Context, watch: Watch, clock: MovableClock) -> Callable[..., None]:
    """Posts come in, each of a customer of their own, and are judged."""
    count = iter(range(10_000))

    def act(*texts: str) -> None:
        posts = [a_post(text, author=f"who{next(count)}", at=clock()) for text in texts]
        intake.store(ctx, watch, Page(tuple(posts), None))
        triage.judge_pending(ctx, FakeClassifier(), posts=1000)

    return act


def ids(ctx: Context, brand: Brand, word: str) -> set[int]:
    page = queue_service.page(ctx, QueueFilter(brand.id, search=word), limit=200)
    return {entry.case_id for entry in page.entries}


def test_cases_on_one_problem_are_found_and_one_speaks_for_them(ctx, brand, heard, finder) -> None:
    heard("BAD parcel one", "BAD parcel two", "BAD login", "where is the bakery", "BAD parcel three")
    found = finder.find(ctx, brand)
    (problem,) = found.problems
    assert set(problem.cases) == ids(ctx, brand, "parcel")
    assert problem.about in problem.cases and "parcel" in problem.text
    assert (found.cases, dict(problem.kinds)) == (5, {"complaint": 3})


def test_praise_shares_no_problem(ctx, brand, heard, finder) -> None:
    heard("THANKS parcel", "THANKS parcel too", "BAD login", "BAD window")
    assert finder.find(ctx, brand).problems == ()


def test_the_worker_keeps_numbers_alone_and_the_desk_reads_them(ctx, brand, heard, finder) -> None:
    heard("BAD parcel one", "BAD parcel two", "BAD login", "BAD window", "BAD garden")
    assert finder.keep(ctx) == 1
    with ctx.store.read() as tx:
        kept = json.loads(meta.read(tx, f"topics {brand.id}") or "")
    one, other = sorted(ids(ctx, brand, "parcel"))
    assert [sorted(group) for group in kept] == [[one, other]]
    assert topics.beside(ctx, brand.id, one) == (other,)
    (login,) = ids(ctx, brand, "login")
    assert topics.beside(ctx, brand.id, login) == ()


def test_a_case_that_is_closed_is_beside_no_other(ctx, brand, heard, finder, acting) -> None:
    heard("BAD parcel one", "BAD parcel two", "BAD login", "BAD window")
    finder.keep(ctx)
    one, other = sorted(ids(ctx, brand, "parcel"))
    paolo = acting("paolo")
    claims.claim(paolo, other)
    cases.dismiss(paolo, other, reason="not_ours")
    assert topics.beside(ctx, brand.id, one) == ()


def test_where_nothing_changed_nothing_is_computed(ctx, brand, heard, finder, vectors) -> None:
    heard("BAD parcel one", "BAD parcel two", "BAD login")
    assert [finder.keep(ctx), finder.keep(ctx)] == [1, 0]
    heard("BAD modem")
    assert finder.keep(ctx) == 1
    assert len(vectors.given) == 4  # no post is placed twice


def test_a_round_is_bounded_and_the_next_one_goes_on(ctx, brand, heard, finder, vectors) -> None:
    heard(*(f"BAD {WORDS[n % 8]} {n}" for n in range(ROUND_POSTS + 6)))
    assert finder.keep(ctx) == 1
    assert len(vectors.given) == ROUND_POSTS
    assert finder.keep(ctx) == 1
    assert len(vectors.given) == ROUND_POSTS + 6
    assert finder.keep(ctx) == 0


def test_old_cases_are_left_in_peace_and_so_is_all_with_the_setting_at_0(ctx, brand, heard, finder, clock) -> None:
    heard("BAD parcel one", "BAD parcel two", "BAD login", "BAD window")
    clock.move(days=20)
    assert finder.find(ctx, brand).problems == ()
    off = replace(ctx, settings=replace(ctx.settings, topics_days=0))
    assert finder.keep(off) == 0


def test_the_list_of_a_problem_holds_its_cases_alone(ctx, brand, heard, finder) -> None:
    heard("BAD parcel one", "BAD parcel two", "BAD login", "BAD window")
    (problem,) = finder.find(ctx, brand).problems
    page = queue_service.page(ctx, QueueFilter(brand.id, cases=problem.cases))
    assert [entry.case_id for entry in page.entries] == list(problem.cases)
