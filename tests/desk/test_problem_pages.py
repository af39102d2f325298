"""Does a case offer the message of its problem to whoever writes already, and does a spike bring its own brand?"""

from __future__ import annotations

from datetime import timedelta

import pytest

import bootstrap
from db import replies
from db import spikes as spikes_db
from desk import problem_words
from desk.i18n import LANGUAGES, speaking
from desk.session import BRAND_KEY
from domain.problem import Outcome
from domain.spike import Measure, SpikeState
from domain.states import ReplyState
from services import brands, case_view, claims, drafts, problem_ending, problems
from services.problem_view import NAMES
from tests.desk.test_pages import Visit, as_, button, first_case, shown


def test_who_was_writing_when_the_message_came_puts_it_below_their_words(desk: bootstrap.Backend, visit: Visit) -> None:
    paolo, case_id = as_(desk, "paolo"), first_case(desk)
    brand = brands.resolve_brand(paolo, None)
    claims.claim(paolo, case_id)
    view = problems.open_problem(paolo, brand.id, title="Portal", cases=[case_id])
    opened = case_view.view(paolo, case_id)
    drafts.save(paolo, case_id, mention_id=opened.route.mention_id, text="Dear all,")
    problem_ending.solve(paolo, view.line.problem_id, message="The portal works.", version=view.version)

    test = visit("paolo", query={"case": str(case_id)})
    button(test, "Metti il messaggio sotto la tua bozza").click().run()
    draft = case_view.view(paolo, case_id).draft
    assert draft is not None and draft.text == "Dear all,\n\nThe portal works."
    assert not [each for each in test.button if each.key == "sp_take_message"]


def test_a_spike_of_another_brand_shows_its_brand_and_another_brand_shows_the_list(
    desk: bootstrap.Backend, visit: Visit
) -> None:
    brand, other = brands.resolve_brand(desk.ctx, None), brands.add_brand(desk.ctx, "Borea")
    now = desk.ctx.clock()
    hours = {"from_at": now - timedelta(hours=2), "to_at": now, "noticed_at": now, "updated_at": now, "peak_at": now}
    with desk.ctx.store.write() as tx:
        about = {"brand_id": brand.id, "channel": "", "measure": Measure.POSTS, "state": SpikeState.OPEN}
        spike = spikes_db.create(tx, **about, **hours, posts=20, usual=1.0, peak_posts=20)
    test = visit("paolo", "problems", sp_shared_open=("spike", spike), **{BRAND_KEY: other.id})
    assert not test.exception and test.session_state[BRAND_KEY] == brand.id
    assert "Parole che spiccano" in shown(test)
    test.selectbox(key=BRAND_KEY).set_value(other.id).run()
    assert test.session_state[BRAND_KEY] == other.id and "Parole che spiccano" not in shown(test)


def _solved(desk: bootstrap.Backend) -> tuple[int, int]:
    """A problem of one case of Paolo's, with its message in his draft: (problem, case)."""
    paolo, case_id = as_(desk, "paolo"), first_case(desk)
    claims.claim(paolo, case_id)
    view = problems.open_problem(paolo, brands.resolve_brand(paolo, None).id, title="Portal", cases=[case_id])
    problem_id = view.line.problem_id
    problem_ending.solve(paolo, problem_id, message="The portal works.", version=view.version)
    return problem_id, case_id


def test_a_problem_is_renamed_and_what_a_colleague_changed_meanwhile_is_not_written_over(
    desk: bootstrap.Backend, visit: Visit
) -> None:
    problem_id, _case = _solved(desk)
    test = visit("paolo", "problems", sp_shared_open=("problem", problem_id))
    aoife = as_(desk, "aoife")
    seen = problems.problem(aoife, problem_id).version
    problems.reword(aoife, problem_id, title="Portal locked", about="", version=seen)
    box = f"sp_problem_new_title_{problem_id}"
    test.text_input(key=box).set_value("Portale bloccato")
    button(test, "Salva").click().run()
    assert problems.problem(aoife, problem_id).line.title == "Portal locked"
    assert "Intanto qualcuno ha cambiato qualcosa" in shown(test) and "Portal locked" in shown(test)
    assert test.text_input(key=box).value == "Portale bloccato"
    button(test, "Salva").click().run()
    assert problems.problem(aoife, problem_id).line.title == "Portale bloccato"


def test_a_problem_that_came_back_says_that_its_message_no_longer_holds_until_there_is_another(
    desk: bootstrap.Backend, visit: Visit
) -> None:
    problem_id, _case = _solved(desk)
    paolo = as_(desk, "paolo")

    def page() -> str:
        return shown(visit("paolo", "problems", sp_shared_open=("problem", problem_id)))

    def version() -> int:
        return problems.problem(paolo, problem_id).version

    told, before, again = "Che cosa diciamo alle persone", "Il messaggio di prima: non vale più", "Still grey."
    assert told in page() and before not in page()
    problem_ending.give_back(paolo, problem_id, reason=again, version=version())
    assert before in page() and "Perché è di nuovo aperto" in page() and told not in page()
    problem_ending.solve(paolo, problem_id, message="It works now.", version=version())
    assert told in page() and before not in page() and again not in page()
    problem_ending.close(paolo, problem_id, outcome=Outcome.NO_PROBLEM, version=version(), reason="Three faults.")
    assert before in page() and "Perché è finito così" in page() and "non avevano un problema in comune" in page()


@pytest.mark.parametrize("chosen", LANGUAGES)
def test_what_stands_for_a_name_on_the_page_is_understood_in_the_message(chosen: str) -> None:
    with speaking(chosen):
        assert problem_words.name_mark() in NAMES


