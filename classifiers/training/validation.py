"""How good the heads are on held-out texts, set by set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from classifiers.bundled.normalise import normalise
from classifiers.training.network import HEADS, Network
from classifiers.training.readers import UNLABELLED, Example


@dataclass(frozen=True, slots=True)
class Scores:
    """Macro-F1 in percent with the number of texts; ``overall`` decides which checkpoint is kept."""

    sentiment: dict[str, tuple[float, int]]
    complaint: dict[str, tuple[float, int]]
    overall: float


def macro_f1(truth: np.ndarray, guess: np.ndarray, labels: int) -> float:
    """Mean over labels of the harmonic mean of precision and recall, in percent."""
    found = []
    for label in range(labels):
        hits = float(((truth == label) & (guess == label)).sum())
        found.append(2 * hits / max(1.0, float((truth == label).sum() + (guess == label).sum())))
    return 100 * float(np.mean(found))


def logits_of(
    network: Network, tokenizer: Any, examples: Sequence[Example], limit_tokens: int, *, batch: int = 64
) -> dict[str, np.ndarray]:
    """Logits of each head, in the order of ``examples``."""
    network.eval()
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].text))
    found = {name: np.zeros((len(examples), labels), np.float32) for name, labels in HEADS.items()}
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        texts = [normalise(examples[i].text) for i in rows]
        inputs = tokenizer(
            texts, truncation=True, max_length=limit_tokens, padding=True, pad_to_multiple_of=8, return_tensors="pt"
        )
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            outputs = network(inputs["input_ids"], inputs["attention_mask"])
        for name, logits in zip(HEADS, outputs, strict=True):
            found[name][rows] = logits.float().numpy()
    return found


def _by_source(logits: np.ndarray, examples: Sequence[Example], head: str) -> dict[str, tuple[float, int]]:
    result: dict[str, tuple[float, int]] = {}
    truth = np.array([getattr(e, head) for e in examples])
    for source in sorted({e.source for e in examples}):
        rows = np.array([e.source == source for e in examples]) & (truth != UNLABELLED)
        if len(set(truth[rows])) > 1:
            result[source] = (round(macro_f1(truth[rows], logits[rows].argmax(1), HEADS[head]), 2), int(rows.sum()))
    return result


def scores(logits: dict[str, np.ndarray], examples: Sequence[Example]) -> Scores:
    """Per-set scores; ``overall`` counts Italian and English alike, and complaints as much as each."""
    sentiment = _by_source(logits["sentiment"], examples, "sentiment")
    complaint = _by_source(logits["complaint"], examples, "complaint")
    italian = (sentiment["xlmt_umsab_italian"][0] + sentiment["multiemotions_it"][0]) / 2
    english = (sentiment["tweeteval_sentiment"][0] + sentiment["airline_us"][0]) / 2
    return Scores(sentiment, complaint, round((italian + english + complaint["complaints_twitter"][0]) / 3, 3))
