"""How a post sounds, from word lists alone: the baseline every model has to beat."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache

from classifiers.rules.lexicon import compile_words, read_table
from classifiers.rules.urgency import Tone
from domain.judgement import Sentiment
from domain.solved import READ_CHARS
from domain.text import fold

_NOT = re.compile(
    r"(?:\b(?:not|never|isn't|wasn't|don't|didn't|no|non|mai|poco|niente)\b)(?:\s+\w+){0,2}\s*$", re.IGNORECASE
)
_GLAD = re.compile(r"[😀😃😄😁😊🙂😍🥰😘❤♥💕👍👏🎉🙌💪🤩]|:-?\)|<3")
_CROSS = re.compile(r"[😡😠🤬😤👎😞😢😭💔🤮🙄😒😩]|:-?\(")


@cache
def _words(name: str) -> re.Pattern[str]:
    return compile_words(read_table("kinds")[name])


def _count(text: str) -> tuple[int, int]:
    good = bad = 0
    for found in _words("positive").finditer(text):
        denied = _NOT.search(text[max(0, found.start() - 24) : found.start()]) is not None
        good, bad = good + (not denied), bad + denied
    return good + len(_GLAD.findall(text)), bad + len(_words("negative").findall(text)) + len(_CROSS.findall(text))


def tone_of(text: str, *, alarms: int = 0) -> Tone:
    """Tone from counted words and faces; capitals and exclamation marks are not looked at.

    ``alarms`` is the number of urgent signals found: each counts as two displeased words.
    """
    good, bad = _count(fold(text[:READ_CHARS]))
    scores = sentiment_scores(good, bad + 2 * alarms)
    negative, positive = scores[Sentiment.NEGATIVE], scores[Sentiment.POSITIVE]
    return Tone(negative=negative, positive=positive, complaint=max(0.02, negative))


def sentiment_scores(good: int, bad: int) -> dict[Sentiment, float]:
    """Probabilities from the number of pleased and displeased words."""
    weights = {
        Sentiment.NEGATIVE: math.exp(min(3, bad) * 1.0 - 0.3),
        Sentiment.NEUTRAL: math.exp(0.6),
        Sentiment.POSITIVE: math.exp(min(3, good) * 0.9 - 0.3),
    }
    total = sum(weights.values())
    return {label: weight / total for label, weight in weights.items()}


def scores_of(tone: Tone) -> Mapping[Sentiment, float]:
    """The three probabilities of a tone."""
    neutral = max(0.0, 1.0 - tone.negative - tone.positive)
    return {Sentiment.NEGATIVE: tone.negative, Sentiment.NEUTRAL: neutral, Sentiment.POSITIVE: tone.positive}
