"""How is said how long people waited for an answer: nobody had one, few had, most had, all had?"""

from __future__ import annotations

from datetime import timedelta

from desk.i18n import _, ngettext
from desk.numbers import number, stretch_words
from domain.waiting import BOUNDS_S
from services.trend_views import Answers

#: Up to here waits are told apart; what is longer is longer than this.
LONGEST = timedelta(seconds=BOUNDS_S[-1])


def answered_words(answers: Answers) -> str:
    """How many of those who asked were answered, and within which time half and nine in ten of them were."""
    left, had = answers.unanswered, answers.asked - answers.unanswered
    if not had:
        return _("None of them has had our answer yet.")
    if fewer_than_half(answers):
        said = ngettext(
            "**{n}** of them has had our answer, fewer than half; {left} have none yet.",
            "**{n}** of them have had our answer, fewer than half; {left} have none yet.",
            had,
        )
        return said.format(left=number(left))
    if answers.half_s is None:
        return _long_words(left)
    half, most = f"**{time_words(answers.half_s)}**", time_words(answers.most_s)
    if over_one_in_ten(answers):
        said = ngettext(
            "Half had our first answer within {half}; {n} has none yet, more than one in ten.",
            "Half had our first answer within {half}; {n} have none yet, more than one in ten.",
            left,
        )
    elif answers.most_s is None:
        said = _some_long(left)
    elif left:
        said = ngettext(
            "Half had our first answer within {half}, nine in ten within {most}; {n} has none yet.",
            "Half had our first answer within {half}, nine in ten within {most}; {n} have none yet.",
            left,
        )
    else:
        said = _("All of them had our first answer: half within {half}, nine in ten within {most}.")
    return said.format(half=half, most=most, time=stretch_words(LONGEST))


def fewer_than_half(answers: Answers) -> bool:
    """Whether not even half of those who asked had an answer, however late."""
    return (answers.asked - answers.unanswered) * 2 < answers.asked


def over_one_in_ten(answers: Answers) -> bool:
    """Whether more than one in ten of those who asked had no answer at all."""
    return answers.unanswered * 10 > answers.asked


def _long_words(left: int) -> str:
    """Half had an answer, but not within the longest time that is told apart."""
    if not left:
        said = _("All of them had our first answer, but half waited longer than {time}.")
    else:
        said = ngettext(
            "Fewer than half had our first answer within {time}; {n} has none yet.",
            "Fewer than half had our first answer within {time}; {n} have none yet.",
            left,
        )
    return said.format(time=stretch_words(LONGEST))


def _some_long(left: int) -> str:
    """Nine in ten had an answer, but not within the longest time that is told apart."""
    if not left:
        return _("All of them had our first answer: half within {half}, but more than one in ten waited over {time}.")
    return ngettext(
        "Half had our first answer within {half}, fewer than nine in ten within {time}; {n} has none yet.",
        "Half had our first answer within {half}, fewer than nine in ten within {time}; {n} have none yet.",
        left,
    )


def time_words(seconds: int | None) -> str:
    """A wait as it is said."""
    return stretch_words(timedelta(seconds=seconds or 0))
