"""What can be done with a case besides answering, and what does the desk show of it?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from collectors.protocol import Page
from domain.errors import AlreadyClaimed, Invalid, NotFound, NotPossible
from domain.states import CaseState
from services import cases, claims, drafts, intake, outbox, promises
from services.cases import DismissReason, ResolutionCode
from tests.fakes import a_post


@pytest.fixture
def owned(say, acting, account):
    """A case of Giulia's and her context."""
    case_id, giulia = say("BAD parcel, my money"), acting("giulia")
    claims.claim(giulia, case_id)
    return case_id, giulia


def answer(person, ctx, case_id: int) -> None:
    post = cases.view(person, case_id).route.mention_id
    drafts.submit(person, drafts.save(person, case_id, mention_id=post, text="Done").reply_id, undo_s=0)
    outbox.deliver_due(ctx, worker="w1")


def test_resolving_needs_the_owner_and_keeps_the_code(owned, acting) -> None:
    case_id, giulia = owned
    with pytest.raises(AlreadyClaimed):
        cases.resolve(acting("paolo"), case_id, code=ResolutionCode.ANSWERED)
    case = cases.resolve(giulia, case_id, code=ResolutionCode.REFERRED)
    assert (case.state, case.resolution, case.closed_at is not None) == (CaseState.RESOLVED, "referred", True)


def test_waiting_case_can_be_resolved_by_its_owner(owned, ctx) -> None:
    case_id, giulia = owned
    answer(giulia, ctx, case_id)
    assert cases.resolve(giulia, case_id, code=ResolutionCode.CUSTOMER_CONFIRMED).state == CaseState.RESOLVED


def test_reopened_case_returns_to_its_owner(owned) -> None:
    case_id, giulia = owned
    cases.resolve(giulia, case_id, code=ResolutionCode.ANSWERED)
    case = cases.reopen(giulia, case_id)
    assert (case.state, case.owner_id, case.resolution) == (CaseState.OPEN, giulia.actor.user_id, None)


def test_dismissed_case_is_new_again_when_reopened(owned, acting) -> None:
    case_id, giulia = owned
    assert cases.dismiss(giulia, case_id, reason=DismissReason.NOT_OURS).resolution == "not_ours"
    case = cases.reopen(acting("paolo"), case_id)
    assert (case.state, case.owner_id) == (CaseState.NEW, None)


def test_case_is_not_reopened_beside_a_newer_one(owned, say, clock) -> None:
    case_id, giulia = owned
    cases.resolve(giulia, case_id, code=ResolutionCode.ANSWERED)
    clock.move(days=20)
    newer = say("BAD again", at=clock())
    assert newer != case_id
    with pytest.raises(NotPossible) as refusal:
        cases.reopen(giulia, case_id)
    assert (refusal.value.reason, refusal.value.values["case"]) == ("other_live", newer)


def test_open_case_cannot_be_reopened(owned) -> None:
    case_id, giulia = owned
    with pytest.raises(NotPossible):
        cases.reopen(giulia, case_id)
    assert cases.view(giulia, case_id).case.state == CaseState.OPEN


def test_colleagues_case_is_dismissed_only_by_a_manager(owned, acting) -> None:
    case_id, _ = owned
    with pytest.raises(AlreadyClaimed):
        cases.dismiss(acting("paolo"), case_id, reason=DismissReason.SPAM)
    assert cases.dismiss(acting("anna", roles=("manager",)), case_id, reason=DismissReason.SPAM).state == "dismissed"


def test_unknown_code_is_no_resolution(owned) -> None:
    case_id, giulia = owned
    with pytest.raises(ValueError):
        cases.resolve(giulia, case_id, code="whatever")
    assert cases.view(giulia, case_id).case.state == CaseState.OPEN


def test_snooze_needs_a_date_to_come(owned, clock) -> None:
    case_id, giulia = owned
    with pytest.raises(Invalid):
        cases.snooze(giulia, case_id, until=clock())
    until = clock() + timedelta(hours=3)
    assert cases.snooze(giulia, case_id, until=until).snoozed_until == until
    assert cases.unsnooze(giulia, case_id).snoozed_until is None


def test_check_back_date_belongs_to_a_waiting_case(owned, ctx, clock) -> None:
    case_id, giulia = owned
    at = clock() + timedelta(days=1)
    with pytest.raises(NotPossible):
        cases.set_check_back(giulia, case_id, at=at)
    answer(giulia, ctx, case_id)
    assert cases.set_check_back(giulia, case_id, at=at).check_back_at == at


def test_note_is_kept_for_the_team(owned, acting) -> None:
    case_id, giulia = owned
    cases.add_note(giulia, case_id, "Second time this month\0")
    with pytest.raises(Invalid):
        cases.add_note(giulia, case_id, "  ")
    notes = [p for p in cases.view(acting("paolo"), case_id).posts if p.kind == "note"]
    assert [(n.text, n.author_user_name) for n in notes] == [("Second time this month", "Giulia")]


def test_unknown_case_is_not_found(acting, brand) -> None:
    with pytest.raises(NotFound):
        cases.view(acting("giulia"), 4711)


