"""Does a case offer the message of its problem to whoever writes already?"""

from __future__ import annotations

import bootstrap
from services import brands, case_view, claims, drafts, problem_ending, problems
from tests.desk.test_pages import Visit, as_, button, first_case


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
