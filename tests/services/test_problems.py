"""Does one problem group many cases, each with its owner, and does everybody hear of its end from a person?"""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.event import listen
from sqlalchemy.exc import IntegrityError

from db import meta, notices, replies
from db import problems as rows_db
from db.tables import audit, case_events, problem_cases
from db.tables import cases as case_rows
from domain.errors import Invalid, NotAllowed, NotPossible, StaleVersion
from domain.problem import Outcome, ProblemState
from domain.same_person import Basis
from domain.states import ReplyState
from services import approvals, cases, claims, drafts, outbox, problem_ending, problem_said, problems, same_person
from services import notices as bell
from services.cases import ResolutionCode
from services.problem_view import Telling, lines_of
from tests.services.fragile_desk import in_a_process

MESSAGE = "Hello {name}, the portal works again. Sorry for the wait."


@pytest.fixture
def desk(ctx, brand, account, acting, say) -> dict[str, object]:
    """Three people with one trouble; Paolo has the first, Gaia the second, nobody the third."""
    found = {who: say(f"BAD the portal is down, says {who}", author=who) for who in ("mara", "nino", "olga")}
    paolo, gaia = acting("paolo"), acting("gaia")
    claims.claim(paolo, found["mara"])
    claims.claim(gaia, found["nino"])
    return {**found, "paolo": paolo, "gaia": gaia, "lia": acting("lia", roles=("manager",)), "brand": brand.id}


@pytest.fixture
def opened(desk) -> problems.ProblemView:
    """A problem over the three."""
    return problems.open_problem(
        desk["paolo"], desk["brand"], title="Portal down", cases=[desk[who] for who in ("mara", "nino", "olga")]
    )


def telling(view: problems.ProblemView) -> dict[str, Telling]:
    return {person.name: person.telling for person in view.people}


def test_a_problem_groups_cases_and_each_keeps_its_owner(desk, opened) -> None:
    assert opened.line.cases == 3 and opened.line.state is ProblemState.OPEN
    owners = {person.name: person.owner_name for person in opened.people}
    assert owners == {"Mara": "Paolo", "Nino": "Gaia", "Olga": None}
    found = problems.of_case(desk["gaia"], desk["nino"])
    assert found is not None and (found.title, found.cases, found.message) == ("Portal down", 3, None)
    assert [line.title for line in problems.problems_of(desk["gaia"], desk["brand"])] == ["Portal down"]


def test_a_case_is_part_of_one_problem_at_a_time_in_words_and_in_the_database(desk, opened, store) -> None:
    with pytest.raises(NotPossible) as refused:
        problems.open_problem(desk["gaia"], desk["brand"], title="Another", cases=[desk["mara"]])
    assert refused.value.values["reason"] == "in_a_problem"
    other = problems.open_problem(desk["gaia"], desk["brand"], title="Another", cases=[_let_go(desk, opened)])
    with pytest.raises(IntegrityError), store.write() as tx:
        tx.execute(
            text("INSERT INTO problem_cases (problem_id, case_id, added_at) VALUES (:p, :c, :at)"),
            {"p": other.line.problem_id, "c": desk["mara"], "at": "2026-03-02 09:00:00"},
        )


def _let_go(desk, opened) -> int:
    problems.remove_cases(desk["gaia"], opened.line.problem_id, [desk["nino"]])
    return int(desk["nino"])


def test_without_a_name_a_case_or_with_another_brands_there_is_no_problem(ctx, desk) -> None:
    for wrong in ({"title": " ", "cases": [desk["mara"]]}, {"title": "x", "cases": []}):
        with pytest.raises(Invalid):
            problems.open_problem(desk["paolo"], desk["brand"], **wrong)
    from services import brands

    other = brands.add_brand(ctx, "Borea")
    with pytest.raises(Invalid, match="another brand"):
        problems.open_problem(desk["paolo"], other.id, title="x", cases=[desk["mara"]])
    assert problems.problems_of(desk["paolo"], desk["brand"]) == ()


