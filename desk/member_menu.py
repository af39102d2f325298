"""What can a colleague do about themselves from every page? The menu at the foot of the navigation."""

from __future__ import annotations

import streamlit as st

from desk import going, words
from desk.attempt import attempt
from desk.i18n import LANGUAGES, _
from desk.session import Seat, acting, session_token
from desk.widgets.markup import avatar, html_tag
from services import sign_in, team

_NAMES = {"it": "Italiano", "en": "English"}
_SHORTCUTS_KEY = "sp_shortcuts"


def shortcuts_on(found: Seat) -> bool:
    """Whether single letters act on the page; read once a session, kept with the colleague."""
    if _SHORTCUTS_KEY not in st.session_state:
        st.session_state[_SHORTCUTS_KEY] = team.preferences(found.ctx, found.member.id).shortcuts
    return bool(st.session_state[_SHORTCUTS_KEY])


def draw(found: Seat) -> None:
    """The colleague's name, and behind it account, language, shortcuts and the way out."""
    shortcuts_on(found)
    with st.sidebar, st.container(key="sp_me"):
        st.html(_badge(found))
        with st.popover(_("Menu"), key="sp_me_menu", width="stretch", type="tertiary"):
            st.button(
                _("Your account"),
                icon=":material/person:",
                key="sp_my_account",
                on_click=going.to_room,
                args=("account",),
                width="stretch",
            )
            st.segmented_control(
                _("Language"),
                LANGUAGES[::-1],
                format_func=lambda code: _NAMES[code],
                default=found.member.language,
                required=True,
                key="sp_me_language",
                on_change=_choose_language,
            )
            st.toggle(_("Single-letter shortcuts"), key=_SHORTCUTS_KEY, on_change=_choose_shortcuts)
            st.button(_("Sign out"), icon=":material/logout:", key="sp_sign_out", on_click=_leave, width="stretch")


def _badge(found: Seat) -> str:
    roles = words.role_words(found.member.roles)
    name = html_tag("div", html_tag("b", found.member.name), cls="s")
    role = html_tag("div", roles, cls="xs muted")
    said = html_tag("div", name, role, cls="grow sp-badge")
    return html_tag("div", avatar(found.member.name, kind="team"), said, cls="sp row-flex")


def _choose_language() -> None:
    chosen = st.session_state["sp_me_language"]
    found = acting()
    attempt(lambda: team.set_preferences(found.ctx, language=chosen))


def _choose_shortcuts() -> None:
    chosen = bool(st.session_state[_SHORTCUTS_KEY])
    found = acting()
    attempt(lambda: team.set_preferences(found.ctx, shortcuts=chosen))


def _leave() -> None:
    token = session_token()
    if token:
        found = acting()
        attempt(lambda: sign_in.sign_out(found.ctx, token))
