"""How far is an import, and what did it bring? Said on the page that started it, whenever one comes back to it."""

from __future__ import annotations

import streamlit as st

from desk import going, import_job
from desk.i18n import _, ngettext
from desk.import_job import ImportJob
from desk.import_words import reason_words, reject_words
from desk.numbers import number
from desk.page_parts import facts
from desk.session import timezone
from desk.widgets.markup import html_tag, join_markup
from desk.widgets.states import StateAction, StateBox, StateTone, state_box
from services.importing import ImportResult

#: Rows left out that are named one by one.
REJECTS = 200


@st.fragment(run_every=1)
def watch(job: ImportJob) -> None:
    """How far the import is; when it is over the page is drawn with what it brought."""
    going.follow()
    if job.is_over:
        st.rerun()
    with st.container(width=560):
        if job.total:
            told = _("{n} of {total} rows").format(n=number(job.read), total=number(job.total))
            st.progress(min(1.0, job.read / job.total), text=told)
        else:
            st.progress(0.0, text=_("The file is being read through"))
        st.html(facts(job.name))
        st.caption(_("You can leave this page: the import goes on."))


def over(member_id: int, job: ImportJob) -> None:
    """What the import brought, or why it ended, until it is put away."""
    going.follow()
    with st.container(width=560):
        st.html(facts(job.name))
        pressed = state_box(_ended(job) if job.result is None else _brought(job.result), key="import")
        if job.result is not None:
            _left_out(job.result)
    if pressed is not None:
        import_job.put_away(member_id)
        if pressed == "queue":
            going.to_room("queue")
        st.rerun()


def _ended(job: ImportJob) -> StateBox:
    why = _("Something went wrong in the middle. What is in stays in; the same file again brings the rest.")
    if job.error is not None:
        why = reason_words(job.error, timezone=timezone())
    return StateBox(StateTone.ERROR, _("The import ended early"), text=why, actions=(_again(),))


def _brought(done: ImportResult) -> StateBox:
    return StateBox(
        StateTone.EMPTY,
        _("The file is in"),
        text=_sums(done),
        actions=(StateAction("queue", _("To the queue"), primary=True), _again()),
        foot=_("The posts are judged in the background; the most urgent come up by themselves."),
    )


def _again() -> StateAction:
    return StateAction("again", _("Another file"))


def _sums(done: ImportResult) -> str:
    said = _("**{read}** rows read: **{stored}** stored, **{duplicates}** were here already, **{rejected}** left out.")
    return said.format(
        read=number(done.read),
        stored=number(done.stored),
        duplicates=number(done.duplicates),
        rejected=number(len(done.rejected)),
    )


def _left_out(done: ImportResult) -> None:
    """Each row that was not used, with its line in the file and why."""
    if not done.rejected:
        return
    head = html_tag("tr", html_tag("th", _("Line"), scope="col"), html_tag("th", _("Why"), scope="col"))
    rows = [
        html_tag("tr", html_tag("td", number(each.line)), html_tag("td", reject_words(each.reason)))
        for each in done.rejected[:REJECTS]
    ]
    with st.expander(_("What was left out, and why"), expanded=True):
        st.html(html_tag("table", html_tag("thead", head), html_tag("tbody", join_markup(rows)), cls="sp-table"))
        if (more := len(done.rejected) - REJECTS) > 0:
            st.caption(ngettext("And {n} more.", "And {n} more.", more))
