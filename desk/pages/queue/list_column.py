"""The left column: tabs, filters, what is new, and the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from desk import export_views, pulse, words
from desk.attempt import steady
from desk.i18n import N_, _, ngettext
from desk.numbers import number
from desk.pages.queue import acts, listing, rows, same_problem
from desk.pages.queue.listing import Listed
from desk.session import Seat, timezone
from desk.widgets.queue_list import queue_list
from desk.widgets.rows import QueueLabels
from desk.widgets.states import StateAction, StateBox, StateTone, state_box
from domain.brand import Brand
from domain.judgement import Kind
from domain.people import Right
from services import brands, queue
from services.queue import Order, QueueCounts, Tab

T = TypeVar("T")
_TABS = {Tab.FREE: N_("Free"), Tab.MINE: N_("Mine"), Tab.PROMISES: N_("Promises"), Tab.ALL: N_("All")}
_ORDERS = {
    Order.PRIORITY: N_("urgency and waiting"),
    Order.WAITING: N_("who waits longest"),
    Order.NEWEST: N_("newest first"),
}


def draw(found: Seat, brand: Brand, listed: Listed) -> None:
    """Everything from the tabs to the last row."""
    counts = _counts(found, brand, listed)
    with st.container(key="sp_head_queue"):
        _tabs(counts)
        _filters(found, brand)
    same_problem.draw_way_back(listed)
    _new_ones()
    if listed.entries:
        labels = QueueLabels(list_name=_("Queue"), claim=_("Claim"), empty="")
        drawn = rows.queue_rows(listed, me=found.member.id, timezone=timezone(), now=found.ctx.clock())
        queue_list(drawn, st.session_state.get(pulse.CASE), labels=labels, on_event=acts.choose)
        _pages(listed)
    else:
        _empty(listed, counts)


def _counts(found: Seat, brand: Brand, listed: Listed) -> QueueCounts:
    """How many cases each tab holds: from the last pulse when it belongs to this very list, else asked for."""
    last = pulse.last()
    if last is not None and last.version == listed.version:
        return last.counts
    return steady("sp_last_counts", lambda: queue.counts(found.ctx, brand.id))


def _tabs(counts: QueueCounts) -> None:
    amounts = {Tab.FREE: counts.free, Tab.MINE: counts.mine, Tab.PROMISES: counts.promises, Tab.ALL: counts.all}
    st.session_state.setdefault(listing.TAB, Tab.ALL)
    st.segmented_control(
        _("Which cases"),
        list(Tab),
        format_func=lambda tab: f"{_(_TABS[tab])} :small[{amount_words(amounts[tab])}]",
        key=listing.TAB,
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )


def amount_words(cases: int) -> str:
    """As many as were counted; beyond where counting stops only that it is more."""
    return f"{number(queue.COUNT_CAP)}+" if cases > queue.COUNT_CAP else number(cases)


def _filters(found: Seat, brand: Brand) -> None:
    with st.container(horizontal=True, gap="small", key="sp_filters", vertical_alignment="center"):
        st.session_state.setdefault(listing.ORDER, Order.PRIORITY)
        order = st.session_state[listing.ORDER]
        name = _("Order: {order}").format(order=_(_ORDERS[order]))
        orders = st.popover(name, type="tertiary", key="sp_order_menu", on_change="rerun")
        if orders.open:
            with orders:
                _order_choices()
        menu = st.popover(_filter_name(), type="tertiary", key="sp_filter_menu", on_change="rerun")
        if menu.open:  # what nobody looks at is not drawn: it would cost half of what the list costs
            with menu:
                _filter_choices(found, brand)
        if found.may(Right.EXPORT):
            st.button(
                _("Export"),
                key="sp_export_list",
                type="tertiary",
                help=_("The cases of this list, with its filters, as a file"),
                on_click=_export,
                args=(found.member.id, brand),
            )


def _export(member_id: int, brand: Brand) -> None:
    export_views.go(export_views.of_queue(listing.wanted(brand), member_id=member_id))


def _order_choices() -> None:
    st.radio(
        _("Order"), list(Order), format_func=lambda each: _(_ORDERS[each]), key=listing.ORDER, persist_state="page"
    )


def _filter_name() -> str:
    keys = (listing.CHANNELS, listing.LEVELS, listing.KINDS, listing.SNOOZED)
    active = sum(bool(st.session_state.get(key)) for key in keys)
    return ngettext("{n} filter", "{n} filters", active) if active else _("All channels")


def _filter_choices(found: Seat, brand: Brand) -> None:
    accounts = steady("sp_last_accounts", lambda: brands.list_accounts(found.ctx, brand.id))
    channels = sorted({account.channel for account in accounts} | {"import"})
    _choose(_("Channel"), channels, key=listing.CHANNELS, word=words.channel_word)
    _choose(_("Urgency"), (3, 2, 1, 0), key=listing.LEVELS, word=words.urgency_word)
    _choose(_("What they want"), list(Kind), key=listing.KINDS, word=words.kind_word)
    st.toggle(_("Show snoozed cases too"), key=listing.SNOOZED, persist_state="page")
    st.button(_("Clear filters"), key="sp_clear", on_click=acts.clear_filters, type="tertiary")


def _choose(label: str, choices: Sequence[T], *, key: str, word: Callable[[T], str]) -> None:
    """Any number of choices; they hold while the menu is closed."""
    st.pills(label, choices, selection_mode="multi", key=key, format_func=word, persist_state="page")


def _new_ones() -> None:
    last = pulse.last()
    if last is None or not last.new_cases:
        return
    label = ngettext("{n} new case, show", "{n} new cases, show", last.new_cases)
    with st.container(key="sp_new_cases"):
        st.button(
            label,
            key="sp_show_new",
            icon=":material/expand_less:",
            type="tertiary",
            width="stretch",
            on_click=acts.show_new,
        )


def _pages(listed: Listed) -> None:
    if len(listed.cursors) == 1 and listed.next_cursor is None:
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", key="sp_foot_pages"):
        first = len(listed.cursors) == 1
        st.button(
            _("Previous"), key="sp_page_back", disabled=first, on_click=acts.turn_page, args=(False,), type="tertiary"
        )
        last = listed.next_cursor is None
        st.button(_("Next"), key="sp_page_on", disabled=last, on_click=acts.turn_page, args=(True,), type="tertiary")


def _empty(listed: Listed, counts: QueueCounts) -> None:
    with st.container(key="sp_scroll"), st.container(key="sp_head_empty"):
        if listed.is_filtered:
            box = StateBox(
                StateTone.EMPTY,
                _("Nothing matches"),
                text=_("No case fits this search and these filters."),
                actions=(StateAction("clear", _("Clear filters"), primary=True),),
            )
            if state_box(box, key="empty") == "clear":
                acts.clear_filters()
                st.rerun()
            return
        state_box(_empty_box(listed.filter.tab, counts), key="empty")


def _empty_box(tab: Tab, counts: QueueCounts) -> StateBox:
    if tab == Tab.FREE:
        text = _("Everything that came in already has somebody. The top line says up to when we have listened.")
        return StateBox(StateTone.EMPTY, _("No free case"), text=text)
    if tab == Tab.MINE:
        text = ngettext("{n} case is free.", "{n} cases are free.", min(counts.free, queue.COUNT_CAP))
        return StateBox(StateTone.EMPTY, _("You have no open case"), text=text)
    if tab == Tab.PROMISES:
        text = _("What you promise with a reply stands here until it is kept.")
        return StateBox(StateTone.EMPTY, _("No promise is open"), text=text)
    text = _("New posts arrive by themselves. The top line says up to when we have listened.")
    return StateBox(StateTone.EMPTY, _("The queue is empty"), text=text)
