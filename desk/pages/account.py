"""What can a colleague change about themselves? Password, language, shortcuts, being away, where they are told."""

from __future__ import annotations

import streamlit as st

from desk import words
from desk.attempt import attempt, fetch
from desk.i18n import LANGUAGES, _
from desk.page_parts import facts, title
from desk.pages import account_alerts
from desk.session import Seat, acting, session_token
from domain.brand import Brand
from domain.errors import Invalid
from services import sign_in, team

_NAMES = {"it": "Italiano", "en": "English"}


def draw(found: Seat, _brand: Brand | None) -> None:
    """One's own account."""
    title(found.member.name, words.role_words(found.member.roles))
    trained = ", ".join(words.channel_word(each.channel) for each in found.member.trained)
    st.html(
        facts(
            _("Signs in as {login}").format(login=found.member.login),
            _("answers alone on: {channels}").format(channels=trained) if trained else _("in training everywhere"),
        )
    )
    with st.container(width=420):
        _preferences(found)
        _password()
        _away(found)
    with st.container(width=720):
        account_alerts.draw(found)
    with st.container(width=420):
        st.subheader(_("Signed in elsewhere?"), anchor=False)
        st.button(_("Sign out everywhere"), key="sp_everywhere", on_click=_everywhere)


def _preferences(found: Seat) -> None:
    kept = fetch(lambda: team.preferences(found.ctx, found.member.id))
    with st.form("sp_preferences", border=False):
        language = st.pills(
            _("Language"), LANGUAGES[::-1], default=kept.language, format_func=lambda c: _NAMES[c], required=True
        )
        shortcuts = st.toggle(_("Single-letter shortcuts"), value=kept.shortcuts)
        if st.form_submit_button(_("Save")):
            attempt(lambda: team.set_preferences(found.ctx, language=language, shortcuts=shortcuts), done=_("Saved."))
            st.session_state.pop("sp_shortcuts", None)
            st.rerun()


def _password() -> None:
    st.subheader(_("Password"), anchor=False)
    with st.form("sp_password", border=False, clear_on_submit=True):
        old = st.text_input(_("Present password"), type="password", autocomplete="current-password")
        new = st.text_input(_("New password"), type="password", autocomplete="new-password")
        again = st.text_input(_("New password, again"), type="password", autocomplete="new-password")
        st.caption(_("At least 10 characters; a short sentence is best."))
        if st.form_submit_button(_("Change the password")):
            found = acting()

            def change() -> None:
                if new != again:
                    raise Invalid(reason="passwords_differ")
                team.set_own_password(found.ctx, old or "", new or "", keep_token=session_token())

            attempt(change, done=_("Changed. Other windows are signed out."))
            st.rerun()


def _away(found: Seat) -> None:
    st.subheader(_("Presence"), anchor=False)
    member = found.member
    others = {
        each.id: each.name for each in fetch(lambda: team.members(found.ctx)) if each.active and each.id != member.id
    }
    substitute = st.selectbox(
        _("Who looks after your cases while you are away?"),
        [0, *others],
        index=([0, *others].index(member.substitute_id) if member.substitute_id in others else 0),
        format_func=lambda each: others.get(each, _("nobody: the managers see the cases")),
        key="sp_my_substitute",
    )
    label = _("I am back") if member.away else _("I am away from now on")
    st.button(label, key="sp_my_away", on_click=_set_away, args=(not member.away, substitute or None))


def _set_away(away: bool, substitute_id: int | None) -> None:
    found = acting()
    attempt(lambda: team.set_away(found.ctx, found.member.id, away=away, substitute_id=substitute_id), done=_("Saved."))


def _everywhere() -> None:
    found = acting()
    attempt(lambda: sign_in.sign_out_everywhere(found.ctx))
