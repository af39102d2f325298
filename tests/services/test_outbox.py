"""Does every reply reach the network exactly once, and does the desk say only what is true?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from collectors.protocol import Page
from db import deliveries, leases, replies
from domain.errors import Invalid, NotPossible, OutcomeUnknown, RateLimited, Refused, Unauthorized, Unavailable
from domain.reply import Receipt
from domain.states import CaseState, ReplyState
from services import brands, cases, claims, drafts, intake, outbox
from services.notices import unread
from services.outbox import DeliveryCounts
from tests.fakes import a_post


@pytest.fixture
def queued(say, acting, account):
    """A reply of Giulia's that is due: (case, context, reply)."""
    case_id, giulia = say("BAD parcel", native_id="p1"), acting("giulia")
    claims.claim(giulia, case_id)
    return case_id, giulia, hand_in(giulia, case_id, "On its way")


def hand_in(person, case_id: int, text: str, **options) -> int:
    post = cases.view(person, case_id).route.mention_id
    draft = drafts.save(person, case_id, mention_id=post, text=text, **options)
    return drafts.submit(person, draft.reply_id, undo_s=0).reply_id


def state_of(ctx, reply_id: int):
    return next(r for r in outbox.page(ctx, states=tuple(ReplyState)) if r.reply_id == reply_id)


def deliver(ctx) -> DeliveryCounts:
    return outbox.deliver_due(ctx, worker="w1")


def look(ctx, clock) -> DeliveryCounts:
    clock.move(minutes=2)
    return outbox.reconcile(ctx, worker="w1")


def test_due_reply_is_sent_and_the_case_waits_for_the_customer(queued, ctx, network, clock) -> None:
    case_id, _, reply_id = queued
    assert deliver(ctx) == DeliveryCounts(sent=1)
    reply = state_of(ctx, reply_id)
    assert (reply.status, reply.remote_id, reply.url) == (ReplyState.SENT, "fake-1", "https://fake.invalid/1")
    case = cases.view(ctx, case_id).case
    assert (case.state, case.last_reply_at) == (CaseState.WAITING, clock())
    assert case.check_back_at == clock() + timedelta(days=3)
    assert network.texts == ["On its way"]


def test_nothing_goes_out_before_its_time_and_nothing_twice(say, acting, account, ctx, network, clock) -> None:
    case_id, giulia = say("BAD parcel"), acting("giulia")
    claims.claim(giulia, case_id)
    post = cases.view(giulia, case_id).route.mention_id
    draft = drafts.save(giulia, case_id, mention_id=post, text="Wait for it")
    drafts.submit(giulia, draft.reply_id, undo_s=15)
    clock.move(seconds=14)
    assert deliver(ctx) == DeliveryCounts()
    clock.move(seconds=1)
    assert deliver(ctx) == DeliveryCounts(sent=1)
    assert deliver(ctx) == DeliveryCounts()
    assert network.attempts == [network.attempts[0]]


def test_promise_enters_the_ledger_when_the_reply_is_sent(say, acting, account, ctx, clock) -> None:
    case_id, giulia = say("BAD parcel"), acting("giulia")
    claims.claim(giulia, case_id)
    due_at = clock() + timedelta(hours=4)
    hand_in(giulia, case_id, "We will call", promise_text="call her", promise_due_at=due_at)
    assert cases.view(ctx, case_id).promises == ()
    deliver(ctx)
    assert [(p.text, p.due_at, p.owner_name) for p in cases.view(ctx, case_id).promises] == [
        ("call her", due_at, "Giulia")
    ]
    with pytest.raises(NotPossible) as refusal:
        cases.resolve(giulia, case_id, code=cases.ResolutionCode.ANSWERED)
    assert refusal.value.reason == "promise_open"


@pytest.mark.parametrize("error", [RateLimited(retry_after_s=120.0), Unavailable(retry_after_s=120.0)])
def test_network_that_asks_to_wait_is_asked_again_later(queued, ctx, network, clock, error) -> None:
    _, _, reply_id = queued
    network.failures = [error]
    assert deliver(ctx) == DeliveryCounts(requeued=1)
    reply = state_of(ctx, reply_id)
    assert (reply.status, reply.send_after) == (ReplyState.QUEUED, clock() + timedelta(seconds=120))
    clock.move(seconds=121)
    assert deliver(ctx) == DeliveryCounts(sent=1)
    assert len(set(network.attempts)) == 1 and state_of(ctx, reply_id).attempts == 2


