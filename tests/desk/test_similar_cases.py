"""A case offers a few others like it behind one button; ticking them and one press makes them one problem."""

from __future__ import annotations

from sqlalchemy import update
from streamlit.testing.v1 import AppTest

import bootstrap
from db.tables import mentions
from desk import pulse
from services import brands, cases, claims, problems, queue, similar
from services.queue import QueueFilter
from tests.desk.test_pages import Visit, as_, button, shown

HOSTILE = "<img src=x onerror=alert(1)> **bold** [x](javascript:alert(1))"


def found_alike(desk: bootstrap.Backend) -> list[int]:
    """The worker has found that the first three cases of the list are like one another."""
    brand = brands.resolve_brand(desk.ctx, None)
    ids = [entry.case_id for entry in queue.page(as_(desk, "paolo"), QueueFilter(brand.id), limit=3).entries]
    with desk.ctx.store.write() as tx:
        similar.keep(tx, brand.id, {each: [other for other in ids if other != each] for each in ids})
    return ids


def closed_by_sara(desk: bootstrap.Backend, case_id: int) -> None:
    sara = as_(desk, "sara")
    claims.claim(sara, case_id)
    cases.resolve(sara, case_id, code=cases.ResolutionCode.ANSWERED)


def name_of(desk: bootstrap.Backend, case_id: int) -> str:
    return cases.view(as_(desk, "paolo"), case_id).customer.name


def opened(visit: Visit, login: str, case_id: int) -> AppTest:
    """The case with what stands behind the button; a popover's opening is its widget's state."""
    return visit(login, query={"case": str(case_id)}, **{f"sp_similar_{case_id}": True})


def test_ticking_one_and_naming_it_makes_one_problem_in_one_press(desk: bootstrap.Backend, visit: Visit) -> None:
    one, other, third = found_alike(desk)
    test = opened(visit, "paolo", one)
    assert button(test, "Fanne un problema solo").disabled
    test.checkbox(key=f"sp_similar_tick_{one}_{other}").check().run()
    button(test, "Fanne un problema solo").click().run()
    # Why it was refused stands in the panel, which would cover what stands on the case.
    assert [each for each in test.button if each.key == "sp_read_similar_0"]
    test.text_input(key=f"sp_similar_title_{one}").set_value("Portale fermo").run()
    button(test, "Fanne un problema solo").click().run()
    assert not test.exception
    (line,) = [each for each in problems.problems_of(desk.ctx, 1) if each.title == "Portale fermo"]
    people = problems.problem(desk.ctx, line.problem_id).people
    assert {person.case_id for person in people} == {one, other}
    assert not [each for each in test.checkbox if each.key and each.key.startswith("sp_similar")], "the list is closed"
    # The third is still proposed, and would join the problem by its name: nothing is to be typed.
    test = opened(visit, "paolo", one)
    test.checkbox(key=f"sp_similar_tick_{one}_{third}").check().run()
    assert "Portale fermo" in shown(test) and not [t for t in test.text_input if t.key == f"sp_similar_title_{one}"]


def test_what_is_part_of_another_problem_cannot_be_ticked_along(desk: bootstrap.Backend, visit: Visit) -> None:
    one, other, third = found_alike(desk)
    paolo = as_(desk, "paolo")
    problems.open_problem(paolo, 1, title="Portale fermo", cases=[other])
    problems.open_problem(paolo, 1, title="Bolletta doppia", cases=[third])
    test = opened(visit, "paolo", one)
    test.checkbox(key=f"sp_similar_tick_{one}_{other}").check().run()
    assert test.checkbox(key=f"sp_similar_tick_{one}_{third}").disabled
    button(test, "Fanne un problema solo").click().run()
    assert problems.of_case(paolo, one).title == "Portale fermo"
    test = opened(visit, "paolo", one)
    assert test.checkbox(key=f"sp_similar_tick_{one}_{third}").disabled and "Bolletta doppia" in shown(test)


def test_one_that_a_colleague_closed_meanwhile_is_left_out_and_named(desk: bootstrap.Backend, visit: Visit) -> None:
    one, other, third = found_alike(desk)
    test = opened(visit, "paolo", one)
    for each in (other, third):
        test.checkbox(key=f"sp_similar_tick_{one}_{each}").check().run()
    test.text_input(key=f"sp_similar_title_{one}").set_value("Portale fermo").run()
    closed_by_sara(desk, other)
    name = name_of(desk, other)
    button(test, "Fanne un problema solo").click().run()
    assert not test.exception
    (line,) = [each for each in problems.problems_of(desk.ctx, 1) if each.title == "Portale fermo"]
    assert {person.case_id for person in problems.problem(desk.ctx, line.problem_id).people} == {one, third}
    assert f"Il caso di {name} resta fuori: nel frattempo è stato chiuso." in shown(test)


def test_one_that_is_closed_while_it_is_ticked_is_named_in_the_panel_already(
    desk: bootstrap.Backend, visit: Visit
) -> None:
    one, other, third = found_alike(desk)
    test = opened(visit, "paolo", one)
    test.checkbox(key=f"sp_similar_tick_{one}_{other}").check().run()
    closed_by_sara(desk, other)
    test.run()
    assert f"Il caso di {name_of(desk, other)} resta fuori" in shown(test)
    assert button(test, "Fanne un problema solo").disabled
    closed_by_sara(desk, third)
    test.run()
    assert name_of(desk, third) not in shown(test), "nobody had chosen it"


def test_another_one_is_opened_from_there(desk: bootstrap.Backend, visit: Visit) -> None:
    one, other, _third = found_alike(desk)
    test = opened(visit, "paolo", one)
    test.button(key=f"sp_similar_open_{other}").click().run()
    assert test.session_state[pulse.CASE] == other


def test_what_strangers_wrote_is_text_and_who_only_reads_is_offered_no_act(
    desk: bootstrap.Backend, visit: Visit
) -> None:
    one, other, _third = found_alike(desk)
    with desk.ctx.store.write() as tx:
        entry = queue.among(desk.ctx, QueueFilter(1), [other]).entries[0]
        tx.execute(update(mentions).where(mentions.c.text == entry.text).values(text=HOSTILE))
    test = opened(visit, "mark", one)
    assert "&lt;img src=x" in shown(test) and "<img" not in shown(test)
    assert not [each for each in test.checkbox if each.key and each.key.startswith("sp_similar")]
    assert not [each for each in test.button if each.key == "sp_similar_join"]


def test_a_case_like_none_says_nothing(desk: bootstrap.Backend, visit: Visit) -> None:
    found_alike(desk)
    brand = brands.resolve_brand(desk.ctx, None)
    alone = queue.page(as_(desk, "paolo"), QueueFilter(brand.id), limit=5).entries[4].case_id
    test = visit("paolo", query={"case": str(alone)})
    assert "sp_similar" not in "".join(str(each.key) for each in [*test.button, *test.get("popover")])