def test_solved_every_owner_finds_a_draft_and_nothing_goes_out_by_itself(ctx, desk, opened, network) -> None:
    told = problem_ending.solve(desk["lia"], opened.line.problem_id, message=MESSAGE, version=opened.version)
    assert telling(told) == {"Mara": Telling.PREPARED, "Nino": Telling.PREPARED, "Olga": Telling.NO_OWNER}
    with ctx.store.read() as tx:
        draft = replies.draft_of(tx, desk["mara"], desk["paolo"].actor.user_id)
        assert draft is not None and draft.text == "Hello Mara, the portal works again. Sorry for the wait."
        assert notices.unread_count(tx, desk["gaia"].actor.user_id) == 1
    outbox.deliver_due(ctx, worker="w")
    assert network.texts == []
    sent = drafts.submit(desk["paolo"], draft.id)
    assert sent.status is ReplyState.QUEUED
    outbox.deliver_due(ctx, worker="w")
    assert network.texts == [draft.text]
    now = problems.problem(desk["lia"], opened.line.problem_id)
    assert telling(now)["Mara"] is Telling.TOLD and now.line.waiting == 2


def _hand_in(ctx, who, case_id: int) -> int:
    with ctx.store.read() as tx:
        post = tx.execute(text("SELECT last_mention_id FROM cases WHERE id = :c"), {"c": case_id}).scalar_one()
    draft = drafts.save(who, case_id, mention_id=post, text="We look into it.")
    return drafts.submit(who, draft.reply_id).reply_id


def test_what_was_handed_in_before_the_end_tells_nobody_of_it_whenever_it_goes_out(
    ctx, desk, opened, acting, clock
) -> None:
    tea, lia, problem_id = acting("tea", trained=()), desk["lia"], opened.line.problem_id
    claims.claim(tea, desk["olga"])
    waits, _queued = _hand_in(ctx, tea, desk["olga"]), _hand_in(ctx, desk["gaia"], desk["nino"])
    clock.move(minutes=5)
    solved = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version)
    assert {telling(solved)[who] for who in ("Nino", "Olga")} == {Telling.TO_WRITE}
    clock.move(minutes=5)
    approvals.approve(lia, waits)
    outbox.deliver_due(ctx, worker="w")
    view = problems.problem(lia, problem_id)
    assert {telling(view)[who] for who in ("Nino", "Olga")} == {Telling.TO_WRITE} and view.line.waiting == 3
    later = drafts.submit(tea, problem_ending.take_message(tea, desk["olga"]).reply_id)
    assert telling(problems.problem(lia, problem_id))["Olga"] is Telling.UNDER_WAY
    approvals.approve(lia, later.reply_id)
    outbox.deliver_due(ctx, worker="w")
    assert telling(problems.problem(lia, problem_id))["Olga"] is Telling.TOLD


def test_two_who_turn_out_to_be_one_are_one_person_of_the_problem_until_they_are_parted(
    desk, opened, store, say
) -> None:
    lia, problem_id, kept = desk["lia"], opened.line.problem_id, say("BAD the portal once more", author="mara_m")
    claims.claim(lia, kept)
    with store.read() as tx:
        who = {row.id: row.customer_id for row in tx.execute(select(case_rows.c.id, case_rows.c.customer_id))}
    evidence = same_person.Evidence(Basis.TOLD_US, note="She told us on the telephone")
    mine = lia.actor.user_id
    joined = same_person.join(lia, who[kept], who[desk["mara"]], evidence=evidence, owner_id=mine)

    told = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version)
    assert {person.case_id for person in told.people} == {kept, desk["nino"], desk["olga"]}
    assert (told.line.cases, told.line.waiting, telling(told)["Mara_M"]) == (3, 3, Telling.PREPARED)
    assert problems.of_case(lia, kept).cases == 3
    with pytest.raises(NotPossible):
        problems.open_problem(lia, desk["brand"], title="Another", cases=[kept])

    same_person.separate(lia, joined.id)
    after = problems.problem(lia, problem_id)
    assert {person.case_id for person in after.people} == {desk[each] for each in ("mara", "nino", "olga")}
    assert problems.of_case(lia, kept) is None
    same_person.join(lia, who[kept], who[desk["mara"]], evidence=evidence, owner_id=mine)
    assert problems.remove_cases(lia, problem_id, [kept]).line.cases == 2


