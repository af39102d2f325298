"""How is an account connected from the desk? A channel is chosen, its form filled; the network says the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import streamlit as st

from collectors.protocol import Manifest
from collectors.sign_in import Way
from desk import backend, connect_secrets, going, pulse_marks
from desk.attempt import fetch, tell_done
from desk.connect_routes import CALLBACK_PATH
from desk.connect_words import connect_words
from desk.i18n import _
from desk.session import Seat, acting, session_token, timezone
from desk.widgets.first_field import first_field
from desk.widgets.markup import html_tag, icon
from desk.widgets.states import alert_html
from desk.words import channel_word
from domain.brand import Account, Brand
from domain.errors import DeskError, Misconfigured
from domain.people import Right
from services import account_secrets, brands, connecting
from services.connecting import Wanted
from services.watches import SAMPLE_CHANNEL

_OPEN, _WANTED, _SERIAL = "sp_connect", "sp_connect_wanted", "sp_connect_serial"
_ADDRESS, _REFUSAL = "sp_connect_address", "sp_connect_refusal"


@dataclass(frozen=True, slots=True)
class Opened:
    """Which form is open; ``account``: the one whose sign-in is renewed."""

    brand_id: int
    channel: str
    account: Account | None = None


def is_open(brand: Brand) -> bool:
    """Whether a form of this brand is open: it then stands first on the page."""
    opened = st.session_state.get(_OPEN)
    return isinstance(opened, Opened) and opened.brand_id == brand.id


def follow() -> None:
    """Inside a fragment: leave it when a callback has just opened a form, which stands outside."""
    if st.session_state.pop(_WANTED, False):
        st.rerun()


def draw(found: Seat, brand: Brand) -> None:
    """The channels that can be connected, and the form of the one that was chosen. For administrators alone."""
    if not found.may(Right.SETUP):
        return
    if brand.is_sample:
        _on_the_sample(found)
        return
    st.session_state.pop(_WANTED, None)
    if is_open(brand):
        _form(found, st.session_state[_OPEN])
        return
    known = [name for name in found.ctx.channels.names() if _ways(found, name) and name != SAMPLE_CHANNEL]
    st.html(html_tag("div", html_tag("h2", _("Connect an account"), cls="sp-h2"), cls="sp"))
    with st.container(horizontal=True, gap="small", key="sp_connect_choice"):
        for name in known:
            label = channel_word(name, title=found.ctx.channels.manifest(name).title)
            key = f"sp_connect_{name}"
            st.button(label, key=key, icon=":material/add:", on_click=open_form, args=(brand.id, name))


def _on_the_sample(found: Seat) -> None:
    """An account belongs to a brand of one's own: where that is made, or that it has to be chosen."""
    has_own = any(not each.is_sample for each in fetch(lambda: brands.list_brands(found.ctx)))
    said = _("This is the sample. An account of yours is connected to a brand of your own.")
    chosen = _("Choose your brand at the top left, and its channels stand here.")
    st.html(html_tag("div", html_tag("h2", _("Connect an account"), cls="sp-h2"), cls="sp"))
    st.html(html_tag("p", f"{said} {chosen}" if has_own else said, cls="sp s muted"))
    if not has_own:
        st.button(_("Make the brand"), key="sp_connect_start", on_click=going.to_room, args=("start",))


def open_form(brand_id: int, channel: str, account: Account | None = None) -> None:
    """Callback: connect an account there, or renew the sign-in of one."""
    st.session_state[_OPEN] = Opened(brand_id, channel, account)
    st.session_state[_SERIAL] = int(st.session_state.get(_SERIAL, 0)) + 1
    st.session_state[_WANTED] = True
    _forget_outcome()


def close_form() -> None:
    """Callback: nothing is connected."""
    st.session_state.pop(_OPEN, None)
    _forget_outcome()


def _forget_outcome() -> None:
    for name in (_ADDRESS, _REFUSAL):
        st.session_state.pop(name, None)


def _ways(found: Seat, channel: str) -> tuple[str, ...]:
    return found.ctx.channels.manifest(channel).ways


def _form(found: Seat, opened: Opened) -> None:
    manifest = found.ctx.channels.manifest(opened.channel)
    name = channel_word(opened.channel, title=manifest.title)
    with st.container(border=True, key="sp_connect_form", width=620):
        heading = _("Connect {channel}").format(channel=name)
        if opened.account is not None:
            heading = _("Renew the sign-in of {handle}").format(handle=f"@{opened.account.handle}")
        st.html(html_tag("div", html_tag("h2", icon("plug", size="u"), heading, cls="sp-h2"), cls="sp"))
        if refusal := st.session_state.get(_REFUSAL):
            st.html(alert_html(refusal, tone="err"))
        ways = manifest.ways
        if address := st.session_state.get(_ADDRESS):
            _way_out(address, name)
        elif Way.CODE in ways:
            _code_form(opened, manifest, name)
        elif Way.ADDRESS in ways:
            _address_form(opened, name)
        if Way.SECRET in ways and not address:
            if Way.CODE in ways:
                with st.expander(_("With a token or keys you have made there yourself")):
                    _secret_form(opened, name, is_first=False)
            else:
                _secret_form(opened, name, is_first=True)
        st.button(_("Back"), key="sp_connect_back", type="tertiary", on_click=close_form)
    if not address:
        first_field(within="sp_connect_form", opening=int(st.session_state.get(_SERIAL, 0)))


