"""How does a file of posts come in? Look at it, say which column is what, store it, and see what was left out."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import cast

import streamlit as st

from desk import going
from desk.attempt import Message, tell
from desk.i18n import N_, _, ngettext
from desk.import_job import ImportJob
from desk.import_words import import_words, problem_words, reject_words
from desk.numbers import number
from desk.page_parts import empty, facts, title
from desk.session import Seat, seat
from desk.widgets.markup import Markup, html_tag, join_markup
from desk.widgets.states import StateAction, StateBox, StateTone, alert_html, state_box
from domain.brand import Brand
from domain.errors import DeskError
from services import importing
from services.importing import ColumnMap, ImportPreview, ImportResult, Purpose

PREVIEW_ROWS, REJECTS = 8, 200
_RESULT = "sp_import_result"
_JOB = "sp_import_job"
_COLUMNS = {
    "text": N_("Text of the post"),
    "published_at": N_("Date and time"),
    "native_id": N_("Id of the post"),
    "author_id": N_("Id of the author"),
    "author_handle": N_("Handle"),
    "author_name": N_("Name of the author"),
    "followers": N_("Followers"),
    "language": N_("Language"),
    "url": N_("Link"),
    "conversation_id": N_("Conversation"),
    "parent_id": N_("Answers the post"),
}
_PURPOSES = {
    "auto": N_("By date: the last 30 days are work, older is history"),
    "work": N_("Work: everything goes into the queue"),
    "history": N_("History: profiles only, nothing goes into the queue"),
}


def draw(_found: Seat, brand: Brand | None) -> None:
    """Upload, check, store."""
    title(
        _("Import"),
        _("CSV, XLSX or JSON lines. Nothing is stored before you say so; a second time stores nothing twice."),
    )
    if brand is None:
        empty(_("There is no brand yet"), _("Make a brand first: posts belong to one."), key="no_brand")
        return
    job = st.session_state.get(_JOB)
    if isinstance(job, ImportJob):
        _watch(job)
    else:
        _room(brand)


@st.fragment(key="import")
def _room(brand: Brand) -> None:
    going.follow()
    if _result():
        return
    file = st.file_uploader(_("File"), type=["csv", "tsv", "txt", "xlsx", "jsonl", "json"], key="sp_import_file")
    if file is None:
        return
    found = seat()
    data = file.getvalue()
    try:
        preview = importing.read_preview(found.ctx, data, file.name)
    except DeskError as err:
        st.html(alert_html(_reason(err), tone="err"))
        return
    _describe(preview, file.name)
    mapping = _mapping(preview)
    st.html(_table(preview))
    purpose = st.radio(
        _("What is it?"), list(_PURPOSES), format_func=lambda each: _(_PURPOSES[each]), key="sp_import_purpose"
    )
    if mapping is None:
        st.html(alert_html(_("Say which column holds the text of the posts.")))
        return
    label = ngettext("Import {n} row", "Import about {n} rows", preview.total_rows_estimate)
    if st.button(label, type="primary", key="sp_import_go"):
        _start(found, brand, data, file.name, mapping, cast(Purpose, purpose or "auto"))


def _reason(err: DeskError) -> str:
    """An import's own sentence names line and column, which no general one can."""
    return " ".join((_("This file cannot be used."), import_words(err)))


def _describe(preview: ImportPreview, name: str) -> None:
    rows = ngettext("{n} row", "about {n} rows", preview.total_rows_estimate)
    delimiter = {"\t": _("tab"), "": ""}.get(preview.delimiter, preview.delimiter)
    separated = _("separated by {sign}").format(sign=delimiter) if delimiter else ""
    st.html(facts(name, rows, preview.encoding, separated))
    for problem in preview.problems:
        st.html(alert_html(problem_words(problem)))


def _mapping(preview: ImportPreview) -> ColumnMap | None:
    """Which column is what: guessed, and open to correction."""
    guessed = asdict(preview.guessed) if preview.guessed is not None else {}
    chosen: dict[str, str | None] = {}
    with st.container(horizontal=True, gap="small", key="sp_mapping"):
        for each in fields(ColumnMap):
            options = ["", *preview.columns]
            start = guessed.get(each.name) or ""
            chosen[each.name] = (
                st.selectbox(
                    _(_COLUMNS[each.name]),
                    options,
                    index=options.index(start) if start in options else 0,
                    format_func=lambda column: column or _("not in the file"),
                    key=f"sp_map_{each.name}",
                    width=200,
                )
                or None
            )
    return ColumnMap(**chosen) if chosen["text"] else None  # type: ignore[arg-type]


def _table(preview: ImportPreview) -> Markup:
    head = html_tag("tr", *[html_tag("th", column, scope="col") for column in preview.columns])
    rows = [
        html_tag("tr", *[html_tag("td", cell[:160], dir="auto") for cell in row]) for row in preview.rows[:PREVIEW_ROWS]
    ]
    table = html_tag("table", html_tag("thead", head), html_tag("tbody", join_markup(rows)), cls="sp-table")
    return html_tag("div", table, cls="sp sp-scroll-x")


def _start(found: Seat, brand: Brand, data: bytes, name: str, mapping: ColumnMap, purpose: Purpose) -> None:
    st.session_state[_JOB] = ImportJob(found.ctx, data, name=name, brand_id=brand.id, mapping=mapping, purpose=purpose)
    st.rerun()


@st.fragment(run_every=1)
def _watch(job: ImportJob) -> None:
    """How far the import is; when it is over the page is drawn with what it brought."""
    if not job.is_over:
        share = min(1.0, job.read / max(1, job.total))
        st.progress(share, text=_("{n} rows read").format(n=number(job.read)))
        st.caption(_("You can leave this page: the import goes on."))
        return
    st.session_state.pop(_JOB, None)
    if job.result is not None:
        st.session_state[_RESULT] = job.result
    elif job.error is not None:
        tell(Message("err", _reason(job.error)))
    st.rerun()


def _result() -> bool:
    """What the last import brought, until it is put away; True while it stands there."""
    done = st.session_state.get(_RESULT)
    if not isinstance(done, ImportResult):
        return False
    said = _("**{read}** rows read: **{stored}** stored, **{duplicates}** were here already, **{rejected}** left out.")
    box = StateBox(
        StateTone.EMPTY,
        _("The file is in"),
        text=said.format(
            read=number(done.read),
            stored=number(done.stored),
            duplicates=number(done.duplicates),
            rejected=number(len(done.rejected)),
        ),
        actions=(StateAction("queue", _("To the queue"), primary=True), StateAction("again", _("Another file"))),
        foot=_("The posts are judged in the background; the most urgent come up by themselves."),
    )
    with st.container(width=560):
        pressed = state_box(box, key="import")
    if done.rejected:
        with st.expander(_("What was left out, and why")):
            template = _("line {n}: {reason}")
            lines = [template.format(n=each.line, reason=reject_words(each.reason)) for each in done.rejected[:REJECTS]]
            st.code("\n".join(lines), language=None)
    if pressed is not None:
        st.session_state.pop(_RESULT, None)
        st.session_state.pop("sp_import_file", None)
        if pressed == "queue":
            going.to_room("queue")
        st.rerun()
    return True
