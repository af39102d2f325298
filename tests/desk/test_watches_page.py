"""Can a watch be written, tried and changed on the desk, by those who may, without losing a word?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

import bootstrap
from domain.brand import Watch
from services import brands, watches
from tests.desk.test_channels_page import button, shown

DrawPage = Callable[[str, str], AppTest]


def only_watch(desk: bootstrap.Backend) -> Watch:
    [watch] = watches.list_watches(desk.ctx)
    return watch


def write(test: AppTest, **fields: str) -> None:
    """Fill in the form: ``write(test, name="Gas", terms="gas\\nsmell")``."""
    serial = test.session_state["sp_watch_serial"]
    for name, text in fields.items():
        key = f"sp_watch_{name}_{serial}"
        (test.text_input(key=key) if name == "name" else test.text_area(key=key)).set_value(text)


@pytest.mark.parametrize(("login", "words"), [("paolo", "in coda"), ("aoife", "in the queue")])
def test_the_week_of_each_watch_is_counted_with_its_noise(desk, draw_page: DrawPage, login: str, words: str) -> None:
    page = shown(draw_page(login, "watches"))
    assert "Lumen Energia" in page and words in page
    assert ("nostri" if login == "paolo" else "our own") in page


def test_who_may_not_change_watches_reads_them(desk, draw_page: DrawPage) -> None:
    test = draw_page("mark", "watches")
    assert "Lumen Energia" in shown(test) and not test.button


def test_a_watch_is_tried_before_it_is_saved_and_saved(desk, draw_page: DrawPage) -> None:
    test = draw_page("aoife", "watches")
    button(test, "New watch").click().run()
    write(test, name="Bills", terms="bolletta\nbill", without="fattura")
    button(test, "Try it").click().run()
    page = shown(test)
    assert not test.exception and "of the newest" in page and "<mark>" in page
    assert len(watches.list_watches(desk.ctx)) == 1, "trying stores nothing"
    button(test, "Save the watch").click().run()
    assert not test.exception
    made = next(each for each in watches.list_watches(desk.ctx) if each.name == "Bills")
    assert (made.terms, made.exclusions) == (("bolletta", "bill"), ("fattura",))
    assert "“bolletta”, “bill” · without “fattura”" in shown(test)


def test_the_networks_are_asked_only_on_demand(desk, draw_page: DrawPage) -> None:
    test = draw_page("aoife", "watches")
    button(test, "Change").click().run()
    write(test, terms="Lumen")
    button(test, "Try it").click().run()
    assert "On Sample now" not in shown(test)
    button(test, "Try it on the networks now").click().run()
    assert not test.exception
    assert "On Sample now" in shown(test)


def test_what_cannot_be_saved_is_said_and_stays_in_the_form(desk, draw_page: DrawPage) -> None:
    test = draw_page("aoife", "watches")
    button(test, "New watch").click().run()
    write(test, name="", terms="gas")
    button(test, "Save the watch").click().run()
    test.run()
    assert "A watch needs a name." in shown(test)
    assert test.text_area(key=f"sp_watch_terms_{test.session_state['sp_watch_serial']}").value == "gas"


def test_whoever_comes_second_is_told_and_can_look_at_the_others(desk, draw_page: DrawPage) -> None:
    test = draw_page("aoife", "watches")
    button(test, "Change").click().run()
    write(test, terms="mine")
    watch = only_watch(desk)
    watches.change_watch(desk.ctx, replace(watch, terms=("theirs",)))
    button(test, "Save the watch").click().run()
    test.run()
    assert "A colleague has changed this watch" in shown(test)
    assert only_watch(desk).terms == ("theirs",)
    button(test, "Show theirs").click().run()
    assert test.text_area(key=f"sp_watch_terms_{test.session_state['sp_watch_serial']}").value == "theirs"


def test_a_watch_rests_and_wakes(desk, draw_page: DrawPage) -> None:
    test = draw_page("aoife", "watches")
    button(test, "Let it rest").click().run()
    assert watches.list_watches(desk.ctx) == []
    assert "resting" in shown(test)
    button(test, "Wake it").click().run()
    assert only_watch(desk).active


def test_a_manager_sees_no_way_to_change(desk, draw_page: DrawPage) -> None:
    assert not draw_page("paolo", "watches").button


def test_a_hostile_word_is_shown_as_a_word(desk, draw_page: DrawPage) -> None:
    brand = brands.resolve_brand(desk.ctx, None)
    watches.add_watch(desk.ctx, brand.id, name="<b>x</b>", terms=("<script>x",), exclusions=("{n}",))
    page = shown(draw_page("mark", "watches"))
    assert "<script>" not in page and "&lt;script&gt;x" in page and "{n}" in page


def test_a_desk_without_a_brand_says_so(empty_desk, draw_page: DrawPage) -> None:
    assert "There is no brand yet." in shown(draw_page("aoife", "watches"))
