"""Where is a colleague told when they are not at the desk, of what, and at which hours not? And where the team?"""

from __future__ import annotations

from datetime import time
from zoneinfo import available_timezones

import streamlit as st

from desk.alert_words import kind_words, medium_words, outcome_words
from desk.asking import ask_within
from desk.attempt import attempt, fetch
from desk.i18n import _
from desk.numbers import moment_words
from desk.page_parts import line
from desk.session import Seat, acting, seat, timezone
from desk.widgets.markup import chip, html_tag
from domain.alert import AlertKind, DeliveryState, Medium
from domain.people import Right
from services import alert_addresses
from services.alert_addresses import AddressView

_NIGHT, _MORNING = time(20), time(8)


def draw(found: Seat) -> None:
    """The colleague's own addresses and quiet hours, and the team's addresses for who leads it."""
    st.subheader(_("Alerts"), anchor=False)
    _says(_("Told where you are, when the desk is closed. No word or name of a customer leaves the desk."))
    _addresses(False)
    _quiet_hours()
    if found.may(Right.TEAM):
        st.subheader(_("Alerts for the team"), anchor=False)
        _says(_("Addresses that belong to nobody alone, such as a room of your chat. They are told at any hour."))
        _addresses(True)


@st.fragment
def _addresses(is_team: bool) -> None:
    found = seat()
    ask = alert_addresses.of_team if is_team else alert_addresses.mine
    name = "team" if is_team else "own"
    for each in fetch(lambda: ask(found.ctx)):
        _one(found, each)
    with st.popover(_("Add an address"), icon=":material/add_alert:", key=f"sp_alert_add_{name}_{_added()}"):
        _form(found, is_team=is_team, name=name)


def _one(found: Seat, each: AddressView) -> None:
    number = each.address_id
    kinds = " · ".join(kind_words(kind) for kind in each.kinds)
    with st.container(key=f"sp_row_alert_{number}", horizontal=True, vertical_alignment="center", gap="small"):
        head = each.hint if each.medium is not Medium.MAIL else f"{medium_words(each.medium)} · {each.hint}"
        is_lost = each.last is not None and each.last.state is DeliveryState.GIVEN_UP
        marks = [chip("warn", _("not delivered"), "warning")] if is_lost else []
        st.html(line(head, kinds, _last(found, each), marks=marks))
        st.button(_("Send a test"), key=f"sp_alert_test_{number}", on_click=_test, args=(number,))
        with st.popover(_("Change"), key=f"sp_alert_care_{number}", type="tertiary"):
            _choice(found, each)


def _choice(found: Seat, each: AddressView) -> None:
    number = each.address_id
    with st.form(f"sp_alert_kinds_form_{number}", border=False):
        kinds = st.pills(
            _("What reaches it"),
            alert_addresses.kinds_for(found.ctx, team=each.is_team),
            selection_mode="multi",
            default=[kind for kind in each.kinds if kind in alert_addresses.kinds_for(found.ctx, team=each.is_team)],
            format_func=kind_words,
            key=f"sp_alert_kinds_{number}",
        )
        if st.form_submit_button(_("Save")):
            attempt(lambda: alert_addresses.set_kinds(acting().ctx, number, list(kinds)), done=_("Saved."))
            st.rerun()
    ask_within(
        _("Forget this address"),
        _("Forget it? The desk shows it to nobody, so it has to be typed again to come back."),
        key=f"sp_alert_remove_{number}",
        act=_remove,
        args=(number,),
        yes=_("Forget it"),
    )


def _last(found: Seat, each: AddressView) -> str:
    """What became of the last message, so that silence is never taken for peace."""
    if each.last is None:
        return _("nothing sent yet")
    when = moment_words(each.last.at, timezone(), now=found.ctx.clock())
    said = outcome_words(each.last.state, each.last.error)
    if each.last.kind is AlertKind.TEST:
        return _("test of {moment}: {outcome}").format(moment=when, outcome=said)
    return _("last message of {moment}: {outcome}").format(moment=when, outcome=said)


def _form(found: Seat, *, is_team: bool, name: str) -> None:
    n = _added()
    may = alert_addresses.kinds_for(found.ctx, team=is_team)
    with st.form(f"sp_alert_form_{name}_{n}", border=False):
        typed = st.text_input(
            _("Where"),
            key=f"sp_alert_where_{name}_{n}",
            max_chars=1000,
            placeholder=_("name@example.it or https://hooks…"),
            help=_(
                "An e-mail address; the address of an incoming webhook of Slack, Microsoft Teams, Discord, Mattermost "
                "or Google Chat; tgram://TOKEN/CHAT for Telegram and the like; or an https:// address of your own that "
                "takes JSON. It is kept sealed and shown to nobody again."
            ),
            autocomplete="off",
        )
        kinds = st.pills(
            _("What reaches it"),
            may,
            selection_mode="multi",
            default=may,
            format_func=kind_words,
            key=f"sp_alert_new_kinds_{name}_{n}",
        )
        if st.form_submit_button(_("Add"), type="primary"):
            _add(typed or "", list(kinds), is_team=is_team)


def _add(typed: str, kinds: list[AlertKind], *, is_team: bool) -> None:
    done = _("Added. Send a test to see that it arrives.")
    if attempt(lambda: alert_addresses.add(acting().ctx, typed, kinds, team=is_team), done=done):
        st.session_state["sp_alerts_added"] = _added() + 1
    st.rerun()


def _added() -> int:
    return int(st.session_state.get("sp_alerts_added", 0))


def _test(number: int) -> None:
    said = _("On its way: it should be there within a minute. What became of it stands beside the address.")
    attempt(lambda: alert_addresses.test(acting().ctx, number), done=said)


def _remove(number: int) -> None:
    attempt(lambda: alert_addresses.remove(acting().ctx, number), done=_("Forgotten."))


def _quiet_hours() -> None:
    found = seat()
    kept = fetch(lambda: alert_addresses.quiet(found.ctx))
    zones = sorted(available_timezones())
    zone = kept.timezone if kept else timezone()
    with st.form("sp_quiet", border=False):
        on = st.toggle(
            _("Quiet hours: what comes then waits until they end"), value=kept is not None, key="sp_quiet_on"
        )
        left, middle = st.columns(2)
        begin = left.time_input(_("From"), _clock(kept.from_min) if kept else _NIGHT, step=900)
        end = middle.time_input(_("Until"), _clock(kept.until_min) if kept else _MORNING, step=900)
        where = st.selectbox(_("On the clocks of"), zones, index=zones.index(zone) if zone in zones else None)
        urgent = st.toggle(_("An urgent case that nobody has may wake me"), value=bool(kept and kept.urgent_anyway))
        if st.form_submit_button(_("Save the hours")):
            _save_quiet(on=on, begin=begin, end=end, where=where or "", urgent=urgent)
            st.rerun()


def _save_quiet(*, on: bool, begin: time | None, end: time | None, where: str, urgent: bool) -> None:
    ctx = acting().ctx
    if not on:
        attempt(lambda: alert_addresses.no_quiet(ctx), done=_("Saved."))
        return
    from_min, until_min = (0 if at is None else at.hour * 60 + at.minute for at in (begin, end))
    attempt(
        lambda: alert_addresses.set_quiet(
            ctx, from_min=from_min, until_min=until_min, timezone=where, urgent_anyway=urgent
        ),
        done=_("Saved."),
    )


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def _says(said: str) -> None:
    st.html(html_tag("div", html_tag("p", said, cls="s muted"), cls="sp"))
