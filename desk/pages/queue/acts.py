"""What happens when a row, a button or a key is pressed on the queue? Callbacks: they run before the page is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from desk import pulse, pulse_marks
from desk.attempt import Message, attempt, complain, tell
from desk.i18n import _
from desk.pages.queue import listing
from desk.redraw import Part, draw_again
from desk.session import Seat, acting
from desk.top_line import SEARCH_KEY
from desk.widgets.keys import KeyAction
from desk.widgets.queue_list import QueueListResult
from domain.errors import AlreadyClaimed, DeskError, NotPossible
from domain.people import Right
from domain.states import ReplyState
from services import cases, claims, drafts, promises
from services.queue import Tab

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
    begun = found.ctx.clock()
    pulse_marks.something_changed()
    try:
        case = claims.claim(found.ctx, case_id)
        st.session_state.pop(REFUSED, None)
        if case.owned_since is not None and case.owned_since >= begun:
            pulse.own_change()
            pulse_marks.only_changed(case_id)
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


def close_promise(promise_id: int, is_kept: bool) -> None:
    """Say whether what we promised was done; it can be taken back under Promises for some minutes."""
    found = acting()
    close = promises.keep if is_kept else promises.break_
    attempt(lambda: close(found.ctx, promise_id), done=_("Noted. Under Promises you can take it back for ten minutes."))


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
    """After a case is dealt with: the next of one's own where one works through those, else who needs us most."""
    listed = listing.known()
    if listed is not None and listed.filter.tab in (Tab.MINE, Tab.PROMISES):
        following = listing.after(st.session_state.get(pulse.CASE))
    else:
        following = _most_pressing_free()
    if following is not None:
        open_case(following)


def next_free() -> None:
    """Open the most pressing free case."""
    following = _most_pressing_free()
    if following is not None:
        open_case(following)


def _most_pressing_free() -> int | None:
    listed, found = listing.known(), acting()
    if listed is None:
        return None
    try:
        return listing.next_free(found, listed.filter.brand_id, but=st.session_state.get(pulse.CASE))
    except DeskError as err:
        complain(err)
        return None


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
    st.session_state.pop(listing.CASES, None)
    st.session_state[SEARCH_KEY] = ""


def press_head(act: str, case_id: int) -> None:
    """A button of the case's head was pressed; what only asks for more words draws the case alone."""
    if act in _AT_ONCE:
        _AT_ONCE[act](case_id)
        draw_again(Part.LIST, Part.CASE)
    ask(act)


def ask_how_to_resolve(case_id: int) -> None:
    """The five ways to end a case; why not, in a sentence, when it is not this colleague's to end."""
    found = acting()
    view = attempt_view(found, case_id)
    if view is None:
        return
    if "resolve" in view.may:
        ask("resolve")
    elif view.case.owner_id == found.member.id:
        complain(NotPossible(reason="promise_open" if view.under_way is None else "reply_pending"))
    elif view.case.owner_id is None:
        tell(Message("info", _("Nobody has this case yet: claim it, then it is yours to resolve.")))
    else:
        owner = (view.owner_name or "").split(" ")[0]
        tell(Message("info", _("Only {name} resolves this case: it is theirs.").format(name=owner)))


def attempt_view(found: Seat, case_id: int) -> cases.CaseView | None:
    """The case; None when it cannot be read, and the page says why."""
    try:
        return cases.view(found.ctx, case_id)
    except DeskError as err:
        complain(err)
        return None


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
    view = attempt_view(found, case_id)
    under_way = None if view is None else view.under_way
    if under_way is not None and under_way.status is ReplyState.QUEUED and under_way.author_id == found.member.id:
        undo(under_way.reply_id)


def _ask_what_it_is(_case_id: int) -> None:
    """The judgement of the case, to be set right by whoever may."""
    if acting().may(Right.JUDGE):
        ask("correct")


_BY_KEY: dict[KeyAction, Callable[[int], None]] = {
    KeyAction.CLAIM: claim,
    KeyAction.RELEASE: release,
    KeyAction.SNOOZE: lambda _case_id: ask("snooze"),
    KeyAction.RESOLVE_NEXT: ask_how_to_resolve,
    KeyAction.CORRECT: _ask_what_it_is,
    KeyAction.UNDO: _undo_queued,
    KeyAction.NEXT: lambda _case_id: go_on(),
}
_CHANGING = {KeyAction.CLAIM, KeyAction.RELEASE, KeyAction.UNDO, KeyAction.NEXT}
_AT_ONCE: dict[str, Callable[[int], None]] = {
    "claim": claim,
    "release": release,
    "reopen": reopen,
    "unsnooze": unsnooze,
}
