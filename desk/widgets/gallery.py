"""How does every widget look with invented data? For developers: ``streamlit run desk/widgets/gallery.py``.

Query parameters: ``view`` (desk, states, keys, hostile), ``lang`` (it, en), ``undo`` (1 shows the undo bar),
``locked`` (1 locks the composer), ``compact`` (1). The theme is the browser's, or chosen in Streamlit's settings.
The gallery keeps the draft it is sent, as a page would, and shows the last event for the browser tests.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import streamlit as st

from desk.widgets import gallery_sample as sample
from desk.widgets.composer import Composer, ComposerEvent, ComposerMode, ComposerResult, Draft, composer
from desk.widgets.frame import Column, desk_column, desk_frame, install_frame
from desk.widgets.keys import KeyAction, page_keys, sheet_html
from desk.widgets.markup import chip, html_tag, urgency_tag
from desk.widgets.person import person_html
from desk.widgets.queue_list import QueueListResult, queue_list
from desk.widgets.states import alert_html, state_box
from desk.widgets.thread import thread
from desk.widgets.undo import undo_bar

LANG = "en" if st.query_params.get("lang") == "en" else "it"
VIEW = st.query_params.get("view", "desk")
OWN_CASE = 2


def word(name: str) -> str:
    """One of the gallery's own words."""
    return sample.word(LANG, name)


def is_on(name: str) -> bool:
    """True when the query parameter is 1."""
    return bool(st.query_params.get(name) == "1")


def selected() -> int:
    """The case on screen."""
    return int(st.session_state.get("selected", OWN_CASE))


def remember(result: ComposerResult) -> None:
    """Keep the draft like a page with a database would, and show the event."""
    kept: Draft = st.session_state.setdefault("kept", sample.composer_state(LANG).draft)
    sent = result.event in {ComposerEvent.SEND, ComposerEvent.NOTE}
    text = "" if sent and result.mode is ComposerMode.PUBLIC else result.reply_text
    note = "" if sent and result.mode is ComposerMode.INTERNAL else result.note_text
    if result.subject == f"case-{OWN_CASE}":
        st.session_state.kept = Draft(kept.version + 1, text, note, result.promise)
    st.session_state.last = f"{result.event}|{result.subject}|{result.mode}|{result.text}"


def choose(result: QueueListResult) -> None:
    """Open or claim a row."""
    if result.open is not None:
        st.session_state.selected = result.open
    st.session_state.last = f"open={result.open} claim={result.claim}"


def press(action: KeyAction) -> None:
    """Show the action a key asked for."""
    st.session_state.last = f"key={action}"


def written() -> Composer:
    """The composer's state for the case on screen."""
    base = sample.composer_state(LANG)
    if selected() != OWN_CASE:
        return replace(base, subject=f"case-{selected()}", draft=Draft(), hide_primary=is_on("undo"))
    draft = st.session_state.get("kept", base.draft)
    return replace(base, draft=draft, locked=is_on("undo") or is_on("locked"), hide_primary=is_on("undo"))


def draw_header() -> None:
    """The case's title and reasons."""
    with st.container(key="sp_head_case", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            name = sample.person(LANG).name
            st.html(html_tag("div", html_tag("div", name, cls="sp-title cut"), cls="sp"))
            with st.container(key="sp_narrow_person", width="content"):
                st.button(word("person"), icon=":material/group:")
            st.button(word("snooze"), shortcut="S")
            with st.container(key="sp_wide_pass", width="content"):
                st.button(word("hand_over"))
            st.button(word("resolve"), shortcut="E")
        state = chip("mine", word("yours"), "hand")
        line = html_tag("div", state, html_tag("span", word("since"), cls="cut s muted"), cls="row-flex")
        reasons = html_tag("span", word("reasons"), cls="txt grow")
        st.html(html_tag("div", line, cls="sp"))
        st.html(html_tag("div", html_tag("div", urgency_tag("u3", word("now")), reasons, cls="sp-why"), cls="sp"))


def draw_queue(*, hostile: bool) -> None:
    """The left column."""
    with st.container(key="sp_head_queue"):
        names = sample.tabs(LANG)
        st.segmented_control("tabs", names, default=names[-1], label_visibility="collapsed", width="stretch")
    rows = sample.hostile_rows() if hostile else sample.rows(LANG)
    labels = sample.queue_labels(LANG)
    queue_list(rows, selected(), labels=labels, on_event=choose, compact=is_on("compact"))


def draw_case(*, hostile: bool) -> None:
    """The middle column."""
    draw_header()
    items = sample.hostile_items() if hostile else sample.thread_items(LANG)
    thread(items, labels=sample.thread_labels(LANG), subject=str(selected()))
    composer(written(), labels=sample.composer_labels(LANG), on_event=remember)
    if is_on("undo"):
        with st.container(key="sp_foot_undo"):
            undo_bar(text=word("goes_out"), detail=word("nobody"), undo_label=word("undo"), left_s=11, window_s=15)


def draw_desk(*, hostile: bool) -> None:
    """The three columns with every widget in its place."""
    with desk_column(Column.QUEUE):
        draw_queue(hostile=hostile)
    with desk_column(Column.CASE):
        draw_case(hostile=hostile)
    with desk_column(Column.PERSON):
        known = sample.person(LANG)
        st.html(person_html(replace(known, name=sample.HOSTILE, about=sample.HOSTILE) if hostile else known))


def draw_states() -> None:
    """The boxes for what the desk does not know, or needs."""
    st.html(alert_html(word("strip")))
    boxes = sample.state_boxes(LANG)
    for start in range(0, len(boxes), 3):
        for column, box in zip(st.columns(3), boxes[start : start + 3], strict=True):
            with column:
                pressed = state_box(box, key=box.tone.value)
                if pressed:
                    st.html(html_tag("output", f"state={box.tone}/{pressed}", cls="sp xs muted"))


def _toast() -> None:
    st.toast("ok")


@st.fragment
def draw_toast_button() -> None:
    """A toast from a fragment's callback: Streamlit lets it take the first place among what floats above the page."""
    st.button("Toast", type="tertiary", key="toast", on_click=_toast)


def draw_top() -> None:
    """Search, coverage and the last event."""
    with st.container(key="sp_top", horizontal=True, vertical_alignment="center"):
        hint = word("search")
        st.text_input(hint, key="sp_search", label_visibility="collapsed", placeholder=hint, width=250)
        st.html(html_tag("div", html_tag("span", word("blind"), cls="sp-cover"), cls="sp"))
        st.html(html_tag("output", str(st.session_state.get("last", "")), cls="sp xs muted"))
        draw_toast_button()


@st.dialog(" ", width="medium")
def draw_sheet() -> None:
    """The key sheet where pages show it, above everything else."""
    st.html(sheet_html({action: action.value.replace("_", " ") for action in KeyAction}))


st.set_page_config(page_title="Sportello · widgets", layout="wide", initial_sidebar_state="collapsed")
install_frame(is_desk=VIEW in {"desk", "hostile"})
if VIEW == "states":
    draw_states()
elif VIEW == "keys":
    draw_sheet()
else:
    draw_top()
    with desk_frame():
        draw_desk(hostile=VIEW == "hostile")
    page_keys(on_action=press)
