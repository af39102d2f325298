"""What was taken away, what is being made, and what comes by the calendar? Each with its file, for whoever asked."""

from __future__ import annotations

import streamlit as st

from desk import going
from desk.asking import ask_first
from desk.attempt import attempt, fetch, show_done
from desk.download_routes import path_of
from desk.export_words import every_word, format_word, subject_word
from desk.i18n import N_, _, ngettext
from desk.numbers import moment_words, number, until_words
from desk.page_parts import empty, line, title
from desk.pages import export_form
from desk.session import Seat, acting, seat, timezone
from desk.widgets.markup import Markup, chip
from domain.brand import Brand
from domain.export import ExportState
from services import export_schedules, exports
from services.export_schedules import ScheduleView
from services.exports import ExportView

ROWS = 20
_BEFORE = "sp_exports_before"
_STATES = {
    ExportState.WAITING: N_("waits for its turn"),
    ExportState.RUNNING: N_("is being made"),
    ExportState.DONE: N_("ready"),
    ExportState.CANCELLED: N_("called off"),
    ExportState.FAILED: N_("failed"),
    ExportState.EXPIRED: N_("deleted"),
}
_WHY = {
    "interrupted": N_("It ended three times in the middle. Ask for fewer days, or for another kind of file."),
    "unavailable": N_("The store did not answer, or the disk is full. Ask again."),
    "not_allowed": N_("Your role does not allow it any more."),
}


def draw(found: Seat, brand: Brand | None) -> None:
    """The questions first, then what was asked for."""
    title(
        _("Exports"),
        _("Posts, cases, replies and trends as a file. No limit of rows; every file explains its columns."),
    )
    if brand is None:
        empty(_("Nothing to take away yet"), _("There is no brand yet."), key="no_brand")
        return
    _room(brand)
    _list()
    _calendar(brand)


@st.fragment(key="export_form")
def _room(brand: Brand) -> None:
    going.follow()
    show_done()
    export_form.draw(seat(), brand)


@st.fragment(run_every=2, key="exports")
def _list() -> None:
    """Looked at anew every two seconds: a file becomes ready while one watches."""
    going.follow()
    found = seat()
    before = st.session_state.get(_BEFORE)
    rows = fetch(lambda: exports.mine(found.ctx, before_id=before, rows=ROWS))
    st.subheader(_("Your exports"), anchor=False)
    if not rows:
        empty(_("No export yet"), _("What you ask for stands here, and is kept for some days."), key="exports")
    for row in rows:
        _row(found, row)
    with st.container(horizontal=True, gap="small"):
        if before is not None:
            st.button(_("Newest"), key="sp_exports_first", on_click=_from_the_top, type="tertiary")
        if len(rows) == ROWS:
            st.button(_("Older"), key="sp_exports_older", on_click=_older, args=(rows[-1].export_id,), type="tertiary")


def _from_the_top() -> None:
    st.session_state[_BEFORE] = None


def _older(export_id: int) -> None:
    st.session_state[_BEFORE] = export_id


