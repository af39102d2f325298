"""What has changed since this page was drawn? One cheap question every five seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from desk import banner, hearing, notices, pulse_marks, signs
from desk.attempt import store_is_back
from desk.going import follow
from desk.i18n import _
from desk.numbers import clock_second
from desk.redraw import Part, draw_again
from desk.session import Seat, acting, seat, timezone
from desk.widgets.heartbeat import heartbeat
from desk.widgets.states import alert_html
from domain.errors import DeskError
from services import claims, queue
from services.queue import Pulse

EVERY_S = 5
#: A sign of life for colleagues, and the renewal of the lock: well inside the 90 s of the lease.
SIGN_OF_LIFE_EVERY_S = 20
_LAST, _FRESH, _SHOWN = "sp_pulse", "sp_pulse_fresh", "sp_pulse_shown"
_DRAWN = "sp_drawn_version"
_SNAPSHOT = "sp_snapshot_version"
#: Before the first list was taken nothing can be new to it.
_NO_LIST_YET = 2**62
_LISTED = "sp_listed_cases"
_SEEN = "sp_seen"
_GONE_SINCE = "sp_store_gone_since"
DIALOG = "sp_dialog"
CASE = "sp_case"
HOLDS_LOCK = "sp_holds_lock"


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look brought: the pulse, and the signs that stand in the top line for it."""

    pulse: Pulse
    coverage: str
    is_silent: bool


def last() -> Pulse | None:
    """The newest answer in this browser, if there was one."""
    found = st.session_state.get(_LAST)
    return found if isinstance(found, Pulse) else None


def prime(found: Seat, brand_id: int) -> None:
    """Look once before the navigation is drawn, so that its counts are there; the top line draws the same look."""
    try:
        look = _look(found, brand_id)
    except DeskError:
        return  # what was known stays on the screen; the top line and the page say why nothing newer is
    st.session_state[_FRESH], st.session_state[_LAST] = look, look.pulse
    pulse_marks.counts_are_read()


def forget(*, keeps_case: bool = False) -> None:
    """Another brand, another pulse; ``keeps_case``: the open case is what led there."""
    for key in (_LAST, _FRESH, _DRAWN, _SNAPSHOT, _LISTED, *(() if keeps_case else (CASE,))):
        st.session_state.pop(key, None)


def drew(version: int, *, snapshot: bool, listed: tuple[int, ...]) -> None:
    """The list was drawn at this version; ``snapshot``: its order was taken anew. What is ``listed`` is never new."""
    st.session_state[_DRAWN], st.session_state[_LISTED] = version, listed
    if snapshot:
        st.session_state[_SNAPSHOT] = version


def shows(version: int) -> bool:
    """Whether the list drawn last holds all that has changed up to this version."""
    return bool(st.session_state.get(_DRAWN) == version)


def own_change() -> None:
    """This window itself just raised the version by one, and shows what changed: no reason to draw again."""
    if _DRAWN in st.session_state:
        st.session_state[_DRAWN] += 1


