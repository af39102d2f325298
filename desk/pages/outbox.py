"""What became of each reply? From the hand-in to the public, and what needs somebody to look."""

from __future__ import annotations

import streamlit as st

from desk import words
from desk.attempt import attempt, fetch
from desk.going import follow, to_case
from desk.i18n import N_, _, ngettext
from desk.numbers import clock_second, moment_words
from desk.page_parts import empty, line, title
from desk.pages.queue import reply_boxes
from desk.session import Seat, acting, seat, timezone
from desk.widgets.changes import changes_html
from desk.widgets.markup import Markup, chip, html_tag
from domain.brand import Brand
from domain.states import ReplyState
from services import drafts, outbox
from services.reply_view import ReplyView

ROWS = 50
_NEEDS_SOMEBODY = (ReplyState.NEEDS_HUMAN, ReplyState.BY_HAND, ReplyState.FAILED)
_ON_THE_WAY = (ReplyState.AWAITING_APPROVAL, ReplyState.QUEUED, ReplyState.SENDING, ReplyState.UNCERTAIN)
_VIEWS = {
    "all": (N_("Everything"), ()),
    "look": (N_("Somebody has to look"), _NEEDS_SOMEBODY),
    "going": (N_("On the way"), _ON_THE_WAY),
    "out": (N_("Published"), (ReplyState.SENT,)),
}
_CHIPS = {
    ReplyState.SENT: ("done", "check"),
    ReplyState.FAILED: ("lock", "cross"),
    ReplyState.NEEDS_HUMAN: ("promise", "eye"),
    ReplyState.BY_HAND: ("promise", "copy"),
    ReplyState.UNCERTAIN: ("lock", "uw"),
}


def draw(_found: Seat, brand: Brand | None) -> None:
    """Replies of the brand, the newest first; those that need somebody with their buttons."""
    title(
        _("Outbox"),
        _("Every reply goes out once. Where that is not certain, it is looked up, never sent again blindly."),
    )
    if brand is None:
        empty(_("Nothing has been handed in"), _("There is no brand yet."), key="no_brand")
        return
    _list(brand)


@st.fragment(run_every=10, key="outbox")
def _list(brand: Brand) -> None:
    follow()
    found = seat()
    chosen = st.segmented_control(
        _("Which replies"),
        list(_VIEWS),
        format_func=lambda each: _(_VIEWS[each][0]),
        default="all",
        required=True,
        key="sp_outbox_view",
        label_visibility="collapsed",
    )
    before = st.session_state.get("sp_outbox_before")
    states = _VIEWS[chosen or "all"][1]
    rows = fetch(lambda: outbox.page(found.ctx, brand.id, states=states, before_id=before, limit=ROWS))
    if not rows:
        empty(_("Nothing here"), _("Replies stand here from the moment they are handed in."), key="outbox")
    for reply in sorted(rows, key=lambda each: each.status not in _NEEDS_SOMEBODY):
        _row(found, reply)  # those that need somebody first, else the newest
    _pages(rows)


def _row(found: Seat, reply: ReplyView) -> None:
    with st.container(border=True, key=f"sp_row_reply_{reply.reply_id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
            head = _("To {customer} on {channel}").format(
                customer=reply.customer_name, channel=words.channel_word(reply.channel)
            )
            said = "" if reply.status in _NEEDS_SOMEBODY else reply.text  # their box quotes it
            st.html(line(head, said, _foot(found, reply), marks=[_chip(reply)]))
            _actions(found, reply)
        if reply.author_text is not None:
            _changed(reply)
        if reply.status in _NEEDS_SOMEBODY:
            reply_boxes.draw(reply, key="outbox")


def _changed(reply: ReplyView) -> None:
    """What the approver changed stands beside what its author wrote: one learns from it."""
    name = reply.approver_name or _("A colleague")
    with st.expander(_("{name} changed it before the ok: see what").format(name=name)):
        st.html(html_tag("div", changes_html(reply.author_text or "", reply.text), cls="sp"))


def _chip(reply: ReplyView) -> Markup:
    kind, sign = _CHIPS.get(reply.status, ("lock", "clock"))
    return chip(kind, words.reply_state_word(reply.status), sign)


def _foot(found: Seat, reply: ReplyView) -> str:
    zone, now = timezone(), found.ctx.clock()
    parts = [reply.author_name]
    if reply.approver_name:
        parts.append(_("ok by {name}").format(name=reply.approver_name))
    if reply.sent_at is not None:
        parts.append(_("published {time}").format(time=moment_words(reply.sent_at, zone, now=now)))
    else:
        parts.append(_("last change {time}").format(time=moment_words(reply.updated_at, zone, now=now)))
    if reply.attempts:
        parts.append(ngettext("{n} attempt", "{n} attempts", reply.attempts))
    parts.extend(
        _("looked up {time}: {outcome}").format(time=clock_second(p.at, zone), outcome=words.probe_word(p.outcome))
        for p in reply.probes[-2:]
    )
    return " · ".join(parts)


def _actions(found: Seat, reply: ReplyView) -> None:
    mine = reply.author_id == found.member.id
    if reply.status is ReplyState.QUEUED and mine:
        st.button(_("Undo"), key=f"sp_undo_{reply.reply_id}_go", on_click=_take_back, args=(reply.reply_id, True))
    elif reply.status is ReplyState.AWAITING_APPROVAL and mine:
        st.button(_("Withdraw"), key=f"sp_withdraw_{reply.reply_id}", on_click=_take_back, args=(reply.reply_id, False))
    if reply.url and reply.url.startswith(("http://", "https://")):
        st.link_button(_("See it"), reply.url, type="tertiary", icon=":material/open_in_new:")
    st.button(
        _("Open the case"), key=f"sp_open_{reply.reply_id}", type="tertiary", on_click=to_case, args=(reply.case_id,)
    )


def _take_back(reply_id: int, queued: bool) -> None:
    found = acting()
    act = drafts.undo if queued else drafts.withdraw
    attempt(lambda: act(found.ctx, reply_id), done=_("It is a draft again; nothing went out."))


def _pages(rows: list[ReplyView]) -> None:
    with st.container(horizontal=True, gap="small"):
        if st.session_state.get("sp_outbox_before") is not None:
            st.button(_("Newest"), key="sp_outbox_first", on_click=_show_before, args=(None,), type="tertiary")
        if len(rows) == ROWS:
            st.button(
                _("Older"), key="sp_outbox_older", on_click=_show_before, args=(rows[-1].reply_id,), type="tertiary"
            )


def _show_before(reply_id: int | None) -> None:
    st.session_state["sp_outbox_before"] = reply_id