@pytest.mark.parametrize("error", [Refused("Duplicate text."), Unauthorized("Token revoked.")])
def test_definite_no_fails_and_tells_the_author(queued, ctx, network, error) -> None:
    case_id, giulia, reply_id = queued
    network.failures = [error]
    assert deliver(ctx) == DeliveryCounts(failed=1)
    reply = state_of(ctx, reply_id)
    assert reply.status == ReplyState.FAILED and reply.error is not None and reply.error.startswith(error.key)
    assert [n.kind for n in unread(giulia)] == ["reply_failed"]
    view = cases.view(giulia, case_id)
    assert view.case.state == CaseState.OPEN and view.under_way is not None


def test_failed_reply_can_be_edited_and_goes_out_under_a_new_key(queued, ctx, network) -> None:
    case_id, giulia, reply_id = queued
    network.failures = [Refused("no")]
    deliver(ctx)
    draft = outbox.edit_failed(giulia, reply_id)
    assert (draft.text, draft.return_reason) == ("On its way", "refused")
    hand_in(giulia, case_id, "On its way, Mara")
    deliver(ctx)
    assert network.texts == ["On its way, Mara"] and len(set(network.attempts)) == 2


@pytest.mark.parametrize("error", [OutcomeUnknown("time-out"), ValueError("bad JSON"), ConnectionResetError()])
def test_anything_unclear_is_uncertain_and_never_failed(queued, ctx, network, error) -> None:
    _, _, reply_id = queued
    network.failures = [error]
    assert deliver(ctx) == DeliveryCounts(uncertain=1)
    assert state_of(ctx, reply_id).status == ReplyState.UNCERTAIN
    assert deliver(ctx) == DeliveryCounts()
    assert len(network.attempts) == 1


def test_receipt_without_an_id_is_uncertain(queued, ctx, network, monkeypatch) -> None:
    from domain.reply import Receipt

    monkeypatch.setattr(network, "publish", lambda reply, *, key: Receipt("", None, network.clock()))
    assert deliver(ctx) == DeliveryCounts(uncertain=1)


def test_uncertain_reply_that_is_there_becomes_sent_without_a_second_post(queued, ctx, network, clock) -> None:
    case_id, _, reply_id = queued
    network.failures, network.lose_receipts = [OutcomeUnknown()], True
    deliver(ctx)
    assert look(ctx, clock) == DeliveryCounts(sent=1)
    reply = state_of(ctx, reply_id)
    assert (reply.status, reply.remote_id, [p.outcome for p in reply.probes]) == (ReplyState.SENT, "fake-1", ["found"])
    assert cases.view(ctx, case_id).case.state == CaseState.WAITING
    assert network.texts == ["On its way"]


def test_reply_is_sent_again_only_when_absent_twice_with_time_between(queued, ctx, network, clock) -> None:
    _, _, reply_id = queued
    network.failures = [OutcomeUnknown()]
    deliver(ctx)
    assert look(ctx, clock) == DeliveryCounts(uncertain=1)
    assert outbox.reconcile(ctx, worker="w1") == DeliveryCounts()
    clock.move(seconds=59)
    assert outbox.reconcile(ctx, worker="w1") == DeliveryCounts()
    clock.move(seconds=1)
    assert outbox.reconcile(ctx, worker="w1") == DeliveryCounts(requeued=1)
    assert deliver(ctx) == DeliveryCounts(sent=1)
    assert [p.outcome for p in state_of(ctx, reply_id).probes] == ["absent", "absent"]
    assert network.texts == ["On its way"] and len(set(network.attempts)) == 1


