"""How does what somebody looks at become an export? The filter of a page goes along to *Exports*."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from desk import going
from domain.export import ExportFilter, Subject
from domain.states import CaseState
from services.queue import QueueFilter, Tab
from services.trends import Trends

_KEY = "sp_export_from"
ROOM = "exports"
_STATES = {
    Tab.FREE: (CaseState.NEW,),
    Tab.MINE: (CaseState.OPEN, CaseState.WAITING),
    Tab.PROMISES: (CaseState.OPEN, CaseState.WAITING),
    Tab.ALL: (CaseState.NEW, CaseState.OPEN),
}


@dataclass(frozen=True, slots=True)
class Looked:
    """What somebody looked at when they asked for an export: on which page, at what."""

    page: str
    subject: Subject
    filter: ExportFilter


def of_queue(asked: QueueFilter, *, member_id: int) -> Looked:
    """The cases of a list of the queue."""
    filter = ExportFilter(
        channels=asked.channels,
        kinds=asked.kinds,
        levels=asked.levels,
        language=asked.language,
        search=asked.search,
        states=tuple(str(state) for state in _STATES[asked.tab]),
        owner_id=member_id if asked.tab in (Tab.MINE, Tab.PROMISES) else None,
        promised=asked.tab is Tab.PROMISES,
        snoozed=asked.include_snoozed or asked.tab is Tab.PROMISES,
    )
    return Looked("queue", Subject.CASES, filter)


def of_trends(seen: Trends) -> Looked:
    """The figures of the trends as they are looked at, or the posts behind them."""
    stretch = seen.window.stretch
    filter = ExportFilter(
        channels=seen.channels,
        languages=seen.languages,
        theme=str(seen.theme or ""),
        since=stretch.from_at,
        until=stretch.to_at,
    )
    return Looked("trends", Subject.TRENDS, filter)


def of_customers(search: str) -> Looked:
    """The posts of the customers a search finds."""
    return Looked("customers", Subject.MENTIONS, ExportFilter(people=search))


def go(looked: Looked) -> None:
    """Lead to *Exports* with what is looked at; for a button's callback."""
    st.session_state[_KEY] = looked
    going.to_room(ROOM)


def brought() -> Looked | None:
    """What somebody brought along, until they put it away."""
    found = st.session_state.get(_KEY)
    return found if isinstance(found, Looked) else None


def put_away() -> None:
    """Export everything instead."""
    st.session_state.pop(_KEY, None)
