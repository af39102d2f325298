"""What is being written in this case, and what became of each key stroke, save and send?"""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from desk import pulse, words
from desk.attempt import steady
from desk.i18n import _
from desk.money_words import by_hand_words, reply_price_words
from desk.numbers import clock_time, local, short_day
from desk.pages.queue import keeping
from desk.pages.queue.rows import first_name
from desk.session import Seat, seat, timezone
from desk.widgets.composer import Composer, ComposerLabels, CountMode, Draft, DueDay, PromiseFields, composer
from domain.mention import Audience
from domain.people import Member
from domain.reply import RouteKind
from domain.states import CaseState, ReplyState
from services import team
from services.cases import CaseView, PostKind

DUE_DAYS = 6
#: Whom the page has verified a moment ago, in the same run: nobody is asked for twice.
_VERIFIED = "sp_verified_seat"
_CLOSED = (CaseState.RESOLVED, CaseState.DISMISSED)


def draw(found: Seat, view: CaseView) -> None:
    """The composer for this case; what is typed goes to ``keeping``."""
    keeping.remember(view)
    if _is_mine(found, view):
        pulse.hold(found, view.case.id)
    keeping.read_again(view)
    st.session_state[_VERIFIED] = found
    _box(view)


@st.fragment(key="answer")
def _box(view: CaseView) -> None:
    """Drawn alone while somebody types: a draft that was kept changes nothing else on the page."""
    found = st.session_state.pop(_VERIFIED, None) or seat()
    composer(_state(found, keeping.with_newest(view)), labels=labels(view.route.audience), on_event=keeping.hear)


def subject_of(view: CaseView) -> str:
    """Names the text: this case, and how many of our replies are out already, so that each answer starts empty."""
    out = sum(
        1 for post in view.posts if post.kind == PostKind.REPLY and post.status in ("sent", "deleted") and post.in_case
    )
    tail = "-out" if view.under_way is not None else ""
    return f"{view.case.id}-{out}{tail}"


def _is_mine(found: Seat, view: CaseView) -> bool:
    return view.case.owner_id == found.member.id and view.case.state not in _CLOSED


def _state(found: Seat, view: CaseView) -> Composer:
    route, going = view.route, view.under_way
    mine = _is_mine(found, view)
    channel = words.channel_word(view.case.channel, title=route.channel_title)
    approver = _approver(found, view.case.channel) if route.needs_approval and mine else None
    primary, note = _primary(view, approver, mine=mine)
    return Composer(
        subject=subject_of(view),
        draft=_draft(view),
        to_handle=_handle(view),
        channel=channel,
        as_handle=route.account_handle or view.brand.name,
        as_name=view.brand.name,
        limit_chars=route.limit or 0,
        count_mode=CountMode(route.unit) if route.unit in set(CountMode) else CountMode.CODEPOINTS,
        status=_status(view),
        primary=primary,
        primary_note=note,
        approver=approver.name if approver else "",
        can_send=mine and _way_is_open(view),
        can_promise=mine,
        locked=going is not None,
        hide_primary=going is not None,
        refusal=keeping.refusal(view.case.id),
        lang=_language(view),
        due_days=_due_days(found.ctx.clock()),
    )


def _way_is_open(view: CaseView) -> bool:
    return view.route.kind == RouteKind.BY_HAND or view.route.publishing


def _primary(view: CaseView, approver: Member | None, *, mine: bool) -> tuple[str, str]:
    """What the one button says it does, and the quiet sentence beside it."""
    if not mine:
        return _("Send"), _not_mine(view)
    if not _way_is_open(view):
        return _("Send"), _("Publishing is switched off: write the draft, it is kept. Nothing goes out.")
    if view.route.needs_approval:
        channel = words.channel_word(view.case.channel, title=view.route.channel_title)
        if approver is None:
            return _("Ask for the ok"), _("You are still learning {channel}: a colleague reads it first.").format(
                channel=channel
            )
        name = first_name(approver.name)
        note = _("You are still learning {channel}: {name} reads it before it goes out.").format(
            channel=channel, name=name
        )
        return _("Ask {name}’s ok").format(name=name), note
    if view.route.kind == RouteKind.BY_HAND:
        return _("Post by hand"), by_hand_words(view.route.reason)
    undo = _("You have {s} seconds to undo.").format(s=keeping.undo_s())
    return _("Send"), f"{undo} {reply_price_words(view.route.cost_eur, view.route.cost_with_link_eur)}".strip()


