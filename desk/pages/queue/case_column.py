"""The middle column: whose case this is and why it is urgent, what was said, and the answer being written."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

import streamlit as st

from desk import words
from desk.attempt import show_messages
from desk.i18n import _, ngettext
from desk.numbers import local, moment_words, short_day, since_words
from desk.pages.queue import acts, answer, boxes, correcting
from desk.pages.queue.rows import first_name
from desk.pages.queue.thread_items import thread_items
from desk.redraw import Part, after
from desk.sentences import not_possible_words
from desk.session import Seat, timezone
from desk.widgets.markup import Markup, chip, html_tag, icon, urgency_tag
from desk.widgets.thread import ThreadLabels, thread
from domain.states import CaseState
from services.cases import CaseView


def draw(found: Seat, view: CaseView) -> None:
    """Header, conversation, and the foot with the composer or what stands in its place."""
    with st.container(key="sp_head_case", gap=None):
        _title_line(found, view)
        st.html(_state_line(found, view))
        _why_line(view)
        if view.customer.dont_ask_again:
            with st.container(key="sp_narrow_ask"):
                st.html(_dont_ask(view.customer.dont_ask_again))
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


def _title_line(found: Seat, view: CaseView) -> None:
    case = view.case
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="sp_case_title", wrap=False):
        st.html(html_tag("div", html_tag("div", view.customer.name, cls="sp-title cut", dir="auto"), cls="sp"))
        with st.container(key="sp_narrow_person", width="content"):
            st.button(_("Person"), icon=":material/person:", key="sp_person", on_click=acts.ask, args=("person",))
        if "claim" in view.may:
            _button(
                _("Claim this case"), "K", "sp_claim", after(acts.claim, Part.LIST, Part.CASE), case.id, primary=True
            )
        if "take" in view.may and case.owner_id is not None:
            st.button(_("Take"), key="sp_take", on_click=acts.ask, args=("take",))
        if "unsnooze" in view.may or (case.snoozed_until and "snooze" in view.may):
            st.button(_("Wake up"), key="sp_wake", on_click=after(acts.unsnooze, Part.LIST, Part.CASE), args=(case.id,))
        elif "snooze" in view.may:
            _button(_("Snooze"), "S", "sp_snooze", acts.ask, "snooze")
        if "hand_over" in view.may:
            st.button(_("Hand over"), key="sp_pass", on_click=acts.ask, args=("hand_over",))
        if "resolve" in view.may:
            _button(_("Resolve and next"), "E", "sp_resolve", acts.ask, "resolve")
        elif case.owner_id == found.member.id and any(each.status == "open" for each in view.promises):
            st.button(
                _("Resolve and next"), key="sp_resolve_later", disabled=True, help=not_possible_words("promise_open")
            )
        if "reopen" in view.may:
            st.button(_("Reopen"), key="sp_reopen", on_click=after(acts.reopen, Part.LIST, Part.CASE), args=(case.id,))
        _more(view)


def _button(label: str, key_hint: str, key: str, on_click: object, *args: object, primary: bool = False) -> None:
    """A button that shows its key; the key itself is heard by the page's keyboard, once."""
    kind = "primary" if primary else "secondary"
    st.button(f"{label} :small[{key_hint}]", key=key, on_click=on_click, args=args, type=kind)  # type: ignore[arg-type, unused-ignore]


def _more(view: CaseView) -> None:
    choices = [
        ("release", _("Release (U)"), after(acts.release, Part.LIST, Part.CASE), view.case.id),
        ("check_back", _("Check back on a date"), acts.ask, "check_back"),
        ("promise", _("Write down a promise"), acts.ask, "promise"),
        ("dismiss", _("Set aside"), acts.ask, "dismiss"),
    ]
    implied = {"check_back": "set_check_back", "promise": "promise"}
    allowed = [each for each in choices if each[0] in view.may or implied.get(each[0]) in view.may]
    if not allowed:
        return
    with st.popover("", icon=":material/more_horiz:", key="sp_more", help=_("More")):
        for name, label, act, argument in allowed:
            st.button(label, key=f"sp_more_{name}", on_click=act, args=(argument,), type="tertiary", width="stretch")  # type: ignore[arg-type, unused-ignore]


def _state_line(found: Seat, view: CaseView) -> Markup:
    case, now = view.case, found.ctx.clock()
    channel = words.channel_word(case.channel, title=view.route.channel_title)
    zone = timezone()
    parts = [_("on {channel}").format(channel=channel)]
    contacts = ngettext("{n} post, {day}", "{n} posts, the first {day}", _posts(view))
    parts.append(contacts.format(day=_first_day(view, now)))
    if case.state in (CaseState.NEW, CaseState.OPEN):
        parts.append(_("waiting {since}").format(since=since_words(case.waiting_since, zone, now=now)))
    if case.check_back_at and case.state is CaseState.WAITING:
        parts.append(_("check back {time}").format(time=moment_words(case.check_back_at, zone, now=now)))
    words_line = html_tag("span", " · ".join(parts), cls="cut s muted")
    return html_tag("div", html_tag("div", _state_chip(found, view), words_line, cls="row-flex"), cls="sp")


def _posts(view: CaseView) -> int:
    """How many posts the customer wrote in this case, also those already answered."""
    return max(1, sum(1 for p in view.posts if p.in_case and p.is_customer))


def _first_day(view: CaseView, now: datetime) -> str:
    """The day of the case's first post: when somebody wrote, not when we heard of it."""
    first = min((p.at for p in view.posts if p.in_case and p.is_customer), default=view.case.opened_at)
    return short_day(local(first, timezone()).date(), today=local(now, timezone()).date())


def _state_chip(found: Seat, view: CaseView) -> Markup:
    case, me = view.case, found.member.id
    if case.state in (CaseState.RESOLVED, CaseState.DISMISSED):
        return chip("done", words.state_word(case.state).capitalize(), "check_circle")
    if case.lock_user_id is not None and case.lock_user_id != me and view.lock_name:
        return chip("lock", _("{name} is on it").format(name=first_name(view.lock_name)), "pencil")
    if case.owner_id == me:
        return chip("mine", _("Yours to the end"), "hand")
    if view.needs_owner:
        return chip("owned", _("Needs an owner: {name} is away").format(name=first_name(view.owner_name)), "person")
    if case.owner_id is not None:
        return chip("owned", _("{name}’s").format(name=first_name(view.owner_name)), "person")
    return chip("lock", words.state_word(CaseState.NEW).capitalize())


def _why_line(view: CaseView) -> None:
    case = view.case
    shape, word = words.urgency_head(level=case.urgency_level, judged=case.judged, unsure=case.unsure)
    reasons = words.rank_reasons(words.stored_reasons(case.reasons), kind=case.kind, judged=case.judged)
    said = " · ".join(reasons)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="sp_case_why", wrap=False):
        line = html_tag("span", said[:1].upper() + said[1:], cls="txt grow")
        st.html(html_tag("div", html_tag("div", urgency_tag(shape.value, word), line, cls="sp-why"), cls="sp"))
        if "correct" in view.may:
            correcting.draw(view)


def _dont_ask(text: str) -> Markup:
    said = _("Don’t ask again: {text}").format(text=text)
    return html_tag(
        "div",
        html_tag("div", icon("no_ask", size="sm"), html_tag("span", said, dir="auto"), cls="row-flex s muted"),
        cls="sp",
    )
