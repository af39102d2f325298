"""Which days, held against which, of which channels and languages? What is chosen stays while one looks elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from desk.attempt import fetch
from desk.i18n import N_, _, ngettext
from desk.numbers import local
from desk.session import Seat
from desk.words import channel_word, language_word, theme_word
from domain.brand import Brand
from domain.judgement import ReasonCode
from domain.window import Comparison, Window, last_days
from services import trends
from services.trends import Choices

_DAYS, _RANGE = "sp_trend_days", "sp_trend_range"
_CHANNELS, _LANGUAGES, _AGAINST = "sp_trend_channels", "sp_trend_languages", "sp_trend_against"
_THEME, _KEPT = "sp_trend_theme", "sp_trend_kept"
PRESETS = (7, 31, 90)
_OWN = 0
_COMPARISONS = {
    Comparison.PREVIOUS: N_("the days just before"),
    Comparison.SAME_WEEKDAYS: N_("the same days of the week, before"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see."""

    window: Window
    comparison: Comparison
    channels: tuple[str, ...]
    languages: tuple[str, ...]
    theme: ReasonCode | None
    choices: Choices


def wanted(found: Seat, brand: Brand) -> Wanted:
    """What is chosen in this browser, for this brand; at first the last 31 days of everything."""
    kept = _kept()
    days = st.session_state.get(_DAYS, kept.get(_DAYS, trends.DEFAULT_DAYS))
    chosen = st.session_state.get(_RANGE, kept.get(_RANGE))
    window = _window(found, brand, days, chosen)
    known = fetch(lambda: trends.to_choose(found.ctx, brand.id, window))
    channels = [c for c in _names(_CHANNELS) if c in known.channels]
    languages = [c for c in _names(_LANGUAGES) if c in known.languages]
    theme = _chosen_theme(known)
    against = st.session_state.get(_AGAINST, kept.get(_AGAINST, Comparison.PREVIOUS))
    return Wanted(window, Comparison(against or Comparison.PREVIOUS), tuple(channels), tuple(languages), theme, known)


def _chosen_theme(known: Choices) -> ReasonCode | None:
    chosen = st.session_state.get(_THEME, _kept().get(_THEME))
    return next((theme for theme in known.themes if theme == chosen), None)


def _window(found: Seat, brand: Brand, days: int | None, chosen: object) -> Window:
    now = found.ctx.clock()
    if days == _OWN and isinstance(chosen, (tuple, list)) and len(chosen) == 2:
        first, last = sorted(chosen)
        return fetch(lambda: Window(first, last, brand.timezone))
    return fetch(lambda: last_days(days or trends.DEFAULT_DAYS, brand.timezone, now=now))


def draw(found: Seat, brand: Brand, now: Wanted) -> None:
    """The choice of days, and all other choices behind one button that says what is chosen."""
    st.session_state.setdefault(_DAYS, _kept().get(_DAYS, trends.DEFAULT_DAYS))
    st.segmented_control(
        _("Days"),
        [*PRESETS, _OWN],
        format_func=_days_word,
        key=_DAYS,
        label_visibility="collapsed",
        required=True,
        on_change=_keep,
        width="content",
    )
    if st.session_state.get(_DAYS) == _OWN:
        _own_days(found, brand, now)
    with st.popover(_summary(now), width="content"):
        _filters(now)


def _own_days(found: Seat, brand: Brand, now: Wanted) -> None:
    today = local(found.ctx.clock(), brand.timezone).date()
    st.session_state.setdefault(_RANGE, _kept().get(_RANGE, (now.window.first, now.window.last)))
    st.date_input(
        _("From and to"),
        key=_RANGE,
        max_value=max(today, now.window.last),
        min_value=date(2006, 1, 1),
        format="DD/MM/YYYY",
        label_visibility="collapsed",
        on_change=_keep,
        width=210,
    )


def _filters(now: Wanted) -> None:
    _pills(_("Channels"), now.choices.channels, _CHANNELS, channel_word)
    _pills(_("Languages"), now.choices.languages, _LANGUAGES, _language)
    if now.choices.themes:
        st.session_state[_THEME] = now.theme
        st.pills(_("Theme"), now.choices.themes, format_func=_theme, key=_THEME, on_change=_keep)
    st.session_state.setdefault(_AGAINST, now.comparison)
    st.radio(
        _("Held against"), list(Comparison), format_func=lambda c: _(_COMPARISONS[c]), key=_AGAINST, on_change=_keep
    )


def _pills(label: str, options: Sequence[str], key: str, word: Callable[[str], str]) -> None:
    if not options:
        return
    st.session_state[key] = [name for name in _names(key) if name in options]
    st.pills(label, options, selection_mode="multi", format_func=word, key=key, on_change=_keep)


def _language(code: str) -> str:
    return _("language not recognised") if code == "und" else language_word(code)


def _summary(now: Wanted) -> str:
    """What is chosen besides the days, on the button that changes it."""
    channels = ", ".join(map(channel_word, now.channels)) or _("All channels")
    return " · ".join([channels, *map(_language, now.languages), *([_theme(now.theme)] if now.theme else [])])


def _theme(code: str) -> str:
    return theme_word(code).capitalize()


def _days_word(days: int) -> str:
    return ngettext("{n} day", "{n} days", days) if days else _("Other days")


def _names(key: str) -> list[str]:
    return list(st.session_state.get(key, _kept().get(key, ())) or ())


def _kept() -> dict[str, object]:
    """What was chosen before: Streamlit forgets a widget's choice as soon as another page is drawn."""
    kept: dict[str, object] = st.session_state.setdefault(_KEPT, {})
    return kept


def _keep() -> None:
    for key in (_DAYS, _RANGE, _CHANNELS, _LANGUAGES, _THEME, _AGAINST):
        if key in st.session_state:
            _kept()[key] = st.session_state[key]
