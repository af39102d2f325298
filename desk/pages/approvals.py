"""Which replies wait for a second pair of eyes? Read, then let go out, with or without a change, or send back."""

from __future__ import annotations

import streamlit as st

from desk import words
from desk.attempt import attempt, fetch, tell_done
from desk.going import follow, refresh_counts, to_case
from desk.i18n import _
from desk.numbers import clock_time, due_words, moment_words, since_words
from desk.page_parts import empty, facts, title
from desk.session import Seat, acting, seat, timezone
from desk.widgets.changes import changes_html
from desk.widgets.live_count import live_count
from desk.widgets.markup import Markup, avatar, chip, html_tag, icon, urgency_tag
from desk.widgets.rows import UrgencyShape
from domain.brand import Brand
from services import approvals
from services.approvals import ApprovalItem, NoteRow

ROWS = 20


def draw(_found: Seat, _brand: Brand | None) -> None:
    """Everything that waits, the longest waiting first."""
    title(_("Approvals"), _("Replies by colleagues who are still learning a channel. Four eyes: never one’s own."))
    _list()


@st.fragment(key="approvals")
def _list() -> None:
    follow()
    refresh_counts()
    found = seat()
    waiting = fetch(lambda: approvals.waiting(found.ctx))
    if not waiting:
        empty(
            _("Nothing waits for an ok"),
            _("Replies by colleagues in training come here before they go out."),
            key="none",
        )
        return
    for item in waiting[:ROWS]:
        _item(found, item)


def _item(found: Seat, item: ApprovalItem) -> None:
    reply, zone, now = item.reply, timezone(), found.ctx.clock()
    with st.container(border=True, key=f"sp_row_approval_{reply.reply_id}", width=820):
        with st.container(horizontal=True, vertical_alignment="top", gap="small", wrap=False):
            _post(item, moment_words(item.parent_at, zone, now=now))
            st.button(
                _("Open the case"),
                key=f"sp_approve_case_{reply.reply_id}",
                type="tertiary",
                on_click=to_case,
                args=(reply.case_id,),
            )
        for note in item.notes:
            st.html(_note(note, moment_words(note.created_at, zone, now=now)))
        since = since_words(item.waiting_since, zone, now=now)
        st.html(_author(reply.author_name, _("{name} would answer").format(name=reply.author_name), since))
        text = _words(item)
        if reply.promise_text and reply.promise_due_at:
            due = due_words(reply.promise_due_at, zone, now=now)
            st.html(facts(_("With the promise: {text}, by {due}").format(text=reply.promise_text, due=due)))
        if item.may_approve:
            _decide(item, text)
        else:
            st.html(facts(_("You cannot approve this one: four eyes, and trained for the channel.")))


def _words(item: ApprovalItem) -> str:
    """The field with the reply, counted as typed; below it what the approver has changed so far."""
    reply, field = item.reply, f"sp_approve_text_{item.reply.reply_id}"
    text = st.text_area(
        _("Reply"), value=reply.text, key=field, label_visibility="collapsed", disabled=not item.may_approve
    )
    live_count(
        field=field,
        text=text or "",
        limit=item.limit,
        unit=item.unit,
        over=_("{n} too many for the channel"),
        key=f"sp_count_{reply.reply_id}",
    )
    if (text or "").strip() != reply.text.strip():
        lead = _("What {name} wrote, with your change:").format(name=reply.author_name)
        st.html(html_tag("div", html_tag("p", lead, cls="xs muted"), changes_html(reply.text, text or ""), cls="sp"))
    return text or ""


def _note(note: NoteRow, when: str) -> Markup:
    what = html_tag("span", f"{_('Internal note')} · {note.author_name}, {when}")
    head = html_tag("div", icon("lock", size="sm"), what, cls="what")
    return html_tag("div", html_tag("div", head, html_tag("p", note.text, dir="auto"), cls="sp-inner-note"), cls="sp")


def _post(item: ApprovalItem, when: str) -> None:
    shape = UrgencyShape.of_level(item.urgency_level)
    channel = words.channel_word(item.reply.channel)
    head = html_tag(
        "div",
        urgency_tag(shape.value, words.urgency_word(item.urgency_level)),
        html_tag("b", item.parent_author, dir="auto"),
        html_tag("span", _("{channel}, public · {time}").format(channel=channel, time=when), cls="xs muted"),
        cls="row-flex",
    )
    said = html_tag("p", item.parent_text, cls="sp-said", dir="auto", lang=item.language or "")
    st.html(html_tag("div", head, said, cls="sp"))


def _author(name: str, said: str, since: str) -> str:
    waiting = html_tag("span", _("waiting {since}").format(since=since), cls="xs muted")
    return html_tag(
        "div",
        html_tag(
            "div",
            avatar(name, kind="team", size="sm"),
            html_tag("b", said),
            icon("globe", size="sm"),
            waiting,
            cls="row-flex",
        ),
        cls="sp",
    )


def _decide(item: ApprovalItem, text: str) -> None:
    reply = item.reply
    changed = text.strip() != reply.text.strip()
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        label = _("Ok with my change") if changed else _("Ok, let it go out")
        st.button(
            label,
            key=f"sp_ok_{reply.reply_id}",
            type="primary",
            on_click=_approve,
            args=(reply.reply_id, reply.text),
        )
        with st.popover(_("Send back"), key=f"sp_back_{reply.reply_id}"):
            st.text_area(_("What should be different?"), key=f"sp_back_note_{reply.reply_id}")
            st.button(
                _("Send back with this note"),
                key=f"sp_back_go_{reply.reply_id}",
                on_click=_reject,
                args=(reply.reply_id,),
            )
        if changed:
            st.html(html_tag("div", chip("promise", _("changed"), "pencil"), cls="sp"))


def _approve(reply_id: int, shown: str) -> None:
    """The field is read now: with arguments, a change made just before the click would go out unseen."""
    found = acting()
    written = str(st.session_state.get(f"sp_approve_text_{reply_id}", shown))
    text = written if written.strip() != shown.strip() else None
    sent = []
    if attempt(lambda: sent.append(approvals.approve(found.ctx, reply_id, text=text))):
        going = sent[0]
        when = clock_time(going.send_after, timezone()) if going.send_after else ""
        tell_done(_("Approved: it goes out at {time}.").format(time=when) if when else _("Approved."))


def _reject(reply_id: int) -> None:
    found = acting()
    note = str(st.session_state.get(f"sp_back_note_{reply_id}", ""))
    attempt(lambda: approvals.reject(found.ctx, reply_id, note=note), done=_("Sent back, with your note."))
