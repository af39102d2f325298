"""How is a watch written? Its form, and beside it what it would catch; nothing is saved before one says so."""

from __future__ import annotations

import streamlit as st

from desk.attempt import attempt
from desk.i18n import _
from desk.pages import watch_trial
from desk.session import Seat, acting
from desk.widgets.first_field import first_field
from desk.widgets.markup import html_tag
from desk.widgets.states import alert_html
from desk.words import LANGUAGES_HEARD, channel_word, language_word
from domain.brand import Brand, Watch
from domain.errors import DeskError
from services import watches

_OPEN = "sp_watch_draft"
_SERIAL = "sp_watch_serial"
_STORED, _LIVE = "stored", "live"


def is_open(brand: Brand) -> bool:
    """Whether a watch of this brand is being written in this browser."""
    draft = st.session_state.get(_OPEN)
    return isinstance(draft, Watch) and draft.brand_id == brand.id


def open_form(brand_id: int, watch: Watch | None) -> None:
    """Callback: write a new watch, or change one."""
    st.session_state[_OPEN] = watch or Watch(0, brand_id, "")
    st.session_state[_SERIAL] = int(st.session_state.get(_SERIAL, 0)) + 1
    watch_trial.forget()


def close_form() -> None:
    """Callback: back to the list."""
    st.session_state.pop(_OPEN, None)
    watch_trial.forget()


def draw(found: Seat, brand: Brand) -> None:
    """Form and preview side by side."""
    begun: Watch = st.session_state[_OPEN]
    _changed_meanwhile(found, begun)
    form, shown = st.columns([5, 6], gap="large")
    with form, st.container(key="sp_watch_form_place"):
        st.subheader(begun.name or _("New watch"), anchor=False)
        wanted, asked = _form(found, brand, begun)
        with st.container(key="sp_row_watch_back"):
            st.button(_("Back without saving"), key="sp_watch_back", type="tertiary", on_click=close_form)
    first_field(within="sp_watch_form_place", opening=int(st.session_state[_SERIAL]))
    if asked == "save" and _save(begun, wanted):
        st.rerun()
    with shown:
        watch_trial.draw(found, wanted, live=asked == _LIVE)


def _changed_meanwhile(found: Seat, begun: Watch) -> None:
    """Two people at one watch: whoever comes second is told before they save, and loses no word."""
    if not begun.id:
        return
    try:
        now = watches.get(found.ctx, begun.id)
    except DeskError:
        return  # the store is away, or the watch gone with its brand: saving will say so
    if now.version == begun.version:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="sp_row_watch_stale"):
        st.html(alert_html(_("A colleague has changed this watch since you opened it. What you wrote is still here.")))
        st.button(_("Show theirs"), key="sp_watch_theirs", on_click=open_form, args=(begun.brand_id, now))


def _form(found: Seat, brand: Brand, begun: Watch) -> tuple[Watch, str]:
    """The fields; returns the watch as written and which button was pressed: save, stored, live or none."""
    serial = st.session_state[_SERIAL]
    with st.form(f"sp_watch_form_{serial}", border=False):
        name = st.text_input(_("Name"), value=begun.name, key=f"sp_watch_name_{serial}")
        terms = _lines(_("Words and phrases, one a line"), begun.terms, key=f"sp_watch_terms_{serial}", rows=5)
        hint = _("Any of them is enough. Several words are a phrase; capitals, @ and # make no difference.")
        st.html(html_tag("div", hint, cls="sp xs muted"))
        without = _lines(_("Not with these, one a line"), begun.exclusions, key=f"sp_watch_without_{serial}", rows=3)
        languages = _languages(begun, key=f"sp_watch_languages_{serial}")
        channels = st.multiselect(
            _("Channels"),
            _channels(found, brand, begun),
            default=list(begun.channels),
            format_func=channel_word,
            placeholder=_("every channel the brand has an account on"),
            key=f"sp_watch_channels_{serial}",
        )
        rival = st.checkbox(
            _("A competitor: counted, never queued"), value=begun.is_competitor, key=f"sp_watch_rival_{serial}"
        )
        asked = _pressed()
    wanted = Watch(
        begun.id,
        brand.id,
        name or "",
        terms,
        without,
        tuple(languages),
        tuple(channels),
        bool(rival),
        begun.active,
        begun.version,
    )
    return wanted, asked


def _languages(begun: Watch, *, key: str) -> list[str]:
    return st.multiselect(
        _("Languages"),
        list(dict.fromkeys((*LANGUAGES_HEARD, *begun.languages))),
        default=list(begun.languages),
        format_func=language_word,
        placeholder=_("every language"),
        key=key,
    )


def _pressed() -> str:
    with st.container(horizontal=True, gap="small"):
        save = st.form_submit_button(_("Save the watch"), type="primary")
        tried = st.form_submit_button(_("Try it"))
        live = st.form_submit_button(_("Try it on the networks now"))
    return "save" if save else _LIVE if live else _STORED if tried else ""


def _lines(label: str, begun: tuple[str, ...], *, key: str, rows: int) -> tuple[str, ...]:
    text = st.text_area(label, value="\n".join(begun), key=key, height=24 + 22 * rows)
    return tuple(each.strip() for each in (text or "").splitlines() if each.strip())


def _channels(found: Seat, brand: Brand, begun: Watch) -> list[str]:
    door = found.ctx.channels
    known = [
        name
        for name in door.names()
        if door.manifest(name).listens and brand.is_sample == (name == watches.SAMPLE_CHANNEL)
    ]
    return list(dict.fromkeys((*known, *begun.channels)))


def _save(begun: Watch, wanted: Watch) -> bool:
    found = acting()

    def save() -> None:
        if begun.id:
            watches.change_watch(found.ctx, wanted)
        else:
            watches.add_watch(
                found.ctx,
                wanted.brand_id,
                name=wanted.name,
                terms=wanted.terms,
                exclusions=wanted.exclusions,
                languages=wanted.languages,
                channels=wanted.channels,
                is_competitor=wanted.is_competitor,
            )

    saved = attempt(save, done=_("Saved. It listens from now on."))
    if saved:
        close_form()
    return True
