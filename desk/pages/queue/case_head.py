"""What stands at the head of a case? Whose it is, why it is urgent, and what this colleague may do with it now."""

from __future__ import annotations

from datetime import datetime

from desk import words
from desk.i18n import _, ngettext
from desk.numbers import local, moment_words, short_day, since_words
from desk.pages.queue.rows import first_name
from desk.sentences import not_possible_words
from desk.session import Seat, timezone
from desk.widgets.case_head import CaseHead, HeadAct, HeadChip
from domain.states import CaseState
from services.cases import CaseView

_CLOSED = (CaseState.RESOLVED, CaseState.DISMISSED)


def head_of(found: Seat, view: CaseView) -> CaseHead:
    """The head as this colleague sees it."""
    case, now = view.case, found.ctx.clock()
    shape, word = words.urgency_head(level=case.urgency_level, judged=case.judged, unsure=case.unsure)
    reasons = words.rank_reasons(words.stored_reasons(case.reasons), kind=case.kind, judged=case.judged)
    said, ask = " · ".join(reasons), view.customer.dont_ask_again
    return CaseHead(
        case_id=case.id,
        name=view.customer.name,
        is_mine=is_mine(found, view),
        acts=tuple(_acts(found, view)),
        more=tuple(_more(view)),
        chips=tuple(_chips(found, view)),
        line=_line(view, now),
        urgency=shape,
        urgency_word=word,
        reasons=said[:1].upper() + said[1:],
        correct=_("Correct") if "correct" in view.may else "",
        dont_ask=_("Don’t ask again: {text}").format(text=ask) if ask else "",
        more_label=_("More"),
    )


def is_mine(found: Seat, view: CaseView) -> bool:
    """Whether this colleague carries the case and it is not closed."""
    return view.case.owner_id == found.member.id and view.case.state not in _CLOSED


def _acts(found: Seat, view: CaseView) -> list[HeadAct]:
    """What stands beside the name; the last place belongs to what is done next: claim, then resolve."""
    case, may = view.case, view.may
    offered = [HeadAct("person", _("Person"), is_narrow_only=True)]
    if "unsnooze" in may or (case.snoozed_until and "snooze" in may):
        offered.append(HeadAct("unsnooze", _("Wake up")))
    elif "snooze" in may:
        offered.append(HeadAct("snooze", _("Snooze"), "S"))
    if "take" in may and case.owner_id is not None:
        offered.append(HeadAct("take", _("Take")))
    if "hand_over" in may:
        offered.append(HeadAct("hand_over", _("Hand over")))
    if "reopen" in may:
        offered.append(HeadAct("reopen", _("Reopen")))
    if "resolve" in may:
        offered.append(HeadAct("resolve", _("Resolve and next"), "E"))
    elif is_mine(found, view) and any(each.status == "open" for each in view.promises):
        offered.append(HeadAct("resolve", _("Resolve and next"), why_not=not_possible_words("promise_open")))
    if "claim" in may:
        offered.append(HeadAct("claim", _("Claim this case"), "K", is_primary=True))
    return offered


def _more(view: CaseView) -> list[HeadAct]:
    choices = (
        ("release", HeadAct("release", _("Release"), "U")),
        ("set_check_back", HeadAct("check_back", _("Check back on a date"))),
        ("promise", HeadAct("promise", _("Write down a promise"))),
        ("dismiss", HeadAct("dismiss", _("Set aside"))),
    )
    return [act for right, act in choices if right in view.may]


def _line(view: CaseView, now: datetime) -> str:
    case, zone = view.case, timezone()
    parts = [_("on {channel}").format(channel=words.channel_word(case.channel, title=view.route.channel_title))]
    contacts = ngettext("{n} post, {day}", "{n} posts, the first {day}", _posts(view))
    parts.append(contacts.format(day=_first_day(view, now)))
    if case.state in (CaseState.NEW, CaseState.OPEN):
        parts.append(_("waiting {since}").format(since=since_words(case.waiting_since, zone, now=now)))
    if case.check_back_at and case.state is CaseState.WAITING:
        parts.append(_("check back {time}").format(time=moment_words(case.check_back_at, zone, now=now)))
    return " · ".join(parts)


def _posts(view: CaseView) -> int:
    """How many posts the customer wrote in this case, also those already answered."""
    return max(1, sum(1 for p in view.posts if p.in_case and p.is_customer))


def _first_day(view: CaseView, now: datetime) -> str:
    """The day of the case's first post: when somebody wrote, not when we heard of it."""
    first = min((p.at for p in view.posts if p.in_case and p.is_customer), default=view.case.opened_at)
    return short_day(local(first, timezone()).date(), today=local(now, timezone()).date())


def _chips(found: Seat, view: CaseView) -> list[HeadChip]:
    """Whose the case is, always; and who else is on it, when somebody is."""
    case, me = view.case, found.member.id
    if case.state in _CLOSED:
        return [HeadChip("done", words.state_word(case.state).capitalize(), "check_circle")]
    chips = [_owner_chip(view, me)]
    if case.lock_user_id is not None and case.lock_user_id != me and view.lock_name:
        chips.append(HeadChip("lock", _("{name} is on it").format(name=first_name(view.lock_name)), "pencil"))
        return chips if case.owner_id is not None and case.owner_id != case.lock_user_id else chips[1:]
    return chips


def _owner_chip(view: CaseView, me: int) -> HeadChip:
    if view.case.owner_id == me:
        return HeadChip("mine", _("Yours to the end"), "hand")
    if view.needs_owner:
        return HeadChip("owned", _("Needs an owner: {name} is away").format(name=first_name(view.owner_name)), "person")
    if view.case.owner_id is not None:
        return HeadChip("owned", _("{name}’s").format(name=first_name(view.owner_name)), "person")
    return HeadChip("lock", words.state_word(CaseState.NEW).capitalize())
