"""What can be changed about one colleague? Roles, training, presence, password, access."""

from __future__ import annotations

import streamlit as st

from desk import words
from desk.asking import ask_within
from desk.attempt import attempt
from desk.i18n import LANGUAGES, _
from desk.session import Seat, acting
from domain.people import Member, Role, Training
from services import team
from services.team import NewMember

_NAMES = {"it": "Italiano", "en": "English"}


def draw(found: Seat, member: Member, names: dict[int, str]) -> None:
    """The form of one colleague, in its popover."""
    _roles_form(found, member)
    _away(member, names)
    st.divider()
    with st.container(horizontal=True, gap="small"):
        ask_within(
            _("New password"),
            _("A new password for {name}? The old one ends at once, and they are signed out.").format(name=member.name),
            key=f"sp_pw_{member.id}",
            act=_new_password,
            args=(member,),
        )
        label = _("Let in again") if not member.active else _("Let in no more")
        st.button(label, key=f"sp_active_{member.id}", on_click=_switch_access, args=(member,))


def _roles_form(found: Seat, member: Member) -> None:
    channels = sorted({*found.ctx.channels.names(), "import", *(each.channel for each in member.trained)})
    with st.form(f"sp_member_{member.id}", border=False):
        name = st.text_input(_("Name and surname"), value=member.name)
        roles = st.pills(
            _("Roles"), list(Role), selection_mode="multi", default=sorted(member.roles), format_func=words.role_word
        )
        trained = st.pills(
            _("Answers alone on"),
            channels,
            selection_mode="multi",
            default=[each.channel for each in member.trained],
            format_func=words.channel_word,
        )
        mentors = st.pills(
            _("Reads for others on (mentor)"),
            channels,
            selection_mode="multi",
            default=[each.channel for each in member.trained if each.mentor],
            format_func=words.channel_word,
        )
        language = st.pills(
            _("Language"), LANGUAGES[::-1], default=member.language, format_func=lambda c: _NAMES[c], required=True
        )
        if st.form_submit_button(_("Save"), type="primary"):
            training = [
                Training(channel, mentor=channel in mentors) for channel in channels if channel in {*trained, *mentors}
            ]
            _save(member, name or "", frozenset(roles), training, language or member.language)


def _save(member: Member, name: str, roles: frozenset[Role], training: list[Training], language: str) -> None:
    found = acting()

    def change() -> None:
        if (name, language) != (member.name, member.language):
            team.change_member(found.ctx, member.id, name=name, language=language)
        if roles != member.roles:
            team.set_roles(found.ctx, member.id, roles)
        if set(training) != set(member.trained):
            team.set_training(found.ctx, member.id, training)

    attempt(change, done=_("Saved."))
    st.rerun()


def _away(member: Member, names: dict[int, str]) -> None:
    others = {user_id: name for user_id, name in names.items() if user_id != member.id}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        substitute = st.selectbox(
            _("Substitute"),
            [0, *others],
            index=([0, *others].index(member.substitute_id) if member.substitute_id in others else 0),
            format_func=lambda each: others.get(each, _("nobody: the managers see the cases")),
            key=f"sp_substitute_{member.id}",
        )
        label = _("Is back") if member.away else _("Is away")
        st.button(label, key=f"sp_away_{member.id}", on_click=_set_away, args=(member, substitute or None))


def _set_away(member: Member, substitute_id: int | None) -> None:
    found = acting()
    attempt(
        lambda: team.set_away(found.ctx, member.id, away=not member.away, substitute_id=substitute_id), done=_("Saved.")
    )


def _new_password(member: Member) -> None:
    found = acting()
    made: list[str | None] = []
    if attempt(lambda: made.append(team.set_password(found.ctx, member.id))):
        st.session_state["sp_new_member"] = NewMember(member, made[0])


def _switch_access(member: Member) -> None:
    found = acting()
    if member.active:
        attempt(
            lambda: team.disable(found.ctx, member.id), done=_("{name} can no longer sign in.").format(name=member.name)
        )
    else:
        attempt(lambda: team.enable(found.ctx, member.id), done=_("{name} can sign in again.").format(name=member.name))
