"""What the widgets make of the text and the events they are given."""

from __future__ import annotations

import json
import re
from datetime import date, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from desk.widgets import gallery_sample as sample
from desk.widgets.composer import ComposerEvent, ComposerMode, ComposerResult
from desk.widgets.composer import _result as composer_result
from desk.widgets.icons import ICON_NAMES
from desk.widgets.keys import SHEET, KeyAction, sheet_html
from desk.widgets.markup import (
    Markup,
    avatar,
    html_tag,
    initials,
    join_markup,
    safe_picture_url,
    safe_url,
    shown_text,
    text_with_bold,
)
from desk.widgets.person import person_html
from desk.widgets.queue_list import _result as queue_result
from desk.widgets.rows import ChipKind, UrgencyShape
from desk.widgets.thread import Evidence, pieces_of
from desk.widgets.undo import undo_html

WIDGETS = Path(__file__).parents[2] / "desk" / "widgets"
GALLERY = str(WIDGETS / "gallery.py")
ANY_TEXT = st.text(st.characters(), max_size=60)


# ---- text becomes harmless ----
@given(ANY_TEXT)
def test_any_text_inside_a_tag_stays_text(text: str) -> None:
    inside = html_tag("p", text).removeprefix("<p>").removesuffix("</p>")
    assert not re.search(r"[<>\"']", inside)


@given(ANY_TEXT)
def test_an_attribute_cannot_be_left(text: str) -> None:
    assert html_tag("p", title=text).count('"') == 2


def test_markup_is_kept_and_plain_text_beside_it_is_escaped() -> None:
    assert html_tag("p", html_tag("b", "<"), "<") == "<p><b>&lt;</b>&lt;</p>"


def test_joining_escapes_what_is_not_markup() -> None:
    assert join_markup(["<i>", Markup("<b>")]) == "&lt;i&gt;<b>"


@given(st.text(st.characters(categories=("Cs", "Cc", "Lu", "So")), max_size=40))
def test_unshowable_characters_are_replaced_one_for_one(text: str) -> None:
    shown = shown_text(text)
    assert len(shown) == len(text)
    shown.encode("utf-8")


def test_line_breaks_and_joined_emoji_survive() -> None:
    family = "a\n\tb \U0001f469\u200d\U0001f467"
    assert shown_text(family) == family


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://", "http://[", " JaVaScRiPt:x", ""]
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert safe_url(url) == ""


def test_a_web_address_stays_as_it_is() -> None:
    assert safe_url(" https://example.org/a?b=1 ") == "https://example.org/a?b=1"


@pytest.mark.parametrize(
    "url", ["/sample/media/../secret", "/sample/media/x.html", "//evil.example/x.svg", "javascript:1"]
)
def test_only_the_samples_own_drawings_are_pictures_without_a_host(url: str) -> None:
    assert safe_picture_url(url) == ""
    assert safe_picture_url("/sample/media/bill.svg") == "/sample/media/bill.svg"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Marta Riva", "MR"),
        ("Anna Maria De Luca", "AL"),
        ("@lumen", "L"),
        ("u/pendolare_lodi", "PL"),
        ("", "?"),
        ("🙂", "?"),
        ("élodie", "É"),
    ],
)
def test_initials_come_from_the_first_and_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_the_public_is_round_and_colleagues_are_square() -> None:
    assert 'class="av"' in avatar("Marta Riva")
    assert 'class="av team sm"' in avatar("Giulia Ferri", kind="team", size="sm")


def test_bold_marks_work_in_pairs_only() -> None:
    assert text_with_bold("a **b** c") == "a <b>b</b> c"
    assert text_with_bold("2 ** 3 <x>") == "2 ** 3 &lt;x&gt;"


def test_the_person_pane_escapes_every_word() -> None:
    hostile = sample.person("en").__class__(name=sample.HOSTILE, about=sample.HOSTILE, dont_ask=sample.HOSTILE)
    pane = person_html(hostile)
    assert "<script" not in pane
    assert "<img" not in pane


def test_dont_ask_again_comes_before_everything_else() -> None:
    pane = person_html(sample.person("it"))
    assert pane.index("Non chiedere di nuovo") < pane.index("Chi la conosce") < pane.index("Promesse")


# ---- evidence ----
def test_evidence_counts_code_points_not_utf16_units() -> None:
    text = "👩‍👩‍👧 niente gas 🔥 da ieri"
    start = text.index("niente gas")
    pieces = pieces_of(text, [Evidence(start, start + 10, "no heating")])
    assert [(piece.text, piece.marked) for piece in pieces] == [
        ("👩‍👩‍👧 ", False),
        ("niente gas", True),
        (" 🔥 da ieri", False),
    ]


@given(ANY_TEXT, st.lists(st.tuples(st.integers(-5, 80), st.integers(-5, 80)), max_size=6))
def test_whatever_the_offsets_the_words_stay_whole_and_in_order(text: str, offsets: list[tuple[int, int]]) -> None:
    pieces = pieces_of(text, [Evidence(start, end) for start, end in offsets])
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)


# ---- events ----
def sent(**changes: Any) -> SimpleNamespace:
    """A composer's state with an event as the browser sends it."""
    event: dict[str, Any] = {
        "event": "send",
        "seq": 7,
        "subject": "case-2",
        "mode": "public",
        "text": "ciao \ud800",
        "reply_text": "ciao",
        "note_text": "",
        "promise": {"made": True, "text": "squadra 7", "due_day": "2026-11-20", "due_time": "12:30"},
        "base_version": 3,
        "aside": "",
    }
    return SimpleNamespace(event=event | changes)


