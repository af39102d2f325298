"""Which of the firm's own tools may read here, what, and when did they last? Tokens, each shown once."""

from __future__ import annotations

import streamlit as st

from desk.asking import ask_first
from desk.attempt import attempt, fetch
from desk.i18n import N_, _
from desk.numbers import moment_words
from desk.page_parts import empty, line, title
from desk.session import Seat, acting, seat, timezone
from desk.widgets.markup import Markup, chip
from desk.widgets.states import StateBox, StateTone, state_box
from domain.brand import Brand
from domain.export import Scope
from domain.people import Right
from services import brands, tokens
from services.tokens import NewToken, TokenView

_NEW, _ADDED = "sp_new_token", "sp_tokens_added"
_SCOPES = {
    Scope.MENTIONS: N_("posts"),
    Scope.CASES: N_("cases"),
    Scope.TRENDS: N_("trends"),
    Scope.EXPORTS: N_("files made by the calendar"),
    Scope.IDENTIFIED: N_("names, handles and links"),
}


def draw(_found: Seat, _brand: Brand | None) -> None:
    """The tokens, the newest first, and the way to make one."""
    title(
        _("Tools"),
        _("Your own programs read posts, cases and trends under /api/v1, each with a token of its own."),
    )
    _list()


@st.fragment(key="tokens")
def _list() -> None:
    found = seat()
    _shown_once()
    with st.popover(_("New token"), icon=":material/key:", key=f"sp_add_token_{_added()}"):
        _form(found)
    rows = fetch(lambda: tokens.listed(found.ctx))
    if not rows:
        empty(
            _("No tool reads here"),
            _("A token opens the desk for one program, and only what you choose."),
            key="tokens",
            is_well=False,
        )
    known = {brand.id: brand.name for brand in fetch(lambda: brands.list_brands(found.ctx))} if rows else {}
    for row in rows:
        _row(found, row, known.get(row.brand_id or 0, ""))


def _row(found: Seat, each: TokenView, brand: str) -> None:
    now = found.ctx.clock()
    parts = [f"{each.hint}…", ", ".join(_(_SCOPES[scope]) for scope in each.scopes)]
    parts.append(brand or _("every brand"))
    if each.last_used_at is None:
        parts.append(_("never used"))
    else:
        parts.append(_("last used {moment}").format(moment=moment_words(each.last_used_at, timezone(), now=now)))
    if each.expires_at is not None:
        parts.append(_("holds until {moment}").format(moment=moment_words(each.expires_at, timezone(), now=now)))
    with st.container(key=f"sp_row_token_{each.token_id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(line(each.name, each.purpose or "", " · ".join(parts), marks=_marks(each)))
        if each.revoked_at is None:
            ask_first(
                _("Revoke"),
                _("Revoke the token of {name}? Programs that use it stop at once.").format(name=each.name),
                key=f"sp_token_revoke_{each.token_id}",
                act=_revoke,
                args=(each.token_id,),
            )


def _marks(each: TokenView) -> list[Markup]:
    marks = [chip("lock", _("with names"), "person")] if Scope.IDENTIFIED in each.scopes else []
    return [*marks, chip("lock", _("revoked"), "no_ask")] if each.revoked_at is not None else marks


def _revoke(token_id: int) -> None:
    attempt(lambda: tokens.revoke(acting().ctx, token_id))


def _shown_once() -> None:
    fresh = st.session_state.get(_NEW)
    if not isinstance(fresh, NewToken):
        return
    box = StateBox(
        StateTone.INFO,
        _("The token of {name}").format(name=fresh.view.name),
        text=_("Put it where the tool keeps its secrets. It is shown **only now**; nobody can look it up later."),
    )
    with st.container(width=640):
        state_box(box, key="one_time_token")
        st.code(fresh.secret, language=None)
        st.button(_("I have put it away"), key="sp_token_put_away", on_click=st.session_state.pop, args=(_NEW,))


def _added() -> int:
    return int(st.session_state.get(_ADDED, 0))


def _form(found: Seat) -> None:
    n = _added()
    known = {brand.id: brand.name for brand in fetch(lambda: brands.list_brands(found.ctx))}
    choices = [each for each in Scope if each is not Scope.IDENTIFIED or found.may(Right.IDENTIFY)]
    with st.form(f"sp_token_form_{n}", border=False):
        name = st.text_input(_("Which tool"), key=f"sp_token_name_{n}", max_chars=120)
        scopes = st.pills(
            _("What it may read"),
            choices,
            selection_mode="multi",
            default=[Scope.MENTIONS],
            format_func=lambda each: _(_SCOPES[each]),
            key=f"sp_token_scopes_{n}",
        )
        brand_id = st.selectbox(
            _("Brand"),
            [0, *known],
            format_func=lambda each: known.get(each) or _("every brand"),
            key=f"sp_token_brand_{n}",
        )
        days = st.number_input(_("Days it holds; 0: until it is revoked"), 0, 3650, 365, key=f"sp_token_days_{n}")
        purpose = ""
        if Scope.IDENTIFIED in choices:
            purpose = st.text_input(
                _("What are the names needed for?"),
                key=f"sp_token_purpose_{n}",
                max_chars=300,
                help=_("Only with names."),
            )
        if st.form_submit_button(_("Make the token"), type="primary"):
            _add(name or "", list(scopes), brand_id or None, purpose or None, int(days) or None)


def _add(name: str, scopes: list[Scope], brand_id: int | None, purpose: str | None, days: int | None) -> None:
    made: list[NewToken] = []
    wanted = purpose if Scope.IDENTIFIED in scopes else None
    if attempt(
        lambda: made.append(
            tokens.add(acting().ctx, name=name, scopes=scopes, brand_id=brand_id, purpose=wanted, days=days)
        )
    ):
        st.session_state[_NEW] = made[0]
        st.session_state[_ADDED] = _added() + 1
    st.rerun()
