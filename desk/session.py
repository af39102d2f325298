"""Who sits at this browser right now? Verified against the session table at every run: sign-out holds at once."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic

import streamlit as st

from desk import backend, i18n, pulse_marks
from desk.auth import PASSWORD_PATH, SESSION_COOKIE, SIGN_IN_PATH, has_given_password, member_of
from desk.i18n import _
from desk.widgets.states import StateBox, StateTone, state_box
from domain.brand import Brand
from domain.errors import Retriable
from domain.people import Member, Right
from services import brands
from services.context import Actor, Context

_LANGUAGE_KEY = "sp_language"
_MEMBER_KEY = "sp_member"
_OWN_PASSWORD_KEY = "sp_own_password"
BRAND_KEY = "sp_brand"
_WANTED_BRAND_KEY = "sp_brand_wanted"
#: A click and the parts of the page it draws again are one run, over well within this. What is drawn may be so old;
#: an act may not: the next click may come in the same thread.
_RUN_S = 1.0
_verified: ContextVar[_Verified | None] = ContextVar("sportello_verified", default=None)


@dataclass(frozen=True, slots=True)
class _Verified:
    """Whom the store named for a token, when, and after how many acts of this browser."""

    token: str | None
    member: Member | None
    at_s: float
    acts: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A colleague at a desk: who they are, and the context in which their acts run."""

    member: Member
    ctx: Context

    def may(self, right: Right) -> bool:
        """Whether their roles give this right; the services ask again."""
        return right in self.member.rights


def session_token() -> str | None:
    """The token this browser showed when it connected."""
    return st.context.cookies.get(SESSION_COOKIE)


def _member() -> Member | None:
    """Who sits here, asked of the store once a run, and again after each act. Raises Retriable while it is gone."""
    token, acts, known = session_token(), pulse_marks.acts_so_far(), _verified.get()
    if known is not None and (known.token, known.acts) == (token, acts) and monotonic() - known.at_s < _RUN_S:
        return known.member
    return _member_now()


def _member_now() -> Member | None:
    """Who sits here at this very moment: one row of an index. Raises Retriable while the store is gone."""
    token = session_token()
    member = member_of(token)
    _verified.set(_Verified(token, member, monotonic(), pulse_marks.acts_so_far()))
    return member


def seat() -> Seat:
    """The colleague of this run. Nobody: says so on the page and ends the run.

    While the store is gone the colleague last verified here keeps what is drawn; no act can happen meanwhile.
    """
    try:
        member = _member()
    except Retriable:
        member = st.session_state.get(_MEMBER_KEY)
        if member is None:
            _say_store_gone()
            st.stop()
    if member is None:
        st.session_state.pop(_MEMBER_KEY, None)
        _say_signed_out()
        st.stop()
    if not st.session_state.get(_OWN_PASSWORD_KEY):
        _ask_for_own_password(member)
    st.session_state[_LANGUAGE_KEY], st.session_state[_MEMBER_KEY] = member.language, member
    i18n.settle(member.language)
    return Seat(member, backend.open_once().for_member(member))


def acting() -> Seat:
    """The colleague behind a callback, asked of the store for each. Nobody: a visitor whom the services refuse."""
    try:
        member = _member_now()
    except Retriable:
        member = st.session_state.get(_MEMBER_KEY)  # the store is gone: the act itself will say so
    if isinstance(member, Member):
        return Seat(member, backend.open_once().for_member(member))
    nobody = Actor(name="visitor", rights=frozenset())
    return Seat(Member(0, "", "", frozenset(), active=False), backend.open_once().ctx.acting_as(nobody))


def brand_of(found: Seat) -> Brand | None:
    """The brand chosen in this browser, else the first of the colleague's desk; None when there is none yet."""
    known = brands.list_brands(found.ctx)
    chosen = st.session_state.get(BRAND_KEY)
    return next((brand for brand in known if brand.id == chosen), known[0] if known else None)


def choose_brand(brand_id: int | None) -> None:
    """Show another brand (None: the first) from the next run on: its select box may be drawn already in this one."""
    st.session_state[_WANTED_BRAND_KEY] = brand_id


def settle_brand() -> None:
    """Said by the frame before anything is drawn: the brand asked for becomes the chosen one."""
    if _WANTED_BRAND_KEY in st.session_state:
        wanted = st.session_state.pop(_WANTED_BRAND_KEY)
        if wanted is None:
            st.session_state.pop(BRAND_KEY, None)
        else:
            st.session_state[BRAND_KEY] = wanted


def timezone() -> str:
    """Whose clock the page shows: the brand's, else the house's."""
    return str(st.session_state.get("sp_timezone") or backend.settings().timezone)


def _session_language() -> str | None:
    try:
        return st.session_state.get(_LANGUAGE_KEY) or (st.context.locale or "")[:2] or None
    except (AttributeError, RuntimeError):
        return None


def _ask_for_own_password(member: Member) -> None:
    """Ends the run while the password is a given one; looked up until it is one's own."""
    try:
        if has_given_password(member):
            st.link_button(_("Choose a password of your own"), PASSWORD_PATH, type="primary")
            st.stop()
        st.session_state[_OWN_PASSWORD_KEY] = True
    except Retriable:
        return  # the store is gone: nothing can be shown that it does not hold


def _say_signed_out() -> None:
    box = StateBox(
        StateTone.INFO,
        _("You are signed out"),
        text=_("Your session is over, or it was ended in another window. What you wrote until then is saved."),
    )
    state_box(box, key="signed_out")
    st.link_button(_("Sign in"), SIGN_IN_PATH, type="primary")


def _say_store_gone() -> None:
    box = StateBox(
        StateTone.ERROR,
        _("The store does not answer"),
        text=_("What you see is from before. Nothing goes out by halves. Try again in a moment."),
    )
    state_box(box, key="store_gone")
    st.button(_("Try again"), type="primary", key="sp_again")


i18n.resolve_with(_session_language)