@st.fragment(key=Part.SIGNS.value)
def top_right(brand_id: int, *, is_desk: bool) -> None:
    """The right half of the top line."""
    follow()
    found = seat()
    _heart(brand_id, is_desk=is_desk)
    try:
        look: _Look = st.session_state.pop(_FRESH, None) or _look(found, brand_id)
    except DeskError:
        _say_store_gone()
        return
    if st.session_state.pop(_GONE_SINCE, None) is not None:
        store_is_back()
        st.rerun()
    st.session_state[_LAST], st.session_state[_SHOWN] = look.pulse, _signs(look)
    with st.container(key="sp_top_right", horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.html(look.coverage)
        notices.bell(found, unread=look.pulse.notices_unread)
        st.html(signs.faces_html(look.pulse.online, me=found.member.id))
        st.html(signs.hints_html(is_silent=look.is_silent, shows_keys=is_desk))


@st.fragment
def _heart(brand_id: int, *, is_desk: bool) -> None:
    """Drawn alone while nothing changes, which is nearly always."""
    heartbeat(every_s=EVERY_S, on_beat=partial(beat, brand_id, is_desk=is_desk))


def beat(brand_id: int, *, is_desk: bool) -> None:
    """Callback of every five seconds: look, give a sign of life, and draw again what no longer holds."""
    found, before = acting(), last()
    if not found.member.id:
        st.rerun()  # signed out meanwhile: the page says so
    try:
        look = _look(found, brand_id)
        _sign_of_life(found)
        behind = _behind(found, look, before, brand_id=brand_id, is_desk=is_desk)
    except DeskError:
        draw_again(Part.SIGNS)  # which says why nothing was found
        return
    st.session_state[_LAST] = look.pulse
    if _counts(before) != _counts(look.pulse):
        st.rerun()  # the navigation shows them
    if Part.SIGNS in behind:
        st.session_state[_FRESH] = look
    if Part.LIST in behind:
        pulse_marks.list_is_old()
    if behind:
        draw_again(*behind)


def _behind(found: Seat, look: _Look, before: Pulse | None, *, brand_id: int, is_desk: bool) -> list[Part]:
    """The parts of the page that no longer show what is so; nearly always none."""
    parts = [Part.LIST, Part.CASE] if is_desk and _is_behind(before, look.pulse) else []
    if _GONE_SINCE in st.session_state or _signs(look) != st.session_state.get(_SHOWN):
        parts.append(Part.SIGNS)
    if banner.is_behind(found, brand_id):
        parts.append(Part.BANNER)
    return parts


def _look(found: Seat, brand_id: int) -> _Look:
    since = st.session_state.get(_SNAPSHOT, _NO_LIST_YET)
    listed = st.session_state.get(_LISTED, ())
    now = queue.pulse(found.ctx, brand_id, since_version=since, listed=listed, known=last())
    heard = hearing.of(found, brand_id)
    covered = signs.coverage_html(
        heard.covered, gone_since=heard.worker_gone_since, timezone=timezone(), now=found.ctx.clock()
    )
    return _Look(now, covered, heard.is_silent)


def _signs(look: _Look) -> tuple[object, ...]:
    online = tuple((each.user_id, each.name) for each in look.pulse.online)
    return look.coverage, look.is_silent, look.pulse.notices_unread, online


def _say_store_gone() -> None:
    since = st.session_state.setdefault(_GONE_SINCE, datetime.now(UTC))
    words = _("We cannot save since {time}. Do not close this window.")
    st.html(alert_html(words.format(time=clock_second(since, timezone())), tone="err"))


def _is_behind(before: Pulse | None, now: Pulse) -> bool:
    """Whether list and case no longer show what is stored. Somebody choosing words in a dialog is not disturbed."""
    if st.session_state.get(DIALOG):
        return False
    new_ones = before is not None and before.new_cases != now.new_cases
    return new_ones or bool(now.version != st.session_state.get(_DRAWN, now.version))


def _counts(pulse: Pulse | None) -> tuple[int, int] | None:
    return None if pulse is None else (pulse.counts.promises, pulse.approvals)


def _sign_of_life(found: Seat) -> None:
    case_id = st.session_state.get(CASE)
    now, seen = found.ctx.clock(), st.session_state.get(_SEEN)
    if seen and seen[0] == case_id and (now - seen[1]).total_seconds() < SIGN_OF_LIFE_EVERY_S:
        return
    st.session_state[_SEEN] = (case_id, now)
    claims.see(found.ctx, case_id)
    if case_id is not None and st.session_state.get(HOLDS_LOCK) == case_id:
        claims.lock(found.ctx, case_id)


def nothing_new() -> None:
    """The new cases were shown: forget how many there were."""
    before = last()
    if before is not None:
        st.session_state[_LAST] = replace(before, new_cases=0)


def hold(found: Seat, case_id: int) -> None:
    """Whoever has their own case open is on it: colleagues see that, and the lease is renewed from here on."""
    if st.session_state.get(HOLDS_LOCK) == case_id:
        return
    st.session_state[HOLDS_LOCK] = case_id
    try:
        if claims.lock(found.ctx, case_id).is_new:
            own_change()
    except DeskError:
        st.session_state.pop(HOLDS_LOCK, None)  # a colleague is on it: the header says who


def let_go(found: Seat, case_id: int) -> None:
    """Another case is opened: colleagues may take the one before up."""
    if st.session_state.get(HOLDS_LOCK) == case_id:
        st.session_state.pop(HOLDS_LOCK)
        if claims.unlock(found.ctx, case_id):
            own_change()