def _way_out(address: str, name: str) -> None:
    """The link to the network: it comes back here, to an address that the network knows."""
    host = urlsplit(address).netloc
    lead = _("On {host}, agree as the account you want to connect. You come back here by yourself.").format(host=host)
    label = _("Go on to {host}").format(host=host)
    link = html_tag("a", label, icon("link", size="sm"), href=address, cls="sp-go", rel="noreferrer", autofocus="")
    off = _("Nothing is published by this: the account stays silent until you switch publishing on.")
    st.html(html_tag("div", html_tag("p", lead), html_tag("p", link), html_tag("p", off, cls="s muted"), cls="sp"))


def _code_form(opened: Opened, manifest: Manifest, name: str) -> None:
    account = opened.account
    with st.form(_key("code"), border=False):
        if manifest.own_app:
            st.html(_callback_to_copy(name))
            st.text_input(_("Client id of your app"), key=_key("client"), autocomplete="off")
            _hidden(_("Client secret of your app"), "client_secret", placeholder=_("empty, if your app has none"))
        else:
            known = (account.base_url or account.handle) if account else ""
            label = _("The account’s whole name, or its server")
            st.text_input(label, value=known, key=_key("server"), placeholder="aurora@mastodon.example")
        st.form_submit_button(_("Go on"), type="primary", on_click=_begin, args=(opened, name))


def _begin(opened: Opened, name: str) -> None:
    account = opened.account
    server = _typed("server") or ((account.base_url or "") if account else "")
    app = (_typed("client"), _typed("client_secret"))
    wanted = Wanted(opened.brand_id, opened.channel, server, *app, account_id=account.id if account else None)

    def begin() -> None:
        session = session_token() or ""
        address = connecting.begin(acting().ctx, wanted, redirect_uri=_callback(), session=session)
        st.session_state[_ADDRESS] = address

    _try(begin, name)


def _secret_form(opened: Opened, name: str, *, is_first: bool) -> None:
    with st.form(_key("secret"), border=False):
        if opened.account is None:
            st.text_input(_("The account’s name there"), key=_key("handle"), placeholder="@aurora")
        for each in connect_secrets.fields(opened.channel):
            label, hint = connect_secrets.said(each.label), connect_secrets.said(each.hint)
            if each.open:
                st.text_input(label, key=_key(f"word_{each.name}"), placeholder=hint, autocomplete="off")
            else:
                _hidden(label, f"word_{each.name}", placeholder=hint)
        if opened.account is None:
            hint = _("empty, unless it has one of its own")
            st.text_input(_("Server"), key=_key("base"), placeholder=hint, autocomplete="off")
        kind: Literal["primary", "secondary"] = "primary" if is_first else "secondary"
        st.form_submit_button(_("Connect"), type=kind, on_click=_add_secret, args=(opened, name))


def _add_secret(opened: Opened, name: str) -> None:
    ctx, server = acting().ctx, _typed("base") or None
    words = {each.name: _typed(f"word_{each.name}") for each in connect_secrets.fields(opened.channel)}
    secret = connect_secrets.joined(opened.channel, words)

    def add() -> None:
        if opened.account is not None:
            account_secrets.replace(ctx, opened.account.id, secret=secret)
            return
        if not secret:
            raise Misconfigured("There is no secret in it.", what="secret_empty")
        given = {"channel": opened.channel, "handle": _typed("handle"), "secret": secret}
        account_secrets.add_typed(ctx, opened.brand_id, **given, base_url=server)

    _try(add, name, done=True)


def _address_form(opened: Opened, name: str) -> None:
    with st.form(_key("address"), border=False):
        st.text_input(_("What you call it"), key=_key("name"), placeholder=_("Consumers’ forum"))
        st.text_input(_("Its address"), key=_key("url"), placeholder="https://forum.example/feed.xml")
        _hidden(_("Password, if it has one (name:password)"), "word")
        st.form_submit_button(_("Read it from now on"), type="primary", on_click=_add_address, args=(opened, name))


def _add_address(opened: Opened, name: str) -> None:
    ctx, secret = acting().ctx, _typed("word") or None

    def add() -> None:
        known = {"channel": opened.channel, "handle": _typed("name"), "base_url": _typed("url")}
        brands.add_account(ctx, opened.brand_id, **known, secret=secret)

    _try(add, name, done=True)


def _try(act: Callable[[], None], name: str, *, done: bool = False) -> None:
    """Do it; what goes wrong stands in the form, with what was typed still there."""
    _forget_outcome()
    try:
        act()
    except DeskError as error:
        st.session_state[_REFUSAL] = connect_words(error, name, timezone=timezone())
        return
    if done:
        close_form()
        pulse_marks.something_changed()
        tell_done(_("Connected. It is read from now on; nothing is published until you switch it on."))


def _typed(name: str) -> str:
    return str(st.session_state.get(_key(name)) or "").strip()


def _hidden(label: str, name: str, *, placeholder: str = "") -> None:
    """A field whose letters do not show, and that no browser offers to remember as somebody's password here."""
    st.text_input(label, key=_key(name), type="password", autocomplete="new-password", placeholder=placeholder)


def _key(name: str) -> str:
    return f"sp_connect_{name}_{st.session_state.get(_SERIAL, 0)}"


def _callback_to_copy(name: str) -> str:
    said = _("Callback address, to be copied into the settings of your app on {channel}:").format(channel=name)
    return html_tag("div", html_tag("p", said, cls="s"), html_tag("code", _callback(), cls="sp-code"), cls="sp")


def _callback() -> str:
    """Where a network sends people back to: this desk as browsers see it."""
    given = backend.settings().desk_url.rstrip("/")
    parts = urlsplit(st.context.url or "")
    return (given or f"{parts.scheme}://{parts.netloc}") + CALLBACK_PATH
