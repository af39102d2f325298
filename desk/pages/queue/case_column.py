"""The middle column: whose case this is and why it is urgent, what was said, and the answer being written."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from desk.attempt import has_messages, show_messages
from desk.i18n import _
from desk.pages.queue import acts, answer, boxes, same_problem
from desk.pages.queue.case_head import head_of
from desk.pages.queue.thread_items import thread_items
from desk.session import Seat, timezone
from desk.widgets.case_head import case_head
from desk.widgets.thread import ThreadLabels, thread
from services.cases import CaseView


def draw(found: Seat, view: CaseView) -> None:
    """Header, conversation, and the foot with the composer or what stands in its place."""
    case_head(head_of(found, view), on_press=acts.press_head)
    same_problem.draw_line(found, view)
    if has_messages():
        with st.container(key="sp_head_messages", gap=None):
            show_messages("case")
    items = thread_items(view, timezone=timezone(), now=found.ctx.clock(), origin=_origin())
    thread(items, labels=_labels(), subject=f"case-{view.case.id}")
    if not boxes.draw(found, view):
        answer.draw(found, view)


def _origin() -> str:
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _labels() -> ThreadLabels:
    return ThreadLabels(
        thread_name=_("Conversation"),
        internal_note=_("Internal note"),
        note_audience=_("only the team sees it"),
        show_picture=_("Show the picture"),
        picture_gone=_("The picture is no longer there"),
        open_post=_("Open the post"),
        show_more=_("Show the whole text"),
    )
