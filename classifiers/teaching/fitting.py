"""How are a head's changes found? Regularised logistic regression on top of what the head says already."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classifiers.teaching.taught import Floats, HeadChange, Integers

#: The search ends after so many steps, or when no number moves by more than this.
MOST_STEPS = 120
STILL = 5e-3
#: Heads learn along so many directions. Of what the shipped encoder gives, 128 of 768 hold 97 % of the variance; with
#: them a lesson takes a tenth of the arithmetic, and moves no more of the shipped posts.
DIRECTIONS = 128


@dataclass(frozen=True, slots=True)
class Ground:
    """What heads read, told along the directions in which posts differ most; no label has a part in it.

    ``inputs`` (posts, directions + 1), the last column 1; ``back`` (width, directions) and ``middle`` lead from a
    change along these directions to one of what the model gives.
    """

    inputs: Floats
    back: Floats
    middle: Floats

    def change(self, found: Floats) -> HeadChange:
        """What ``fit`` found, as what is added to the logits."""
        weights = self.back @ found[:-1]
        return HeadChange(np.asarray(weights, np.float32), np.asarray(found[-1] - self.middle @ weights, np.float32))


@dataclass(frozen=True, slots=True)
class Sums:
    """Posts with a label of one head. ``logits`` are divided by the temperature of each post (``heats``) already.

    ``inputs`` are rows of a Ground. ``wanted`` (posts, outputs): one 1 a row where labels exclude each other
    (``exclusive``), else each step's answer; shares where the head itself is to be kept.
    """

    inputs: Floats
    logits: Floats
    wanted: Floats
    weights: Floats
    heats: Floats
    exclusive: bool


def ground(pooled: Floats, *, directions: int = DIRECTIONS) -> Ground:
    """The directions of these posts; the same for the same posts."""
    middle = pooled.mean(0)
    scale = (pooled.std(0) + 1e-6) * np.sqrt(pooled.shape[1])
    scaled = (pooled - middle) / scale
    _, found = np.linalg.eigh(np.asarray(scaled.T @ scaled, np.float64))
    along = np.asarray(found[:, ::-1][:, :directions], np.float32)
    # The bias is one more thing to read, held as the others are: one label cannot lift everything by itself.
    inputs = np.hstack([scaled @ along, np.ones((len(scaled), 1), np.float32)])
    back = along / scale[:, None]
    return Ground(np.asarray(inputs, np.float32), np.asarray(back, np.float32), np.asarray(middle, np.float32))


def wanted_classes(labels: Integers, classes: int) -> Floats:
    """A row for each post with a 1 at its label."""
    return np.asarray(labels[:, None] == np.arange(classes), np.float32)


def wanted_steps(levels: Integers, steps: int) -> Floats:
    """A row for each post: is it at least 1, at least 2, at least 3?"""
    return np.asarray(levels[:, None] > np.arange(steps), np.float32)


def fit(posts: Sums, *, hold: float, start: Floats | None = None) -> Floats:
    """The change under which the labels are likeliest, held near none by ``hold``; the same for the same posts.

    (directions + 1, outputs), for ``Ground.change``. From a ``start`` near by it is found sooner. Nesterov's
    accelerated gradient (1983) with restarts (O'Donoghue and Candès, 2015) on a convex problem.
    """
    inputs = posts.inputs / posts.heats[:, None]
    steepest = 0.5 if posts.exclusive else 0.25
    # Each direction in steps of its own length: the bias weighs on every post, the last directions on few.
    pace = 1 / np.sqrt(steepest / 5 * (posts.weights[:, None] * inputs * inputs).sum(0) + hold)
    pace = np.asarray(pace[:, None], np.float32)
    begin = np.zeros((inputs.shape[1], posts.wanted.shape[1]), np.float32) if start is None else start / pace
    return np.asarray(pace * _descend(inputs * pace.T, posts, hold * pace * pace, steepest, begin), np.float32)


def _descend(inputs: Floats, posts: Sums, hold: Floats, steepest: float, begin: Floats) -> Floats:
    step = 1.0 / (_curvature(inputs, posts.weights) * steepest + float(hold.max()))
    at = ahead = begin
    pace = 1.0
    for _ in range(MOST_STEPS):
        answers = shares(posts.logits + inputs @ ahead, exclusive=posts.exclusive)
        slope = inputs.T @ ((answers - posts.wanted) * posts.weights[:, None]) + hold * ahead
        new = np.asarray(ahead - step * slope, np.float32)
        if np.abs(new - at).max() < STILL:
            return new
        if float((slope * (new - at)).sum()) > 0:
            pace, ahead, at = 1.0, new, new
            continue
        quicker = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead, at, pace = np.asarray(new + (pace - 1) / quicker * (new - at), np.float32), new, float(quicker)
    return at


def _curvature(inputs: Floats, weights: Floats) -> float:
    """The largest curvature of the weighted posts, by power iteration."""
    direction = np.ones(inputs.shape[1], np.float32)
    size = 1.0
    for _ in range(30):
        direction = inputs.T @ (weights * (inputs @ direction))
        size = float(np.linalg.norm(direction)) or 1.0
        direction = direction / size
    return 1.05 * size


def shares(logits: Floats, *, exclusive: bool) -> Floats:
    """What these logits say: a share for each label, or for each step."""
    if not exclusive:
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(shifted / shifted.sum(1, keepdims=True), np.float32)
