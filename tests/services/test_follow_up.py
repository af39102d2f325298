"""What came due, and who is told?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import Invalid, NotPossible
from domain.states import CaseState
from services import cases, claims, drafts, follow_up, outbox, profile, promises, team
from services.notices import unread


@pytest.fixture
def owned(say, acting, account):
    """A case of Giulia's and her context."""
    case_id, giulia = say("BAD parcel"), acting("giulia")
    claims.claim(giulia, case_id)
    return case_id, giulia


def answer(person, ctx, case_id: int, **promise) -> None:
    post = cases.view(person, case_id).route.mention_id
    drafts.submit(person, drafts.save(person, case_id, mention_id=post, text="Done", **promise).reply_id, undo_s=0)
    outbox.deliver_due(ctx, worker="w1")


def kinds(person) -> list[str]:
    return [n.kind for n in unread(person)]


def test_nothing_due_touches_nothing(owned, ctx) -> None:
    assert follow_up.run_due(ctx) == 0


def test_snoozed_case_comes_back_and_its_owner_is_told(owned, ctx, clock) -> None:
    case_id, giulia = owned
    cases.snooze(giulia, case_id, until=clock() + timedelta(hours=1))
    assert follow_up.run_due(ctx) == 0
    clock.move(hours=1)
    assert follow_up.run_due(ctx) == 1
    assert cases.view(giulia, case_id).case.snoozed_until is None
    assert kinds(giulia) == ["snooze_over"] and follow_up.run_due(ctx) == 0


def test_check_back_opens_the_case_again(owned, ctx, clock) -> None:
    case_id, giulia = owned
    answer(giulia, ctx, case_id)
    clock.move(days=3)
    assert follow_up.run_due(ctx) == 1
    case = cases.view(giulia, case_id).case
    assert (case.state, case.check_back_at, case.waiting_since) == (CaseState.OPEN, None, clock())
    assert kinds(giulia) == ["check_back_due"]
    assert cases.resolve(giulia, case_id, code=cases.ResolutionCode.CHECK_BACK_PASSED).state == CaseState.RESOLVED


def test_forgotten_lock_disappears(owned, ctx, clock) -> None:
    case_id, giulia = owned
    claims.see(giulia, case_id)
    claims.lock(giulia, case_id)
    clock.move(seconds=91)
    assert follow_up.run_due(ctx) == 1
    assert cases.view(giulia, case_id).case.lock_user_id is None


def test_promise_is_announced_once_when_near_and_once_when_past(owned, ctx, clock) -> None:
    case_id, giulia = owned
    answer(giulia, ctx, case_id, promise_text="call", promise_due_at=clock() + timedelta(hours=20))
    assert follow_up.run_due(ctx) == 0
    clock.move(hours=9)
    assert [follow_up.run_due(ctx) for _ in range(2)] == [1, 0]
    assert kinds(giulia) == ["promise_due"]
    clock.move(hours=12)
    assert [follow_up.run_due(ctx) for _ in range(2)] == [1, 0]
    assert kinds(giulia) == ["promise_overdue", "promise_due"]
    (promise,) = cases.view(giulia, case_id).promises
    assert promise.status == "open" and promise.overdue


def test_overdue_promise_lifts_the_case_and_a_kept_one_no_longer(owned, ctx, clock) -> None:
    case_id, giulia = owned
    promise = promises.add(giulia, case_id, text="call", due_at=clock() + timedelta(hours=1))
    clock.move(hours=2)
    follow_up.run_due(ctx)
    assert "promise_broken" in [r["code"] for r in cases.view(giulia, case_id).case.reasons]
    promises.keep(giulia, promise.promise_id)
    assert "promise_broken" not in [r["code"] for r in cases.view(giulia, case_id).case.reasons]


def test_absent_owners_case_is_shown_to_the_substitute_once_a_day(owned, ctx, acting, clock) -> None:
    case_id, giulia = owned
    paolo, anna = acting("paolo"), acting("anna", roles=("manager",))
    team.set_away(giulia, giulia.actor.user_id, away=True, substitute_id=paolo.actor.user_id)
    assert [follow_up.run_due(ctx) for _ in range(2)] == [1, 0]
    assert (kinds(paolo), kinds(anna)) == (["needs_owner"], [])
    clock.move(hours=25)
    assert follow_up.run_due(ctx) == 1
    assert claims.take(paolo, case_id, reason="Giulia is away").owner_id == paolo.actor.user_id


