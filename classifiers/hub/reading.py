"""From a checkpoint's probabilities to a whole judgement: the heads it lacks come from the rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import cast

from classifiers.hub.labels import Head, Label, Meanings
from classifiers.rules.kind import best, kind_scores, words_of
from classifiers.rules.tone import scores_of, tone_of
from classifiers.rules.urgency import Tone, Urgency, assess
from classifiers.rules.verdict import (
    LETTERS,
    SURE_KIND,
    SURE_SENTIMENT,
    Reading,
    as_complaint,
    is_alarmed,
    neutralised,
    read,
)
from classifiers.written import READ_CHARS
from domain.judgement import CODED_FROM, Judgement, Kind, Reason, Sentiment, UrgencyLevel

#: Below this probability of the likeliest of four levels a person is asked to read.
SURE_LEVEL = 0.4
MOST_REASONS = 4


@dataclass(frozen=True, slots=True)
class Reader:
    """How the outputs of one checkpoint are read. ``languages``: those it was trained in, as its user says."""

    meanings: Meanings
    languages: Collection[str]
    revision: str

    def judgement(self, text: str, outputs: Sequence[float]) -> Judgement:
        """The judgement of one text, from the probability of each of the checkpoint's labels."""
        reading = read(text)
        sentiment = self._sentiment(text, reading, outputs)
        tone = _tone(sentiment)
        kinds = self._kinds(text, reading, tone, outputs)
        if Head.KIND in self.meanings.heads:
            tone = replace(tone, complaint=kinds[Kind.COMPLAINT])
        kind = best(kinds)
        if kind is Kind.SPAM:
            sentiment = neutralised(sentiment)
        label = max(sentiment, key=lambda name: sentiment[name])
        urgency, sure_level = self._urgency(text, reading, tone, kind, outputs)
        return Judgement(
            language=reading.language,
            sentiment=label,
            sentiment_scores=sentiment,
            kind=kind,
            kind_scores=kinds,
            urgency=urgency.expectation,
            urgency_level=urgency.level,
            reasons=urgency.reasons,
            unsure=self._says_little(text, reading)
            or sentiment[label] < SURE_SENTIMENT
            or kinds[kind] < SURE_KIND
            or sure_level < SURE_LEVEL,
            model=self.revision,
        )

    def _sentiment(self, text: str, reading: Reading, outputs: Sequence[float]) -> dict[Sentiment, float]:
        if Head.SENTIMENT in self.meanings.heads:
            return cast(dict[Sentiment, float], self.meanings.shares(Head.SENTIMENT, outputs))
        alarms = sum(hit.level >= CODED_FROM for hit in reading.found)
        return dict(scores_of(tone_of(text, alarms=0 if words_of(text).spam else alarms)))

    def _kinds(self, text: str, reading: Reading, tone: Tone, outputs: Sequence[float]) -> dict[Kind, float]:
        if Head.KIND in self.meanings.heads:
            return cast(dict[Kind, float], self.meanings.shares(Head.KIND, outputs))
        return kind_scores(text, as_complaint(tone, alarmed=is_alarmed(reading)))

    def _urgency(
        self, text: str, reading: Reading, tone: Tone, kind: Kind, outputs: Sequence[float]
    ) -> tuple[Urgency, float]:
        """Urgency and how sure of its level the checkpoint is; of their own levels the rules are always sure."""
        by_rules = assess(text, language=reading.language, tone=tone, kind=kind, found=reading.found)
        if Head.URGENCY not in self.meanings.heads:
            return by_rules, 1.0
        levels = self.meanings.shares(Head.URGENCY, outputs)
        expectation = min(3.0, sum(int(level) * share for level, share in _levels(levels)))
        level = UrgencyLevel(int(expectation + 0.5))
        reasons: tuple[Reason, ...] = by_rules.reasons[:MOST_REASONS] if level >= CODED_FROM else ()
        return Urgency(level, expectation, reasons), max(levels.values())

    def _says_little(self, text: str, reading: Reading) -> bool:
        unread = sum(map(str.isalpha, text[:200])) < LETTERS or len(text) > READ_CHARS
        return unread or reading.language not in self.languages


def _tone(sentiment: dict[Sentiment, float]) -> Tone:
    """A displeased post is taken for a complaint as far as it is displeased; the rules do the same."""
    negative = sentiment[Sentiment.NEGATIVE]
    return Tone(negative=negative, positive=sentiment[Sentiment.POSITIVE], complaint=max(0.02, negative))


def _levels(shares: dict[Label, float]) -> list[tuple[UrgencyLevel, float]]:
    return [(UrgencyLevel(int(cast(UrgencyLevel, label))), share) for label, share in shares.items()]
