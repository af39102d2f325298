"""How urgent can a public post be whose urgency nobody labelled? As much as its other labels leave likely.

The posts written for this model hold far more dangers than any day on a network does, and hardly any half sentence
from the middle of a talk. So everyday posts of the public sets teach where urgency ends: praise asks for nothing, talk
among strangers for little, and an ordinary complaint is no danger. The few that are one are taught wrongly.
"""

from __future__ import annotations

from dataclasses import replace

from classifiers.bundled.heads import SENTIMENTS
from classifiers.training.examples import COMPLAINT, NO_COMPLAINT, UNLABELLED, Example
from domain.judgement import CODED_FROM, Sentiment, UrgencyLevel

_NONE, _NORMAL, _SAME_DAY = int(UrgencyLevel.NO_ACTION), int(UrgencyLevel.NORMAL), int(UrgencyLevel.SAME_DAY)
_POSITIVE, _NEGATIVE = SENTIMENTS.index(Sentiment.POSITIVE), SENTIMENTS.index(Sentiment.NEGATIVE)


def with_guess(example: Example) -> Example:
    """The same post with the levels it may have, and without reasons where a brand was told nothing pressing.

    What a person said of its urgency stands. Where emotions were labelled people may tell of the worst there is, to
    each other: nothing is guessed.
    """
    known = example.urgency != UNLABELLED or example.guessed_urgency is not None
    if known or example.emotions is not None:
        return example
    lowest, highest = _levels(example)
    calm = example.addressed and highest < CODED_FROM
    return replace(example, guessed_urgency=(lowest, highest), reasons=() if calm else None)


def _levels(example: Example) -> tuple[int, int]:
    if example.sentiment == _POSITIVE:
        return _NONE, _NONE
    if not example.addressed or example.kinds == NO_COMPLAINT:
        return _NONE, _NORMAL
    if example.kinds == COMPLAINT:
        return _NORMAL, _SAME_DAY
    return _NONE, _SAME_DAY if example.sentiment == _NEGATIVE else _NORMAL
