"""Approvals, promises and the first steps: what do they show, and what can be taken back?"""

from __future__ import annotations

from datetime import timedelta

from streamlit.testing.v1 import AppTest

import bootstrap
from desk.widgets.changes import changes_html
from services import approvals, cases, claims, drafts, promises
from services.queue import Pulse
from tests.desk.test_pages import Visit, as_, button, first_case, shown


def promised(desk: bootstrap.Backend, text: str = "ricontattarla") -> int:
    ctx, case_id = as_(desk, "paolo"), first_case(desk)
    claims.claim(ctx, case_id)
    promises.add(ctx, case_id, text=text, due_at=ctx.clock() + timedelta(hours=3))
    return case_id


def pulse_of(test: AppTest) -> Pulse:
    found: Pulse = test.session_state["sp_pulse"]
    return found


def test_a_promise_marked_as_kept_by_mistake_is_open_again_with_one_click(
    desk: bootstrap.Backend, draw_page: Visit
) -> None:
    promised(desk)
    test = draw_page("paolo", "promises")
    button(test, "Mantenuta").click().run()
    assert "Appena chiuse" in shown(test)
    button(test, "Annulla").click().run()
    assert "Appena chiuse" not in shown(test) and "La promessa è di nuovo aperta." in shown(test)
    assert button(test, "Non mantenuta")


def test_the_count_in_the_navigation_is_asked_for_again_after_an_act(desk: bootstrap.Backend, visit: Visit) -> None:
    promised(desk)
    test = visit("paolo")
    assert pulse_of(test).counts.promises == 1
    promises.keep(as_(desk, "paolo"), promises.open_promises(as_(desk, "paolo"), 1, mine=True)[0].promise_id)
    test.session_state["sp_counts_old"] = True  # what an act on the page leaves behind
    test.run()
    assert pulse_of(test).counts.promises == 0


def test_an_act_in_a_list_draws_the_frame_anew_once(desk: bootstrap.Backend, draw_page: Visit) -> None:
    promised(desk)
    test = draw_page("paolo", "promises")
    button(test, "Mantenuta").click().run()
    assert test.session_state["sp_counts_old"] is False


def handed_in(desk: bootstrap.Backend, text: str = "Buongiorno, ci pensiamo noi. Sara") -> tuple[int, int]:
    """A trainee's reply that waits for the ok: (case id, reply id)."""
    sara, case_id = as_(desk, "sara"), first_case(desk)
    claims.claim(sara, case_id)
    cases.add_note(sara, case_id, "La madre è sorda: citofonare due volte")
    mention_id = cases.view(sara, case_id).route.mention_id
    draft = drafts.save(sara, case_id, mention_id=mention_id, text=text)
    drafts.submit(sara, draft.reply_id)
    return case_id, draft.reply_id


def test_the_approver_sees_the_note_a_way_to_the_case_and_what_they_change(
    desk: bootstrap.Backend, draw_page: Visit
) -> None:
    _case_id, reply_id = handed_in(desk)
    test = draw_page("paolo", "approvals")
    assert "citofonare due volte" in shown(test) and "Nota interna" in shown(test)
    assert test.button(key=f"sp_approve_case_{reply_id}").label == "Apri il caso"
    test.text_area(key=f"sp_approve_text_{reply_id}").set_value("Buongiorno, ci pensiamo subito. Sara").run()
    assert "<del>noi.</del><ins>subito.</ins>" in shown(test)


def test_the_author_reads_in_the_outbox_what_was_changed(desk: bootstrap.Backend, draw_page: Visit) -> None:
    _case_id, reply_id = handed_in(desk)
    approvals.approve(as_(desk, "paolo"), reply_id, text="Buongiorno, arriviamo alle 18. Sara")
    page = shown(draw_page("sara", "outbox"))
    assert "<del>" in page and "arriviamo" in page


def test_changes_are_told_word_by_word_and_as_text() -> None:
    said = changes_html("Ci <b>pensiamo noi", "Ci pensiamo <i>subito</i>")
    assert "&lt;b&gt;pensiamo" in said and "<b>" not in said and "<i>" not in said
    assert changes_html("uguale", "uguale").count("<del>") == 0


def test_without_a_brand_the_next_steps_give_their_reason(empty_desk: bootstrap.Backend, draw_page: Visit) -> None:
    test = draw_page("aoife", "first_start")
    assert test.button(key="sp_start_import").disabled and test.button(key="sp_start_channel").disabled
    assert "First name your brand" in shown(test)


def test_the_first_brand_leads_on_to_a_file_or_a_channel(empty_desk: bootstrap.Backend, visit: Visit) -> None:
    test = visit("aoife")
    test.text_input[0].set_value("Lumen")
    button(test, "Make the brand").click().run()
    assert "Lumen is there. Next" in shown(test)
    assert not test.button(key="sp_start_import").disabled
    assert "First name your brand" not in shown(test)
