"""What has changed since this page was drawn? One cheap question every five seconds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from desk import notices, pulse_marks, signs
from desk.attempt import store_is_back
from desk.going import follow
from desk.i18n import _
from desk.numbers import clock_second
from desk.session import Seat, seat, timezone
from desk.widgets.states import alert_html
from domain.errors import DeskError
from services import brands, claims, health, queue
from services.queue import Pulse

EVERY_S = 5
#: A sign of life for colleagues, and the renewal of the lock: well inside the 90 s of the lease.
SIGN_OF_LIFE_EVERY_S = 20
_LAST = "sp_pulse"
_DRAWN = "sp_drawn_version"
_SNAPSHOT = "sp_snapshot_version"
_FULL_RUN = "sp_full_run"
#: Before the first list was taken nothing can be new to it.
_NO_LIST_YET = 2**62
_SEEN = "sp_seen"
DIALOG = "sp_dialog"
CASE = "sp_case"
HOLDS_LOCK = "sp_holds_lock"


def last() -> Pulse | None:
    """The newest answer in this browser, if there was one."""
    found = st.session_state.get(_LAST)
    return found if isinstance(found, Pulse) else None


def prime(found: Seat, brand_id: int) -> None:
    """Ask before the navigation is drawn, at first and after each act: its counts are never those of before it."""
    if last() is None or pulse_marks.counts_are_old():
        since = st.session_state.get(_SNAPSHOT, _NO_LIST_YET)
        try:
            st.session_state[_LAST] = queue.pulse(found.ctx, brand_id, since_version=since)
        except DeskError:
            if last() is None:
                raise
            return  # the store is gone: the counts stay, and the page says so itself
        pulse_marks.counts_are_read()


def forget() -> None:
    """Another brand, another pulse."""
    for key in (_LAST, _DRAWN, _SNAPSHOT, CASE):
        st.session_state.pop(key, None)


def drew(version: int, *, snapshot: bool) -> None:
    """The desk was drawn at this version; ``snapshot``: its order was taken anew as well."""
    st.session_state[_DRAWN] = version
    if snapshot:
        st.session_state[_SNAPSHOT] = version


def full_run() -> None:
    """Said by the frame at each full run: the page that follows is fresh anyway."""
    st.session_state[_FULL_RUN] = True


@st.fragment(run_every=EVERY_S)
def beat(brand_id: int, *, is_desk: bool) -> None:
    """The right half of the top line, and the word to draw again when something changed."""
    follow()
    found = seat()
    is_fresh = bool(st.session_state.pop(_FULL_RUN, False))
    try:
        before, now = (
            last(),
            queue.pulse(found.ctx, brand_id, since_version=st.session_state.get(_SNAPSHOT, _NO_LIST_YET)),
        )
        covered = health.coverage(found.ctx, brand_id)
        is_silent = _is_silent(found, brand_id)
        _sign_of_life(found)
    except DeskError:
        since = st.session_state.setdefault("sp_store_gone_since", datetime.now(UTC))
        st.html(
            alert_html(
                _("We cannot save since {time}. Do not close this window.").format(
                    time=clock_second(since, timezone())
                ),
                tone="err",
            )
        )
        return
    is_back = st.session_state.pop("sp_store_gone_since", None) is not None
    if is_back:
        store_is_back()
    st.session_state[_LAST] = now
    with st.container(key="sp_top_right", horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.html(signs.coverage_html(covered, timezone=timezone(), now=found.ctx.clock()))
        notices.bell(found, unread=now.notices_unread)
        st.html(signs.faces_html(now.online, me=found.member.id))
        st.html(signs.hints_html(is_silent=is_silent, shows_keys=is_desk))
    if is_back or (not is_fresh and _changed(before, now, is_desk=is_desk)):
        st.rerun()


def _is_silent(found: Seat, brand_id: int) -> bool:
    """Whether none of the brand's own voices may publish."""
    voices = brands.list_accounts(found.ctx, brand_id)
    return bool(voices) and not any(brands.publishing_allowed(found.ctx, voice) for voice in voices)


def _changed(before: Pulse | None, now: Pulse, *, is_desk: bool) -> bool:
    if st.session_state.get(DIALOG):
        return False  # somebody is choosing words in a dialog: what changed can wait
    if is_desk:
        return bool(now.version != st.session_state.get(_DRAWN, now.version)) or _counts(before) != _counts(now)
    return _counts(before) != _counts(now)


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
        claims.lock(found.ctx, case_id)
    except DeskError:
        st.session_state.pop(HOLDS_LOCK, None)  # a colleague is on it: the header says who