@pytest.mark.parametrize("message", [MESSAGE, "The portal works again. Sorry for the wait."])
def test_two_who_turn_out_to_be_one_after_the_end_are_told_once_by_one_name(desk, opened, store, say, message) -> None:
    lia, problem_id, mine = desk["lia"], opened.line.problem_id, desk["lia"].actor.user_id
    both = [say("BAD the portal once more", author=name) for name in ("mara_m", "mara_b")]
    for case_id in both:
        claims.claim(lia, case_id)
    problems.add_cases(lia, problem_id, both)
    version = problems.problem(lia, problem_id).version
    problem_ending.solve(lia, problem_id, message=message, version=version)
    with store.read() as tx:
        who = {row.id: row.customer_id for row in tx.execute(select(case_rows.c.id, case_rows.c.customer_id))}

    def in_drafts() -> list[str]:
        with store.read() as tx:
            return [replies.draft_of(tx, case_id, mine).text for case_id in both]

    prepared = in_drafts()
    evidence = same_person.Evidence(Basis.TOLD_US, note="She told us on the telephone")
    joined = same_person.join(lia, who[both[0]], who[both[1]], evidence=evidence, owner_id=mine)
    assert in_drafts()[0] == prepared[0] and (prepared[0] == prepared[1]) == (message != MESSAGE)
    same_person.separate(lia, joined.id)
    assert in_drafts() == prepared


def test_who_is_not_trained_still_needs_an_ok_for_the_prepared_words(ctx, desk, opened, acting, say) -> None:
    tea = acting("tea", trained=())
    claims.claim(tea, desk["olga"])
    problem_ending.solve(desk["lia"], opened.line.problem_id, message=MESSAGE, version=opened.version)
    with ctx.store.read() as tx:
        draft = replies.draft_of(tx, desk["olga"], tea.actor.user_id)
    assert draft is not None and drafts.submit(tea, draft.id).status is ReplyState.AWAITING_APPROVAL


def test_what_somebody_is_typing_is_never_touched_and_the_message_can_be_put_below(ctx, desk, opened) -> None:
    paolo = desk["paolo"]
    with ctx.store.read() as tx:
        post = tx.execute(text("SELECT last_mention_id FROM cases WHERE id = :c"), {"c": desk["mara"]}).scalar_one()
    drafts.save(paolo, desk["mara"], mention_id=post, text="Dear Mara,")
    told = problem_ending.solve(desk["lia"], opened.line.problem_id, message=MESSAGE, version=opened.version)
    assert telling(told)["Mara"] is Telling.TO_WRITE
    with ctx.store.read() as tx:
        assert replies.draft_of(tx, desk["mara"], paolo.actor.user_id).text == "Dear Mara,"
    taken = problem_ending.take_message(paolo, desk["mara"])
    assert (
        taken.text.startswith("Dear Mara,\n\nHello Mara")
        and taken.text == problem_ending.take_message(paolo, desk["mara"]).text
    )
    assert telling(problems.problem(desk["lia"], opened.line.problem_id))["Mara"] is Telling.PREPARED


def test_who_takes_the_case_later_finds_the_message_there(desk, opened) -> None:
    with pytest.raises(NotPossible, match="nothing to tell"):
        problem_ending.take_message(desk["gaia"], desk["olga"])
    problem_ending.solve(desk["lia"], opened.line.problem_id, message=MESSAGE, version=opened.version)
    claims.claim(desk["gaia"], desk["olga"])
    assert problem_ending.take_message(desk["gaia"], desk["olga"]).text.startswith("Hello Olga")
    view = problems.problem(desk["lia"], opened.line.problem_id)
    assert telling(view)["Olga"] is Telling.PREPARED


def test_only_who_decides_says_that_it_is_solved_and_only_over_what_they_saw(desk, opened) -> None:
    with pytest.raises(NotAllowed):
        problem_ending.solve(desk["paolo"], opened.line.problem_id, message=MESSAGE, version=opened.version)
    with pytest.raises(StaleVersion):
        problem_ending.solve(desk["lia"], opened.line.problem_id, message=MESSAGE, version=opened.version + 1)
    with pytest.raises(Invalid):
        problem_ending.solve(desk["lia"], opened.line.problem_id, message="  ", version=opened.version)
    assert "solve" in problems.problem(desk["lia"], opened.line.problem_id).may
    assert "solve" not in problems.problem(desk["paolo"], opened.line.problem_id).may


