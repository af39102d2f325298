"""Which rows stand in the list? Their order is taken once and kept until somebody asks for a new one."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime

import streamlit as st

from desk import pulse, pulse_marks
from desk.session import Seat
from desk.top_line import SEARCH_KEY
from domain.brand import Brand
from services import queue
from services.queue import Order, QueueEntry, QueueFilter, Tab, Whereabouts

ROWS = 50
_KEY = "sp_listing"
TAB, ORDER, CHANNELS, LEVELS, KINDS, SNOOZED, CASES = (
    "sp_tab",
    "sp_order",
    "sp_channels",
    "sp_levels",
    "sp_kinds",
    "sp_snoozed",
    "sp_same_problem",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows in the order the hand knows. ``gone`` are those that no longer belong here but keep their place."""

    filter: QueueFilter
    entries: tuple[QueueEntry, ...]
    gone: frozenset[int]
    cursors: tuple[str | None, ...]
    next_cursor: str | None
    version: int
    #: Where those that are gone stand now.
    where: Mapping[int, Whereabouts] = field(default_factory=dict)

    @property
    def is_filtered(self) -> bool:
        asked = self.filter
        narrowed = asked.channels or asked.levels or asked.kinds or asked.search or asked.cases
        return bool(narrowed or asked.include_snoozed)


def wanted(brand: Brand) -> QueueFilter:
    """What the controls of the page ask for."""
    state = st.session_state
    return QueueFilter(
        brand_id=brand.id,
        tab=state.get(TAB) or Tab.ALL,
        order=state.get(ORDER) or Order.PRIORITY,
        channels=tuple(state.get(CHANNELS) or ()),
        levels=tuple(state.get(LEVELS) or ()),
        kinds=tuple(state.get(KINDS) or ()),
        search=(state.get(SEARCH_KEY) or "").strip(),
        include_snoozed=bool(state.get(SNOOZED)),
        cases=_chosen_cases(brand),
    )


def choose_cases(brand_id: int, case_ids: tuple[int, ...]) -> None:
    """List these cases of a brand alone; none: all its cases again."""
    st.session_state[CASES] = (brand_id, case_ids)
    refresh()


def _chosen_cases(brand: Brand) -> tuple[int, ...]:
    """Those of another brand say nothing about this one's list."""
    brand_id, case_ids = st.session_state.get(CASES) or (None, ())
    return tuple(case_ids) if brand_id == brand.id else ()


def current(found: Seat, brand: Brand) -> Listed:
    """The list as it stands: taken anew when something else is asked for, else the same rows with fresh words."""
    asked, before = wanted(brand), known()
    own, has_changed = pulse_marks.own_case(), pulse_marks.has_changed()
    if before is None or before.filter != asked or not before.entries:
        return take(found, asked)  # where no row stands, none can move under the hand
    ended = _ended_locks(before, me=found.member.id, now=found.ctx.clock())
    if not has_changed and not ended:
        return before
    few = ended if own is None else ended | {own}
    if (own is not None or not has_changed) and (patched := _with_read_again(found, before, few)) is not None:
        return patched
    fresh = queue.among(found.ctx, asked, [entry.case_id for entry in before.entries])
    by_id = {entry.case_id: entry for entry in fresh.entries}
    kept = tuple(by_id.get(entry.case_id, entry) for entry in before.entries)
    gone = frozenset(entry.case_id for entry in before.entries if entry.case_id not in by_id)
    where = queue.whereabouts(found.ctx, sorted(gone)) if gone else {}
    listed = Listed(asked, kept, gone, before.cursors, before.next_cursor, fresh.snapshot_version, where)
    return _remember(listed, snapshot=False)


def _ended_locks(before: Listed, *, me: int, now: datetime) -> set[int]:
    """The rows of which a colleague's lock is over, or was renewed: neither makes a new version of the list."""
    theirs = (entry for entry in before.entries if entry.lock_user_id not in (None, me))
    return {entry.case_id for entry in theirs if entry.lock_until is not None and entry.lock_until <= now} - before.gone


def _with_read_again(found: Seat, before: Listed, case_ids: Set[int]) -> Listed | None:
    """The same rows with these read again; None when they are not all in the list, or others have changed too."""
    fresh = queue.among(found.ctx, before.filter, sorted(case_ids))
    by_id = {entry.case_id: entry for entry in fresh.entries}
    standing = {entry.case_id for entry in before.entries} - before.gone
    if not case_ids <= standing & set(by_id) or not pulse.shows(fresh.snapshot_version):
        return None
    kept = tuple(by_id.get(entry.case_id, entry) for entry in before.entries)
    return _remember(replace(before, entries=kept, version=fresh.snapshot_version), snapshot=False)


def take(found: Seat, asked: QueueFilter, *, cursors: tuple[str | None, ...] = (None,)) -> Listed:
    """A new list, in the order of this moment."""
    page = queue.page(found.ctx, asked, cursor=cursors[-1], limit=ROWS)
    listed = Listed(asked, page.entries, frozenset(), cursors, page.next_cursor, page.snapshot_version)
    if pulse.CASE not in st.session_state and page.entries:
        st.session_state[pulse.CASE] = page.entries[0].case_id
    return _remember(listed, snapshot=True)


def refresh() -> None:
    """Ask for a new order at the next drawing."""
    st.session_state.pop(_KEY, None)


def turn_page(found: Seat, *, forward: bool) -> None:
    """The next 50 rows, or the ones before."""
    listed = known()
    if listed is None:
        return
    cursors = (*listed.cursors, listed.next_cursor) if forward else listed.cursors[:-1] or (None,)
    take(found, listed.filter, cursors=cursors)


def after(case_id: int | None) -> int | None:
    """The case below this one in the list (the first, when it is not there), leaving out those that are gone."""
    listed = known()
    if listed is None:
        return None
    ids = [entry.case_id for entry in listed.entries]
    start = ids.index(case_id) + 1 if case_id in ids else 0
    rest = [each for each in ids[start:] + ids[:start] if each not in listed.gone and each != case_id]
    return rest[0] if rest else None


def next_free(found: Seat, brand_id: int, *, but: int | None) -> int | None:
    """The most pressing ownerless case of the brand besides this one, wherever the list stands."""
    page = queue.page(found.ctx, QueueFilter(brand_id, tab=Tab.FREE), limit=2)
    return next((entry.case_id for entry in page.entries if entry.case_id != but), None)


def known() -> Listed | None:
    """The list as it was drawn last."""
    listed = st.session_state.get(_KEY)
    return listed if isinstance(listed, Listed) else None


def _remember(listed: Listed, *, snapshot: bool) -> Listed:
    st.session_state[_KEY] = listed
    pulse.drew(listed.version, snapshot=snapshot, listed=tuple(entry.case_id for entry in listed.entries))
    return listed