def test_view_tells_the_whole_conversation_with_the_right_authors(owned, ctx, watch, say, clock) -> None:
    case_id, giulia = owned
    clock.move(minutes=1)
    say("BAD second post", native_id="m2", at=clock())
    clock.move(minutes=1)
    stranger = a_post("Same here", author="luca", conversation_id="m2", parent_id="m2", at=clock())
    intake.store(ctx, watch, Page((stranger,), None))
    answer(giulia, ctx, case_id)
    view = cases.view(giulia, case_id)
    assert [(p.author_name, p.text, p.is_customer, p.in_case) for p in view.posts] == [
        ("Mara", "BAD parcel, my money", True, True),
        ("Mara", "BAD second post", True, True),
        ("Luca", "Same here", False, False),
        ("Giulia", "Done", False, True),
    ]
    assert view.posts[2].parent_mention_id == view.posts[1].mention_id


def test_view_marks_the_words_behind_the_urgency(owned, ctx, classifier) -> None:
    from services import triage

    case_id, giulia = owned
    triage.judge_pending(ctx, classifier, posts=10)
    post = cases.view(giulia, case_id).posts[0]
    assert [(e.code, post.text[e.start : e.end]) for e in post.evidence] == [("money", "BAD")]
    assert (post.level, post.kind_label, post.judged) == (2, "complaint", True)


def test_deleted_post_is_a_tombstone_without_words(say, acting, ctx, watch) -> None:
    case_id, giulia = say("BAD parcel", native_id="p1"), acting("giulia")
    claims.claim(giulia, case_id)
    intake.store(ctx, watch, Page((a_post("", native_id="p1", deleted=True),), None))
    (post,) = cases.view(giulia, case_id).posts
    assert (post.kind, post.text, post.evidence) == ("tombstone", "", ())


def test_view_names_what_this_colleague_may_do(owned, acting, say, clock) -> None:
    case_id, giulia = owned
    mine = cases.view(giulia, case_id).may
    assert {"reply", "release", "resolve", "hand_over", "snooze", "note"} <= mine and "take" not in mine
    theirs = cases.view(acting("paolo"), case_id).may
    assert "take" in theirs and not {"reply", "release", "resolve", "hand_over"} & theirs
    assert cases.view(acting("marta", roles=("marketing",)), case_id).may == frozenset()
    free = cases.view(giulia, say("BAD box", author="luca")).may
    assert {"claim", "dismiss"} <= free and "reply" not in free
    promises.add(giulia, case_id, text="call", due_at=clock() + timedelta(hours=1))
    assert not {"release", "resolve"} & cases.view(giulia, case_id).may


def test_view_says_when_the_owner_is_away(owned, ctx) -> None:
    from db import users

    case_id, giulia = owned
    assert not cases.view(giulia, case_id).needs_owner
    with ctx.store.write() as tx:
        users.change(tx, giulia.actor.user_id, away=True)
    assert cases.view(giulia, case_id).needs_owner


def counted(ctx, case_id: int) -> tuple[int, int]:
    statements: list[str] = []

    def note(conn, cursor, statement, *rest) -> None:
        statements.append(statement)

    event.listen(ctx.store.engine, "before_cursor_execute", note)
    posts = len(cases.view(ctx, case_id).posts)
    event.remove(ctx.store.engine, "before_cursor_execute", note)
    return posts, len(statements)


def test_long_conversation_costs_as_many_queries_as_a_short_one_and_is_bounded(owned, ctx, watch, say, clock) -> None:
    case_id, giulia = owned
    short = counted(giulia, case_id)
    thread = [
        a_post(
            f"me too {n}", author=f"a{n}", native_id=f"x{n}", conversation_id="big", at=clock() + timedelta(seconds=n)
        )
        for n in range(250)
    ]
    say("BAD in a big thread", native_id="mine", conversation_id="big", at=clock())
    intake.store(ctx, watch, Page(tuple(thread), None))
    posts, queries = counted(giulia, case_id)
    assert queries == short[1]
    assert posts == cases.view(giulia, case_id).posts.__len__() == 200
    assert sum(p.in_case for p in cases.view(giulia, case_id).posts) == 2


@pytest.mark.databases("sqlite")
def test_no_query_of_the_view_reads_a_whole_table(owned, ctx) -> None:
    from sqlalchemy import text

    case_id, giulia = owned
    seen: list[tuple[str, object]] = []

    def note(conn, cursor, statement, parameters, *rest) -> None:
        seen.append((statement, parameters))

    event.listen(ctx.store.engine, "before_cursor_execute", note)
    cases.view(giulia, case_id)
    event.remove(ctx.store.engine, "before_cursor_execute", note)
    plans = []
    with ctx.store.read() as tx:
        tx.execute(text("SELECT 1"))
        for statement, parameters in seen:
            if statement.startswith("SELECT"):
                rows = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plans += [row[3] for row in rows]
    big = ("mentions", "cases", "replies", "case_mentions", "customers", "authors", "case_events", "judgements")
    assert plans
    assert [p for p in plans if p.startswith("SCAN") and p.split()[1] in big] == []
