"""Which temperatures and thresholds belong to a model? Measured with the very file that ships.

Nothing measured here was trained on: validation parts of the public sets and our own posts for development.
Calibration errors are cross-fitted: temperatures from one half, the error on the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from classifiers.bundled.card import OTHERS, Calibration
from classifiers.bundled.heads import CODES
from classifiers.bundled.normalise import normalise_with_origins
from classifiers.bundled.reading import evidence_for
from classifiers.bundled.runtime import Answer, Floats
from classifiers.metrics import f1
from classifiers.training.examples import UNLABELLED, Example
from classifiers.training.own_posts import DEVELOPED

#: Tried in turn; the likelihood has one peak between them.
TEMPERATURES = np.round(np.arange(0.4, 4.01, 0.05), 2)
#: A language gets temperatures of its own from so many labelled posts on.
OWN_FROM_POSTS = 250
#: "Please read" is said of at most this share of our own posts.
UNSURE_SHARE = 0.185
#: The heads whose doubt asks a person to read.
DOUBTING = ("sentiment", "kind", "urgency")

Likelihood = Callable[[Floats, Floats, float], float]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Logits of one head where it has a label: (n, labels) and (n,), or for yes-or-no heads (n, k) and (n, k)."""

    logits: Floats
    truth: Floats
    languages: Sequence[str]
    likelihood: Likelihood

    def of(self, rows: Sequence[int]) -> Labelled:
        """The part at these places."""
        return Labelled(self.logits[rows], self.truth[rows], [self.languages[row] for row in rows], self.likelihood)

    @property
    def yes_or_no(self) -> bool:
        """Whether a post may have several of the labels, or none."""
        return self.truth.ndim == 2


def of_classes(logits: Floats, truth: Floats, heat: float) -> float:
    """Mean log-likelihood of the true class."""
    scaled = logits / heat
    log_sum = np.log(np.exp(scaled - scaled.max(1, keepdims=True)).sum(1)) + scaled.max(1)
    return float((scaled[np.arange(len(truth)), truth.astype(int)] - log_sum).mean())


def of_answers(logits: Floats, truth: Floats, heat: float) -> float:
    """Mean log-likelihood of yes-or-no answers."""
    signed = np.where(truth > 0, logits, -logits) / heat
    return float(-np.logaddexp(0, -signed).mean())


def fit(labelled: Labelled) -> dict[str, float]:
    """The temperature under which the labels are most likely (Guo et al., 2017), per language with enough posts."""

    def best(part: Labelled) -> float:
        return float(max(TEMPERATURES, key=lambda heat: part.likelihood(part.logits, part.truth, float(heat))))

    heats = {OTHERS: best(labelled)}
    for language in sorted(set(labelled.languages)):
        rows = [row for row, spoken in enumerate(labelled.languages) if spoken == language]
        if len(rows) >= OWN_FROM_POSTS:
            heats[language] = best(labelled.of(rows))
    return heats


def heads_of(answers: Sequence[Answer], examples: Sequence[Example]) -> dict[str, Labelled]:
    """The labelled part of each head. Kinds count only where a person chose among all six."""
    graded = [row for row, e in enumerate(examples) if e.urgency != UNLABELLED]
    toned = [row for row, e in enumerate(examples) if e.sentiment != UNLABELLED]

    def where(rows: Sequence[int], head: str, truth: object, likelihood: Likelihood) -> Labelled:
        logits = np.stack([getattr(answers[row], head) for row in rows])
        return Labelled(logits, np.asarray(truth, np.float32), [examples[row].language for row in rows], likelihood)

    levels = np.array([examples[row].urgency for row in graded])
    codes = [[code in (examples[row].reasons or ()) for code in range(len(CODES))] for row in graded]
    return {
        "sentiment": where(toned, "sentiment", [examples[row].sentiment for row in toned], of_classes),
        "kind": where(graded, "kind", [examples[row].kinds[0] for row in graded], of_classes),
        "urgency": where(graded, "urgency", levels[:, None] > np.arange(3), of_answers),
        "reasons": where(graded, "reasons", codes, of_answers),
    }


def shares_of(labelled: Labelled, heats: Mapping[str, float]) -> Floats:
    """Probabilities with the temperature of each text's language."""
    heat = np.array([heats.get(language, heats[OTHERS]) for language in labelled.languages])[:, None]
    scaled = labelled.logits / heat
    if labelled.yes_or_no:
        return np.asarray(1 / (1 + np.exp(-scaled)))
    exps = np.exp(scaled - scaled.max(1, keepdims=True))
    return np.asarray(exps / exps.sum(1, keepdims=True))


