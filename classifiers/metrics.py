"""The figures a classifier is judged by, from labels alone."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence


def f1(truth: Sequence[bool], guess: Sequence[bool]) -> float:
    """Harmonic mean of precision and recall, in [0, 1]; 0 when nothing was there or nothing was found."""
    hits = sum(t and g for t, g in zip(truth, guess, strict=True))
    return 2 * hits / max(1, sum(truth) + sum(guess))


def macro_f1(truth: Sequence[Hashable], guess: Sequence[Hashable]) -> float:
    """Mean F1 over the labels that occur in ``truth``."""
    labels = set(truth)
    return sum(f1([t == x for t in truth], [g == x for g in guess]) for x in labels) / max(1, len(labels))


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=lambda i: values[i])
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + end - 1) / 2
        start = end
    return ranks


def spearman(ones: Sequence[float], others: Sequence[float]) -> float:
    """Rank correlation in [-1, 1]; equal values share their rank; 0 when one side does not vary."""
    a, b = _ranks(ones), _ranks(others)
    mean = (len(a) - 1) / 2
    over = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    under = math.sqrt(sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b))
    return over / under if under else 0.0


def weighted_kappa(truth: Sequence[int], guess: Sequence[int], *, levels: int) -> float:
    """Agreement beyond chance with quadratic weights (Cohen, 1968): 1 is perfect, 0 is chance."""
    n = len(truth)
    seen = sum((t - g) ** 2 for t, g in zip(truth, guess, strict=True)) / max(1, n)
    left = [sum(t == level for t in truth) / max(1, n) for level in range(levels)]
    right = [sum(g == level for g in guess) / max(1, n) for level in range(levels)]
    chance = sum(left[i] * right[j] * (i - j) ** 2 for i in range(levels) for j in range(levels))
    return 1 - seen / chance if chance else 1.0
