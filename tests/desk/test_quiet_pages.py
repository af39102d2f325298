"""Approvals, promises and the first steps: what do they show, and what can be taken back?"""

from __future__ import annotations

from datetime import timedelta

from streamlit.testing.v1 import AppTest

import bootstrap
from services import claims, promises
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
