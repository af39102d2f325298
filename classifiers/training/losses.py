"""How wrong is an answer? One loss per head; a text without a label for a head adds nothing there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

from classifiers.bundled.heads import CODES, KINDS, STEPS
from classifiers.training.examples import EMOTIONS, UNLABELLED, Example
from classifiers.training.network import FELT, IRONY

#: A loss over many yes-or-no labels, of which few hold, is their sum by this: their mean would be next to nothing.
SHARED = 5
#: The loss of a token's codes, summed, counts so often: few tokens carry any.
PER_TOKEN = 3


@dataclass(frozen=True, slots=True)
class Weights:
    """What each head's loss counts in the sum: set by hand and kept because it served, not searched for."""

    sentiment: float = 2.0
    kind: float = 0.8
    urgency: float = 1.0
    #: Levels guessed from other labels teach what an everyday post is; people's own labels weigh more.
    guessed_urgency: float = 0.4
    reasons: float = 1.0
    evidence: float = 1.0
    irony: float = 0.3
    emotions: float = 1.0
    label_smoothing: float = 0.05


@dataclass(frozen=True, slots=True)
class Targets:
    """Labels of one batch as tensors."""

    sentiment: torch.Tensor
    kinds: torch.Tensor
    urgency: torch.Tensor
    guessed: torch.Tensor
    reasons: torch.Tensor
    has_reasons: torch.Tensor
    evidence: torch.Tensor
    has_evidence: torch.Tensor
    irony: torch.Tensor
    emotions: torch.Tensor
    has_emotions: torch.Tensor


def targets_of(examples: Sequence[Example], offsets: torch.Tensor) -> Targets:
    """``offsets`` (posts, tokens, 2): the characters of each token, empty for special tokens and padding."""
    kinds = torch.zeros(len(examples), len(KINDS), dtype=torch.bool)
    reasons = torch.zeros(len(examples), len(CODES))
    evidence = torch.zeros(len(examples), offsets.shape[1], len(CODES))
    emotions = torch.zeros(len(examples), len(EMOTIONS))
    for row, example in enumerate(examples):
        kinds[row, list(example.kinds)] = True
        reasons[row, list(example.reasons or ())] = 1.0
        emotions[row, list(example.emotions or ())] = 1.0
        for span in example.evidence:
            inside = (offsets[row, :, 0] < span.end) & (offsets[row, :, 1] > span.start)
            evidence[row, inside, span.code] = 1.0
    return Targets(
        sentiment=torch.tensor([e.sentiment for e in examples]),
        kinds=kinds,
        urgency=torch.tensor([e.urgency for e in examples]),
        guessed=torch.tensor([e.guessed_urgency or (0, STEPS) for e in examples]),
        reasons=reasons,
        has_reasons=torch.tensor([e.reasons is not None for e in examples]),
        evidence=evidence,
        # Whoever named a reason without quoting the words for it said nothing about words.
        has_evidence=torch.tensor([e.reasons == () or bool(e.evidence) for e in examples]),
        irony=torch.tensor([e.irony for e in examples]),
        emotions=emotions,
        has_emotions=torch.tensor([e.emotions is not None for e in examples]),
    )


def total(outputs: dict[str, torch.Tensor], wanted: Targets, mask: torch.Tensor, weights: Weights) -> torch.Tensor:
    """The weighted sum over all heads that have a label in this batch."""
    parts = [
        weights.sentiment * _sentiment(outputs["sentiment"].float(), wanted, weights.label_smoothing),
        weights.kind * _kind(outputs["kind"].float(), wanted.kinds),
        weights.urgency * _urgency(outputs["urgency"].float(), wanted.urgency),
        weights.guessed_urgency * _guessed_urgency(outputs["urgency"].float(), wanted.guessed),
        weights.irony * _irony(outputs[IRONY].float().squeeze(-1), wanted.irony),
    ]
    if wanted.has_emotions.any():
        rows = wanted.has_emotions
        felt = functional.binary_cross_entropy_with_logits(outputs[FELT][rows].float(), wanted.emotions[rows])
        parts.append(weights.emotions * len(EMOTIONS) * felt / SHARED)
    if wanted.has_reasons.any():
        rows = wanted.has_reasons
        reasons = functional.binary_cross_entropy_with_logits(outputs["reasons"][rows].float(), wanted.reasons[rows])
        parts.append(weights.reasons * len(CODES) * reasons / SHARED)
    if wanted.has_evidence.any():
        rows = wanted.has_evidence
        shown = functional.binary_cross_entropy_with_logits(
            outputs["evidence"][rows].float(), wanted.evidence[rows], reduction="none"
        )
        inside = mask[rows].unsqueeze(-1).float()
        parts.append(weights.evidence * PER_TOKEN * (shown * inside).sum() / inside.sum())
    return torch.stack(parts).sum()


def _sentiment(logits: torch.Tensor, wanted: Targets, smoothing: float) -> torch.Tensor:
    if (wanted.sentiment == UNLABELLED).all():
        return torch.zeros(())
    return functional.cross_entropy(logits, wanted.sentiment, ignore_index=UNLABELLED, label_smoothing=smoothing)


def _kind(logits: torch.Tensor, possible: torch.Tensor) -> torch.Tensor:
    """Minus the log of the share the network gives to the kinds that are possible."""
    rows = ~possible.all(dim=1)
    if not rows.any():
        return torch.zeros(())
    logs = torch.log_softmax(logits[rows], dim=1).masked_fill(~possible[rows], -torch.inf)
    return -torch.logsumexp(logs, dim=1).mean()


def _urgency(logits: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
    """One yes-or-no loss per step of the scale (Frank and Hall, 2001), all weighing the same."""
    rows = levels != UNLABELLED
    if not rows.any():
        return torch.zeros(())
    steps = (levels[rows].unsqueeze(1) > torch.arange(STEPS)).float()
    return 2 * functional.binary_cross_entropy_with_logits(logits[rows], steps)


def _guessed_urgency(logits: torch.Tensor, ranges: torch.Tensor) -> torch.Tensor:
    """The same loss where only the steps outside a range of levels (posts, 2) are known."""
    step = torch.arange(STEPS)
    passed, missed = ranges[:, :1] > step, ranges[:, 1:] <= step
    known = passed | missed
    if not known.any():
        return torch.zeros(())
    return 2 * functional.binary_cross_entropy_with_logits(logits[known], passed[known].float())


def _irony(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    rows = labels != UNLABELLED
    if not rows.any():
        return torch.zeros(())
    return functional.binary_cross_entropy_with_logits(logits[rows], labels[rows].float())
