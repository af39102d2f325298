"""Are the few open cases most like a case shown, no others, and made one problem by a person alone?"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select

from classifiers.topics import grouping
from collectors.protocol import Page
from db import meta
from db import problems as problems_db
from db.tables import audit
from domain.brand import Brand, Watch
from domain.errors import NotAllowed, NotPossible
from domain.people import Role
from services import brands, cases, claims, intake, problems, similar, triage, watches
from services import queue as queue_service
from services.context import Context
from services.queue import QueueFilter
from services.topics import ROUND_POSTS, Finder
from tests.fakes import FakeClassifier, MovableClock, a_post

WORDS = ("parcel", "refund", "login", "modem", "window", "garden", "ticket", "bakery")


class WordVectors:
    """One direction a known word."""

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[float(word in text) for word in WORDS] for text in texts], np.float32) + 0.001


def new_finder() -> Finder:
    return Finder(WordVectors)


@pytest.fixture
def finder(monkeypatch: pytest.MonkeyPatch) -> Finder:
    monkeypatch.setattr(grouping, "_middles", lambda: ({}, np.zeros(len(WORDS), np.float32)))
    return new_finder()


@pytest.fixture
def heard(ctx: Context, watch: Watch, clock: MovableClock) -> Callable[..., None]:
    """Posts come in, each of a customer of their own, and are judged."""
    count = iter(range(10_000))

    def act(*texts: str) -> None:
        posts = [a_post(text, author=f"who{next(count)}", at=clock()) for text in texts]
        intake.store(ctx, watch, Page(tuple(posts), None))
        triage.judge_pending(ctx, FakeClassifier(), posts=1000)

    return act


def ids(ctx: Context, brand: Brand, word: str) -> list[int]:
    page = queue_service.page(ctx, QueueFilter(brand.id, search=word), limit=200)
    return sorted(entry.case_id for entry in page.entries)


def near(ctx: Context, brand: Brand, case_id: int) -> set[int]:
    return {each.case_id for each in similar.around(ctx, brand.id, case_id).cases}


def test_a_case_names_those_most_like_it_and_one_like_none_names_nobody(ctx, brand, heard, finder, acting) -> None:
    heard("BAD parcel one", "BAD parcel two and modem", "BAD parcel three", "BAD login", "THANKS parcel")
    finder.keep(ctx)
    one, two, three = (ids(ctx, brand, word)[0] for word in ("one", "two", "three"))
    paolo = acting("paolo")
    found = similar.around(paolo, brand.id, one)
    assert [each.case_id for each in found.cases] == [three, two]
    assert (found.cases[0].text, found.cases[0].owner_name, found.problem_id) == ("BAD parcel three", None, None)
    assert near(paolo, brand, ids(ctx, brand, "login")[0]) == set()
    claims.claim(paolo, three)
    assert similar.around(paolo, brand.id, one).cases[0].owner_name == paolo.actor.member.name


def test_no_more_than_five_are_shown_and_who_leaves_makes_room(ctx, brand, heard, finder, acting) -> None:
    heard(*(f"BAD parcel {n}" for n in range(9)))
    finder.keep(ctx)
    first, *_rest = ids(ctx, brand, "parcel")
    shown = similar.around(ctx, brand.id, first).cases
    assert len(shown) == similar.SHOWN == 5
    paolo = acting("paolo")
    claims.claim(paolo, shown[0].case_id)
    cases.dismiss(paolo, shown[0].case_id, reason="not_ours")
    after = near(ctx, brand, first)
    assert len(after) == 5 and shown[0].case_id not in after
    assert near(ctx, brand, shown[0].case_id) == set()  # a closed case is like none


def test_a_deleted_post_is_shown_to_nobody_even_before_the_worker_looks_again(ctx, brand, watch, heard, finder) -> None:
    heard("BAD parcel one")
    post = a_post("BAD parcel two", author="mara", native_id="77", at=ctx.clock())
    intake.store(ctx, watch, Page((post,), None))
    finder.keep(ctx)
    one, two = ids(ctx, brand, "one")[0], ids(ctx, brand, "two")[0]
    assert near(ctx, brand, one) == {two}
    intake.store(ctx, watch, Page((replace(post, deleted=True),), None))
    assert near(ctx, brand, one) == near(ctx, brand, two) == set()
    finder.keep(ctx)
    with ctx.store.read() as tx:
        assert meta.read_all(tx, f"near {brand.id} ") == {}


def test_another_brand_sees_nothing_of_it_and_neither_does_who_may_not_read(ctx, brand, heard, finder, acting) -> None:
    heard("BAD parcel one", "BAD parcel two")
    finder.keep(ctx)
    one, two = ids(ctx, brand, "parcel")
    other = brands.add_brand(ctx, "Borea")
    assert near(ctx, other, one) == set()
    with ctx.store.write() as tx:  # even if the numbers of one brand stood under another
        meta.keep(tx, f"near {other.id} {one // 64}", json.dumps({str(one): [two]}))
    assert near(ctx, other, one) == set()
    nobody = replace(ctx, actor=replace(acting("paolo").actor, rights=frozenset()))
    with pytest.raises(NotAllowed):
        similar.around(nobody, brand.id, one)


def test_only_numbers_are_kept_and_not_written_again_where_nothing_changed(ctx, brand, heard, finder) -> None:
    heard("BAD parcel one", "BAD parcel two", "BAD login")
    finder.keep(ctx)
    with ctx.store.read() as tx:
        kept = meta.read_all(tx, "near ")
    one, two = ids(ctx, brand, "parcel")
    assert {k: v for told in kept.values() for k, v in json.loads(told).items()} == {str(one): [two], str(two): [one]}


def test_after_a_restart_what_was_found_before_stands_until_it_is_compared_again(ctx, brand, heard, finder) -> None:
    heard(*(f"BAD {'parcel' if n < 6 else WORDS[2 + n % 6]} {n}" for n in range(ROUND_POSTS + 6)))
    while finder.keep(ctx):
        pass
    before = {each: near(ctx, brand, each) for each in ids(ctx, brand, "parcel")}
    assert all(len(found) == 5 for found in before.values())
    new_finder().keep(ctx)  # its first round has not come to all of them
    assert {each: near(ctx, brand, each) for each in before} == before


def test_nothing_is_shown_with_the_setting_at_0(ctx, brand, heard, finder) -> None:
    heard("BAD parcel one", "BAD parcel two")
    finder.keep(ctx)
    off = replace(ctx, settings=replace(ctx.settings, topics_days=0))
    assert near(off, brand, ids(ctx, brand, "one")[0]) == set()


def test_one_step_makes_them_one_problem_and_what_is_in_it_is_not_proposed_again(
    ctx, brand, heard, finder, acting
) -> None:
    heard("BAD parcel one", "BAD parcel two", "BAD parcel three", "BAD parcel four")
    finder.keep(ctx)
    one, two, three, four = (ids(ctx, brand, word)[0] for word in ("one", "two", "three", "four"))
    paolo = acting("paolo")
    view = similar.put_together(paolo, brand.id, one, [two], title="Parcels stand still").problem
    assert {person.case_id for person in view.people} == {one, two}
    found = similar.around(paolo, brand.id, one)
    assert (found.problem_id, found.problem_title) == (view.line.problem_id, "Parcels stand still")
    assert {each.case_id for each in found.cases} == {three, four}
    # Seen from a third one, the problem of the others is named, and it can be put there.
    seen = {each.case_id: each.problem_id for each in similar.around(paolo, brand.id, three).cases}
    assert seen == {one: view.line.problem_id, two: view.line.problem_id, four: None}
    similar.put_together(paolo, brand.id, three, [one], wanted=view.line.problem_id)
    # Of the last one somebody says that it does not belong: it is not proposed there again.
    problems.refuse_suggested(paolo, view.line.problem_id, [four])
    assert near(paolo, brand, one) == set()


def test_what_is_said_not_to_belong_is_proposed_from_neither_side(ctx, brand, heard, finder, acting) -> None:
    heard("BAD parcel one", "BAD parcel two", "BAD parcel three", "BAD parcel four")
    finder.keep(ctx)
    one, two, three, four = (ids(ctx, brand, word)[0] for word in ("one", "two", "three", "four"))
    paolo = acting("paolo")
    number = problems.open_problem(paolo, brand.id, title="Parcels", cases=[one, two, three]).line.problem_id
    problems.refuse_suggested(paolo, number, [four])
    assert near(paolo, brand, four) == set()
    problems.remove_cases(paolo, number, [three])
    assert near(paolo, brand, three) == {four} and near(paolo, brand, four) == {three}


def test_what_became_part_of_another_problem_meanwhile_is_refused(ctx, brand, heard, finder, acting) -> None:
    heard("BAD parcel one", "BAD parcel two", "BAD parcel three")
    one, two, three = ids(ctx, brand, "parcel")
    paolo = acting("paolo")
    problems.open_problem(paolo, brand.id, title="Other", cases=[two])
    with pytest.raises(NotPossible) as refused:
        similar.put_together(paolo, brand.id, one, [two, three], title="Parcels")
    assert refused.value.values["reason"] == "in_a_problem"
    with ctx.store.read() as tx:
        assert meta.read_all(tx, "near ") == {}
    assert [line.title for line in problems.problems_of(paolo, brand.id)] == ["Other"]


def test_what_was_closed_after_it_was_chosen_is_left_out_and_the_others_are_joined(
    ctx, brand, heard, finder, acting
) -> None:
    heard(*(f"BAD parcel {word}" for word in ("one", "two", "three", "four", "five")))
    one, two, three, four, five = (ids(ctx, brand, word)[0] for word in ("one", "two", "three", "four", "five"))
    paolo, sara = acting("paolo"), acting("sara")
    for case_id in (two, five):
        claims.claim(sara, case_id)
        cases.resolve(sara, case_id, code=cases.ResolutionCode.ANSWERED)
    assert similar.closed_among(paolo, [one, two]) == {two}
    with pytest.raises(NotPossible) as refused:
        similar.put_together(paolo, brand.id, one, [two, five], title="Parcels")
    assert refused.value.values["reason"] == "few_open" and problems.problems_of(paolo, brand.id) == ()
    made = similar.put_together(paolo, brand.id, one, [two, three], title="Parcels")
    assert {person.case_id for person in made.problem.people} == {one, three} and made.left_out == (two,)
    added = similar.put_together(paolo, brand.id, four, [one, five], wanted=made.problem.line.problem_id)
    assert {person.case_id for person in added.problem.people} == {one, three, four} and added.left_out == (five,)
    # Closed later, it is part of it still: who adds others from there adds them.
    claims.claim(sara, one)
    cases.resolve(sara, one, code=cases.ResolutionCode.ANSWERED)
    again = similar.put_together(paolo, brand.id, one, [four], wanted=made.problem.line.problem_id)
    assert again.left_out == () and len(again.problem.people) == 3


def test_who_may_only_read_makes_no_problem(ctx, brand, heard, acting) -> None:
    heard("BAD parcel one", "BAD parcel two")
    one, two = ids(ctx, brand, "parcel")
    mark = acting("mark", roles=(Role.MARKETING,))
    problems.open_problem(acting("paolo"), brand.id, title="Other", cases=[two])
    with pytest.raises(NotAllowed):
        similar.put_together(mark, brand.id, one, [two], title="Parcels")
    with ctx.store.read() as tx:
        told = select(audit.c.outcome).where(audit.c.action == "problem.open").order_by(audit.c.id)
        assert tx.execute(told).scalars().all() == ["done", "refused"]


def test_what_could_not_be_written_is_written_at_the_next_round(ctx, brand, heard, finder, monkeypatch) -> None:
    heard("BAD parcel one", "BAD parcel two")
    one, two = ids(ctx, brand, "parcel")
    with monkeypatch.context() as away:
        away.setattr(meta, "keep", lambda *_: (_ for _ in ()).throw(ConnectionError("the store is away")))
        with pytest.raises(ConnectionError):
            finder.keep(ctx)
    assert finder.keep(ctx) == 1
    assert near(ctx, brand, one) == {two}


def test_a_case_that_another_worker_saw_closed_is_compared_again_when_it_is_open(
    ctx, brand, heard, finder, acting
) -> None:
    heard("BAD parcel one", "BAD parcel two")
    one, two = ids(ctx, brand, "parcel")
    finder.keep(ctx)
    paolo = acting("paolo")
    claims.claim(paolo, two)
    cases.dismiss(paolo, two, reason="not_ours")
    new_finder().keep(ctx)
    cases.reopen(paolo, two)
    finder.keep(ctx)
    assert near(ctx, brand, one) == {two} and near(ctx, brand, two) == {one}


def test_nothing_found_of_a_brand_outlives_it(ctx, brand, heard, finder, acting) -> None:
    heard("BAD parcel one", "BAD parcel two", "BAD login", "BAD window")
    finder.keep(ctx)
    one, two = ids(ctx, brand, "parcel")
    view = problems.open_problem(acting("paolo"), brand.id, title="Parcels", cases=[one, two])
    with ctx.store.write() as tx:
        problems_db.keep_messages(tx, view.line.problem_id, "[]")
    brands.remove_brand(ctx, brand.id)
    with ctx.store.read() as tx:
        left = meta.read_all(tx, "")
        assert not [name for name in left if name.split()[0] in ("near", "topics", "compared", "problem")]


def test_a_brand_that_comes_again_with_the_same_posts_is_compared_again(ctx, heard, finder, clock) -> None:
    found = []
    for _ in range(2):
        brand = brands.add_brand(ctx, "Borea")
        watch = watches.add_watch(ctx, brand.id, name="all", terms=(), channels=("fake",))
        posts = [a_post(f"BAD parcel {n}", author=f"who{n}", at=clock()) for n in range(4)]
        intake.store(ctx, watch, Page(tuple(posts), None))
        triage.judge_pending(ctx, FakeClassifier(), posts=10)
        finder.keep(ctx)
        found.append({len(near(ctx, brand, each)) for each in ids(ctx, brand, "parcel")})
        brands.remove_brand(ctx, brand.id)
    assert found == [{3}, {3}]
