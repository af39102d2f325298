"""How is said how long people waited for an answer: nobody had one, few had, most had, all had?"""

from __future__ import annotations

from datetime import timedelta

from desk.i18n import _, ngettext
from desk.numbers import number, stretch_words
from services.trend_views import Answers


def answered_words(answers: Answers) -> str:
    """How many of those who asked were answered, and within which time half and nine in ten of them were."""
    left, had = answers.unanswered, answers.asked - answers.unanswered
    if not had:
        return _("None of them has had our answer yet.")
    if answers.half_s is None:
        said = ngettext(
            "**{n}** of them has had our answer, fewer than half; {left} have none yet.",
            "**{n}** of them have had our answer, fewer than half; {left} have none yet.",
            had,
        )
        return said.format(left=number(left))
    half, most = f"**{time_words(answers.half_s)}**", time_words(answers.most_s)
    if answers.most_s is None:
        said = ngettext(
            "Half had our first answer within {half}; {n} has none yet, more than one in ten.",
            "Half had our first answer within {half}; {n} have none yet, more than one in ten.",
            left,
        )
    elif left:
        said = ngettext(
            "Half had our first answer within {half}, nine in ten within {most}; {n} has none yet.",
            "Half had our first answer within {half}, nine in ten within {most}; {n} have none yet.",
            left,
        )
    else:
        said = _("All of them had our first answer: half within {half}, nine in ten within {most}.")
    return said.format(half=half, most=most)


def time_words(seconds: int | None) -> str:
    """A wait as it is said."""
    return stretch_words(timedelta(seconds=seconds or 0))
