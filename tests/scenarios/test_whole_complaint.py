"""Does one complaint go all the way, from the post to "resolved", over the services alone?"""

from datetime import timedelta

import pytest

from domain.errors import NotPossible
from domain.states import CaseState, ReplyState
from services import approvals, cases, claims, drafts, follow_up, notices, outbox, promises, queue, triage

COMPLAINT = "BAD third week without heating, nobody calls back"


@pytest.fixture
def story(ctx, account, acting, say, classifier):
    """A judged complaint, an untrained operator, a mentor, and a bystander."""
    case_id = say(COMPLAINT)
    triage.judge_pending(ctx, classifier, posts=10)
    tina, paolo = acting("tina", trained=()), acting("paolo", mentor=True)
    return case_id, tina, paolo


def deliver(ctx) -> outbox.DeliveryCounts:
    return outbox.deliver_due(ctx, worker="test")


def state(ctx, case_id: int) -> CaseState:
    return cases.view(ctx, case_id).case.state


def answer(operator, case_id: int, text: str, **promise: object) -> int:
    """Write and hand in a reply to the latest post; returns its number."""
    mention_id = cases.view(operator, case_id).route.mention_id
    draft = drafts.save(operator, case_id, mention_id=mention_id, text=text, **promise)
    return drafts.submit(operator, draft.reply_id, undo_s=0).reply_id


def test_a_complaint_is_ranked_claimed_answered_approved_sent_reopened_and_resolved(
    ctx, brand, story, network, say, clock, classifier
) -> None:
    case_id, tina, paolo = story
    (entry,) = queue.page(tina, queue.QueueFilter(brand.id)).entries
    assert (entry.case_id, entry.kind, entry.judged, entry.state) == (case_id, "complaint", True, CaseState.NEW)
    assert "money" in [reason.code for reason in entry.reasons]

    assert claims.claim(tina, case_id).state is CaseState.OPEN
    due = clock() + timedelta(days=1)
    reply_id = answer(tina, case_id, "We are sorry.", promise_text="a technician", promise_due_at=due)
    (waiting,) = approvals.waiting(paolo)
    assert (waiting.reply.reply_id, waiting.reply.status) == (reply_id, ReplyState.AWAITING_APPROVAL)
    assert deliver(ctx).sent == 0 and network.texts == []

    approvals.approve(paolo, reply_id)
    assert deliver(ctx).sent == 1
    assert network.texts == ["We are sorry."]
    assert state(ctx, case_id) is CaseState.WAITING
    (promise,) = promises.open_promises(tina, brand.id, mine=True)
    assert (promise.text, promise.due_at, promise.reply_id) == ("a technician", due, reply_id)
    assert queue.page(tina, queue.QueueFilter(brand.id)).entries == ()

    clock.move(hours=2)
    assert say("BAD still nobody here", parent_id="fake-1") == case_id
    triage.judge_pending(ctx, classifier, posts=10)
    assert state(ctx, case_id) is CaseState.OPEN
    assert case_id in [notice.case_id for notice in notices.unread(tina)]
    (entry,) = queue.page(tina, queue.QueueFilter(brand.id)).entries
    assert entry.owner_name == "Tina"

    with pytest.raises(NotPossible) as refused:
        cases.resolve(tina, case_id, code=cases.ResolutionCode.CUSTOMER_CONFIRMED)
    assert refused.value.reason == "promise_open"
    promises.keep(tina, promise.promise_id)
    assert cases.resolve(tina, case_id, code=cases.ResolutionCode.CUSTOMER_CONFIRMED).state is CaseState.RESOLVED
    assert network.texts == ["We are sorry."]


def test_a_customer_who_writes_after_the_end_gets_the_same_case_and_owner_back(ctx, story, say, clock) -> None:
    case_id, tina, _ = story
    claims.claim(tina, case_id)
    cases.resolve(tina, case_id, code=cases.ResolutionCode.ANSWERED)
    clock.move(days=13)
    assert say("BAD it broke again") == case_id
    view = cases.view(ctx, case_id)
    assert (view.case.state, view.owner_name) == (CaseState.OPEN, "Tina")


def test_a_customer_who_writes_much_later_opens_a_new_case(ctx, story, say, clock) -> None:
    case_id, tina, _ = story
    claims.claim(tina, case_id)
    cases.resolve(tina, case_id, code=cases.ResolutionCode.ANSWERED)
    clock.move(days=15)
    later = say("BAD something else")
    assert later != case_id
    assert state(ctx, later) is CaseState.NEW


def test_a_case_checked_back_on_comes_back_by_itself(ctx, story, clock) -> None:
    case_id, _, paolo = story
    claims.claim(paolo, case_id)
    answer(paolo, case_id, "A technician comes today.")
    deliver(ctx)
    cases.set_check_back(paolo, case_id, at=clock() + timedelta(hours=3))
    clock.move(hours=2)
    follow_up.run_due(ctx)
    assert state(ctx, case_id) is CaseState.WAITING
    clock.move(hours=2)
    follow_up.run_due(ctx)
    assert state(ctx, case_id) is CaseState.OPEN


def test_a_rejected_reply_comes_back_to_its_author_with_the_note(ctx, story, network) -> None:
    case_id, tina, paolo = story
    claims.claim(tina, case_id)
    reply_id = answer(tina, case_id, "Not our fault.")
    approvals.reject(paolo, reply_id, note="Kinder, please")
    draft = cases.view(tina, case_id).draft
    assert draft is not None
    assert (draft.reply_id, draft.text, draft.return_note) == (reply_id, "Not our fault.", "Kinder, please")
    deliver(ctx)
    assert network.texts == []
