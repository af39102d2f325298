"""From tone and text to a whole judgement: the steps every classifier here shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from classifiers.language import SUPPORTED, identify
from classifiers.rules.kind import best, kind_scores
from classifiers.rules.urgency import Hit, Tone, assess, find
from domain.judgement import Judgement, Kind, Sentiment
from domain.solved import READ_CHARS

#: Below this probability of the best label a person is asked to read; about one post in fifteen of our own.
SURE_SENTIMENT = 0.5
SURE_KIND = 0.4
#: How far displeasure, and an urgent signal, speak for a complaint by themselves.
DISPLEASED_SHARE, ALARMED_SHARE = 0.7, 0.4
#: Signals that come in questions at least as often as in complaints.
ASKING = frozenset({"press", "phishing"})
#: Shorter texts say too little ("ok", an emoji).
LETTERS = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules read in a text before anything is known of its tone."""

    language: str
    found: list[Hit]


def read(text: str) -> Reading:
    """Look at a text once; everything else builds on it."""
    language = identify(text)
    return Reading(language, find(text, language=language))


def verdict(text: str, reading: Reading, *, tone: Tone, sentiment: Mapping[Sentiment, float], model: str) -> Judgement:
    """Combine a tone with what the rules read in the text.

    Spam is neutral by definition, whatever it promises.
    """
    language, found = reading.language, reading.found
    kinds = kind_scores(text, as_complaint(tone, alarmed=is_alarmed(reading)))
    kind = best(kinds)
    scores = neutralised(sentiment) if kind is Kind.SPAM else dict(sentiment)
    urgency = assess(text, language=language, tone=tone, kind=kind, found=found)
    label = max(scores, key=lambda s: scores[s])
    return Judgement(
        language=language,
        sentiment=label,
        sentiment_scores=scores,
        kind=kind,
        kind_scores=kinds,
        urgency=urgency.expectation,
        urgency_level=urgency.level,
        reasons=urgency.reasons,
        unsure=_is_unsure(text, language, scores[label], kinds[kind]),
        model=model,
    )


def is_alarmed(reading: Reading) -> bool:
    """Whether anything urgent was found that is told rather than asked."""
    return any(hit.level >= 2 and hit.facet not in ASKING for hit in reading.found)


def as_complaint(tone: Tone, *, alarmed: bool) -> Tone:
    """The tone with what else speaks for a complaint.

    On a desk that hears of brands, a displeased post is most often a complaint, and so is a calm report of harm;
    a model that learned complaints in few trades misses both.
    """
    against = (1 - tone.complaint) * (1 - DISPLEASED_SHARE * tone.negative)
    if alarmed:
        against *= (1 - ALARMED_SHARE) if tone.positive < 0.5 else 1.0
    return replace(tone, complaint=(1 - against) * (1 - 0.8 * tone.positive))


def neutralised(scores: Mapping[Sentiment, float]) -> dict[Sentiment, float]:
    """The same scores with neutral in front, as the rule for spam asks."""
    return {label: 0.3 * score + (0.7 if label is Sentiment.NEUTRAL else 0.0) for label, score in scores.items()}


def _is_unsure(text: str, language: str, sentiment: float, kind: float) -> bool:
    unread = sum(map(str.isalpha, text[:200])) < LETTERS or len(text) > READ_CHARS
    return unread or language not in SUPPORTED or sentiment < SURE_SENTIMENT or kind < SURE_KIND