def test_reply_that_may_be_out_cannot_be_undone(queued, ctx, network, clock) -> None:
    _, giulia, reply_id = queued
    network.failures = [OutcomeUnknown()]
    deliver(ctx)
    with pytest.raises(NotPossible):
        drafts.undo(giulia, reply_id)
    look(ctx, clock)
    assert look(ctx, clock) == DeliveryCounts(requeued=1)
    with pytest.raises(NotPossible) as refusal:
        drafts.undo(giulia, reply_id)
    assert refusal.value.reason == "maybe_sent"


def test_after_six_blind_look_ups_a_person_is_asked(queued, ctx, network, clock) -> None:
    case_id, giulia, reply_id = queued
    network.failures = [OutcomeUnknown()]
    network.lookup_failures = [Unavailable(retry_after_s=1.0) for _ in range(6)]
    deliver(ctx)
    counts = [look(ctx, clock) for _ in range(6)]
    assert counts == [*[DeliveryCounts(uncertain=1)] * 5, DeliveryCounts(needs_human=1)]
    assert [n.kind for n in unread(giulia)] == ["reply_needs_human"]
    with pytest.raises(NotPossible):
        cases.resolve(giulia, case_id, code=cases.ResolutionCode.ANSWERED)
    assert network.texts == []


def given_up(ctx, network, clock) -> None:
    network.failures = [OutcomeUnknown()]
    network.lookup_failures = [ValueError("unreadable") for _ in range(6)]
    deliver(ctx)
    for _ in range(6):
        look(ctx, clock)


def test_person_who_saw_it_confirms_with_its_link(queued, ctx, network, clock) -> None:
    case_id, giulia, reply_id = queued
    given_up(ctx, network, clock)
    with pytest.raises(Invalid):
        outbox.confirm_by_person(giulia, reply_id, url="javascript:alert(1)")
    reply = outbox.confirm_by_person(giulia, reply_id, url="https://fake.invalid/77")
    assert (reply.status, reply.url) == (ReplyState.SENT, "https://fake.invalid/77")
    assert cases.view(giulia, case_id).case.state == CaseState.WAITING


def test_person_who_does_not_see_it_has_it_sent_once_more_and_only_once(queued, ctx, network, clock) -> None:
    _, giulia, reply_id = queued
    given_up(ctx, network, clock)
    assert outbox.deny_by_person(giulia, reply_id).status == ReplyState.QUEUED
    given_up(ctx, network, clock)
    with pytest.raises(NotPossible) as refusal:
        outbox.deny_by_person(giulia, reply_id)
    assert refusal.value.reason == "denied_once"


def test_send_whose_process_died_is_looked_up_after_its_lease(queued, ctx, network, clock) -> None:
    from services import delivering

    _, _, reply_id = queued
    delivering.start(ctx, reply_id, worker="dead")
    assert outbox.reconcile(ctx, worker="w2") == DeliveryCounts()
    clock.move(seconds=61)
    assert outbox.reconcile(ctx, worker="w2") == DeliveryCounts(uncertain=1)
    with ctx.store.read() as tx:
        history = deliveries.of_replies(tx, [reply_id])[reply_id]
    assert [(d.act, d.outcome) for d in history] == [("publish", "lost"), ("lookup", "absent")]
    assert network.attempts == []


def test_receipt_that_comes_after_the_lease_still_counts(queued, ctx, network, clock) -> None:
    from services import delivering

    _, _, reply_id = queued
    started = delivering.start(ctx, reply_id, worker="slow")
    answer = delivering.ask_network(ctx, started)
    clock.move(seconds=61)
    network.lookup_failures = [Unavailable()]
    outbox.reconcile(ctx, worker="w2")
    assert delivering.record(ctx, started, answer) == ReplyState.SENT
    assert state_of(ctx, reply_id).remote_id == "fake-1" and network.texts == ["On its way"]


def test_sender_who_lost_the_mark_before_the_first_byte_sends_nothing(queued, ctx, network, clock) -> None:
    from services import delivering

    _, _, reply_id = queued
    started = delivering.start(ctx, reply_id, worker="slow")
    clock.move(seconds=61)
    outbox.reconcile(ctx, worker="w2")
    assert delivering.record(ctx, started, delivering.ask_network(ctx, started)) == ReplyState.UNCERTAIN
    assert network.attempts == []