def levels_of(steps: Floats) -> Floats:
    """The shares of the four levels, from those of "at least 1, 2, 3"."""
    falling = np.minimum.accumulate(steps, axis=1)
    whole = np.concatenate([np.ones((len(steps), 1)), falling, np.zeros((len(steps), 1))], axis=1)
    return np.asarray(whole[:, :-1] - whole[:, 1:])


def crossed(labelled: Labelled, *, levels: bool = False) -> tuple[list[float], list[bool]]:
    """How sure, and whether right, for each answer: each half of the texts with temperatures from the other."""
    sure: list[float] = []
    right: list[bool] = []
    even, odd = list(range(0, len(labelled.truth), 2)), list(range(1, len(labelled.truth), 2))
    for fitted, measured in ((even, odd), (odd, even)):
        rest = labelled.of(measured)
        shares, truth = shares_of(rest, fit(labelled.of(fitted))), rest.truth
        if levels:
            shares, truth = levels_of(shares), truth.sum(1)
        if truth.ndim == 2:
            sure += list(np.maximum(shares, 1 - shares).ravel())
            right += list(((shares >= 0.5) == (truth > 0)).ravel())
        else:
            sure += list(shares.max(1))
            right += list(shares.argmax(1) == truth)
    return [float(share) for share in sure], [bool(is_so) for is_so in right]


def calibrate(answers: Sequence[Answer], examples: Sequence[Example]) -> Calibration:
    """Everything that stands in ``calibration.toml``."""
    heads = heads_of(answers, examples)
    heats = {name: fit(labelled) for name, labelled in heads.items()}
    ours = [row for row, example in enumerate(examples) if example.source == DEVELOPED]
    answers, examples = [answers[row] for row in ours], [examples[row] for row in ours]
    own = heads_of(answers, examples)
    return Calibration(
        temperatures=heats,
        reason_threshold=_reason_threshold(own["reasons"], heats["reasons"]),
        evidence_threshold=_evidence_threshold(answers, examples),
        unsure_below=_unsure_below({name: own[name] for name in DOUBTING}, heats),
    )


def _reason_threshold(labelled: Labelled, heats: Mapping[str, float]) -> float:
    """The probability from which on giving a reason is right most often (best F1 over all codes)."""
    shares, truth = shares_of(labelled, heats), labelled.truth > 0

    def found(threshold: float) -> float:
        shown = shares >= threshold
        return float(2 * (shown & truth).sum() / max(1, shown.sum() + truth.sum()))

    return round(float(max(np.arange(0.1, 0.71, 0.02), key=found)), 2)


def _evidence_threshold(answers: Sequence[Answer], examples: Sequence[Example]) -> float:
    """The probability from which on a word is shown, so that what is shown is most like what people quoted."""

    def found(threshold: float) -> float:
        wanted: list[bool] = []
        shown: list[bool] = []
        for answer, example in zip(answers, examples, strict=True):
            text = normalise_with_origins(example.text)
            for code in {span.code for span in example.evidence}:
                start, end = evidence_for(answer, code, text, threshold) or (0, 0)
                quoted = [(span.start, span.end) for span in example.evidence if span.code == code]
                wanted += [any(a <= place < b for a, b in quoted) for place in range(len(text.text))]
                shown += [start <= place < end for place in range(len(text.text))]
        return f1(wanted, shown)

    return round(float(max(np.arange(0.05, 0.61, 0.05), key=found)), 2)


def _unsure_below(heads: Mapping[str, Labelled], heats: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The chance that all labels are right below which UNSURE_SHARE of the posts lie, per language with enough posts.

    One threshold on the product marks more errors of posts it was not fitted on than one threshold a head
    (docs/reference/model-card.md).
    """
    sure = np.prod([_given(name, shares_of(labelled, heats[name])) for name, labelled in heads.items()], axis=0)
    spoken = next(iter(heads.values())).languages
    many = {language for language, posts in Counter(spoken).items() if posts >= OWN_FROM_POSTS}
    groups = [language if language in many else OTHERS for language in spoken]
    parts = {name: [row for row, group in enumerate(groups) if group == name] for name in sorted(set(groups))}
    below = {OTHERS: sure} | {name: sure[rows] for name, rows in parts.items()}
    return {name: round(float(np.quantile(part, UNSURE_SHARE)), 3) for name, part in below.items()}


def _given(head: str, shares: Floats) -> Floats:
    """The share of the label that is given: the likeliest, and of urgency the level next to the expectation."""
    if head != "urgency":
        return np.asarray(shares.max(1))
    levels = levels_of(shares)
    chosen = (levels @ np.arange(levels.shape[1]) + 0.5).astype(int)
    return np.asarray(levels[np.arange(len(levels)), chosen])
