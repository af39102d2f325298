"""The figures a classifier is judged by, from labels alone."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass


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


def ndcg(gains: Sequence[float], scores: Sequence[float], *, at: int) -> float:
    """How well ``scores`` bring high ``gains`` to the front ``at`` places, in [0, 1] (Järvelin, Kekäläinen, 2002)."""

    def discounted(ordered: Sequence[float]) -> float:
        return sum((2**gain - 1) / math.log2(place + 2) for place, gain in enumerate(ordered[:at]))

    order = sorted(range(len(gains)), key=lambda i: -scores[i])
    best = discounted(sorted(gains, reverse=True))
    return discounted([gains[i] for i in order]) / best if best else 0.0


def auc(truth: Sequence[bool], scores: Sequence[float]) -> float:
    """The chance that one that is has a higher score than one that is not, ties counting half; in [0, 1]."""
    yes = sum(truth)
    if not 0 < yes < len(truth):
        return 0.5
    ranks = _ranks(scores)
    above = sum(rank for rank, is_so in zip(ranks, truth, strict=True) if is_so) - yes * (yes - 1) / 2
    return above / (yes * (len(truth) - yes))


def recall_at_their_number(truth: Sequence[bool], scores: Sequence[float]) -> float:
    """Of the n that are, the share among the n highest scores; in [0, 1]."""
    n = sum(truth)
    order = sorted(range(len(truth)), key=lambda i: -scores[i])
    return sum(truth[i] for i in order[:n]) / n if n else 0.0


def share_below_median(truth: Sequence[bool], scores: Sequence[float]) -> float:
    """Of those that are, the share whose score is below the median of all; in [0, 1]."""
    middle = sorted(scores)[len(scores) // 2] if scores else 0.0
    low = sum(is_so and score < middle for is_so, score in zip(truth, scores, strict=True))
    return low / max(1, sum(truth))


def calibration_error(sure: Sequence[float], right: Sequence[bool], *, bins: int = 10) -> float:
    """Expected calibration error: the mean gap between confidence and share right, in [0, 1] (Naeini et al., 2015)."""
    return sum(abs(b.sure_share - b.right_share) * b.n for b in reliability(sure, right, bins=bins)) / max(1, len(sure))


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers given with like confidence: how sure they were, and how many of them were right, both in [0, 1]."""

    sure_share: float
    right_share: float
    n: int


def reliability(sure: Sequence[float], right: Sequence[bool], *, bins: int = 10) -> tuple[Bin, ...]:
    """The answers by tenths of confidence, the unsure first; tenths without an answer are left out."""
    found = []
    places = [min(int(share * bins), bins - 1) for share in sure]
    for place in sorted(set(places)):
        here = [i for i, p in enumerate(places) if p == place]
        found.append(Bin(sum(sure[i] for i in here) / len(here), sum(right[i] for i in here) / len(here), len(here)))
    return tuple(found)


def calibration_band(sure: Sequence[float], *, draws: int = 400, seed: int = 7) -> float:
    """The calibration error below which 95 % of perfectly calibrated models with this confidence would stay.

    With few answers even they show an error, by chance alone (Vaicenavicius et al., 2019).
    """
    rng = random.Random(seed)
    tenths: dict[int, list[float]] = {}
    for share in sure:
        tenths.setdefault(min(int(share * 10), 9), []).append(share)

    def gap(shares: Sequence[float]) -> float:
        return abs(sum(shares) - sum(rng.random() < share for share in shares))

    found = sorted(sum(map(gap, tenths.values())) for _ in range(draws))
    return found[int(0.95 * draws) - 1] / max(1, len(sure))


def interval(
    measure: Callable[[Sequence[int]], float], n: int, *, draws: int = 400, seed: int = 7
) -> tuple[float, float]:
    """The 95 % interval of a figure over ``n`` posts by drawing them again and again (Efron, 1979).

    ``measure`` gets the places of the posts drawn.
    """
    rng = random.Random(seed)
    found = sorted(measure([rng.randrange(n) for _ in range(n)]) for _ in range(draws))
    return found[int(0.025 * draws)], found[int(0.975 * draws) - 1]
