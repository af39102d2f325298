"""Which posts make one case, when does it come back, and what does it then say?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from collectors.protocol import Page
from db import cases as cases_db
from db.tables import cases, customers, notices, promises
from domain.states import CaseState
from services import cases as case_acts
from services import claims, episodes, intake, triage
from services.context import colleague
from tests.fakes import a_post


def the_case(ctx, case_id):
    with ctx.store.read() as tx:
        return cases_db.get(tx, case_id)


def set_case(ctx, case_id, **values):
    with ctx.store.write() as tx:
        tx.execute(update(cases).where(cases.c.id == case_id).values(**values))


@pytest.fixture
def paolo(member):
    return member("paolo")


@pytest.fixture
def own(ctx, paolo, clock):
    """Put a case in somebody's hands in a given state."""

    def put(case_id, state, **values):
        set_case(ctx, case_id, state=state, owner_id=paolo.id, owned_since=clock(), **values)

    return put


def codes(case):
    return [reason["code"] for reason in case.reasons]


def test_a_burst_by_one_author_is_one_case_and_the_most_urgent_post_speaks(ctx, say, clock):
    first = say("BAD parcel")
    clock.move(minutes=1)
    assert say("URGENT smoke") == first
    clock.move(minutes=1)
    assert say("hello?") == first
    case = the_case(ctx, first)
    assert (case.contacts, case.urgency_level, case.kind) == (3, 3, "complaint")
    assert case.waiting_since < case.last_mention_at == clock()


def test_forty_authors_under_one_post_are_forty_cases(ctx, watch):
    posts = [a_post("BAD", native_id=str(n), author=f"a{n}", conversation_id="root") for n in range(40)]
    intake.store(ctx, watch, Page(tuple(posts), None))
    with ctx.store.read() as tx:
        assert len(tx.execute(select(cases.c.id)).all()) == 40


def test_a_customer_who_writes_again_is_our_turn_again(ctx, say, own, clock, paolo):
    case_id = say("BAD parcel")
    own(case_id, CaseState.WAITING, last_reply_at=clock.move(minutes=10))
    clock.move(minutes=10)
    assert say("URGENT smoke") == case_id
    case = the_case(ctx, case_id)
    assert (case.state, case.owner_id, case.contacts) == (CaseState.OPEN, paolo.id, 1)
    assert case.waiting_since == clock()
    with ctx.store.read() as tx:
        assert tx.execute(select(notices.c.user_id, notices.c.case_id)).all() == [(paolo.id, case_id)]


def test_a_post_written_before_our_answer_but_heard_after_it_changes_no_state(ctx, say, own, clock):
    case_id = say("BAD parcel")
    early = clock.move(minutes=1)
    own(case_id, CaseState.WAITING, last_reply_at=clock.move(minutes=10))
    assert say("BAD too", at=early) == case_id
    assert the_case(ctx, case_id).state is CaseState.WAITING


@pytest.mark.parametrize(("days", "comes_back"), [(13, True), (15, False)])
def test_a_resolved_case_comes_back_within_fourteen_days(ctx, say, own, clock, days, comes_back):
    case_id = say("BAD parcel")
    own(case_id, CaseState.RESOLVED, last_reply_at=clock(), closed_at=clock(), resolution="answered")
    clock.move(days=days)
    again = say("URGENT smoke")
    assert (again == case_id) is comes_back
    case = the_case(ctx, again)
    assert (case.state, case.resolution) == (CaseState.OPEN if comes_back else CaseState.NEW, None)


def test_a_post_on_a_snoozed_case_wakes_it(ctx, say, own, clock):
    case_id = say("BAD parcel")
    own(case_id, CaseState.OPEN, snoozed_until=clock.move(days=1))
    say("hello?")
    assert the_case(ctx, case_id).snoozed_until is None


def test_solved_thanks_lowers_the_case_and_says_so(ctx, say, classifier, clock):
    case_id = say("URGENT smoke")
    clock.move(minutes=5)
    say("THANKS, all sorted")
    triage.judge_pending(ctx, classifier, posts=10)
    case = the_case(ctx, case_id)
    assert case.urgency_level == 0 and "says_solved" in codes(case)


def test_thanks_for_nothing_does_not_count_as_solved(ctx, say, clock):
    case_id = say("URGENT smoke")
    clock.move(minutes=5)
    say("THANKS for nothing")
    case = the_case(ctx, case_id)
    assert case.urgency_level == 3 and "says_solved" not in codes(case)


def test_a_broken_promise_outweighs_a_level_of_urgency_less(ctx, say, own, paolo, clock):
    promised, urgent = say("BAD parcel"), say("BAD bill", author="luca")
    own(promised, CaseState.OPEN)
    with ctx.store.write() as tx:
        values = {"case_id": promised, "customer_id": 1, "owner_id": paolo.id, "text": "x", "created_at": clock()}
        tx.execute(promises.insert().values(**values, due_at=clock(), status="open"))
        clock.move(hours=1)
        for case_id in (promised, urgent):
            episodes.rerank(tx, ctx, case_id, clock())
    assert the_case(ctx, promised).priority > the_case(ctx, urgent).priority + 50
    assert "promise_broken" in codes(the_case(ctx, promised))