def test_nobody_is_forgotten_silently_and_the_end_says_who_and_how(desk, opened, store, clock) -> None:
    problem_id, lia = opened.line.problem_id, desk["lia"]
    with pytest.raises(NotPossible, match="what people are to hear"):
        problem_ending.close(lia, problem_id, outcome=Outcome.SOLVED, version=opened.version)
    seen = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version).version
    with pytest.raises(NotPossible) as refused:
        problem_ending.close(lia, problem_id, outcome=Outcome.SOLVED, version=seen)
    assert (refused.value.values["reason"], refused.value.values["n"]) == ("not_told", 3)
    ended = problem_ending.close(lia, problem_id, outcome=Outcome.SOLVED, reason="told by letter", version=seen)
    assert (ended.line.state, ended.line.outcome, ended.closed_by) == (ProblemState.CLOSED, Outcome.SOLVED, "Lia")
    assert ended.line.closed_at == clock() and ended.reason == "told by letter" and ended.line.cases == 3
    assert [event.kind for event in ended.events] == ["opened", "added", "solved", "closed"]
    assert problems.of_case(lia, desk["mara"]) is None
    with pytest.raises(NotPossible):
        problems.add_cases(lia, problem_id, [desk["mara"]])
    again = problems.open_problem(lia, desk["brand"], title="It came back", cases=[desk["mara"]])
    assert again.line.cases == 1
    with store.read() as tx:
        done = tx.execute(
            select(audit.c.action).where(audit.c.entity == "problem", audit.c.outcome == "done")
        ).scalars()
        assert list(done) == ["problem.open", "problem.solve", "problem.close", "problem.open"]


def test_it_comes_back_before_everybody_was_told_and_who_has_the_message_in_a_draft_is_warned(
    ctx, desk, opened, acting
) -> None:
    lia, problem_id = desk["lia"], opened.line.problem_id
    with pytest.raises(NotPossible) as refused:
        problem_ending.give_back(lia, problem_id, reason="it is down again", version=opened.version)
    assert refused.value.values["reason"] == "problem_open"
    with ctx.store.read() as tx:
        post = tx.execute(text("SELECT last_mention_id FROM cases WHERE id = :c"), {"c": desk["nino"]}).scalar_one()
    drafts.save(desk["gaia"], desk["nino"], mention_id=post, text="Dear Nino,")
    seen = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version).version
    for who in (desk["paolo"], acting("marta", roles=("marketing",))):
        with pytest.raises(NotAllowed):
            problem_ending.give_back(who, problem_id, reason="it is down again", version=seen)
    with pytest.raises(NotPossible, match="few words"):
        problem_ending.give_back(lia, problem_id, reason=" ", version=seen)
    back = problem_ending.give_back(lia, problem_id, reason="it is down again", version=seen)
    assert back.line.state is ProblemState.OPEN and telling(back)["Mara"] is Telling.NOT_YET
    mine = problems.of_case(desk["paolo"], desk["mara"])
    assert mine is not None and mine.message is None and mine.untrue == (MESSAGE.replace("{name}", "Mara"),)
    told = {who: [each.kind for each in bell.unread(desk[who])] for who in ("paolo", "gaia")}
    assert sorted(told["paolo"]) == ["problem_returned", "problem_solved"] and told["gaia"] == ["problem_solved"]


def _kinds(who) -> list[str]:
    return [each.kind for each in bell.unread(who)]


def _row(ctx, reply_id: int):
    with ctx.store.read() as tx:
        return replies.get(tx, reply_id)


def test_what_waits_for_an_ok_or_to_be_sent_is_a_draft_again_when_the_problem_is_back(
    ctx, desk, opened, acting, network
) -> None:
    lia, gaia, problem_id = desk["lia"], desk["gaia"], opened.line.problem_id
    tea, nora = acting("tea", trained=()), acting("nora", roles=("manager",))
    claims.claim(tea, desk["olga"])
    seen = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version).version
    waits = drafts.submit(tea, _draft_id(ctx, tea, desk["olga"]))
    queued = drafts.submit(gaia, _draft_id(ctx, gaia, desk["nino"]))
    agreed = drafts.submit(desk["paolo"], _draft_id(ctx, desk["paolo"], desk["mara"]))
    assert (waits.status, queued.status) == (ReplyState.AWAITING_APPROVAL, ReplyState.QUEUED)
    with ctx.store.write() as tx:
        replies.change(tx, replies.get(tx, agreed.reply_id), approver_id=nora.actor.user_id)

    problem_ending.give_back(lia, problem_id, reason="it is down again", version=seen)
    for each in (waits, queued, agreed):
        row = _row(ctx, each.reply_id)
        told = (row.status, row.return_reason, row.return_note)
        assert told == (ReplyState.DRAFT, "problem_returned", "it is down again")
        assert row.send_after is None and row.approver_id is None
    assert "reply_taken_back" in _kinds(tea) and "reply_taken_back" in _kinds(gaia)
    assert _kinds(nora) == ["reply_taken_back"]
    with pytest.raises(NotPossible):
        approvals.approve(lia, waits.reply_id)
    outbox.deliver_due(ctx, worker="w")
    assert network.texts == []


