"""What is each code called? Every stable word of the desk, as the reader sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from babel.core import Locale, UnknownLocaleError

from desk.i18n import N_, _, language, ngettext
from desk.numbers import locale, number, waiting_words
from desk.widgets.rows import UrgencyShape
from domain.judgement import Kind, ReasonCode, Sentiment
from domain.mention import Audience
from domain.people import Role
from domain.priority import RankCode, RankReason
from domain.same_person import Basis
from domain.states import CaseState, ReplyState

_URGENCY = (N_("No rush"), N_("Soon"), N_("Today"), N_("Now"))
_KINDS = {
    Kind.COMPLAINT: N_("complaint"),
    Kind.QUESTION: N_("question"),
    Kind.PRAISE: N_("praise"),
    Kind.IDEA: N_("idea"),
    Kind.OTHER: N_("something else"),
    Kind.SPAM: N_("spam"),
}
_SENTIMENTS = {
    Sentiment.NEGATIVE: N_("negative"),
    Sentiment.NEUTRAL: N_("neutral"),
    Sentiment.POSITIVE: N_("positive"),
}
_REASONS = {
    ReasonCode.SAFETY: N_("danger to people"),
    ReasonCode.FRAUD_SECURITY: N_("fraud or stolen data"),
    ReasonCode.OUTAGE: N_("the service is down"),
    ReasonCode.MONEY: N_("money at stake"),
    ReasonCode.LEGAL: N_("speaks of lawyers or regulators"),
    ReasonCode.PRESS: N_("press is involved"),
    ReasonCode.REACH: N_("many people read it"),
    ReasonCode.CHURN: N_("wants to leave"),
    ReasonCode.VULNERABLE: N_("vulnerable person"),
    ReasonCode.TIME: N_("there is a deadline"),
    ReasonCode.REPEAT_CONTACT: N_("has written before"),
    ReasonCode.STAFF_CONDUCT: N_("about how staff behaved"),
    ReasonCode.PRIVACY: N_("personal data"),
    ReasonCode.CRISIS: N_("may harm themselves"),
    ReasonCode.HARM: N_("damage done"),
    RankCode.PROMISE_DUE: N_("our promise falls due"),
    RankCode.NOT_ANSWERED: N_("nobody has answered yet"),
    RankCode.SAYS_SOLVED: N_("says it is solved"),
    RankCode.ANSWERED: N_("answered, their turn"),
    RankCode.WAS_URGENT: N_("was urgent before our reply"),
    RankCode.CORRECTED: N_("read by a colleague"),
    RankCode.UNSURE: N_("not sure, please read"),
    RankCode.UNJUDGED: N_("ranked by rules for now"),
}
_STATES = {
    CaseState.NEW: N_("free"),
    CaseState.OPEN: N_("in progress"),
    CaseState.WAITING: N_("waiting for the customer"),
    CaseState.RESOLVED: N_("resolved"),
    CaseState.DISMISSED: N_("set aside"),
}
_REPLY_STATES = {
    ReplyState.DRAFT: N_("draft"),
    ReplyState.AWAITING_APPROVAL: N_("waiting for the ok"),
    ReplyState.QUEUED: N_("about to go out"),
    ReplyState.SENDING: N_("going out"),
    ReplyState.UNCERTAIN: N_("uncertain, we are looking it up"),
    ReplyState.NEEDS_HUMAN: N_("did it go out? somebody has to look"),
    ReplyState.BY_HAND: N_("to be posted by hand"),
    ReplyState.FAILED: N_("refused by the network"),
    ReplyState.SENT: N_("published"),
    ReplyState.DELETED: N_("deleted"),
}
_RESOLUTIONS = {
    "customer_confirmed": N_("The customer says it is solved"),
    "check_back_passed": N_("Checked back, all is well"),
    "answered": N_("Answered, nothing more to do"),
    "referred": N_("Passed on to whoever deals with it"),
    "no_answer_needed": N_("No answer needed"),
}
_DISMISSALS = {
    "spam": N_("Spam"),
    "noise": N_("Noise, nobody expects an answer"),
    "not_ours": N_("Not about us"),
}
_ENDS = {"joined": N_("Part of another case now")}
_BASES = {
    Basis.SAID_PUBLICLY: N_("they said so themselves in public"),
    Basis.TOLD_US: N_("they told us"),
    Basis.LINKED_PROFILES: N_("one profile names the other"),
}
_AUDIENCES = {Audience.FOLLOWERS: N_("for their followers only"), Audience.NAMED: N_("for us only")}
_ROLES = {
    Role.OPERATOR: N_("operator"),
    Role.MANAGER: N_("manager"),
    Role.MARKETING: N_("marketing"),
    Role.ADMIN: N_("administrator"),
}
#: Languages a watch offers first; any other code can be given by command.
LANGUAGES_HEARD = ("it", "en", "fr", "de", "es", "pt", "nl", "pl", "ro", "sq", "uk", "ru", "ar", "zh", "ja", "tr")
_CHANNELS = {
    "import": N_("File"),
    "sample": N_("Sample"),
    "feeds": N_("Feeds"),
    "http_connector": N_("Your own source"),
}
_PROBES = {"found": N_("found"), "absent": N_("not there"), "unknown": N_("no answer")}
_PROMISES = {"open": N_("open"), "kept": N_("kept"), "broken": N_("not kept")}


def urgency_word(level: int) -> str:
    """Now, Today, Soon, No rush."""
    return _(_URGENCY[max(0, min(3, level))])


def urgency_head(*, level: int, judged: bool, unsure: bool) -> tuple[UrgencyShape, str]:
    """Shape and word that open a row: the level, unless nobody judged it yet or the model is not sure."""
    if not judged:
        return UrgencyShape.UNJUDGED, _("Unjudged")
    if unsure:
        return UrgencyShape.UNSURE, _("Not sure, please read")
    return UrgencyShape.of_level(level), urgency_word(level)


def kind_word(kind: str) -> str:
    """complaint, question, …"""
    return _of(_KINDS, kind)


def sentiment_word(sentiment: str) -> str:
    """negative, neutral, positive."""
    return _of(_SENTIMENTS, sentiment)


def state_word(state: str) -> str:
    """Where a case stands."""
    return _of(_STATES, state)


def reply_state_word(state: str) -> str:
    """Where a reply stands."""
    return _of(_REPLY_STATES, state)


def resolution_word(code: str) -> str:
    """How a case ended."""
    return _of(_RESOLUTIONS | _DISMISSALS | _ENDS, code)


def basis_word(basis: str) -> str:
    """On what a colleague takes two for one person."""
    return _of(_BASES, basis)


def audience_word(audience: str) -> str:
    """Who may read a post that is not for everybody; nothing for one that is."""
    return "" if audience == Audience.PUBLIC else _of(_AUDIENCES, audience)


def role_word(role: str) -> str:
    """A colleague's role."""
    return _of(_ROLES, role)