def test_a_question_after_our_answer_keeps_a_fire_near_the_top_and_says_why(ctx, say, own, clock):
    case_id = say("URGENT smoke from the wallbox")
    own(case_id, CaseState.WAITING, last_reply_at=clock.move(minutes=5))
    clock.move(minutes=5)
    say("QUESTION should I call the fire brigade?")
    case = the_case(ctx, case_id)
    assert case.urgency_level == 2 and "was_urgent" in codes(case)
    clock.move(minutes=5)
    say("THANKS, all sorted")
    assert the_case(ctx, case_id).urgency_level < 2


def test_what_was_urgent_before_a_case_was_resolved_does_not_follow_it(ctx, say, paolo, clock):
    case_id, as_paolo = say("URGENT smoke"), ctx.acting_as(colleague(paolo))
    claims.claim(as_paolo, case_id)
    set_case(ctx, case_id, last_reply_at=clock.move(minutes=5))
    case_acts.resolve(as_paolo, case_id, code=case_acts.ResolutionCode.CUSTOMER_CONFIRMED)
    clock.move(days=1)
    assert say("QUESTION when do you open?") == case_id
    assert the_case(ctx, case_id).urgency_level == 1


def test_ranking_again_leaves_the_version_alone(ctx, say, clock):
    case_id = say("BAD parcel")
    before = the_case(ctx, case_id)
    with ctx.store.write() as tx:
        episodes.rerank(tx, ctx, case_id, clock.move(hours=2))
    assert the_case(ctx, case_id).version == before.version


def test_a_case_that_has_waited_a_week_is_ranked_again_and_gains_nothing_more(ctx, say, clock):
    case_id = say("BAD parcel")
    clock.move(days=7, minutes=1)
    assert episodes.rerank_due(ctx) == 1
    assert episodes.rerank_due(ctx) == 0
    old = the_case(ctx, case_id).priority
    clock.move(days=1)
    assert episodes.rerank_due(ctx) == 1
    fresh = the_case(ctx, say("BAD bill", author="luca"))
    assert the_case(ctx, case_id).priority < old
    assert 50 < the_case(ctx, case_id).priority - fresh.priority < 65


def test_attaching_twice_changes_nothing(ctx, brand, say, clock):
    case_id = say("BAD parcel")
    with ctx.store.write() as tx:
        assert episodes.attach_mention(tx, ctx, 1, brand.id, clock()) == case_id
    assert the_case(ctx, case_id).contacts == 1


def test_a_case_whose_owner_answered_all_keeps_its_last_post_as_its_judgement(ctx, say, own, clock):
    case_id = say("BAD parcel")
    own(case_id, CaseState.OPEN, last_reply_at=clock.move(minutes=5))
    with ctx.store.write() as tx:
        episodes.rerank(tx, ctx, case_id, clock())
    assert the_case(ctx, case_id).urgency_level == 2


def test_an_answer_from_our_account_elsewhere_counts_as_ours(ctx, watch, say, clock):
    case_id = say("URGENT smoke", native_id="p1")
    answer = a_post("On our way", author="us", native_id="p2", at=clock.move(minutes=5), conversation_id="p1")

    intake.store(ctx, watch, Page((replace(answer, parent_id="p1", is_own=True),), None))

    case = the_case(ctx, case_id)
    assert (case.urgency_level, case.last_reply_at) == (1, clock())
    assert "answered" in codes(case)
    assert "not_answered" not in codes(case)
    clock.move(minutes=5)
    assert the_case(ctx, say("URGENT smoke again")).urgency_level == 3


def test_an_author_who_renames_stays_the_same_customer(ctx, watch):
    post = a_post("BAD", native_id="1")
    intake.store(ctx, watch, Page((post,), None))
    renamed = replace(a_post("BAD", native_id="2"), author=replace(post.author, handle="mara_new"))
    intake.store(ctx, watch, Page((renamed,), None))
    with ctx.store.read() as tx:
        assert len(tx.execute(select(cases.c.id)).all()) == 1


def called(ctx):
    with ctx.store.read() as tx:
        return tx.execute(select(customers.c.name)).scalar_one()


@pytest.mark.parametrize("first_name", ["Mara", ""], ids=["by their name", "by their handle"])
def test_a_customer_is_called_what_their_author_is_called_now(ctx, watch, clock, first_name):
    post = a_post("BAD", native_id="1", at=clock())
    intake.store(ctx, watch, Page((replace(post, author=replace(post.author, name=first_name)),), None))
    later = a_post("BAD", native_id="2", at=clock.move(minutes=5))
    renamed = replace(later, author=replace(post.author, name="Mara Rossi"))
    intake.store(ctx, watch, Page((renamed,), None))
    assert called(ctx) == "Mara Rossi"
    old = a_post("BAD", native_id="0", at=clock() - timedelta(days=1))
    intake.store(ctx, watch, Page((replace(old, author=replace(post.author, name="Maruska")),), None))
    assert called(ctx) == "Mara Rossi"


def test_a_name_a_colleague_gave_stays(ctx, watch, clock):
    post = a_post("BAD", native_id="1", at=clock())
    intake.store(ctx, watch, Page((post,), None))
    with ctx.store.write() as tx:
        tx.execute(update(customers).values(name="Signora Bianchi, via Moroni"))
    later = a_post("BAD", native_id="2", at=clock.move(minutes=5))
    intake.store(ctx, watch, Page((replace(later, author=replace(post.author, name="Mara Rossi")),), None))
    assert called(ctx) == "Signora Bianchi, via Moroni"