def test_sender_whose_time_is_over_before_it_writes_leaves_it_to_whoever_is_at_it(
    queued, ctx, network, clock, monkeypatch
) -> None:
    slow: list[str] = []

    def publish(reply, *, key):
        # This network knows no keys, and it takes two minutes to say what is there already.
        if not slow:
            slow.append(key)
            for _ in range(3):
                clock.move(minutes=2)
                outbox.reconcile(ctx, worker="w2")
            assert outbox.deliver_due(ctx, worker="w2") == DeliveryCounts(sent=1)
        reply.require_time(clock())
        network.texts.append(reply.text)
        return Receipt(f"post-{len(network.texts)}", None, clock())

    monkeypatch.setattr(network, "publish", publish)
    deliver(ctx)
    look(ctx, clock)
    assert network.texts == ["On its way"] and state_of(ctx, queued[2]).status == ReplyState.SENT


def test_what_the_channel_fixes_before_the_first_attempt_is_on_disk_before_it_and_stays(
    queued, ctx, network, clock, monkeypatch
) -> None:
    _, _, reply_id = queued
    seen: list[tuple[str, str]] = []
    publish = network.publish

    def watched(reply, *, key):
        with ctx.store.read() as tx:
            seen.append((replies.get(tx, reply_id).prepared, reply.prepared))
        return publish(reply, key=key)

    monkeypatch.setattr(network, "publish", watched)
    network.failures = [Unavailable(retry_after_s=1.0)]
    deliver(ctx)
    monkeypatch.setattr(network, "prepare", lambda reply, *, key: "something else")
    clock.move(minutes=5)
    assert deliver(ctx) == DeliveryCounts(sent=1)
    assert seen == [(f"prepared for {network.attempts[0]}",) * 2] * 2


@pytest.mark.parametrize("error", [OutcomeUnknown("time-out"), ValueError("bad JSON"), Unavailable()])
def test_nothing_was_sent_when_preparing_failed(queued, ctx, network, monkeypatch, error) -> None:
    def fail(reply, *, key):
        raise error

    monkeypatch.setattr(network, "prepare", fail)
    assert deliver(ctx) == DeliveryCounts(requeued=1) and network.attempts == []


def test_edited_reply_is_prepared_anew(queued, ctx, network, clock) -> None:
    case_id, giulia, reply_id = queued
    network.failures = [Refused("no")]
    deliver(ctx)
    outbox.edit_failed(giulia, reply_id)
    with ctx.store.read() as tx:
        assert replies.get(tx, reply_id).prepared == ""


def test_two_workers_at_once_send_once(queued, ctx, network) -> None:
    from services import delivering

    _, _, reply_id = queued
    first = delivering.start(ctx, reply_id, worker="w1")
    assert delivering.start(ctx, reply_id, worker="w2") is None
    assert outbox.deliver_due(ctx, worker="w2") == DeliveryCounts()
    delivering.record(ctx, first, delivering.ask_network(ctx, first))
    assert network.texts == ["On its way"]


def test_one_sender_speaks_for_an_account_at_a_time(queued, ctx, account, clock) -> None:
    with ctx.store.write() as tx:
        leases.acquire(
            tx, f"send:fake:account{account.id}", owner="other", now=clock(), until=clock() + timedelta(seconds=60)
        )
    assert deliver(ctx) == DeliveryCounts()
    clock.move(seconds=61)
    assert deliver(ctx) == DeliveryCounts(sent=1)


def test_reply_to_a_post_deleted_meanwhile_returns_to_its_author(queued, ctx, watch, network) -> None:
    case_id, giulia, _ = queued
    intake.store(ctx, watch, Page((a_post("", native_id="p1", deleted=True),), None))
    assert deliver(ctx) == DeliveryCounts(returned=1)
    draft = cases.view(giulia, case_id).draft
    assert draft is not None and (draft.text, draft.return_reason) == ("On its way", "parent_deleted")
    assert [n.kind for n in unread(giulia)] == ["reply_returned"] and network.attempts == []


