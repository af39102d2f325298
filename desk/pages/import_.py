"""How does a file of posts come in? Look at it, say which column is what, store it, and see what was left out."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any, cast

import streamlit as st

from desk import going, import_job
from desk.i18n import N_, _, ngettext
from desk.import_job import ImportJob
from desk.import_outcome import over, watch
from desk.import_words import problem_words, reason_words
from desk.numbers import number
from desk.page_parts import empty, facts, title
from desk.session import Seat, seat, timezone
from desk.widgets.file_field import file_field
from desk.widgets.markup import Markup, html_tag, join_markup
from desk.widgets.states import alert_html
from domain.brand import Brand
from domain.errors import DeskError
from services import importing
from services.importing import ColumnMap, ImportPreview, Purpose

PREVIEW_ROWS = 8
_PREVIEW = "sp_import_preview"
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


def draw(found: Seat, brand: Brand | None) -> None:
    """Upload, check, store, and say what came of it."""
    title(
        _("Import"),
        _("CSV, XLSX or JSON lines. Nothing is stored before you say so; a second time stores nothing twice."),
    )
    job = import_job.of(found.member.id)
    if job is not None and job.is_over:
        over(found.member.id, job)
    elif job is not None:
        watch(job)
    elif brand is None:
        empty(_("There is no brand yet"), _("Make a brand first: posts belong to one."), key="no_brand")
    else:
        _room(brand)


@st.fragment(key="import")
def _room(brand: Brand) -> None:
    going.follow()
    found = seat()
    st.html(facts(_("Into the brand: {name}").format(name=brand.name)))
    if brand.is_sample:
        st.html(alert_html(_("This is the sample: what you bring in here goes when it goes. Choose a brand above.")))
    file = _file(found.ctx.settings.import_max_mb)
    if file is None:
        st.session_state.pop(_PREVIEW, None)
        st.caption(
            _(
                "The first line names the columns. One with the text of the posts is enough; "
                "date, author, link and language help."
            )
        )
        return
    try:
        preview = _preview(found, file)
    except DeskError as err:
        st.html(alert_html(reason_words(err, timezone=timezone()), tone="err"))
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
    label = ngettext("Import {n} row", "Import {n} rows", preview.total_rows_estimate)
    if st.button(label, type="primary", key="sp_import_go"):
        chosen = cast(Purpose, purpose or "auto")
        job = ImportJob(found.ctx, file.getvalue(), name=file.name, brand_id=brand.id, mapping=mapping, purpose=chosen)
        import_job.begin(found.member.id, job)
        st.session_state.pop(_PREVIEW, None)
        st.rerun()


def _file(max_mb: int) -> Any:
    return file_field(
        _("File: CSV, XLSX or JSON lines, up to {mb} MB").format(mb=number(max_mb)),
        choose=_("Choose a file"),
        refused=_("This file cannot be taken: it is larger than {mb} MB, or no CSV, XLSX or JSON lines.").format(
            mb=number(max_mb)
        ),
        types=("csv", "tsv", "txt", "xlsx", "jsonl", "json"),
        max_mb=max_mb,
        key="sp_import_file",
    )


def _preview(found: Seat, file: Any) -> ImportPreview:
    """Read once per file, not at every click on the page: reading a large one takes seconds."""
    known = st.session_state.get(_PREVIEW)
    if known is None or known[0] != file.file_id:
        with st.spinner(_("Reading the file")):
            known = (file.file_id, importing.read_preview(found.ctx, file.getvalue(), file.name))
        st.session_state[_PREVIEW] = known
    return cast(ImportPreview, known[1])


def _describe(preview: ImportPreview, name: str) -> None:
    rows = ngettext("{n} row", "{n} rows", preview.total_rows_estimate)
    delimiter = {"\t": _("tab"), "": ""}.get(preview.delimiter, preview.delimiter)
    separated = _("separated by {sign}").format(sign=delimiter) if delimiter else ""
    encoding = preview.encoding.removesuffix("-sig").replace("_", "-").upper()
    st.html(facts(name, rows, {"CP1252": "Windows-1252"}.get(encoding, encoding), separated))
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
