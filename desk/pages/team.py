"""Who works here, with which roles, trained for what, and who stands in for whom?"""

from __future__ import annotations

import streamlit as st

from desk import words
from desk.attempt import attempt, fetch
from desk.i18n import LANGUAGES, _
from desk.page_parts import line, title
from desk.pages import team_member
from desk.session import Seat, acting, seat
from desk.widgets.markup import Markup, avatar, chip, html_tag
from desk.widgets.states import StateBox, StateTone, state_box
from domain.brand import Brand
from domain.people import Member, Role
from services import team
from services.team import NewMember

_NEW = "sp_new_member"
_ADDED = "sp_members_added"
LANGUAGE_NAMES = {"it": "Italiano", "en": "English"}


def draw(_found: Seat, _brand: Brand | None) -> None:
    """Colleagues, the active first, and the way to add one."""
    title(_("Team"), _("Roles say what somebody may do; training says where they may answer in public without an ok."))
    _list()


@st.fragment(key="team")
def _list() -> None:
    found = seat()
    _one_time_password()
    # Another key after each new colleague: the form closes, and the next one starts empty.
    with st.popover(_("New colleague"), icon=":material/person_add:", key=f"sp_add_member_{_added()}"):
        _add_form()
    members = fetch(lambda: team.members(found.ctx))
    names = {member.id: member.name for member in members}
    for member in members:
        _row(found, member, names)


def _row(found: Seat, member: Member, names: dict[int, str]) -> None:
    trained = ", ".join(_training(each.channel, mentor=each.mentor) for each in member.trained) or _(
        "in training everywhere"
    )
    substitute = names.get(member.substitute_id or 0)
    parts = [member.login, _roles(member), trained, LANGUAGE_NAMES.get(member.language, member.language)]
    if member.away and substitute:
        parts.append(_("{name} looks after their cases").format(name=substitute))
    with st.container(key=f"sp_row_member_{member.id}", horizontal=True, vertical_alignment="center", gap="small"):
        said = line(member.name, "", " · ".join(parts), marks=_marks(member))
        st.html(html_tag("div", avatar(member.name, kind="team"), said, cls="sp row-flex"))
        with st.popover(_("Change"), key=f"sp_change_{member.id}"):
            team_member.draw(found, member, names)


def _roles(member: Member) -> str:
    return words.role_words(member.roles)


def _training(channel: str, *, mentor: bool) -> str:
    name = words.channel_word(channel)
    return _("{channel} (mentor)").format(channel=name) if mentor else name


def _marks(member: Member) -> list[Markup]:
    marks = []
    if not member.active:
        marks.append(chip("lock", _("may not sign in"), "no_ask"))
    if member.away:
        marks.append(chip("snoozed", _("away"), "moon"))
    return marks


def _one_time_password() -> None:
    fresh = st.session_state.get(_NEW)
    if not isinstance(fresh, NewMember) or fresh.password is None:
        return
    box = StateBox(
        StateTone.INFO,
        _("{name} can sign in now").format(name=fresh.member.name),
        text=_(
            "Pass the password on in person. It is shown **only now**, works once and is changed at the first sign-in."
        ),
    )
    with st.container(width=560):
        state_box(box, key="one_time")
        st.code(f"{fresh.member.login}\n{fresh.password}", language=None)
        st.button(_("I have passed it on"), key="sp_passed_on", on_click=st.session_state.pop, args=(_NEW,))


def _added() -> int:
    return int(st.session_state.get(_ADDED, 0))


def show_once(fresh: NewMember) -> None:
    """Keep a new password for the next drawing, until it was passed on."""
    st.session_state[_NEW] = fresh


def _add_form() -> None:
    with st.form(f"sp_add_form_{_added()}", border=False, clear_on_submit=False):
        name = st.text_input(_("Name and surname"), key=f"sp_add_name_{_added()}")
        login = st.text_input(_("Sign-in name"), key=f"sp_add_login_{_added()}", help=_("Lower case, no spaces: sara"))
        roles = st.pills(
            _("Roles"),
            list(Role),
            selection_mode="multi",
            default=[Role.OPERATOR],
            format_func=words.role_word,
            key=f"sp_add_roles_{_added()}",
        )
        language = st.pills(
            _("Language"),
            LANGUAGES[::-1],
            default="it",
            format_func=lambda c: LANGUAGE_NAMES[c],
            key=f"sp_add_language_{_added()}",
            required=True,
        )
        st.caption(_("New colleagues are in training: a trained one reads their replies first."))
        if st.form_submit_button(_("Add"), type="primary"):
            _add(login or "", name or "", list(roles), language or "it")


def _add(login: str, name: str, roles: list[Role], language: str) -> None:
    found = acting()
    made: list[NewMember] = []
    if attempt(lambda: made.append(team.add_member(found.ctx, login=login, name=name, roles=roles, language=language))):
        show_once(made[0])
        st.session_state[_ADDED] = _added() + 1
    st.rerun()
