"""What has happened that concerns this colleague? A bell that stays until the words behind it are read."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from desk.attempt import attempt
from desk.coverage_words import CHANNEL_NOTICES, lost_or_back
from desk.event_words import notice_words
from desk.going import open_here, to_case, to_room
from desk.i18n import _, ngettext
from desk.numbers import moment_words
from desk.session import Seat, acting, timezone
from services import notices, team
from services.alert_delivering import UNDELIVERED
from services.notices import NoticeView

#: Notices that lead to the page of problems, and what they open there.
_SHARED = {
    "spike_noticed": "spike",
    "problem_solved": "problem",
    "problem_returned": "problem",
    "message_void": "problem",
}


def _sentence(notice: NoticeView, names: dict[int, str], now: datetime) -> str:
    if notice.kind in CHANNEL_NOTICES:
        channel, since = (str(notice.details.get(name, "")) for name in ("channel", "since"))
        return lost_or_back(notice.kind, channel, since, timezone(), now=now)
    by = notice.details.get("by")
    return notice_words(
        notice.kind, customer=notice.customer_name or "", by=names.get(by, "") if isinstance(by, int) else ""
    )


def bell(found: Seat, *, unread: int) -> None:
    """A popover with what is not read yet; nothing when there is nothing."""
    if not unread:
        return
    with st.popover(ngettext("{n} notice", "{n} notices", unread), icon=":material/notifications:", type="tertiary"):
        told = notices.unread(found.ctx)
        names = {member.id: member.name for member in team.members(found.ctx)}
        for notice in told[:10]:
            _line(found, notice, _sentence(notice, names, found.ctx.clock()))
        st.button(
            _("All read"),
            key="sp_notices_read",
            on_click=_mark,
            args=([each.notice_id for each in told],),
        )


def _line(found: Seat, notice: NoticeView, said: str) -> None:
    when = moment_words(notice.at, timezone(), now=found.ctx.clock())
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"sp_notice_{notice.notice_id}"):
        st.text(f"{when}  {said}")
        if notice.case_id is not None:
            st.button(
                _("Open"),
                key=f"sp_notice_open_{notice.notice_id}",
                on_click=_open,
                args=(notice.notice_id, notice.case_id),
                type="tertiary",
            )
        elif notice.kind in CHANNEL_NOTICES:
            st.button(
                _("Open"),
                key=f"sp_notice_open_{notice.notice_id}",
                on_click=_open_room,
                args=(notice.notice_id, "channels"),
                type="tertiary",
            )
        elif notice.kind in _SHARED:
            st.button(
                _("Open"),
                key=f"sp_notice_open_{notice.notice_id}",
                on_click=_open_shared,
                args=(notice.notice_id, _SHARED[notice.kind], notice.details.get(_SHARED[notice.kind])),
                type="tertiary",
            )
        elif notice.kind == UNDELIVERED:
            st.button(
                _("Open"),
                key=f"sp_notice_open_{notice.notice_id}",
                on_click=_open_room,
                args=(notice.notice_id, "account"),
                type="tertiary",
            )


def _open(notice_id: int, case_id: int) -> None:
    _mark([notice_id])
    to_case(case_id)


def _open_room(notice_id: int, path: str) -> None:
    _mark([notice_id])
    to_room(path)


def _open_shared(notice_id: int, kind: str, number: object) -> None:
    _mark([notice_id])
    open_here(kind, number if isinstance(number, int) else None)
    to_room("problems")


def _mark(ids: list[int]) -> None:
    found = acting()
    attempt(lambda: notices.mark_read(found.ctx, ids))
