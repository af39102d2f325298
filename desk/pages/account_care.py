"""What can be done with an account that is connected? Its sign-in renewed, taken back, or the account removed."""

from __future__ import annotations

import streamlit as st

from desk.asking import ask_within
from desk.attempt import Message, attempt, tell, tell_done
from desk.hook_pace import HOOK_PATH
from desk.i18n import _
from desk.numbers import moment_words
from desk.pages import connect
from desk.session import Seat, acting, timezone
from desk.widgets.markup import html_tag
from desk.widgets.states import alert_html
from desk.words import channel_word
from domain.brand import Account
from domain.people import Right
from services import account_secrets, brands
from services.account_secrets import Kept
from services.channel_view import ChannelView


def draw(found: Seat, view: ChannelView, account: Account, kept: Kept | None) -> None:
    """The button behind which it stands; only for administrators."""
    if not found.may(Right.SETUP):
        return
    with st.popover(_("Manage"), key=f"sp_care_{account.id}", type="tertiary"):
        st.html(html_tag("div", html_tag("p", secret_words(found, kept), cls="s"), cls="sp"))
        if found.ctx.channels.manifest(account.channel).receives:
            st.html(html_tag("div", html_tag("p", _called_words(account), cls="xs muted"), cls="sp"))
        if view.answers:
            st.button(
                _("Renew the sign-in"),
                key=f"sp_care_renew_{account.id}",
                on_click=connect.open_form,
                args=(account.brand_id, account.channel, account),
                width="stretch",
            )
        if kept is not None:
            ask_within(
                _("Take the sign-in back"),
                _(
                    "Take the sign-in of {handle} back? Nothing is read or sent through it until it is connected again."
                ).format(handle=account.handle),
                key=f"sp_care_revoke_{account.id}",
                act=_revoke,
                args=(account, view.title),
                yes=_("Take it back"),
                width="stretch",
            )
        ask_within(
            _("Remove from the desk"),
            _("Remove {handle}? Its sign-in is forgotten, and nothing is read or sent through it any more.").format(
                handle=account.handle
            ),
            key=f"sp_care_remove_{account.id}",
            act=_remove,
            args=(account,),
            yes=_("Remove"),
            width="stretch",
        )
        said = _("What came in and what was answered stays. Removing also forgets the sign-in here.")
        st.html(html_tag("div", html_tag("p", said, cls="xs muted"), cls="sp"))


def draw_ended(account: Account) -> None:
    """Said beside the account, not behind a button: its sign-in has ended, and what to do about it."""
    said = _("The sign-in of **{handle}** has ended: the network takes it no more. Connect the account again.")
    what = _("Reading then goes on from where it stopped, and what colleagues write meanwhile is kept.")
    st.html(alert_html(f"{said.format(handle=f'@{account.handle}')} {what}", tone="warn"))
    st.button(
        _("Connect again"),
        key=f"sp_care_again_{account.id}",
        type="primary",
        icon=":material/link:",
        on_click=connect.open_form,
        args=(account.brand_id, account.channel, account),
    )


def secret_words(found: Seat, kept: Kept | None) -> str:
    """Where the sign-in of an account is; never what it is."""
    if kept is None:
        return _("Not signed in: nothing can be read or sent through it.")
    if kept.named:
        return _("Its secret lies in a variable or a file on the machine of the desk.")
    if kept.ended:
        return _("Its sign-in has ended: connect it again.")
    if kept.expires_at is None:
        return _("Its sign-in is kept here, sealed.")
    until = moment_words(kept.expires_at, timezone(), now=found.ctx.clock())
    return _("Its sign-in is kept here, sealed, and renewed by itself; the present one lasts until {time}.").format(
        time=until
    )


def _called_words(account: Account) -> str:
    """Where a source hands posts in by itself; nobody but it can, so the address is no secret."""
    path = HOOK_PATH.format(account=account.id)
    return _("It may also call this desk by itself, signing with its secret, at {path}.").format(path=path)


def _revoke(account: Account, title: str) -> None:
    found = acting()
    there: list[bool] = []
    if not attempt(lambda: there.append(account_secrets.revoke(found.ctx, account.id))):
        return
    name = channel_word(account.channel, title=title)
    if there[0]:
        tell_done(_("{channel} has taken the sign-in back, and the desk has forgotten it.").format(channel=name))
        return
    said = _("The desk has forgotten it. {channel} cannot be told: take it back there too, on its own pages.")
    tell(Message("warn", said.format(channel=name)))


def _remove(account: Account) -> None:
    found = acting()
    done = _("{handle} is removed. What it sent stays.").format(handle=account.handle)
    attempt(lambda: brands.remove_account(found.ctx, account.id), done=done)