def _row(found: Seat, each: ExportView) -> None:
    now = found.ctx.clock()
    asked = _("asked for {moment}").format(moment=moment_words(each.asked_at, timezone(), now=now))
    foot = " · ".join(
        part for part in (each.brand, format_word(each.format), asked, _amount(each), _kept(found, each)) if part
    )
    with st.container(key=f"sp_row_export_{each.export_id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(line(subject_word(each.subject), _why(each), foot, marks=_marks(each)))
        if each.is_under_way:
            _progress(each)
        elif each.state is ExportState.DONE:
            _file(each)


def _progress(each: ExportView) -> None:
    if each.state is ExportState.RUNNING and each.rows_total:
        told = _("{n} of {total} rows").format(n=number(each.rows_done), total=number(each.rows_total))
        st.progress(min(1.0, each.rows_done / each.rows_total), text=told, width=240)
    st.button(
        _("Cancel"),
        key=f"sp_export_cancel_{each.export_id}",
        on_click=_cancel,
        args=(each.export_id,),
        disabled=each.is_stopping,
    )


def _file(each: ExportView) -> None:
    st.link_button(_("Download"), path_of(each.export_id), icon=":material/download:")
    if each.has_dictionary:
        st.link_button(_("What the columns mean"), path_of(each.export_id, dictionary=True), type="tertiary")
    ask_first(
        _("Delete"),
        _("Delete this file? Nobody can download it any more; the same question can be asked again."),
        key=f"sp_export_delete_{each.export_id}",
        act=_remove,
        args=(each.export_id,),
        kind="tertiary",
    )


def _cancel(export_id: int) -> None:
    attempt(lambda: exports.cancel(acting().ctx, export_id))


def _remove(export_id: int) -> None:
    attempt(lambda: exports.remove(acting().ctx, export_id))


def _marks(each: ExportView) -> list[Markup]:
    word = _("is being stopped") if each.is_stopping and each.is_under_way else _(_STATES[each.state])
    kinds = {ExportState.DONE: ("mine", "check"), ExportState.FAILED: ("lock", "no_ask")}
    kind, icon = kinds.get(each.state, ("snoozed", ""))
    marks = [chip(kind, word, icon)]
    if each.identified:
        marks.append(chip("lock", _("with names"), "person"))
    if each.by_schedule:
        marks.append(chip("snoozed", _("by the calendar"), ""))
    return marks


def _why(each: ExportView) -> str:
    if each.state is not ExportState.FAILED:
        return each.purpose or ""
    known = _WHY.get(each.error or "")
    return _(known) if known else _("Something went wrong. Ask again; if it fails again, an administrator has to look.")


def _amount(each: ExportView) -> str:
    if each.state not in (ExportState.DONE, ExportState.EXPIRED) or each.bytes is None:
        return ""
    rows = ngettext("{n} row", "{n} rows", each.rows_done).format(n=number(each.rows_done))
    return f"{rows}, {_size(each.bytes)}"


def _size(size: int) -> str:
    """With one unit that fits: nobody is told of a file of 0 MB."""
    if size < 1_000_000:
        return _("{n} kB").format(n=number(max(1, round(size / 1000))))
    return _("{n} MB").format(n=number(round(size / 1_000_000, 1)))


def _kept(found: Seat, each: ExportView) -> str:
    if each.state is not ExportState.DONE or each.expires_at is None:
        return ""
    return until_words(each.expires_at, timezone(), now=found.ctx.clock())


@st.fragment(key="export_schedules")
def _calendar(brand: Brand) -> None:
    found = seat()
    rows = fetch(lambda: export_schedules.listed(found.ctx, brand.id))
    if not rows:
        return
    st.subheader(_("By the calendar"), anchor=False)
    for row in rows:
        _schedule(found, row)


def _schedule(found: Seat, each: ScheduleView) -> None:
    next_time = _("next {moment}").format(moment=moment_words(each.next_at, timezone(), now=found.ctx.clock()))
    where = [_("into the folder {name}").format(name=each.folder)] if each.folder else []
    where += [_("by e-mail to {address}").format(address=hint) for hint in each.mail_to]
    foot = " · ".join((subject_word(each.subject), format_word(each.format), every_word(each.every), *where, next_time))
    with st.container(
        key=f"sp_row_schedule_{each.schedule_id}", horizontal=True, vertical_alignment="center", gap="small"
    ):
        marks = [chip("lock", _("with names"), "person")] if each.identified else []
        st.html(line(each.name, "", foot, marks=marks))
        ask_first(
            _("Stop"),
            _("Stop {name}? No more files are made; those that are there stay.").format(name=each.name),
            key=f"sp_schedule_stop_{each.schedule_id}",
            act=_stop,
            args=(each.schedule_id,),
        )


def _stop(schedule_id: int) -> None:
    attempt(lambda: export_schedules.stop(acting().ctx, schedule_id))
