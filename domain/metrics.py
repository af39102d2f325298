"""What do counts say? Shares and net sentiment with the margin around them, or that there is too little to tell."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: The 97.5th percentile of the normal distribution: margins are those of 95 %.
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with the 95 % interval around it and what it rests on: ``hits`` of ``n`` (for net sentiment: their sum).

    ``value``, ``low`` and ``high`` are None where nothing is told: ``n`` is below the least group. A figure of nothing
    is no figure, never nought.
    """

    n: int
    hits: int = 0
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def margin(self) -> float | None:
        """Half the length of the interval; which need not be even around the value."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


def share(hits: int, n: int, *, least: int) -> Figure:
    """``hits`` of ``n`` with the score interval of Wilson (1927), which holds for few and for extreme shares too.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22, 209-212. It takes
    the counted for independent of each other: where few people write much, the true margin is wider.

    >>> figure = share(5, 10, least=5)
    >>> f"{figure.value:.2f} {figure.low:.3f} {figure.high:.3f}"
    '0.50 0.237 0.763'
    >>> share(1, 1, least=5)
    Figure(n=1, hits=1, value=None, low=None, high=None)
    """
    if n < max(1, least):
        return Figure(n, hits)
    p, z2 = hits / n, Z * Z / n
    middle = (p + z2 / 2) / (1 + z2)
    half = Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n)) / (1 + z2)
    # Of nought or of all, rounding may put the end of the interval a hair beside the share.
    return Figure(n, hits, p, max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half)))


def net_sentiment(positive: int, negative: int, judged: int, *, least: int) -> Figure:
    """(positive - negative) / judged, in [-1, 1], with the adjusted Wald interval of Bonett and Price (2012).

    D. G. Bonett and R. M. Price, Adjusted Wald confidence interval for a difference of binomial proportions based on
    paired data, JEBS 37, 479-488: of one sample each post can be positive, negative or neither, as each pair there.

    >>> figure = net_sentiment(30, 50, 100, least=5)
    >>> f"{figure.value:.2f} {figure.low:.3f} {figure.high:.3f}"
    '-0.20 -0.366 -0.026'
    """
    if judged < max(1, least):
        return Figure(judged, positive - negative)
    n = judged + 2
    up, down = (positive + 1) / n, (negative + 1) / n
    half = Z * math.sqrt((up + down - (up - down) ** 2) / n)
    low, high = max(-1.0, up - down - half), min(1.0, up - down + half)
    value = (positive - negative) / judged
    # The interval is drawn toward the middle; what was counted lies in it all the same.
    return Figure(judged, positive - negative, value, min(low, value), max(high, value))