def test_without_a_substitute_the_managers_are_told(owned, ctx, acting) -> None:
    _, giulia = owned
    anna = acting("anna", roles=("manager",))
    team.disable(ctx, giulia.actor.user_id)
    assert follow_up.run_due(ctx) == 1
    assert kinds(anna) == ["needs_owner"]


def test_open_promises_are_listed_by_due_date_mine_or_all(owned, ctx, acting, say, clock, brand) -> None:
    case_id, giulia = owned
    paolo, other = acting("paolo"), say("BAD box", author="luca")
    claims.claim(paolo, other)
    promises.add(giulia, case_id, text="later", due_at=clock() + timedelta(hours=5))
    promises.add(paolo, other, text="sooner", due_at=clock() + timedelta(hours=2))
    assert [p.text for p in promises.open_promises(giulia, brand.id, mine=False)] == ["sooner", "later"]
    assert [p.text for p in promises.open_promises(giulia, brand.id, mine=True)] == ["later"]


def test_broken_promise_is_closed_and_cannot_be_closed_again(owned, clock, acting) -> None:
    case_id, giulia = owned
    promise = promises.add(giulia, case_id, text="call", due_at=clock() + timedelta(hours=1))
    with pytest.raises(NotPossible):
        promises.keep(acting("paolo"), promise.promise_id)
    assert promises.break_(giulia, promise.promise_id).status == "broken"
    with pytest.raises(NotPossible):
        promises.keep(giulia, promise.promise_id)


def test_promise_with_a_past_date_is_refused(owned, clock) -> None:
    case_id, giulia = owned
    with pytest.raises(Invalid):
        promises.add(giulia, case_id, text="call", due_at=clock())
    assert cases.view(giulia, case_id).promises == ()


def test_profile_shows_the_whole_history_of_a_customer(owned, ctx, say, clock) -> None:
    case_id, giulia = owned
    answer(giulia, ctx, case_id)
    cases.resolve(giulia, case_id, code=cases.ResolutionCode.ANSWERED)
    clock.move(days=20)
    second = say("BAD again", at=clock())
    customer_id = cases.view(giulia, second).customer.customer_id
    profile.set_dont_ask(giulia, customer_id, "Order number 4711")
    profile.set_about(giulia, customer_id, "Prefers mornings")
    profile.add_note(giulia, customer_id, "Very patient")
    seen = profile.view(giulia, customer_id)
    assert [c.case_id for c in seen.cases] == [second, case_id]
    assert [p.text for p in seen.posts] == ["BAD parcel", "Done", "BAD again"]
    assert (seen.dont_ask_again, seen.about) == ("Order number 4711", "Prefers mornings")
    assert [(n.text, n.author_name) for n in seen.notes] == [("Very patient", "Giulia")]
    assert [(k.name, k.replies) for k in seen.known_by] == [("Giulia", 1)]


def test_customers_are_found_by_name_or_handle_page_by_page(ctx, say, acting, clock) -> None:
    giulia = acting("giulia")
    for n, author in enumerate(["mara", "luca", "ugo", "100%_sure"]):
        clock.move(minutes=1)
        say(f"BAD {n}", author=author, at=clock())
    first = profile.customers(giulia, limit=3)
    rest = profile.customers(giulia, cursor=first.next_cursor, limit=3)
    assert [c.handle for c in (*first.customers, *rest.customers)] == ["100%_sure", "ugo", "luca", "mara"]
    assert rest.next_cursor is None
    assert [c.handle for c in profile.customers(giulia, search="@UGO").customers] == ["ugo"]
    assert [c.handle for c in profile.customers(giulia, search="%").customers] == ["100%_sure"]
    with pytest.raises(Invalid):
        profile.customers(giulia, cursor="nonsense")


@pytest.mark.databases("sqlite")
def test_looking_for_what_is_due_reads_no_whole_table(owned, ctx) -> None:
    from sqlalchemy import event

    seen = []

    def note(conn, cursor, statement, parameters, *rest) -> None:
        seen.append((statement, parameters))

    event.listen(ctx.store.engine, "before_cursor_execute", note)
    follow_up.run_due(ctx)
    outbox.deliver_due(ctx, worker="w1")
    outbox.reconcile(ctx, worker="w1")
    event.remove(ctx.store.engine, "before_cursor_execute", note)
    with ctx.store.read() as tx:
        plans = [
            row[3]
            for statement, parameters in seen
            if statement.startswith("SELECT")
            for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    big = {"cases", "replies", "promises", "case_events", "customers"}
    whole = [p for p in plans if p.startswith("SCAN") and p.split()[1] in big and "USING INDEX" not in p]
    assert len(plans) > 5 and whole == []