def test_reply_returns_when_we_answered_on_the_network_meanwhile(queued, ctx, watch, clock, network) -> None:
    case_id, giulia, _ = queued
    clock.move(minutes=1)
    ours = a_post("Done", author="aurora", parent_id="p1", conversation_id="p1", is_own=True, at=clock())
    intake.store(ctx, watch, Page((ours,), None))
    assert deliver(ctx) == DeliveryCounts(returned=1)
    draft = cases.view(giulia, case_id).draft
    assert draft is not None and draft.return_reason == "answered_meanwhile"
    assert network.texts == []


def test_nothing_bursts_out_after_publishing_was_switched_off(queued, ctx, account, network) -> None:
    from dataclasses import replace

    case_id, giulia, _ = queued
    network.manifest = replace(network.manifest, exempt_from_publish_switch=False)
    brands.set_publishing(ctx, account.id, on=False)
    assert deliver(ctx) == DeliveryCounts(returned=1)
    draft = cases.view(giulia, case_id).draft
    assert draft is not None and draft.return_reason == "publishing_off"
    brands.set_publishing(ctx, account.id, on=True)
    assert deliver(ctx) == DeliveryCounts() and network.texts == []


def test_what_the_customer_wrote_meanwhile_keeps_the_case_open(queued, ctx, say, clock) -> None:
    case_id, _, _ = queued
    clock.move(seconds=30)
    say("BAD and still no parcel", at=clock())
    clock.move(seconds=30)
    assert deliver(ctx) == DeliveryCounts(sent=1)
    case = cases.view(ctx, case_id).case
    assert case.state == CaseState.OPEN
    assert case.check_back_at is None


def test_customer_who_writes_again_reopens_the_case_for_its_owner(queued, ctx, say, clock) -> None:
    case_id, giulia, _ = queued
    deliver(ctx)
    clock.move(hours=1)
    assert say("BAD again", at=clock()) == case_id
    case = cases.view(giulia, case_id).case
    assert (case.state, case.owner_id) == (CaseState.OPEN, giulia.actor.user_id)


def test_link_pasted_for_a_reply_posted_by_hand_ends_it(say, acting, account, ctx, network) -> None:
    case_id, giulia = say("BAD parcel"), acting("giulia")
    network.by_hand_because = "closed"
    claims.claim(giulia, case_id)
    reply_id = hand_in(giulia, case_id, "By hand")
    assert outbox.confirm_by_person(giulia, reply_id, url="https://fake.invalid/by-hand").status == ReplyState.SENT
    assert cases.view(giulia, case_id).case.state == CaseState.WAITING and network.attempts == []


def test_reply_not_posted_by_hand_becomes_a_draft_again(say, acting, account, network) -> None:
    case_id, giulia = say("BAD parcel"), acting("giulia")
    network.by_hand_because = "closed"
    claims.claim(giulia, case_id)
    reply_id = hand_in(giulia, case_id, "By hand")
    assert outbox.give_up_by_hand(giulia, reply_id).text == "By hand"
    assert cases.view(giulia, case_id).under_way is None


def test_our_reply_heard_again_on_the_network_is_shown_once(queued, ctx, watch, clock) -> None:
    case_id, _, _ = queued
    deliver(ctx)
    clock.move(minutes=1)
    ours = a_post(
        "On its way", author="aurora", native_id="fake-1", parent_id="p1", conversation_id="p1", is_own=True, at=clock()
    )
    intake.store(ctx, watch, Page((ours,), None))
    assert [p.text for p in cases.view(ctx, case_id).posts] == ["BAD parcel", "On its way"]


def test_outbox_page_lists_the_newest_first_and_goes_on_below(say, acting, account, ctx, brand) -> None:
    giulia = acting("giulia")
    for author in ("mara", "luca", "ugo"):
        case_id = say("BAD parcel", author=author)
        claims.claim(giulia, case_id)
        hand_in(giulia, case_id, f"Hello {author}")
    first = outbox.page(ctx, brand.id, limit=2)
    rest = outbox.page(ctx, brand.id, before_id=first[-1].reply_id, limit=2)
    assert [r.customer_name for r in (*first, *rest)] == ["Ugo", "Luca", "Mara"]
