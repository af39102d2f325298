"""What came of a lesson, in plain words: one sentence for each head."""

from __future__ import annotations

from collections.abc import Callable

from desk.i18n import N_, _, ngettext
from desk.numbers import number, percent
from services.lesson_record import HeadOutcome
from services.trust import KIND, SENTIMENT, URGENCY

_HEADS = {SENTIMENT: N_("Tone"), KIND: N_("What they want"), URGENCY: N_("Urgency")}


def head_word(head: str) -> str:
    """What a head judges, as every page calls it."""
    return _(_HEADS[head])


def outcome_words(each: HeadOutcome, *, needed: int) -> str:
    """What was learned, or why the head was left as it was; ``needed`` posts are what a head begins to learn from."""
    if each.verdict == "better":
        return _better(each)
    reason = _few(each, needed) if each.verdict == "too_few" else _WHY[each.verdict](each)
    return _("Left as it was: {reason}.").format(reason=reason)


def _better(each: HeadOutcome) -> str:
    if each.weight is None:
        return _("Learned.")
    said = _("Learned: one correction counts as much as {n} of Sportello’s own posts.")
    return said.format(n=number(each.weight))


def _no_gain(_each: HeadOutcome) -> str:
    return _("no gain beyond chance")


def _costs(each: HeadOutcome) -> str:
    said = _("it would have been right on {after} of Sportello’s own test posts, and is on {before}")
    return said.format(after=percent(each.shipped_after or 0), before=percent(each.shipped_before or 0))


def _hides(_each: HeadOutcome) -> str:
    return _("it would have taken some dangers among Sportello’s own test posts for a day’s work")


def _one_sided(_each: HeadOutcome) -> str:
    return _("nearly all corrections say the same, and from one label alone nothing can be learned")


def _few(each: HeadOutcome, needed: int) -> str:
    said = ngettext(
        "{n} corrected post is there, and {needed} are needed",
        "{n} corrected posts are there, and {needed} are needed",
        each.n,
    )
    return said.format(n=number(each.n), needed=number(needed))


_WHY: dict[str, Callable[[HeadOutcome], str]] = {
    "no_clear_gain": _no_gain,
    "costs_elsewhere": _costs,
    "hides_dangers": _hides,
    "one_sided": _one_sided,
}
