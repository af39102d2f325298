"""The transformer that ships: sentiment, kind, urgency, reasons and their words in one pass, no torch."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from classifiers.bundled.card import Calibration, read_calibration, read_card
from classifiers.bundled.normalise import READ_CHARS, Normalised, letters_in
from classifiers.bundled.reading import READING, Opinion, opinion
from classifiers.bundled.runtime import Answer, Runtime
from classifiers.bundled.wordings import LETTERS, wordings
from classifiers.language import SUPPORTED, identify, make_ready
from classifiers.protocol import ModelCard
from classifiers.teaching.taught import KIND, SENTIMENT, TAUGHT_HEADS, URGENCY, Studied, Taught
from domain.judgement import Judgement, Kind, Sentiment

FOLDER = Path(__file__).parent
#: So many posts are read at a time, which bounds memory whatever is asked.
CHUNK = 512
#: Spam is neutral by definition: this share of its sentiment is.
NEUTRAL_SHARE = 0.7

Label = TypeVar("Label")


@dataclass(frozen=True, slots=True)
class _Read:
    """The wordings of a post with their answers, the whole first; from ``own`` on they say tone and kind."""

    rows: tuple[tuple[Normalised, Answer], ...]
    own: int | None


class BundledClassifier:
    """Every label from the model that ships.

    ``threads`` is how many cores one ``judge`` may use; on a machine that is busy anyway, 1 is fastest.
    Raises Misconfigured when the model's files are missing.
    """

    def __init__(self, *, threads: int = 1, folder: Path = FOLDER) -> None:
        self._card = self._shipped = replace(read_card(folder), reading=READING)
        self._calibration: Calibration = read_calibration(folder)
        make_ready()
        self._runtime = Runtime(folder, threads=threads, limit_tokens=self._card.limit_tokens)
        self._taught: Taught | None = None

    @property
    def card(self) -> ModelCard:
        return self._card

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        """One judgement per text, same order; never raises for a text."""
        found: list[Judgement] = []
        for start in range(0, len(texts), CHUNK):
            found.extend(self._judge_chunk(texts[start : start + CHUNK]))
        return found

    def with_heads(self, taught: Taught | None) -> BundledClassifier:
        """The same model, loaded once, with these heads; with its own for None, and for heads of another revision."""
        other = copy.copy(self)
        other._taught = taught if taught is not None and self._fits(taught) else None
        other._card = replace(self._shipped, revision=taught.revision) if taught and other._taught else self._shipped
        return other

    def _fits(self, taught: Taught) -> bool:
        """Whether these heads were learned on this revision; torn ones of another shape would stop all judging."""
        if taught.base != self._shipped.revision:
            return False
        (one,) = self.answers([""])
        wanted = {head: (len(one.pooled), len(getattr(one, head))) for head in TAUGHT_HEADS}
        return all(change.weights.shape == wanted.get(head) for head, change in taught.heads.items())

    def study(self, texts: Sequence[str]) -> Studied:
        """What the shipped heads make of the texts, at least one, and what they read; see ``classifiers.teaching``.

        Where a post has several wordings, this is near to what ``judge`` would say with changed heads, not the same.
        """
        parts = [self._study_chunk(texts[start : start + CHUNK]) for start in range(0, len(texts), CHUNK)]
        return Studied(
            np.concatenate([part.pooled for part in parts]),
            {head: np.concatenate([part.logits[head] for part in parts]) for head in TAUGHT_HEADS},
            {head: np.concatenate([part.heats[head] for part in parts]) for head in TAUGHT_HEADS},
        )

    def _study_chunk(self, texts: Sequence[str]) -> Studied:
        read = self.answers(texts)
        languages = [identify(text) for text in texts]
        return Studied(
            np.stack([answer.pooled for answer in read]),
            {head: np.stack([getattr(answer, head) for answer in read]) for head in TAUGHT_HEADS},
            {
                head: np.array([self._calibration.temperature(head, language) for language in languages], np.float32)
                for head in TAUGHT_HEADS
            },
        )

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """The raw logits for each text, in the same order; of several wordings, those that count."""
        return [
            self._counting(read, identify(text))[0] if read.rows[1:] else read.rows[0][1]
            for text, read in zip(texts, self._read(texts), strict=True)
        ]

    def _judge_chunk(self, texts: Sequence[str]) -> list[Judgement]:
        return [self._judge(text, read) for text, read in zip(texts, self._read(texts), strict=True)]

    def _read(self, texts: Sequence[str]) -> list[_Read]:
        """For each text its wordings, and what the shipped heads answer to each."""
        found = [wordings(text) for text in texts]
        answers = iter(self._runtime.answers([one.text for some in found for one in some.all]))
        return [_Read(tuple((one, next(answers)) for one in some.all), some.own) for some in found]

    def _counting(self, read: _Read, language: str) -> tuple[Answer, Opinion]:
        """The answer that counts, and what it says with the heads in use.

        Level and reasons are those of the wording that presses most; tone and kind what the author's own say together,
        or that wording too where these are too few.
        """
        said = [(each, opinion(self._as_taught(each), one, language, self._calibration)) for one, each in read.rows]
        pressing, found = max(said, key=lambda row: row[1].expectation)
        if read.own is None or len(said) == 1:
            return pressing, found
        own = said[read.own :]
        answer = replace(
            pressing,
            sentiment=np.mean([each.sentiment for each, _ in own], axis=0),
            kind=np.mean([each.kind for each, _ in own], axis=0),
            pooled=np.mean([each.pooled for each, _ in own], axis=0),
        )
        tone, kind = _together([each.sentiment for _, each in own]), _together([each.kind for _, each in own])
        return answer, replace(found, sentiment=tone, kind=kind)

    def _as_taught(self, answer: Answer) -> Answer:
        """The answer as the heads give it that a team has taught, if any."""
        if self._taught is None:
            return answer
        changes = {head: change.of(answer.pooled) for head, change in self._taught.heads.items()}
        return replace(
            answer,
            sentiment=answer.sentiment + changes.get(SENTIMENT, 0),
            kind=answer.kind + changes.get(KIND, 0),
            urgency=answer.urgency + changes.get(URGENCY, 0),
        )

    def _judge(self, text: str, read: _Read) -> Judgement:
        language = identify(text)
        _, found = self._counting(read, language)
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
            unsure=letters_in(read.rows[0][0].text) < LETTERS
            or len(text) > READ_CHARS  # Most of it was not read.
            or language not in SUPPORTED
            or self._calibration.is_doubtful(sentiment[label] * found.kind[kind] * found.levels[found.level], language),
            model=self._card.revision,
            level_scores=found.levels,
        )


def _together(said: Sequence[Mapping[Label, float]]) -> dict[Label, float]:
    """The mean of what several wordings say."""
    return {label: sum(each[label] for each in said) / len(said) for label in said[0]}


def _neutralised(scores: dict[Sentiment, float]) -> dict[Sentiment, float]:
    """The same scores with neutral in front, as the rule for spam asks."""
    rest = 1 - NEUTRAL_SHARE
    return {s: rest * share + (NEUTRAL_SHARE if s is Sentiment.NEUTRAL else 0.0) for s, share in scores.items()}
