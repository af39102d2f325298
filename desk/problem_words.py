"""How are spikes and shared problems said? Their states, their figures and what each person was told."""

from __future__ import annotations

from datetime import datetime, timedelta

from desk import words
from desk.i18n import N_, _, ngettext
from desk.numbers import moment_words, stretch_words, usual_words
from desk.session import timezone
from domain.problem import Outcome, ProblemState
from domain.spike import Measure, SpikeState
from services.problem_view import ProblemLine, Telling
from services.spikes import SpikeView

_STATES = {
    ProblemState.OPEN: N_("being looked into"),
    ProblemState.SOLVED: N_("solved, people are being told"),
    ProblemState.CLOSED: N_("closed"),
}
_OUTCOMES = {
    Outcome.SOLVED: N_("It is solved"),
    Outcome.EXPLAINED: N_("It works as meant, and people were told so"),
    Outcome.NO_PROBLEM: N_("These cases had no problem in common"),
}
_TELLING = {
    Telling.NOT_YET: N_("waits"),
    Telling.NO_OWNER: N_("nobody has the case"),
    Telling.TO_WRITE: N_("to be told"),
    Telling.PREPARED: N_("draft ready for its owner"),
    Telling.UNDER_WAY: N_("reply on its way"),
    Telling.TOLD: N_("told"),
    Telling.CLOSED: N_("case closed"),
}
_EVENTS = {
    "opened": N_("opened by {name}"),
    "added": N_("cases added by {name}"),
    "removed": N_("cases taken out by {name}"),
    "renamed": N_("renamed by {name}"),
    "reworded": N_("message changed by {name}"),
    "solved": N_("solved, says {name}: drafts prepared"),
    "returned": N_("not solved after all, says {name}"),
    "closed": N_("closed by {name}"),
}


def state_word(state: ProblemState) -> str:
    """Where a problem stands."""
    return _(_STATES[state])


def outcome_word(outcome: Outcome) -> str:
    """How a problem ended."""
    return _(_OUTCOMES[outcome])


def message_heading(line: ProblemLine) -> str:
    """Whether the message of a problem is being told, was told, or holds no more."""
    if line.state is ProblemState.OPEN or line.outcome is Outcome.NO_PROBLEM:
        return _("The message before: it no longer holds")
    return _("What people heard") if line.state is ProblemState.CLOSED else _("What people hear")


def reason_heading(line: ProblemLine) -> str:
    """What the reason kept with a problem is the reason of; empty once it came back and is solved again."""
    if line.state is ProblemState.SOLVED:
        return ""
    return _("Why it is open again") if line.state is ProblemState.OPEN else _("Why it ended so")


def name_mark() -> str:
    """What stands for the customer’s name in a message, in the reader's language; the other one is understood too."""
    return "{" + _("name") + "}"


def telling_word(telling: Telling) -> str:
    """How far one person is from hearing of it."""
    return _(_TELLING[telling])


def event_word(kind: str, name: str | None) -> str:
    """One line of a problem's history."""
    said = _(_EVENTS[kind]) if kind in _EVENTS else kind
    return said.replace("{name}", name or _("the desk"))


def people_words(line: ProblemLine) -> str:
    """12 people · 5 still to hear."""
    people = ngettext("{n} person", "{n} people", line.cases)
    if line.state is ProblemState.OPEN:
        return people
    return " · ".join([people, ngettext("{n} still to hear", "{n} still to hear", line.waiting)])


def since_words(at: datetime, now: datetime) -> str:
    """since yesterday 10:40."""
    return _("since {time}").format(time=moment_words(at, timezone(), now=now))


def spike_title(spike: SpikeView) -> str:
    """62 posts, where 4 are usual."""
    usual = usual_words(spike.usual)
    if spike.measure is Measure.COMPLAINTS:
        said = ngettext(
            "{n} complaint, where {usual} are usual", "{n} complaints, where {usual} are usual", spike.posts
        )
    else:
        said = ngettext("{n} post, where {usual} are usual", "{n} posts, where {usual} are usual", spike.posts)
    return said.replace("{usual}", usual)


def spike_foot(spike: SpikeView, now: datetime) -> str:
    """Where and when: "all channels · since 10:00, for 3 hours"."""
    where = words.channel_word(spike.channel) if spike.channel else _("all channels together")
    end = min(spike.to_at, now)
    lasted = stretch_words(max(end - spike.from_at, timedelta(minutes=1)))
    parts = [where, _("{when}, for {stretch}").format(when=since_words(spike.from_at, now), stretch=lasted)]
    if spike.set_aside_reason:
        parts.append(_("no news: {reason}").format(reason=spike.set_aside_reason))
    return " · ".join(parts)


def spike_state(spike: SpikeView) -> tuple[str, str, str]:
    """Kind, words and sign of a spike's chip."""
    if spike.state is SpikeState.SET_ASIDE:
        return "lock", _("no news"), "check"
    return ("warn", _("going on"), "warning") if spike.lasts else ("lock", _("over"), "clock")