def test_what_a_colleague_wrote_is_not_written_over_after_a_refusal_for_another_reason(
    desk: bootstrap.Backend, visit: Visit
) -> None:
    problem_id, _case = _solved(desk)
    aoife = as_(desk, "aoife")
    test = visit("aoife", "problems", sp_shared_open=("problem", problem_id))
    box = f"sp_problem_message_{problem_id}"
    assert test.text_area(key=box).value == "The portal works."
    seen = problems.problem(aoife, problem_id).version
    problem_ending.solve(aoife, problem_id, message="It works for most.", version=seen)
    test.text_area(key=box).set_value(" ")
    button(test, "Prepare the drafts").click().run()
    test.text_area(key=box).set_value("The portal works well.")
    button(test, "Prepare the drafts").click().run()
    assert problems.problem(aoife, problem_id).message == "It works for most."
    assert test.text_area(key=box).value == "The portal works well." and "It works for most." in shown(test)
    button(test, "Prepare the drafts").click().run()
    assert problems.problem(aoife, problem_id).message == "The portal works well."


def test_a_colleagues_words_stand_in_the_other_form_once_one_was_told_of_them(
    desk: bootstrap.Backend, visit: Visit
) -> None:
    problem_id, _case = _solved(desk)
    aoife = as_(desk, "aoife")
    test = visit("aoife", "problems", sp_shared_open=("problem", problem_id))
    seen = problems.problem(aoife, problem_id).version
    problem_ending.solve(aoife, problem_id, message="It works for most.", version=seen)
    test.text_input(key=f"sp_problem_new_title_{problem_id}").set_value("Portal locked")
    button(test, "Save").click().run()
    assert test.text_area(key=f"sp_problem_message_{problem_id}").value == "It works for most."
    button(test, "Save").click().run()
    found = problems.problem(aoife, problem_id)
    assert (found.line.title, found.message) == ("Portal locked", "It works for most.")
    button(test, "Prepare the drafts").click().run()
    assert problems.problem(aoife, problem_id).message == "It works for most."


def test_two_who_tell_everybody_at_once_make_one_message_and_the_second_sees_both(
    desk: bootstrap.Backend, visit: Visit
) -> None:
    problem_id, _case = _solved(desk)
    aoife = as_(desk, "aoife")
    problem_ending.give_back(
        aoife, problem_id, reason="down again", version=problems.problem(aoife, problem_id).version
    )
    test = visit("paolo", "problems", sp_shared_open=("problem", problem_id))
    box = f"sp_problem_message_{problem_id}"
    assert test.text_area(key=box).value == "", "what no longer holds is not offered again"
    seen = problems.problem(aoife, problem_id).version
    problem_ending.solve(aoife, problem_id, message="It works again.", version=seen)
    test.text_area(key=box).set_value("Tutto risolto.")
    button(test, "Prepara le bozze").click().run()
    assert problems.problem(aoife, problem_id).message == "It works again."
    assert "Intanto qualcuno ha cambiato qualcosa" in shown(test) and "It works again." in shown(test)
    change = next(each for each in test.expander if each.label == "Cambia il messaggio")
    assert change.proto.expanded and test.text_area(key=box).value == "Tutto risolto."


def test_when_it_came_back_the_case_warns_of_the_message_in_the_draft(desk: bootstrap.Backend, visit: Visit) -> None:
    problem_id, case_id = _solved(desk)
    aoife = as_(desk, "aoife")
    seen = problems.problem(aoife, problem_id).version
    problem_ending.give_back(aoife, problem_id, reason="down again", version=seen)
    test = visit("paolo", query={"case": str(case_id)})
    said = shown(test)
    assert "il messaggio nella tua bozza non è più vero" in said
    assert "Aoife Byrne dice che un problema è tornato" in said


def test_the_draft_keeps_its_sign_when_the_problem_is_called_none_and_a_reply_by_hand_gets_one(
    desk: bootstrap.Backend, visit: Visit
) -> None:
    problem_id, case_id = _solved(desk)
    aoife, paolo = as_(desk, "aoife"), as_(desk, "paolo")
    earlier = "messaggio precedente di un problema"
    assert earlier not in shown(visit("paolo", query={"case": str(case_id)}))
    seen = problems.problem(aoife, problem_id).version
    seen = problem_ending.give_back(aoife, problem_id, reason="down again", version=seen).version
    draft = case_view.view(paolo, case_id).draft
    assert draft is not None
    with desk.ctx.store.write() as tx:
        row = replies.get(tx, draft.reply_id)
        now = desk.ctx.clock()
        replies.change(tx, row, status=ReplyState.BY_HAND, queued_at=now, send_after=now)
    said = shown(visit("paolo", query={"case": str(case_id)}))
    assert "quello che dice questa risposta non è più vero" in said and earlier not in said
    problem_ending.close(aoife, problem_id, outcome=Outcome.NO_PROBLEM, version=seen)
    assert earlier in shown(visit("paolo", query={"case": str(case_id)}))


@pytest.mark.parametrize(("login", "acts"), [("sara", {"Cambia il nome"}), ("mark", set())])
def test_whoever_does_not_decide_is_offered_nothing_they_may_not_do(
    desk: bootstrap.Backend, visit: Visit, login: str, acts: set[str]
) -> None:
    problem_id, _case = _solved(desk)
    test = visit(login, "problems", sp_shared_open=("problem", problem_id))
    assert not test.exception and "Portal" in shown(test)
    offered = {each.proto.popover.label for each in test.get("popover")}
    assert offered & {"Cambia il nome", "È tornato", "Chiudi il problema", "It came back", "Close the problem"} == acts
