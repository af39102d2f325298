"""A Hugging Face checkpoint as a classifier: its own heads, and the rules for what it lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from classifiers.hub.labels import Head, meanings
from classifiers.hub.reading import Reader
from classifiers.protocol import HubWishes, ModelCard
from classifiers.written import with_placeholders
from domain.errors import Misconfigured
from domain.judgement import Judgement

#: So many posts are read at a time, which bounds memory whatever is asked.
CHUNK = 1_024
NAME_CHARS = 40
#: What a checkpoint never answers.
REASONS = "reasons"


class Checkpoint(Protocol):
    """What is needed of a checkpoint; ``classifiers.hub.checkpoint`` has the real one."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def exclusive(self) -> bool:
        """Whether it chooses one label of all, or says yes or no to each."""

    @property
    def limit_tokens(self) -> int: ...

    @property
    def digest(self) -> str:
        """Another one whenever a text may get other probabilities."""

    def probabilities(self, texts: Sequence[str]) -> Sequence[npt.NDArray[np.float64]]: ...


class HubClassifier:
    """Every label that the checkpoint gives from the checkpoint, the others from the rules.

    Raises Misconfigured when the wishes do not fit the checkpoint.
    """

    def __init__(self, name: str, checkpoint: Checkpoint, wishes: HubWishes) -> None:
        found = meanings(checkpoint.labels, wishes.labels, exclusive=checkpoint.exclusive)
        languages = tuple(word.strip().lower() for word in wishes.languages.split(",") if word.strip())
        if not languages:
            raise Misconfigured("hub_languages names no language: every post would be marked unsure.")
        self._checkpoint = checkpoint
        self._card = ModelCard(
            name=name,
            revision=_revision(name, checkpoint.digest, repr((found, languages))),
            languages=languages,
            licence="as its maker says",
            limit_tokens=checkpoint.limit_tokens,
            trained_on=("not known here: see the checkpoint's own card",),
            by_rules=(*(str(head) for head in Head if head not in found.heads), REASONS),
        )
        self._reader = Reader(found, frozenset(languages), self._card.revision)

    @property
    def card(self) -> ModelCard:
        return self._card

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        """One judgement per text, same order; never raises for a text."""
        found: list[Judgement] = []
        for start in range(0, len(texts), CHUNK):
            some = texts[start : start + CHUNK]
            outputs = self._checkpoint.probabilities([with_placeholders(text) for text in some])
            found.extend(self._reader.judgement(*row) for row in zip(some, map(_plain, outputs), strict=True))
        return found


def _plain(shares: npt.NDArray[np.float64]) -> list[float]:
    """Python's own numbers: what is judged is written down as JSON."""
    return [float(share) for share in shares]


def _revision(name: str, *parts: str) -> str:
    """A name that changes with the weights, the meanings of the labels and the languages."""
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"hub:{Path(name).name[-NAME_CHARS:]}@{digest[:10]}"
