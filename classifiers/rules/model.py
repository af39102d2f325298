"""The classifier without a model: word lists for tone, rules for kind and urgency."""

from __future__ import annotations

from collections.abc import Sequence

from classifiers.protocol import ModelCard
from classifiers.rules.kind import words_of
from classifiers.rules.tone import scores_of, tone_of
from classifiers.rules.verdict import read, verdict
from domain.judgement import Judgement

CARD = ModelCard(
    name="rules",
    revision="rules-1",
    languages=("it", "en"),
    licence="Apache-2.0",
    limit_tokens=1_000,
    trained_on=(),
    by_rules=("sentiment", "kind", "urgency", "reasons"),
)


class RulesClassifier:
    """Judges by word lists alone: used until a post is judged by the model, and as the baseline to beat."""

    @property
    def card(self) -> ModelCard:
        return CARD

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        """One judgement per text, same order; never raises for a text."""
        return [self._judge_one(text) for text in texts]

    def _judge_one(self, text: str) -> Judgement:
        reading = read(text)
        alarms = sum(hit.level >= 2 for hit in reading.found)
        tone = tone_of(text, alarms=0 if words_of(text).spam else alarms)
        return verdict(text, reading, tone=tone, sentiment=scores_of(tone), model=CARD.revision)