@pytest.mark.parametrize("state", [ReplyState.SENDING, ReplyState.BY_HAND, ReplyState.QUEUED])
def test_what_has_begun_to_go_out_or_is_posted_by_hand_is_left_alone_and_its_author_told(
    ctx, desk, opened, state
) -> None:
    lia, gaia, problem_id = desk["lia"], desk["gaia"], opened.line.problem_id
    seen = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version).version
    sent = drafts.submit(gaia, _draft_id(ctx, gaia, desk["nino"]))
    # One that was looked for in vain is queued again: an earlier attempt may be out.
    with ctx.store.write() as tx:
        replies.change(tx, replies.get(tx, sent.reply_id), status=state, absent_probes=2)
    before = _row(ctx, sent.reply_id)
    problem_ending.give_back(lia, problem_id, reason="it is down again", version=seen)
    assert _row(ctx, sent.reply_id) == before
    assert "reply_untrue" in _kinds(gaia) and "reply_taken_back" not in _kinds(gaia)


def test_what_was_handed_in_before_the_message_was_put_into_other_words_is_taken_back_as_well(
    ctx, desk, opened, acting, network
) -> None:
    lia, gaia, paolo, problem_id = desk["lia"], desk["gaia"], desk["paolo"], opened.line.problem_id
    tea = acting("tea", trained=())
    claims.claim(tea, desk["olga"])
    seen = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version).version
    queued = drafts.submit(gaia, _draft_id(ctx, gaia, desk["nino"]))
    waits = drafts.submit(tea, _draft_id(ctx, tea, desk["olga"]))
    held = _row(ctx, _draft_id(ctx, paolo, desk["mara"]))
    drafts.save(paolo, desk["mara"], mention_id=held.mention_id, text=f"{held.text} Yours, Paolo")
    seen = problem_ending.solve(lia, problem_id, message="{name}, it works for good.", version=seen).version

    problem_ending.give_back(lia, problem_id, reason="it is down again", version=seen)
    assert [_row(ctx, each.reply_id).status for each in (queued, waits)] == [ReplyState.DRAFT] * 2
    assert "reply_taken_back" in _kinds(gaia) and "reply_taken_back" in _kinds(tea)
    assert "problem_returned" in _kinds(paolo)
    shown = problems.of_case(gaia, desk["nino"])
    assert shown is not None and set(shown.untrue) == {MESSAGE.replace("{name}", "Nino"), "Nino, it works for good."}
    outbox.deliver_due(ctx, worker="w")
    assert network.texts == []


@pytest.mark.parametrize("end", ["no_problem", "taken_out"])
def test_the_message_leaves_to_nobody_when_there_was_no_problem_or_not_with_them(
    ctx, desk, opened, network, end
) -> None:
    lia, gaia, paolo, problem_id = desk["lia"], desk["gaia"], desk["paolo"], opened.line.problem_id
    seen = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version).version
    queued = drafts.submit(gaia, _draft_id(ctx, gaia, desk["nino"]))
    if end == "no_problem":
        problem_ending.close(lia, problem_id, outcome=Outcome.NO_PROBLEM, version=seen)
    else:
        problems.remove_cases(lia, problem_id, [desk["nino"]])
    assert _row(ctx, queued.reply_id).status is ReplyState.DRAFT
    assert "reply_taken_back_void" in _kinds(gaia)
    assert ("message_void" in _kinds(paolo)) is (end == "no_problem")
    outbox.deliver_due(ctx, worker="w")
    assert network.texts == []


