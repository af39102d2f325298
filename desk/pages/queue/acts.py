"""What happens when a row, a button or a key is pressed on the queue? Callbacks: they run before the page is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from desk import pulse, pulse_marks
from desk.attempt import attempt, complain
from desk.i18n import _
from desk.pages.queue import listing
from desk.redraw import Part, draw_again
from desk.session import acting
from desk.top_line import SEARCH_KEY
from desk.widgets.keys import KeyAction
from desk.widgets.queue_list import QueueListResult
from domain.errors import AlreadyClaimed, DeskError
from domain.states import ReplyState
from services import cases, claims, drafts

REFUSED = "sp_refused"


@dataclass(frozen=True, slots=True)
class LostRace:
    """Somebody else has the case this colleague reached for."""

    case_id: int
    by: str
    by_id: int
    since: datetime


def open_case(case_id: int) -> None:
    """Show a case; whoever was on the one before lets go of it."""
    before = st.session_state.get(pulse.CASE)
    if before == case_id:
        return
    if before is not None and st.session_state.get(pulse.HOLDS_LOCK) == before:
        let_go(before)
    st.session_state[pulse.CASE] = case_id
    st.session_state.pop(REFUSED, None)


def let_go(case_id: int) -> None:
    """Colleagues may be on this case again; when that cannot be said now, the lease says it soon."""
    found = acting()
    try:
        pulse.let_go(found, case_id)
    except DeskError as err:
        complain(err)


def choose(result: QueueListResult) -> None:
    """A row was opened or claimed: opening draws the case alone."""
    if result.open is not None:
        open_case(result.open)
        draw_again(Part.CASE)
    if result.claim is not None:
        open_case(result.claim)
        claim(result.claim)
        draw_again(Part.LIST, Part.CASE)


def claim(case_id: int) -> None:
    """Take an ownerless case; when a colleague was faster, the page says who and since when."""
    found = acting()
    pulse_marks.something_changed()
    try:
        claims.claim(found.ctx, case_id)
        st.session_state.pop(REFUSED, None)
    except AlreadyClaimed as lost:
        st.session_state[REFUSED] = LostRace(case_id, lost.by, lost.by_id, lost.since)
    except DeskError as err:
        complain(err)


def release(case_id: int) -> None:
    """Give a case back to everybody."""
    found = acting()
    attempt(lambda: claims.release(found.ctx, case_id), done=_("Released: the case is free again."))


def reopen(case_id: int) -> None:
    """Open a closed case again."""
    found = acting()
    attempt(lambda: cases.reopen(found.ctx, case_id), done=_("The case is open again."))


def unsnooze(case_id: int) -> None:
    """Back in the queue now."""
    found = acting()
    attempt(lambda: cases.unsnooze(found.ctx, case_id), done=_("The case is back in the queue."))


def undo(reply_id: int) -> None:
    """Take a reply back before it goes out."""
    found = acting()
    attempt(
        lambda: drafts.undo(found.ctx, reply_id),
        done=_("Undone: the text is back in the box, nothing went out."),
    )


def withdraw(reply_id: int) -> None:
    """Take a reply back from whoever should approve it."""
    found = acting()
    attempt(lambda: drafts.withdraw(found.ctx, reply_id), done=_("Withdrawn: the text is back in the box."))


def ask(dialog: str) -> None:
    """Open one of the dialogs of the case."""
    st.session_state[pulse.DIALOG] = dialog


def go_on() -> None:
    """Open the case below, without touching this one."""
    following = listing.after(st.session_state.get(pulse.CASE))
    if following is not None:
        open_case(following)


def next_free() -> None:
    """Open the most pressing free case."""
    following = listing.next_free(st.session_state.get(pulse.CASE))
    if following is not None:
        open_case(following)


def show_new() -> None:
    """Take the list anew, with what came in."""
    listing.refresh()
    last = pulse.last()
    if last is not None:
        pulse.nothing_new()


def turn_page(forward: bool) -> None:
    """The next rows of the list, or the ones before."""
    listing.turn_page(acting(), forward=forward)


def clear_filters() -> None:
    """Show everything again."""
    for key in (listing.CHANNELS, listing.LEVELS, listing.KINDS):
        st.session_state[key] = []
    st.session_state[listing.SNOOZED] = False
    st.session_state[SEARCH_KEY] = ""


def press(action: KeyAction) -> None:
    """A single letter was pressed outside any text."""
    case_id = st.session_state.get(pulse.CASE)
    if action is KeyAction.HELP:
        ask("keys")
    elif case_id is not None and action in _BY_KEY:
        _BY_KEY[action](case_id)
    draw_again(Part.LIST, Part.CASE) if action in _CHANGING else draw_again(Part.CASE)


def _undo_queued(case_id: int) -> None:
    """Undo by key; the button beside the bar may have heard the same key, so a second time is no mistake."""
    found = acting()
    try:
        under_way = cases.view(found.ctx, case_id).under_way
    except DeskError as err:
        complain(err)
        return
    if under_way is not None and under_way.status is ReplyState.QUEUED and under_way.author_id == found.member.id:
        undo(under_way.reply_id)


_BY_KEY: dict[KeyAction, Callable[[int], None]] = {
    KeyAction.CLAIM: claim,
    KeyAction.RELEASE: release,
    KeyAction.SNOOZE: lambda _case_id: ask("snooze"),
    KeyAction.RESOLVE_NEXT: lambda _case_id: ask("resolve"),
    KeyAction.UNDO: _undo_queued,
    KeyAction.NEXT: lambda _case_id: go_on(),
}
_CHANGING = {KeyAction.CLAIM, KeyAction.RELEASE, KeyAction.UNDO, KeyAction.NEXT}
