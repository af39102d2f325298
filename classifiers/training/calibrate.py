"""Which temperatures and thresholds belong on the card? Measured with the very file that ships.

Prints TOML for ``card.toml``. Nothing measured here was trained on: validation parts of the public sets and our own
posts for development. Calibration errors are cross-fitted: temperatures from one half, the error on the other.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifiers.bundled.card import OTHERS
from classifiers.bundled.heads import CODES
from classifiers.bundled.runtime import Answer, Runtime
from classifiers.metrics import calibration_error
from classifiers.training.corpus import read
from classifiers.training.examples import UNLABELLED, Example

#: Tried in turn; the likelihood has one peak between them.
TEMPERATURES = np.round(np.arange(0.4, 4.01, 0.05), 2)
#: A language gets temperatures of its own from so many labelled posts on.
OWN_FROM_POSTS = 250
#: "Please read" is said of at most this share of our own posts.
UNSURE_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Labelled:
    """Logits of one head where it has a label: (n, labels) and (n,), or for yes-or-no heads (n, k) and (n, k)."""

    logits: np.ndarray
    truth: np.ndarray
    languages: np.ndarray


Likelihood = Callable[[np.ndarray, np.ndarray, float], float]


def of_classes(logits: np.ndarray, truth: np.ndarray, heat: float) -> float:
    """Mean log-likelihood of the true class."""
    scaled = logits / heat
    log_sum = np.log(np.exp(scaled - scaled.max(1, keepdims=True)).sum(1)) + scaled.max(1)
    return float((scaled[np.arange(len(truth)), truth] - log_sum).mean())


def of_answers(logits: np.ndarray, truth: np.ndarray, heat: float) -> float:
    """Mean log-likelihood of yes-or-no answers."""
    signed = np.where(truth > 0, logits, -logits) / heat
    return float(-np.logaddexp(0, -signed).mean())


def fit(labelled: Labelled, likelihood: Likelihood) -> dict[str, float]:
    """The temperature under which the labels are most likely (Guo et al., 2017), per language with enough posts."""

    def best(rows: np.ndarray) -> float:
        return float(max(TEMPERATURES, key=lambda t: likelihood(labelled.logits[rows], labelled.truth[rows], t)))

    heats = {OTHERS: best(np.ones(len(labelled.truth), bool))}
    for language in sorted(set(labelled.languages)):
        rows = labelled.languages == language
        if rows.sum() >= OWN_FROM_POSTS:
            heats[str(language)] = best(rows)
    return heats


def heads_of(answers: Sequence[Answer], examples: Sequence[Example]) -> dict[str, tuple[Labelled, Likelihood]]:
    """The labelled part of each head."""

    def where(rows: np.ndarray, head: str, truth: np.ndarray) -> Labelled:
        logits = np.stack([getattr(a, head) for a, row in zip(answers, rows, strict=True) if row])
        return Labelled(logits, truth, np.array([e.language for e in examples])[rows])

    sentiment = np.array([e.sentiment for e in examples])
    kinds = np.array([e.kinds[0] if len(e.kinds) == 1 else UNLABELLED for e in examples])
    # Complaints known to be one would otherwise make the head look surer than it is.
    kinds[np.array([e.urgency for e in examples]) == UNLABELLED] = UNLABELLED
    urgency = np.array([e.urgency for e in examples])
    graded = urgency != UNLABELLED
    steps = (urgency[graded, None] > np.arange(3)).astype(int)
    codes = np.array([[c in (e.reasons or ()) for c in range(len(CODES))] for e in examples])[graded].astype(int)
    return {
        "sentiment": (where(sentiment != UNLABELLED, "sentiment", sentiment[sentiment != UNLABELLED]), of_classes),
        "kind": (where(kinds != UNLABELLED, "kind", kinds[kinds != UNLABELLED]), of_classes),
        "urgency": (where(graded, "urgency", steps), of_answers),
        "reasons": (where(graded, "reasons", codes), of_answers),
    }


def _shares(labelled: Labelled, heats: dict[str, float]) -> np.ndarray:
    heat = np.array([heats.get(str(language), heats[OTHERS]) for language in labelled.languages])[:, None]
    scaled = labelled.logits / heat
    if labelled.truth.ndim == 2:
        return np.asarray(1 / (1 + np.exp(-scaled)))
    exps = np.exp(scaled - scaled.max(1, keepdims=True))
    return np.asarray(exps / exps.sum(1, keepdims=True))


def error_of(labelled: Labelled, likelihood: Likelihood) -> float:
    """Expected calibration error, each half of the texts with temperatures from the other."""
    halves = np.arange(len(labelled.truth)) % 2 == 0
    sure: list[float] = []
    right: list[bool] = []
    for fitted, measured in ((halves, ~halves), (~halves, halves)):
        part = Labelled(labelled.logits[fitted], labelled.truth[fitted], labelled.languages[fitted])
        rest = Labelled(labelled.logits[measured], labelled.truth[measured], labelled.languages[measured])
        shares = _shares(rest, fit(part, likelihood))
        if rest.truth.ndim == 2:
            sure += list(np.maximum(shares, 1 - shares).ravel())
            right += list(((shares >= 0.5) == (rest.truth > 0)).ravel())
        else:
            sure += list(shares.max(1))
            right += list(shares.argmax(1) == rest.truth)
    return calibration_error(sure, right)


def reason_threshold(labelled: Labelled, heats: dict[str, float]) -> float:
    """The probability from which on giving a reason is right most often (best F1 over all codes)."""
    shares, truth = _shares(labelled, heats), labelled.truth > 0

    def f1(threshold: float) -> float:
        shown = shares >= threshold
        return float(2 * (shown & truth).sum() / max(1, shown.sum() + truth.sum()))

    return float(max(np.round(np.arange(0.1, 0.71, 0.02), 2), key=f1))


def unsure_below(heads: dict[str, Labelled], heats: dict[str, dict[str, float]]) -> dict[str, float]:
    """One threshold a head, so that together they mark UNSURE_SHARE of our own posts."""
    ours = {name: _surest(name, labelled, heats[name]) for name, labelled in heads.items()}
    for share in np.arange(0.14, 0.01, -0.005):
        limits = {name: float(np.quantile(sure, share)) for name, sure in ours.items()}
        marked = np.any([ours[name] < limit for name, limit in limits.items()], axis=0)
        if marked.mean() <= UNSURE_SHARE:
            return {name: round(limit, 3) for name, limit in limits.items()}
    return dict.fromkeys(heads, 0.0)


def _surest(head: str, labelled: Labelled, heats: dict[str, float]) -> np.ndarray:
    shares = _shares(labelled, heats)
    if head != "urgency":
        return np.asarray(shares.max(1))
    steps = np.minimum.accumulate(shares, axis=1)
    levels = np.stack([1 - steps[:, 0], steps[:, 0] - steps[:, 1], steps[:, 1] - steps[:, 2], steps[:, 2]], axis=1)
    return np.asarray(levels.max(1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with model.onnx and tokenizer.json")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--limit-tokens", type=int, default=128)
    given = parser.parse_args()
    examples = read(given.data).validation
    answers = Runtime(given.folder, threads=1, limit_tokens=given.limit_tokens).answers([e.text for e in examples])
    heads = heads_of(answers, examples)
    heats = {name: fit(*head) for name, head in heads.items()}
    ours = [i for i, e in enumerate(examples) if e.urgency != UNLABELLED]
    own = heads_of([answers[i] for i in ours], [examples[i] for i in ours])
    limits = unsure_below({name: own[name][0] for name in ("sentiment", "kind", "urgency")}, heats)
    print("[calibration]")
    print(f"reason_threshold = {reason_threshold(heads['reasons'][0], heats['reasons'])}")
    print("evidence_threshold = 0.3")
    for name, table in {"unsure_below": limits, **{f"temperatures.{name}": found for name, found in heats.items()}}.items():
        print(f"\n[calibration.{name}]")
        print("\n".join(f"{key} = {value}" for key, value in table.items()))
    print()
    for name, (labelled, likelihood) in heads.items():
        print(f"# expected calibration error of {name}: {error_of(labelled, likelihood):.4f}, n = {len(labelled.truth)}")


if __name__ == "__main__":
    main()
