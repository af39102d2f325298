"""What do we know of one customer? What not to ask again, who knows them, promises, cases, posts and notes."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from desk import going, words
from desk.attempt import attempt, fetch
from desk.i18n import _, ngettext
from desk.numbers import due_words, local, moment_words, short_day
from desk.page_parts import line, title
from desk.pages import same_person
from desk.session import Seat, acting, timezone
from desk.widgets.markup import chip, urgency_tag
from desk.widgets.person import KnownBy, Mark, PaneLine, PaneSection, Person, person_html
from desk.widgets.rows import UrgencyShape
from desk.widgets.thread import Delivery, ThreadItem, ThreadKind, ThreadLabels, thread
from domain.people import Right
from services import profile
from services.case_view import PostKind, ThreadPost
from services.profile import CustomerView
from services.promises import PromiseView

_MARKS = {"open": Mark.PROMISE, "kept": Mark.KEPT, "broken": Mark.BROKEN}
POSTS = 60


def draw(found: Seat, customer_id: int) -> None:
    """The profile: on the left who they are, on the right what happened."""
    view = fetch(lambda: profile.view(found.ctx, customer_id))
    title(view.name)
    who, what = st.columns([5, 8], gap="large")
    with who:
        st.html(person_html(_person(found, view)))
        if found.may(Right.WORK):
            _edit(view)
        same_person.draw_joins(view, may_work=found.may(Right.WORK))
    with what:
        _cases(found, view)
        _posts(found, view)


def _person(found: Seat, view: CustomerView) -> Person:
    now, zone = found.ctx.clock(), timezone()
    today = local(now, zone).date()
    since = short_day(local(view.first_seen_at, zone).date(), today=today)
    known = _("First seen: {day}").format(day=since)
    count = ngettext("{n} case", "{n} cases", len(view.cases))
    sections = (
        PaneSection(_("Promises"), tuple(_promise_line(each, now) for each in view.promises[:8])),
        PaneSection(
            _("Identities"),
            tuple(
                PaneLine(words.channel_word(i.channel), _followers(i.followers), Mark.LINK, i.handle)
                for i in view.identities
            ),
        ),
        PaneSection(
            _("Notes"),
            tuple(
                PaneLine(note.text, f"{note.author_name}, {moment_words(note.at, zone, now=now)}")
                for note in view.notes[:8]
            ),
        ),
    )
    return Person(
        name=view.name,
        about=view.about,
        known_since=f"{known} · {count}",
        dont_ask_title=_("Don’t ask again"),
        dont_ask=view.dont_ask_again,
        known_by=_known_by(view),
        sections=tuple(section for section in sections if section.lines),
    )


def _promise_line(promise: PromiseView, now: datetime) -> PaneLine:
    when = due_words(promise.due_at, timezone(), now=now)
    end = when if promise.status == "open" else words.promise_word(promise.status)
    return PaneLine(promise.text, end, _MARKS.get(promise.status, Mark.NONE))


def _followers(followers: int | None) -> str:
    return ngettext("{n} follower", "{n} followers", followers) if followers else ""


def _known_by(view: CustomerView) -> KnownBy | None:
    if not view.known_by:
        return None
    first = view.known_by[0]
    detail = ngettext("{n} reply", "{n} replies", first.replies)
    parts = (detail, _("away")) if first.away else (detail,)
    return KnownBy(_("Who knows them"), first.name, detail=" · ".join(parts))


def _edit(view: CustomerView) -> None:
    with st.container(horizontal=True, gap="small"):
        with st.popover(_("Don’t ask again"), key="sp_edit_ask"):
            field = f"sp_ask_{view.customer_id}"
            st.text_area(_("What they have already told us"), value=view.own_dont_ask, key=field)
            st.button(_("Save"), key="sp_ask_go", on_click=_save, args=("ask", view.customer_id, field))
        with st.popover(_("About them"), key="sp_edit_about"):
            field = f"sp_about_{view.customer_id}"
            st.text_area(_("A line about them"), value=view.own_about, key=field)
            st.button(_("Save"), key="sp_about_go", on_click=_save, args=("about", view.customer_id, field))
        with st.popover(_("New note"), key="sp_edit_note"):
            field = f"sp_note_{view.customer_id}_{len(view.notes)}"
            st.text_area(_("Only the team sees it"), key=field)
            st.button(_("Save note"), key="sp_note_go", on_click=_save, args=("note", view.customer_id, field))


def _save(what: str, customer_id: int, field: str) -> None:
    """The field is read now: as an argument, what was typed just before the click would be lost."""
    text = str(st.session_state.get(field) or "")
    found = acting()
    act = {"ask": profile.set_dont_ask, "about": profile.set_about, "note": profile.add_note}[what]
    attempt(lambda: act(found.ctx, customer_id, text), done=_("Saved."))


def _cases(found: Seat, view: CustomerView) -> None:
    st.subheader(ngettext("{n} case", "{n} cases", len(view.cases)), anchor=False)
    for case in view.cases[:20]:
        opened = moment_words(case.opened_at, timezone(), now=found.ctx.clock())
        state = words.resolution_word(case.resolution) if case.resolution else words.state_word(case.state)
        shape = UrgencyShape.of_level(case.urgency_level)
        marks = [urgency_tag(shape.value, words.urgency_word(case.urgency_level)), chip("lock", state)]
        foot = " · ".join(part for part in (opened, case.brand_name, case.owner_name or "") if part)
        with st.container(key=f"sp_row_case_{case.case_id}", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(line(words.kind_word(case.kind).capitalize(), "", foot, marks=marks))
            st.button(
                _("Open the case"),
                key=f"sp_go_case_{case.case_id}",
                type="tertiary",
                on_click=going.to_case,
                args=(case.case_id,),
            )


def _posts(found: Seat, view: CustomerView) -> None:
    st.subheader(_("What was said"), anchor=False)
    items = [_item(found, post, view) for post in view.posts[-POSTS:]]
    labels = ThreadLabels(
        thread_name=_("Conversation"),
        internal_note=_("Internal note"),
        note_audience=_("only the team sees it"),
        show_picture=_("Show the picture"),
        picture_gone=_("The picture is no longer there"),
        open_post=_("Open the post"),
        show_more=_("Show the whole text"),
    )
    thread(items, labels=labels, subject=f"customer-{view.customer_id}", key="sp_history")


def _item(found: Seat, post: ThreadPost, view: CustomerView) -> ThreadItem:
    when = _where(post, view, moment_words(post.at, timezone(), now=found.ctx.clock()))
    if post.kind == PostKind.TOMBSTONE:
        return ThreadItem(ThreadKind.TOMBSTONE, _("Post deleted by its author. Its text is no longer kept."), when=when)
    if post.kind == PostKind.NOTE:
        return ThreadItem(ThreadKind.NOTE, post.text, when=f"{post.author_user_name or post.author_name}, {when}")
    ours = post.kind == PostKind.REPLY or post.is_own
    return ThreadItem(
        ThreadKind.US if ours else ThreadKind.CUSTOMER,
        post.text,
        name=post.author_name or view.name,
        when=when,
        lang=post.language or "",
        url=post.url or "",
        delivery=Delivery.SENT if ours else Delivery.NONE,
        delivery_text=when if ours else "",
    )


def _where(post: ThreadPost, view: CustomerView, when: str) -> str:
    """When, and where of several channels, and for whom when not for everybody."""
    several = len({each.channel for each in view.identities}) > 1
    channel = words.channel_word(post.channel) if several and post.channel else ""
    return ", ".join(part for part in (channel, words.audience_word(post.audience), when) if part)
