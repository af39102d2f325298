"""What stands in for a Hugging Face checkpoint where there is no torch? One whose probabilities the test decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from classifiers.hub.model import HubClassifier
from classifiers.protocol import HubWishes

TONES = ("negative", "neutral", "positive")


class FakeCheckpoint:
    """Answers with what ``says`` makes of each text; keeps the texts it was given."""

    limit_tokens = 64

    def __init__(
        self,
        labels: Sequence[str] = TONES,
        *,
        exclusive: bool = True,
        says: Callable[[str], Sequence[float]] | None = None,
        digest: str = "one",
    ) -> None:
        self.labels = tuple(labels)
        self.exclusive = exclusive
        self.digest = digest
        self.given: list[str] = []
        self._says = says or (lambda text: [1 / len(self.labels)] * len(self.labels))

    def probabilities(self, texts: Sequence[str]) -> list[npt.NDArray[np.float64]]:
        self.given.extend(texts)
        return [np.array(self._says(text)) for text in texts]


def by_words(text: str) -> tuple[float, float, float]:
    """A tone with an opinion: harm is bad, thanks are good."""
    if "gas" in text.lower() or "crash" in text.lower():
        return 0.8, 0.15, 0.05
    return (0.1, 0.2, 0.7) if "thanks" in text.lower() else (0.2, 0.6, 0.2)


def hub_without_torch() -> HubClassifier:
    """A classifier on a fake checkpoint that knows tones."""
    return HubClassifier("team/tones", FakeCheckpoint(says=by_words), HubWishes())