def role_words(roles: Iterable[Role]) -> str:
    """Somebody's roles, in the order of the house."""
    held = set(roles)
    return ", ".join(role_word(role) for role in Role if role in held)


def channel_word(channel: str, *, title: str = "") -> str:
    """A channel's name: ours for what is no network, else the network's own ``title``."""
    return _of(_CHANNELS, channel) if channel in _CHANNELS else title or channel.capitalize()


def language_word(code: str) -> str:
    """A language by its name in the reader's own: Italian, inglese; an unknown code stays as it is."""
    try:
        return str(Locale(code).get_language_name(locale()) or code)
    except (UnknownLocaleError, ValueError):
        return code


def probe_word(outcome: str) -> str:
    """What a look-up of an uncertain reply brought."""
    return _of(_PROBES, outcome)


def promise_word(status: str) -> str:
    """open, kept, not kept."""
    return _of(_PROMISES, status)


def reason_words(reason: RankReason, *, kind: str = "") -> str:
    """One reason of a rank in words; ``kind`` is what the post is, for cases no reason lifts."""
    n = reason.n or 0
    if reason.code == RankCode.WAITING:
        return _("waiting for {stretch}").format(stretch=waiting_words(n))
    if reason.code == RankCode.CONTACTS:
        return ngettext("{n} post without an answer", "{n} posts without an answer", n)
    if reason.code == RankCode.PROMISE_BROKEN:
        return ngettext("a promise was not kept", "{n} promises were not kept", n or 1)
    if reason.code == RankCode.HANDED_OVER:
        return ngettext("handed over once", "handed over {n} times", n)
    if reason.code == RankCode.FOLLOWERS:
        return _("{n} followers (counts little)").format(n=number(n))
    if reason.code == RankCode.KIND:
        return kind_word(kind) if kind else _("what the post is")
    return _of(_REASONS, reason.code)


def theme_word(code: str) -> str:
    """A contact reason: what somebody writes about, as a judgement found it."""
    return _of(_REASONS, code)


def rank_reasons(reasons: Iterable[RankReason], *, kind: str, judged: bool = True) -> tuple[str, ...]:
    """The reasons worth a word on a row, the weightiest first; waiting has its own place there."""
    silent = {RankCode.WAITING, RankCode.UNSURE} | ({RankCode.KIND} if not judged else set())
    told = [reason for reason in reasons if reason.code not in silent]
    return tuple(_said_once(str(reason.code), reason.n, kind, language()) for reason in told)


@lru_cache(maxsize=4096)
def _said_once(code: str, n: int | None, kind: str, _language: str) -> str:
    """The words of a reason, which hundreds of rows share; fifty rows are drawn at each look of a busy desk."""
    return reason_words(RankReason(code, n=n), kind=kind)


def stored_reasons(stored: Iterable[Mapping[str, Any]]) -> tuple[RankReason, ...]:
    """Reasons as a case keeps them, the weightiest first."""
    found = [RankReason(str(r["code"]), float(r.get("points") or 0.0), r.get("n")) for r in stored]
    return tuple(sorted(found, key=lambda reason: -reason.points))


def _of(names: Mapping[Any, str], code: str) -> str:
    return _(names[code]) if code in names else str(code).replace("_", " ")