def _text(ctx, who, case_id: int) -> str:
    return _row(ctx, _draft_id(ctx, who, case_id)).text


def test_solved_again_with_other_words_an_untouched_draft_gets_them_and_a_touched_one_is_signed(
    ctx, desk, opened
) -> None:
    lia, paolo, gaia, problem_id = desk["lia"], desk["paolo"], desk["gaia"], opened.line.problem_id
    seen = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version).version
    held = _row(ctx, _draft_id(ctx, gaia, desk["nino"]))
    typed = f"{held.text} Yours, Gaia"
    drafts.save(gaia, desk["nino"], mention_id=held.mention_id, text=typed)
    seen = problem_ending.give_back(lia, problem_id, reason="it is down again", version=seen).version
    view = problem_ending.solve(lia, problem_id, message="{name}, now it does work.", version=seen)

    assert _text(ctx, paolo, desk["mara"]) == "Mara, now it does work." and _text(ctx, gaia, desk["nino"]) == typed
    assert (telling(view)["Mara"], telling(view)["Nino"]) == (Telling.PREPARED, Telling.TO_WRITE)
    said = problem_said.of_case(gaia, desk["nino"])
    assert said.is_earlier(typed) and not problem_said.of_case(paolo, desk["mara"]).is_earlier(
        "Mara, now it does work."
    )
    reworded = problem_ending.solve(lia, problem_id, message="{name}, it works for good.", version=view.version)
    assert _text(ctx, paolo, desk["mara"]) == "Mara, it works for good."
    assert telling(reworded)["Mara"] is Telling.PREPARED


@pytest.mark.parametrize("end", ["no_problem", "taken_out", "solved"])
def test_the_sign_stays_when_the_case_is_part_of_no_problem_any_more(ctx, desk, opened, end) -> None:
    lia, paolo, problem_id = desk["lia"], desk["paolo"], opened.line.problem_id
    seen = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version).version
    words = _text(ctx, paolo, desk["mara"])
    assert not problem_said.of_case(paolo, desk["mara"]).is_earlier(words)
    if end == "solved":
        problem_ending.close(lia, problem_id, outcome=Outcome.SOLVED, reason="by letter", version=seen)
    else:
        seen = problem_ending.give_back(lia, problem_id, reason="down again", version=seen).version
    if end == "no_problem":
        problem_ending.close(lia, problem_id, outcome=Outcome.NO_PROBLEM, version=seen)
    if end == "taken_out":
        problems.remove_cases(paolo, problem_id, [desk["mara"]])
    assert problem_said.of_case(paolo, desk["mara"]).is_earlier(words) is (end != "solved")


def test_who_was_told_an_earlier_message_after_the_end_has_not_heard_of_it(ctx, desk, opened, clock) -> None:
    lia, gaia, problem_id = desk["lia"], desk["gaia"], opened.line.problem_id
    seen = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version).version
    held = _row(ctx, _draft_id(ctx, gaia, desk["nino"]))
    drafts.save(gaia, desk["nino"], mention_id=held.mention_id, text=f"{held.text} Yours, Gaia")
    seen = problem_ending.give_back(lia, problem_id, reason="it is down again", version=seen).version
    clock.move(minutes=5)
    problem_ending.solve(lia, problem_id, message="{name}, now it does work.", version=seen)
    drafts.submit(gaia, _draft_id(ctx, gaia, desk["nino"]))
    assert telling(problems.problem(lia, problem_id))["Nino"] is Telling.TO_WRITE
    outbox.deliver_due(ctx, worker="w")
    view = problems.problem(lia, problem_id)
    assert telling(view)["Nino"] is Telling.TO_WRITE
    [line] = problems.problems_of(lia, desk["brand"])
    assert line == view.line and line.waiting == 3
    problem_ending.solve(lia, problem_id, message="{name}, now it does work well.", version=view.version)
    assert _text(ctx, gaia, desk["nino"]) == "Nino, now it does work well."


def test_a_reply_in_other_words_goes_on_when_the_problem_is_back(ctx, desk, opened) -> None:
    lia, problem_id = desk["lia"], opened.line.problem_id
    reply_id = _hand_in(ctx, desk["gaia"], desk["nino"])
    seen = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version).version
    problem_ending.give_back(lia, problem_id, reason="it is down again", version=seen)
    assert _row(ctx, reply_id).status is ReplyState.QUEUED


