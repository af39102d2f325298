"""Which posts tell of one problem? Vectors without what all posts of a language share, joined while they lie close.

Average linkage (Sokal and Michener, 1958): two groups are joined while the mean likeness between their posts is above
NEAR, the closest first. Bound and method: docs/decisions/0016-the-original-encoder-groups-posts.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from classifiers.topics.encoder import Floats

#: Mean likeness, a cosine of placed vectors, from which two groups are one problem: rather a problem missed than
#: strangers called companions.
NEAR = 0.36
#: More posts are not compared at a time: the time grows with their square and more.
MOST_POSTS = 600
#: The middle of each language, made by ``classifiers.training.background``.
BACKGROUND = Path(__file__).parent / "background.npz"


@cache
def _middles() -> tuple[dict[str, Floats], Floats]:
    """By language, and over all of them for the others."""
    with np.load(BACKGROUND) as found:
        middles = {language: np.asarray(found[language], np.float32) for language in found.files}
    return middles, np.asarray(np.mean(list(middles.values()), axis=0), np.float32)


def placed(vectors: Floats, languages: Sequence[str]) -> Floats:
    """The encoder's vectors without the middle of their language, each of length 1.

    What all posts of a language share, above all the language itself, would hide what they tell.
    """
    middles, others = _middles()
    found = np.stack([row - middles.get(said, others) for row, said in zip(vectors, languages, strict=True)])
    return unit(np.asarray(found, np.float32))


def unit(points: Floats) -> Floats:
    """Each row with length 1."""
    return np.asarray(points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9), np.float32)


def groups(points: Floats, *, near: float = NEAR) -> list[list[int]]:
    """The places of posts that tell of one problem, groups of two and more, the largest first.

    ``points`` have length 1. Raises ValueError for more than MOST_POSTS.
    """
    if len(points) > MOST_POSTS:
        raise ValueError(f"at most {MOST_POSTS} posts are grouped at a time, not {len(points)}")
    if len(points) < 2:
        return []
    found = [group for group in _joined(points @ points.T, near) if len(group) > 1]
    return sorted(found, key=lambda group: (-len(group), group))


def middle(points: Floats, group: Sequence[int]) -> int:
    """The place of the post that is most like the others of its group: it speaks for them."""
    members = points[list(group)]
    return group[int((members @ members.sum(0)).argmax())]


def _joined(likeness: Floats, near: float) -> list[list[int]]:
    """Join the two closest groups again and again; ``means[i, j]`` is the mean likeness between two groups."""
    means = likeness.astype(np.float64)
    np.fill_diagonal(means, -np.inf)
    found: list[list[int]] = [[place] for place in range(len(means))]
    while True:
        one, other = divmod(int(means.argmax()), len(means))
        if means[one, other] < near:
            return [group for group in found if group]
        a, b = len(found[one]), len(found[other])
        means[one] = means[:, one] = (a * means[one] + b * means[other]) / (a + b)
        means[one, one] = -np.inf
        means[other, :] = means[:, other] = -np.inf
        found[one], found[other] = sorted(found[one] + found[other]), []
