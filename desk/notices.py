"""What has happened that concerns this colleague? A bell that stays until the words behind it are read."""

from __future__ import annotations

import streamlit as st

from desk.attempt import attempt
from desk.going import to_case
from desk.i18n import N_, _, ngettext
from desk.numbers import moment_words
from desk.session import Seat, seat, timezone
from services import notices
from services.notices import NoticeView

_WORDS = {
    "case_taken": N_("{by} took over the case of {customer}: {reason}"),
    "taken": N_("{by} took over the case of {customer}: {reason}"),
    "handed_over": N_("{by} handed the case of {customer} over to you."),
    "customer_wrote": N_("{customer} wrote again: the case is open, and it is yours."),
    "customer_wrote_again": N_("{customer} wrote again: the case is open, and it is yours."),
    "reopened": N_("{customer} wrote again: the case is open, and it is yours."),
    "approved": N_("{by} gave the ok for your reply to {customer}."),
    "approved_edited": N_("{by} gave the ok for your reply to {customer}, with a change."),
    "rejected": N_("{by} sent your reply to {customer} back: {note}"),
    "reply_failed": N_("The network refused your reply to {customer}."),
    "needs_human": N_("Did your reply to {customer} go out? Please look."),
    "overtaken": N_("Your reply to {customer} did not go out: the conversation went on. It is a draft again."),
    "promise_due": N_("Your promise to {customer} falls due."),
    "promise_overdue": N_("Your promise to {customer} is overdue."),
    "promise_broken": N_("Your promise to {customer} is overdue."),
    "check_back_due": N_("Time to check back with {customer}."),
    "snooze_over": N_("The case of {customer} is back in the queue."),
    "needs_owner": N_("The case of {customer} needs an owner: its own is away."),
    "by_hand": N_("Your reply to {customer} is to be posted by hand."),
}


def words_of(notice: NoticeView) -> str:
    """The sentence of one notice."""
    template = _(_WORDS.get(notice.kind, N_("Something changed in the case of {customer}.")))
    details = notice.details
    return template.format(
        customer=notice.customer_name or _("a customer"),
        by=details.get("by_name") or details.get("by") or _("A colleague"),
        reason=details.get("reason") or _("no reason given"),
        note=details.get("note") or _("see the case"),
    )


def bell(found: Seat, *, unread: int) -> None:
    """A popover with what is not read yet; nothing when there is nothing."""
    if not unread:
        return
    with st.popover(ngettext("{n} notice", "{n} notices", unread), icon=":material/notifications:", type="tertiary"):
        told = notices.unread(found.ctx)
        for notice in told[:10]:
            _line(found, notice)
        st.button(
            _("All read"),
            key="sp_notices_read",
            on_click=_mark,
            args=([each.notice_id for each in told],),
        )


def _line(found: Seat, notice: NoticeView) -> None:
    when = moment_words(notice.at, timezone(), now=found.ctx.clock())
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"sp_notice_{notice.notice_id}"):
        st.text(f"{when}  {words_of(notice)}")
        if notice.case_id is not None:
            st.button(
                _("Open"),
                key=f"sp_notice_open_{notice.notice_id}",
                on_click=_open,
                args=(notice.notice_id, notice.case_id),
                type="tertiary",
            )


def _open(notice_id: int, case_id: int) -> None:
    _mark([notice_id])
    to_case(case_id)


def _mark(ids: list[int]) -> None:
    found = seat()
    attempt(lambda: notices.mark_read(found.ctx, ids))