def _draft_id(ctx, who, case_id: int) -> int:
    with ctx.store.read() as tx:
        found = replies.draft_of(tx, case_id, who.actor.user_id)
    assert found is not None
    return found.id


def test_a_problem_gets_other_words_over_those_that_were_read_alone(desk, opened, acting) -> None:
    problem_id, gaia = opened.line.problem_id, desk["gaia"]
    for who in ("marta", "ada"):
        with pytest.raises(NotAllowed):
            outside = acting(who, roles=("marketing",) if who == "marta" else ("admin",))
            problems.reword(outside, problem_id, title="x", about="", version=opened.version)
    said = problems.reword(gaia, problem_id, title=" Portal\nlocked ", about="since noon", version=opened.version)
    assert (said.line.title, said.about, said.events[-1].kind) == ("Portal locked", "since noon", "renamed")
    assert problems.of_case(desk["paolo"], desk["mara"]).title == "Portal locked"
    with pytest.raises(StaleVersion):
        problems.reword(desk["paolo"], problem_id, title="Mine", about="", version=opened.version)
    with pytest.raises(Invalid):
        problems.reword(gaia, problem_id, title=" ", about="", version=said.version)
    same = problems.reword(gaia, problem_id, title="Portal locked", about="since noon", version=said.version)
    assert (same.version, len(same.events)) == (said.version, len(said.events))
    ended = problem_ending.close(desk["lia"], problem_id, outcome=Outcome.NO_PROBLEM, version=said.version)
    with pytest.raises(NotPossible):
        problems.reword(gaia, problem_id, title="Late", about="", version=ended.version)


def test_of_two_who_end_it_at_once_one_does_and_the_other_learns_it(desk, opened, acting, store) -> None:
    problem_id, ugo = opened.line.problem_id, acting("ugo", roles=("manager",))
    seen = problem_ending.solve(desk["lia"], problem_id, message=MESSAGE, version=opened.version).version

    def end(who) -> str:
        try:
            done = problem_ending.close(who, problem_id, outcome=Outcome.SOLVED, reason="by letter", version=seen)
            return str(done.line.state)
        except NotPossible as refusal:
            return str(refusal.values["reason"])

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(end, (desk["lia"], ugo))) == ["closed", "problem_closed"]
    with store.read() as tx:
        kinds = [event.kind for event in rows_db.events(tx, problem_id)]
    assert kinds.count("closed") == 1
    with pytest.raises(NotPossible) as refused:
        problem_ending.give_back(ugo, problem_id, reason="back", version=seen + 1)
    assert refused.value.values["reason"] == "problem_closed"


def test_over_what_a_colleague_changed_meanwhile_nothing_is_ended_or_taken_back(desk, opened) -> None:
    problem_id, lia = opened.line.problem_id, desk["lia"]
    seen = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version).version
    problem_ending.solve(lia, problem_id, message="Another message.", version=seen)
    with pytest.raises(StaleVersion):
        problem_ending.give_back(lia, problem_id, reason="back", version=seen)
    with pytest.raises(StaleVersion):
        problem_ending.close(lia, problem_id, outcome=Outcome.SOLVED, reason="all told", version=seen)


def test_nobody_is_let_go_who_joined_after_it_was_looked_at(desk, opened, say) -> None:
    problem_id, lia = opened.line.problem_id, desk["lia"]
    seen = problem_ending.solve(lia, problem_id, message=MESSAGE, version=opened.version).version
    more = problems.add_cases(desk["gaia"], problem_id, [say("BAD portal again", author="pia")])
    assert more.line.cases == 4 and more.version == seen + 1
    with pytest.raises(StaleVersion):
        problem_ending.close(lia, problem_id, outcome=Outcome.SOLVED, reason="3 told by letter", version=seen)
    fewer = problems.remove_cases(desk["gaia"], problem_id, [desk["nino"]])
    assert fewer.version == more.version + 1
    assert problems.add_cases(desk["gaia"], problem_id, [desk["mara"]]).version == fewer.version, "it was in it"
    with pytest.raises(StaleVersion):
        problem_ending.solve(lia, problem_id, message="Other words", version=more.version)


