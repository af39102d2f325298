"""How much should a correction count? Compared on corrected posts that the choice may see, one head at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from classifiers.teaching.fitting import Ground, Sums, fit, shares
from classifiers.teaching.folds import FOLDS
from classifiers.teaching.lessons import Head
from classifiers.teaching.taught import Floats, HeadChange, Integers, Studied

Truths = npt.NDArray[np.bool_]

#: What a head may lose on the shipped posts for measuring, as a share of them.
LARGEST_LOSS = 0.01
#: What the urgency head may lose of the gravest of them: a house rule must not make dangers look like a day's work.
LARGEST_LOSS_OF_GRAVEST = 0.02


@dataclass(frozen=True, slots=True)
class Strength:
    """How strongly corrections pull: one counts as ``weight`` shipped posts.

    These hold the head to what it says of them as it came, or, with ``anew``, to what people said of them: heads differ
    in which of the two costs less.
    """

    weight: float
    anew: bool


WEIGHTS = (3, 10, 30, 100)
#: How strongly a head is held where it is, besides; tried on corrections by several rules of a house.
HOLD = 0.1
#: The gentlest first: a later one has to agree with more corrections than every earlier one.
STRENGTHS = tuple(Strength(weight, anew) for anew in (False, True) for weight in WEIGHTS)


@dataclass(frozen=True, slots=True)
class Choice:
    """``strength`` is None where none is better than the head as it came.

    ``barred`` would agree with the corrections more often, but costs too much on the shipped posts.
    """

    strength: Strength | None
    barred: Strength | None


@dataclass(frozen=True, slots=True)
class Bench:
    """One head, and the rows of ``studied`` that it learns from and is measured on.

    ``corrected`` and ``checks`` fall into FOLDS parts each (``parts``, ``check_parts``); ``held`` are the shipped posts
    that hold the head where nobody has corrected anything. ``labels`` has one number a row.
    """

    head: Head
    studied: Studied
    ground: Ground
    labels: Integers
    corrected: Integers
    parts: Integers
    held: Integers
    checks: Integers
    check_parts: Integers
    _found: dict[tuple[tuple[int, ...], Strength], Floats] = field(default_factory=dict)

    def change(self, seen: Sequence[int], strength: Strength) -> HeadChange:
        """What these parts of the corrected posts teach; learned once, from what a gentler strength has found."""
        parts, start = tuple(sorted(seen)), None
        gentler = [each for each in STRENGTHS if each.anew == strength.anew and each.weight <= strength.weight]
        for each in gentler:
            if (parts, each) not in self._found:
                self._found[parts, each] = self._fit(self.corrected[np.isin(self.parts, parts)], each, start)
            start = self._found[parts, each]
        return self.ground.change(self._found[parts, strength])

    def right(self, rows: Integers, change: HeadChange | None) -> Truths:
        """Which posts get the label that people gave them."""
        return np.asarray(self.head.guessed(self._cooled(rows, change)) == self.labels[rows], bool)

    def spares(self, rows: Integers, after: Truths) -> bool:
        """Whether a change that is right about the shipped posts ``rows`` as ``after`` says costs few enough."""
        everything = np.ones(len(rows), bool)
        return self._loses_little(rows, after, everything, LARGEST_LOSS) and self.spares_gravest(rows, after)

    def spares_gravest(self, rows: Integers, after: Truths) -> bool:
        """The same of those on the highest level by themselves: they are too few to show in the whole."""
        gravest = (self.labels[rows] == self.head.labels - 1) & (not self.head.exclusive)
        return self._loses_little(rows, after, gravest, LARGEST_LOSS_OF_GRAVEST)

    def _loses_little(self, rows: Integers, after: Truths, some: Truths, allowed: float) -> bool:
        return bool(after[some].sum() >= self.right(rows, None)[some].sum() - allowed * some.sum())

    def _fit(self, corrected: Integers, strength: Strength, start: Floats | None) -> Floats:
        rows = np.concatenate([corrected, self.held])
        weights = np.ones(len(rows), np.float32)
        weights[: len(corrected)] = strength.weight
        heats = self.studied.heats[self.head.name][rows]
        wanted = self.head.wanted(self.labels[rows])
        inputs, logits = self.ground.inputs[rows], self._cooled(rows, None)
        if not strength.anew:
            wanted[len(corrected) :] = shares(logits[len(corrected) :], exclusive=self.head.exclusive)
        posts = Sums(inputs, logits, wanted, weights, heats, self.head.exclusive)
        return fit(posts, hold=HOLD, start=start)

    def _cooled(self, rows: Integers, change: HeadChange | None) -> Floats:
        """The logits of these posts, with the change when there is one, as the model would read them."""
        logits = self.studied.logits[self.head.name][rows]
        changed = logits if change is None else logits + change.of(self.studied.pooled[rows])
        return np.asarray(changed / self.studied.heats[self.head.name][rows][:, None], np.float32)


def choose(bench: Bench, seen: Sequence[int]) -> Choice:
    """The strength whose heads agree most often with corrected posts they have not seen, within the parts ``seen``.

    Nothing outside of these parts is looked at, neither corrected posts nor shipped ones.
    """
    checks = bench.checks[np.isin(bench.check_parts, seen)]
    most = most_of_all = _agreeing(bench, seen, None)
    chosen = barred = None
    for strength in STRENGTHS:
        agreeing = _agreeing(bench, seen, strength)
        if bench.spares(checks, bench.right(checks, bench.change(seen, strength))):
            if agreeing > most:
                most, chosen = agreeing, strength
        elif agreeing > most_of_all:
            most_of_all, barred = agreeing, strength
    return Choice(chosen, barred if most_of_all > most else None)


def _agreeing(bench: Bench, seen: Sequence[int], strength: Strength | None) -> int:
    """How many corrected posts of ``seen`` get their label from heads that saw the other parts of it alone."""
    return int(unseen(bench, seen, strength)[np.isin(bench.parts, seen)].sum())


def unseen(bench: Bench, seen: Sequence[int], strength: Strength | None) -> Truths:
    """Which corrected posts of ``seen`` get their label so; of other parts, none."""
    found = np.zeros(len(bench.corrected), bool)
    for part in seen:
        rows = bench.corrected[bench.parts == part]
        others = [other for other in seen if other != part]
        if len(rows):
            change = None if strength is None else bench.change(others, strength)
            found[bench.parts == part] = bench.right(rows, change)
    return found


#: Every part, as the whole lesson sees them.
ALL_PARTS = tuple(range(FOLDS))
