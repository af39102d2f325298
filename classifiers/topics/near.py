"""Which posts lie nearest to a post? For a person who decides: a few, those most like it first, or none."""

from __future__ import annotations

import numpy as np

from classifiers.topics.encoder import Floats

#: A cosine of placed vectors from which two posts are shown beside one another. Measured by ``benchmarks.similar``:
#: docs/reference/similar-cases.md.
LIKE = 0.40
#: So many posts are compared with all others in one step: a step holds this many rows of numbers.
_STEP = 256


def nearest(points: Floats, *, most: int, like: float = LIKE) -> list[list[int]]:
    """For each post the places of the ``most`` others most like it, the nearest first; none below ``like``.

    ``points`` have length 1. The time grows with the square of their number, the memory with the number alone.
    """
    found: list[list[int]] = []
    for start in range(0, len(points), _STEP):
        likeness = points[start : start + _STEP] @ points.T
        likeness[np.arange(len(likeness)), np.arange(start, start + len(likeness))] = -np.inf
        found += [_best(row, most, like) for row in likeness]
    return found


def _best(row: Floats, most: int, like: float) -> list[int]:
    """The places above ``like``; of equals the first one comes first."""
    places = np.flatnonzero(row >= like)
    return [int(place) for place in places[np.argsort(-row[places], kind="stable")][:most]]