def test_a_composer_event_arrives_with_its_case_text_and_promise() -> None:
    result = composer_result(sent())
    assert (result.event, result.subject, result.mode) == (ComposerEvent.SEND, "case-2", ComposerMode.PUBLIC)
    assert result.text == "ciao \N{REPLACEMENT CHARACTER}"
    assert (result.promise.due_day, result.promise.due_time) == (date(2026, 11, 20), time(12, 30))


@pytest.mark.parametrize(
    "changes",
    [{"event": "publish"}, {"mode": "everyone"}, {"seq": "x"}, {"promise": None}, {"promise": {"due_day": "soon"}}],
)
def test_a_forged_composer_event_is_no_event(changes: dict[str, Any]) -> None:
    assert composer_result(sent(**changes)) == ComposerResult()


def test_a_state_without_an_event_is_no_event() -> None:
    assert composer_result(None) == ComposerResult()
    assert composer_result(SimpleNamespace(event=None)) == ComposerResult()


def test_only_whole_numbers_are_cases() -> None:
    assert queue_result(SimpleNamespace(open=4, claim="4")).open == 4
    assert queue_result(SimpleNamespace(open=True, claim="4")).claim is None
    assert queue_result(SimpleNamespace(open=True, claim="4")).open is None


# ---- shapes, keys, undo ----
def test_every_urgency_has_a_shape_of_its_own() -> None:
    assert {shape.value for shape in UrgencyShape} <= ICON_NAMES
    assert [UrgencyShape.of_level(level) for level in (-1, 0, 1, 2, 3, 9)] == ["u0", "u0", "u1", "u2", "u3", "u3"]


def test_every_icon_named_in_a_script_is_drawn() -> None:
    named = set()
    for script in WIDGETS.glob("*.js"):
        text = script.read_text(encoding="utf-8")
        named |= set(re.findall(r'icon\("([a-z0-9_]+)"', text))
        for table in re.findall(r"_ICONS = \{([^}]*)\}", text):
            named |= set(re.findall(r': "([a-z0-9_]+)"', table))
    assert len(named) > 10
    assert named <= ICON_NAMES


def test_no_script_ever_parses_text_as_html() -> None:
    parsing = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|DOMParser")
    found = {path.name: parsing.findall(path.read_text(encoding="utf-8")) for path in WIDGETS.glob("*.js")}
    assert found
    assert not any(found.values())


def test_every_chip_has_a_style() -> None:
    css = (WIDGETS / "base.css").read_text(encoding="utf-8") + (WIDGETS / "queue_list.css").read_text(encoding="utf-8")
    assert [kind for kind in ChipKind if f".sp-chip.{kind.value}" not in css] == []


def test_the_sheet_shows_every_action_once() -> None:
    assert sorted(line.action for line in SHEET) == sorted(KeyAction)
    sheet = sheet_html({KeyAction.CLAIM: "<Prendi>"})
    assert "&lt;Prendi&gt;" in sheet
    assert sheet.count("<li>") == 1


def test_letters_of_the_sheet_and_of_the_script_are_the_same() -> None:
    script = (WIDGETS / "keys.js").read_text(encoding="utf-8")
    letters = dict(re.findall(r'"?([a-z/?])"?: "([a-z_]+)"', script.split("LETTERS = {")[1].split("}")[0]))
    shown = {key.lower(): line.action.value for line in SHEET for key in line.keys if len(key) == 1 and key.isascii()}
    assert letters == shown


def test_streamlits_own_letters_are_left_alone() -> None:
    assert not {"C", "R"} & {key for line in SHEET for key in line.keys}


@pytest.mark.parametrize(
    ("left_s", "words", "width"), [(10.2, "tra 11 s", "68%"), (-3.0, "tra 0 s", "0%"), (99.0, "tra 99 s", "100%")]
)
def test_the_undo_bar_counts_whole_seconds_and_never_overflows(left_s: float, words: str, width: str) -> None:
    bar = undo_html(text="Esce tra {s} s.", detail="", left_s=left_s, window_s=15)
    assert words in bar
    assert f"width: {width}" in bar


# ---- the gallery, as Streamlit runs it ----
@pytest.mark.parametrize("lang", ["it", "en"])
@pytest.mark.parametrize("view", ["desk", "states", "keys", "hostile"])
def test_the_gallery_runs_in_both_languages(view: str, lang: str) -> None:
    gallery = AppTest.from_file(GALLERY, default_timeout=20)
    gallery.query_params["view"] = view
    gallery.query_params["lang"] = lang
    assert not gallery.run().exception


def test_a_state_box_reports_the_button_pressed() -> None:
    gallery = AppTest.from_file(GALLERY, default_timeout=20)
    gallery.query_params["view"] = "states"
    gallery.run()
    gallery.button(key="refused_pass").click().run()
    assert any("state=refused/pass" in str(block.proto) for block in gallery.get("html"))


def test_both_gallery_languages_tell_the_same_things() -> None:
    stories = [json.loads((WIDGETS / f"gallery_{lang}.json").read_text(encoding="utf-8")) for lang in ("it", "en")]
    assert stories[0].keys() == stories[1].keys()
    assert stories[0]["words"].keys() == stories[1]["words"].keys()
    assert [box["tone"] for box in stories[0]["states"]] == [box["tone"] for box in stories[1]["states"]]
