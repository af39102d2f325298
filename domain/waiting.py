"""Into which stretch does a wait fall? The bounds by which waiting is counted, and what can be told from the counts."""

from __future__ import annotations

from collections.abc import Sequence

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400

#: Upper ends, in seconds, of the stretches in which waits are counted, one more stands for all that is longer: close
#: enough that "half waited at most so long" is true to within half of it, few enough to be kept for every hour.
BOUNDS_S = (
    *(1 * MINUTE_S, 2 * MINUTE_S, 5 * MINUTE_S, 10 * MINUTE_S, 15 * MINUTE_S, 20 * MINUTE_S, 30 * MINUTE_S),
    *(45 * MINUTE_S, 1 * HOUR_S, 90 * MINUTE_S, 2 * HOUR_S, 3 * HOUR_S, 4 * HOUR_S, 6 * HOUR_S, 8 * HOUR_S),
    *(12 * HOUR_S, 16 * HOUR_S, 20 * HOUR_S, 1 * DAY_S, 36 * HOUR_S, 2 * DAY_S, 3 * DAY_S, 4 * DAY_S, 5 * DAY_S),
    *(7 * DAY_S, 14 * DAY_S),
)
STRETCHES = len(BOUNDS_S) + 1


def stretch_of(waited_s: float) -> int:
    """The number of the stretch a wait falls into: at most ``BOUNDS_S`` of that number, more than of the one before.

    >>> stretch_of(60), stretch_of(61), stretch_of(10**9) == len(BOUNDS_S)
    (0, 1, True)
    """
    return next((number for number, bound in enumerate(BOUNDS_S) if waited_s <= bound), len(BOUNDS_S))


def at_most_s(counts: Sequence[int], share: float) -> int | None:
    """The bound under which ``share`` of all waits lie, in seconds; None when that is beyond the last bound.

    ``counts``: by stretch. A quantile read from counts is an upper bound: the true one lies in the same stretch.
    Raises ValueError without any wait, since there is nothing to tell.

    >>> at_most_s([0, 3, 1], 0.5)
    120
    """
    total = sum(counts)
    if not total:
        raise ValueError("no waits")
    seen = 0
    for number, n in enumerate(counts):
        seen += n
        if seen >= share * total:
            return BOUNDS_S[number] if number < len(BOUNDS_S) else None
    return None