@pytest.mark.parametrize("where", ["add", "record"])
def test_killed_while_it_is_opened_there_is_no_problem_and_it_can_be_opened_again(ctx, desk, where) -> None:
    def open_it_and_die(here) -> None:
        setattr(rows_db, where, lambda *_args, **_values: os.kill(os.getpid(), signal.SIGKILL))
        paolo = replace(desk["paolo"], store=here.store)
        problems.open_problem(paolo, desk["brand"], title="Portal down", cases=[desk["mara"]])

    assert in_a_process(ctx, None, open_it_and_die) == signal.SIGKILL
    assert problems.problems_of(desk["paolo"], desk["brand"]) == ()
    assert problems.of_case(desk["paolo"], desk["mara"]) is None
    view = problems.open_problem(desk["paolo"], desk["brand"], title="Portal down", cases=[desk["mara"]])
    assert view.line.cases == 1 and [event.kind for event in view.events] == ["opened", "added"]


def test_later_cases_are_suggested_and_added_by_a_person_alone(ctx, desk, opened, say) -> None:
    later, other = say("BAD portal again", author="pia"), say("BAD portal too", author="ugo")
    with ctx.store.write() as tx:
        meta.keep(tx, f"topics {desk['brand']}", f"[[{desk['mara']}, {later}, {other}]]")
    problem_id, paolo = opened.line.problem_id, desk["paolo"]
    assert {row.case_id for row in problems.suggested(paolo, problem_id)} == {later, other}
    assert problems.problem(paolo, problem_id).line.cases == 3
    problems.refuse_suggested(paolo, problem_id, [other])
    assert [row.case_id for row in problems.suggested(paolo, problem_id)] == [later]
    assert problems.add_cases(paolo, problem_id, [later]).line.cases == 4
    assert problems.suggested(paolo, problem_id) == ()


def test_a_list_of_problems_counts_as_each_page_does_and_reads_no_more_for_more_of_them(
    ctx, desk, opened, store, say
) -> None:
    lia, one = desk["lia"], [problems.problems_of(desk["lia"], desk["brand"])]
    more = [
        problems.open_problem(lia, desk["brand"], title=f"Another {n}", cases=[say("BAD too", author=f"p{n}")])
        for n in range(3)
    ]
    problem_ending.solve(lia, opened.line.problem_id, message=MESSAGE, version=opened.version)
    cases.resolve(desk["gaia"], desk["nino"], code=ResolutionCode.ANSWERED)
    with ctx.store.read() as tx:
        draft = replies.draft_of(tx, desk["mara"], desk["paolo"].actor.user_id)
    drafts.submit(desk["paolo"], draft.id)
    outbox.deliver_due(ctx, worker="w")

    asked: list[str] = []
    with store.read() as tx:
        listen(tx, "before_cursor_execute", lambda *told: asked.append(told[2]))
        rows = rows_db.of_brand(tx, desk["brand"], states=list(ProblemState))
        del asked[:]
        lines = lines_of(tx, rows)
    assert lines == tuple(problems.problem(lia, row.id).line for row in rows) and len(one[0]) + len(more) == len(rows)
    assert (lines[-1].cases, lines[-1].waiting) == (3, 1) and len(asked) == 4
    assert not [each for each in asked if "mentions" in each]
    assert len(problems.problems_of(lia, desk["brand"], rows=2)) == 2


def test_a_case_closed_meanwhile_is_neither_waiting_nor_told(desk, opened) -> None:
    cases.resolve(desk["gaia"], desk["nino"], code=ResolutionCode.ANSWERED)
    told = problem_ending.solve(desk["lia"], opened.line.problem_id, message=MESSAGE, version=opened.version)
    assert telling(told)["Nino"] is Telling.CLOSED and told.line.waiting == 2


def test_the_history_of_each_case_says_so_in_codes_alone(store, desk, opened) -> None:
    problem_ending.solve(desk["lia"], opened.line.problem_id, message=MESSAGE, version=opened.version)
    query = select(case_events.c.kind, case_events.c.details).where(case_events.c.case_id == desk["mara"])
    with store.read() as tx:
        kinds = {row.kind: row.details for row in tx.execute(query)}
        assert tx.execute(select(problem_cases.c.left_at)).scalars().all() == [None] * 3
    assert kinds["problem_joined"] == kinds["problem_told"] == {"problem": opened.line.problem_id}