def _not_mine(view: CaseView) -> str:
    if view.case.state in _CLOSED:
        return _("The case is closed: reopen it to answer.")
    if view.case.owner_id is None:
        return _("Claim the case to send. A draft or a note is kept for you in the meantime.")
    name = first_name(view.owner_name)
    return _("{name} answers here. You can leave a note, or keep a draft.").format(name=name)


def _status(view: CaseView) -> str:
    if view.under_way is not None:
        waits = view.under_way.status is ReplyState.AWAITING_APPROVAL
        return _("Locked until the ok comes, or you withdraw it") if waits else _("Locked while it is on its way")
    if view.draft is None:
        return ""
    if view.draft.return_note:
        return _("Came back: {note}").format(note=view.draft.return_note)
    return _("Draft saved at {time}").format(time=clock_time(view.draft.saved_at, timezone()))


def _draft(view: CaseView) -> Draft:
    going, kept = view.under_way, view.draft
    if going is not None:
        return Draft(1, going.text, "", _promise(going.promise_text, going.promise_due_at))
    version = keeping.shown_version(view)
    if kept is None:
        return Draft(version)
    return Draft(version, kept.text, "", _promise(kept.promise_text, kept.promise_due_at))


def _promise(text: str | None, due_at: datetime | None) -> PromiseFields:
    if text is None and due_at is None:
        return PromiseFields()
    due = None if due_at is None else local(due_at, timezone())
    return PromiseFields(True, text or "", due.date() if due else None, due.time() if due else None)


def _handle(view: CaseView) -> str:
    posts = [p for p in view.posts if p.mention_id == view.route.mention_id]
    handle = posts[0].handle if posts else next((i.handle for i in view.customer.identities), view.customer.name)
    return handle if "@" in handle or "/" in handle else f"@{handle}"


def _language(view: CaseView) -> str:
    return next((p.language or "" for p in view.posts if p.mention_id == view.route.mention_id), "")


def _approver(found: Seat, channel: str) -> Member | None:
    """The colleague whose ok is asked for by name; None when there are several or nobody."""
    able = [
        m
        for m in steady("sp_last_members", lambda: team.members(found.ctx))
        if m.active and not m.away and m.id != found.member.id
    ]
    mentors = [m for m in able if any(t.channel == channel and t.mentor for t in m.trained)]
    managers = [m for m in able if m.may_approve(channel)]
    chosen = mentors or managers
    return chosen[0] if len(chosen) == 1 else None


def _due_days(now: datetime) -> tuple[DueDay, ...]:
    today = local(now, timezone()).date()
    days = [today + timedelta(days=ahead) for ahead in range(DUE_DAYS)]
    return tuple(DueDay(day, short_day(day, today=today)) for day in days)


def labels(audience: str = Audience.PUBLIC) -> ComposerLabels:
    """The composer's fixed words in the reader's language; a reply is as private as the post it answers."""
    anyone, is_public = _("Anyone can read it"), audience == Audience.PUBLIC
    private = _("Private like the post: {audience}").format(audience=words.audience_word(audience))
    return ComposerLabels(
        public=_("Public reply") if is_public else _("Private reply"),
        public_icon="globe" if is_public else "person",
        internal=_("Internal note"),
        route=_("Replying to {to} on {channel} as {account}"),
        note_route=_("A note on this case"),
        anyone=anyone if is_public else private,
        team_only=_("only the team sees it"),
        preview=_("as it will look"),
        placeholder=_("Write the reply"),
        note_placeholder=_("Write a note for your colleagues"),
        save_note=_("Save note"),
        promised=_("I promised:"),
        promise_text=_("what you promised"),
        by=_("by"),
        due_day=_("day"),
        due_time=_("time"),
        other_day=_("another day"),
        unsaved=_("Not saved yet"),
        too_long=_("too long by {n}"),
    )
