"""The transformer that ships: sentiment, kind, urgency, reasons and their words in one pass, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from classifiers.bundled.card import Calibration, read_calibration, read_card
from classifiers.bundled.normalise import Normalised, normalise_with_origins
from classifiers.bundled.reading import Opinion, opinion
from classifiers.bundled.runtime import Answer, Runtime
from classifiers.language import SUPPORTED, identify
from classifiers.protocol import ModelCard
from domain.judgement import Judgement, Kind, Sentiment

FOLDER = Path(__file__).parent
#: So many posts are read at a time, which bounds memory whatever is asked.
CHUNK = 2_048
#: Shorter texts say too little ("ok", an emoji).
LETTERS = 4
#: Spam is neutral by definition: this share of its sentiment is.
NEUTRAL_SHARE = 0.7


class BundledClassifier:
    """Every label from the model that ships.

    ``threads`` is how many cores one ``judge`` may use; on a machine that is busy anyway, 1 is fastest.
    Raises Misconfigured when the model's files are missing.
    """

    def __init__(self, *, threads: int = 1, folder: Path = FOLDER) -> None:
        self._card = read_card(folder / "card.toml")
        self._calibration: Calibration = read_calibration(folder / "card.toml")
        self._runtime = Runtime(folder, threads=threads, limit_tokens=self._card.limit_tokens)

    @property
    def card(self) -> ModelCard:
        return self._card

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        """One judgement per text, same order; never raises for a text."""
        found: list[Judgement] = []
        for start in range(0, len(texts), CHUNK):
            found.extend(self._judge_chunk(texts[start : start + CHUNK]))
        return found

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """The raw logits for each text, in the same order."""
        return self._runtime.answers([normalise_with_origins(text).text for text in texts])

    def _judge_chunk(self, texts: Sequence[str]) -> list[Judgement]:
        read = [normalise_with_origins(text) for text in texts]
        answers = self._runtime.answers([normalised.text for normalised in read])
        return [self._judge(*row) for row in zip(texts, read, answers, strict=True)]

    def _judge(self, text: str, read: Normalised, answer: Answer) -> Judgement:
        language = identify(text)
        found = opinion(answer, read, language, self._calibration)
        kind = max(found.kind, key=lambda label: found.kind[label])
        sentiment = _neutralised(found.sentiment) if kind is Kind.SPAM else found.sentiment
        label = max(sentiment, key=lambda name: sentiment[name])
        return Judgement(
            language=language,
            sentiment=label,
            sentiment_scores=sentiment,
            kind=kind,
            kind_scores=found.kind,
            urgency=found.expectation,
            urgency_level=found.level,
            reasons=found.reasons,
            unsure=self._is_unsure(text, language, found, sentiment[label], found.kind[kind]),
            model=self._card.revision,
        )

    def _is_unsure(self, text: str, language: str, found: Opinion, sentiment: float, kind: float) -> bool:
        below = self._calibration.unsure_below
        return (
            sum(map(str.isalpha, text[:200])) < LETTERS
            or language not in SUPPORTED
            or sentiment < below["sentiment"]
            or kind < below["kind"]
            or max(found.levels) < below["urgency"]
        )


def _neutralised(scores: dict[Sentiment, float]) -> dict[Sentiment, float]:
    """The same scores with neutral in front, as the rule for spam asks."""
    rest = 1 - NEUTRAL_SHARE
    return {s: rest * share + (NEUTRAL_SHARE if s is Sentiment.NEUTRAL else 0.0) for s, share in scores.items()}
