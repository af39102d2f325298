"""How does nothing typed get lost? Each event of the composer becomes a stored draft, a note or a reply on its way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time

import streamlit as st

from desk import backend, published, pulse, pulse_marks
from desk.attempt import attempt, complain
from desk.i18n import _
from desk.numbers import local
from desk.pages.queue.acts import REFUSED, LostRace
from desk.redraw import Part, draw_again
from desk.sentences import error_words
from desk.session import Seat, acting, timezone
from desk.widgets.composer import ComposerEvent, ComposerResult, PromiseFields
from domain.clock import localize
from domain.errors import AlreadyClaimed, DeskError, Retriable, StaleVersion
from services import cases, drafts
from services.cases import CaseView
from services.reply_view import DraftView

#: A promise without an hour is due at the end of the working day.
DUE_TIME = time(18)
#: The composer’s version is the draft’s, times this, plus the notes saved: a saved note empties its frame too.
NOTES_PER_VERSION = 1000
_KEPT, _TARGETS, _NOTES, _REFUSALS, _UNSAVED, _CONFLICTS = (
    "sp_kept",
    "sp_targets",
    "sp_notes",
    "sp_refusals",
    "sp_unsaved",
    "sp_conflicts",
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """What was typed here while another window stored something newer."""

    result: ComposerResult
    text: str


def undo_s() -> int:
    """Seconds in which a reply can be taken back."""
    return backend.settings().undo_s


def remember(view: CaseView) -> None:
    """Which post an answer in this case goes to: needed when a last save arrives after another case was opened."""
    st.session_state.setdefault(_TARGETS, {})[view.case.id] = view.route.mention_id


def read_again(view: CaseView) -> None:
    """The case was read from the store: its draft there is the newest."""
    st.session_state.setdefault(_KEPT, {}).pop(view.case.id, None)


def with_newest(view: CaseView) -> CaseView:
    """The case as it was read, with the draft kept since."""
    kept: DraftView | None = st.session_state.get(_KEPT, {}).get(view.case.id)
    return view if kept is None else replace(view, draft=kept)


def shown_version(view: CaseView) -> int:
    """The version the composer is given for the stored draft."""
    notes = st.session_state.get(_NOTES, {}).get(view.case.id, 0)
    return (view.draft.version if view.draft else 0) * NOTES_PER_VERSION + int(notes)


def refusal(case_id: int) -> str:
    """The sentence under the composer, if the last try to send was refused."""
    return str(st.session_state.get(_REFUSALS, {}).get(case_id, ""))


def conflict(case_id: int) -> Conflict | None:
    """What was typed here and could not be stored over another window's text."""
    found = st.session_state.get(_CONFLICTS, {}).get(case_id)
    return found if isinstance(found, Conflict) else None


def settle_conflict(case_id: int, *, use_mine: bool) -> None:
    """Keep the text of this window, or the stored one."""
    found = st.session_state.get(_CONFLICTS, {}).pop(case_id, None)
    if use_mine and isinstance(found, Conflict):
        here = acting()
        attempt(lambda: _save(here, case_id, found.result, version=None))


def retry_unsaved() -> None:
    """Store what could not be stored when the database was away."""
    waiting: dict[int, ComposerResult] = st.session_state.get(_UNSAVED, {})
    for case_id, result in list(waiting.items()):
        if _keep(acting(), case_id, result) is not None:
            waiting.pop(case_id, None)


def hear(result: ComposerResult) -> None:
    """An event of the composer, as a callback. All but a draft quietly kept draws the whole desk again."""
    case_id = int(result.subject.split("-")[0])
    found = acting()
    st.session_state.setdefault(_REFUSALS, {}).pop(case_id, None)
    if result.event is ComposerEvent.NOTE:
        _note(found, case_id, result)
    elif result.event is ComposerEvent.SEND:
        _send(found, case_id, result)
    elif result.event is ComposerEvent.AUTOSAVE and _kept_quietly(found, case_id, result):
        return
    draw_again(Part.LIST, Part.CASE)


def _kept_quietly(found: Seat, case_id: int, result: ComposerResult) -> bool:
    """Whether a save by itself left nothing to say but when it was."""
    if result.subject.endswith("-out"):
        return True
    was_away = bool(st.session_state.get(_UNSAVED))
    return _keep(found, case_id, result) is not None and not was_away


def _note(found: Seat, case_id: int, result: ComposerResult) -> None:
    if result.reply_text.strip() and not result.subject.endswith("-out"):
        _keep(found, case_id, result)
    if attempt(lambda: cases.add_note(found.ctx, case_id, result.note_text), done=_("Note saved: the team sees it.")):
        notes = st.session_state.setdefault(_NOTES, {})
        notes[case_id] = notes.get(case_id, 0) + 1


def _keep(found: Seat, case_id: int, result: ComposerResult) -> DraftView | None:
    try:
        kept = _save(found, case_id, result, version=result.base_version // NOTES_PER_VERSION)
    except StaleVersion as stale:
        stored = str(stale.values.get("text", ""))
        if stored.strip() != result.reply_text.strip():
            st.session_state.setdefault(_CONFLICTS, {})[case_id] = Conflict(result, result.reply_text)
        return None
    except Retriable as gone:
        st.session_state.setdefault(_UNSAVED, {})[case_id] = result
        complain(gone)
        return None
    except DeskError as err:
        complain(err)
        return None
    st.session_state.get(_UNSAVED, {}).pop(case_id, None)
    st.session_state.setdefault(_KEPT, {})[case_id] = kept
    if result.reply_text.strip():
        _lock(found, case_id)
    return kept


def _lock(found: Seat, case_id: int) -> None:
    pulse.hold(found, case_id)


def _save(found: Seat, case_id: int, result: ComposerResult, *, version: int | None) -> DraftView:
    promise = result.promise
    return drafts.save(
        found.ctx,
        case_id,
        mention_id=st.session_state.get(_TARGETS, {}).get(case_id, 0),
        text=result.reply_text,
        promise_text=promise.text if promise.made and promise.text.strip() else None,
        promise_due_at=due_at(promise, now=found.ctx.clock()) if promise.made else None,
        version=version,
    )


def due_at(promise: PromiseFields, *, now: datetime) -> datetime:
    """When a promise falls due, on the brand's clock; without a day today, without an hour 18:00."""
    day = promise.due_day or local(now, timezone()).date()
    return localize(datetime.combine(day, promise.due_time or DUE_TIME), timezone())


def _send(found: Seat, case_id: int, result: ComposerResult) -> None:
    kept = _keep(found, case_id, result)
    if kept is None:
        return
    pulse_marks.something_changed()
    try:
        published.wait_for(drafts.submit(found.ctx, kept.reply_id).reply_id)
    except AlreadyClaimed as lost:
        st.session_state[REFUSED] = LostRace(case_id, lost.by, lost.by_id, lost.since)
    except DeskError as err:
        st.session_state.setdefault(_REFUSALS, {})[case_id] = error_words(err, timezone=timezone())
