"""How good are the heads on held-out texts, set by set?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from classifiers.metrics import spearman
from classifiers.training.encode import encode
from classifiers.training.examples import UNLABELLED, Example
from classifiers.training.network import Network
from classifiers.training.own_posts import DEVELOPED

#: So many texts are read at a time.
BATCH = 64
POST_HEADS = ("sentiment", "kind", "urgency", "reasons")


@dataclass(frozen=True, slots=True)
class Scores:
    """Percent, each with the number of texts. ``overall`` decides which checkpoint is kept."""

    sentiment_f1: dict[str, tuple[float, int]]
    sentiment_recall: dict[str, tuple[float, int]]
    complaint_f1: dict[str, tuple[float, int]]
    own: dict[str, float]
    overall: float


def logits_of(
    network: Network, tokenizer: Any, examples: Sequence[Example], limit_tokens: int, *, exact: bool = False
) -> dict[str, np.ndarray]:
    """Logits of each head that speaks about a whole post, in the order of ``examples``; ``exact`` in fp32."""
    network.eval()
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].text))
    found: dict[str, np.ndarray] = {}
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        inputs = encode(tokenizer, [examples[i] for i in rows], limit_tokens)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=not exact):
            outputs = network(inputs.ids, inputs.mask)
        for name in POST_HEADS:
            logits = outputs[name].float().numpy()
            found.setdefault(name, np.zeros((len(examples), logits.shape[1]), np.float32))[rows] = logits
    return found


def macro_f1(truth: np.ndarray, guess: np.ndarray, labels: Sequence[int]) -> float:
    """Mean over labels of the harmonic mean of precision and recall, in percent."""
    found = []
    for label in labels:
        hits = float(((truth == label) & (guess == label)).sum())
        found.append(2 * hits / max(1.0, float((truth == label).sum() + (guess == label).sum())))
    return 100 * float(np.mean(found))


def macro_recall(truth: np.ndarray, guess: np.ndarray, labels: Sequence[int]) -> float:
    """Mean over labels of the share found, in percent."""
    return 100 * float(np.mean([(guess[truth == label] == label).mean() for label in labels]))


def expectation(logits: np.ndarray) -> np.ndarray:
    """The expected level in [0, 3] from the logits of the three steps."""
    return np.asarray((1 / (1 + np.exp(-logits))).sum(axis=1))


def scores(logits: dict[str, np.ndarray], examples: Sequence[Example]) -> Scores:
    """Set by set; ``overall`` counts Italian, English, complaints and our own posts alike."""
    by_source = {name: np.array([e.source == name for e in examples]) for name in sorted({e.source for e in examples})}
    truth = np.array([e.sentiment for e in examples])
    guess = logits["sentiment"].argmax(1)
    complained = np.array([e.complaint for e in examples])
    complains = (logits["kind"].argmax(1) == 0).astype(int)
    f1, recall, complaint = {}, {}, {}
    for name, rows in by_source.items():
        if len(set(truth[rows & (truth != UNLABELLED)])) > 1:
            there = rows & (truth != UNLABELLED)
            labels = sorted(set(truth[there]))
            f1[name] = (round(macro_f1(truth[there], guess[there], labels), 2), int(there.sum()))
            recall[name] = (round(macro_recall(truth[there], guess[there], labels), 2), int(there.sum()))
        there = rows & (complained != UNLABELLED)
        if len(set(complained[there])) > 1:
            complaint[name] = (round(macro_f1(complained[there], complains[there], (0, 1)), 2), int(there.sum()))
    own = own_scores(logits, examples, by_source[DEVELOPED]) if DEVELOPED in by_source else {}
    return Scores(f1, recall, complaint, own, _overall(f1, recall, complaint, own))


def own_scores(logits: dict[str, np.ndarray], examples: Sequence[Example], rows: np.ndarray) -> dict[str, float]:
    """Kind, urgency and reasons on our own posts, in percent and rank correlations."""
    ours = [e for e, row in zip(examples, rows, strict=True) if row]
    kinds = np.array([e.kinds[0] for e in ours])
    levels = np.array([e.urgency for e in ours])
    urgency = expectation(logits["urgency"][rows])
    wanted = np.array([[code in (e.reasons or ()) for code in range(logits["reasons"].shape[1])] for e in ours])
    shown = logits["reasons"][rows] > 0
    found = {
        "kind_f1": macro_f1(kinds, logits["kind"][rows].argmax(1), sorted(set(kinds))),
        "level_f1": macro_f1(levels, np.rint(urgency).astype(int), sorted(set(levels))),
        "reasons_f1": 200 * float((wanted & shown).sum()) / max(1.0, float(wanted.sum() + shown.sum())),
    }
    for language in sorted({e.language for e in ours}):
        here = np.array([e.language == language for e in ours])
        found[f"urgency_spearman_{language}"] = 100 * spearman(list(levels[here]), list(urgency[here]))
    return {name: round(value, 2) for name, value in found.items()}


def _overall(
    f1: dict[str, tuple[float, int]],
    recall: dict[str, tuple[float, int]],
    complaint: dict[str, tuple[float, int]],
    own: dict[str, float],
) -> float:
    parts = [f1[name][0] for name in ("xlmt_umsab_italian", "xlmt_umsab_english", "airline_us") if name in f1]
    parts += [recall["tweeteval_sentiment"][0]] if "tweeteval_sentiment" in recall else []
    parts += [complaint["complaints_twitter"][0]] if "complaints_twitter" in complaint else []
    parts += [value for name, value in own.items() if name in ("kind_f1", "urgency_spearman_it", "urgency_spearman_en")]
    return round(float(np.mean(parts)), 3)
