"""How well are posts on one problem found?

    python -m benchmarks.problems encoder|words|judging [--strangers 70] [--as-shipped]

Twenty problems of five invented brands, fifteen posts each in Italian and English, and posts on nothing of the kind
(`classifiers/evaluation/problems.jsonl`). Each brand is grouped by itself, as the desk does it, with the bound that is
best on the other four. Word counts and the vectors of the model that judges are the baselines. Pairwise F1 counts two
posts as found when they are in one group and should be; B-cubed (Bagga and Baldwin, 1998) looks at each post's group;
NMI is mutual information over the mean entropy. With `--as-shipped` the bound is that of the desk.
Results: docs/decisions/0016-the-original-encoder-groups-posts.md.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np

from classifiers.evaluate import read_posts
from classifiers.language import identify
from classifiers.registry import load
from classifiers.topics.encoder import Encoder, Floats
from classifiers.topics.grouping import NEAR, groups, placed, unit
from classifiers.written import bare
from domain.judgement import Kind

POSTS = Path(__file__).resolve().parents[1] / "classifiers/evaluation/problems.jsonl"
BOUNDS = [round(0.02 * step, 2) for step in range(1, 31)]
Pairs = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Post:
    """One post; ``problem`` is a name of its own for a post that shares it with nobody."""

    brand: str
    problem: str
    language: str
    text: str


def posts() -> list[Post]:
    rows = [json.loads(line) for line in POSTS.read_text("utf-8").splitlines()]
    return [
        Post(row["brand"], row["problem"] or f"alone {place}", row["language"], row["text"])
        for place, row in enumerate(rows)
    ]


def strangers(brands: Sequence[str], n: int) -> list[Post]:
    """``n`` of our posts for development a brand, of many trades: they share no problem with anybody."""
    some = [p for p in read_posts() if p.language in ("it", "en") and p.kind not in (Kind.PRAISE, Kind.SPAM)]
    random.Random(3).shuffle(some)
    return [
        Post(brand, f"stranger {place} {post.id}", post.language, post.text)
        for place, brand in enumerate(brands)
        for post in some[place * n : (place + 1) * n]
    ]


def counted(texts: Sequence[str]) -> Floats:
    """TF-IDF of runs of three to five letters, as sparse as it would be but written out in full."""
    runs = [
        Counter(f" {bare(t).lower()} "[i : i + n] for n in (3, 4, 5) for i in range(max(0, len(bare(t)) + 3 - n)))
        for t in texts
    ]
    df = Counter(run for found in runs for run in found)
    place = {run: at for at, run in enumerate(sorted(df))}
    table = np.zeros((len(texts), len(place)), np.float32)
    for row, found in enumerate(runs):
        for run, n in found.items():
            table[row, place[run]] = (1 + log(n)) * (1 + log((1 + len(texts)) / (1 + df[run])))
    return table


def judged(texts: Sequence[str]) -> Floats:
    """What the heads of the model that ships read."""
    study = getattr(load("bundled"), "study")  # noqa: B009 (only the bundled one has it, and the type does not say so)
    return np.asarray(study(texts).pooled, np.float32)


def labels(n: int, found: list[list[int]]) -> list[int]:
    label = list(range(n))
    for group in found:
        for place in group:
            label[place] = n + group[0]
    return label


def pairs(some: Sequence[Post], label: Sequence[int], which: Callable[[str, str], bool]) -> Pairs:
    """Pairs rightly found, wrongly found, and missed, among those whose languages are ``which``."""
    right = wrong = missed = 0
    for i in range(len(some)):
        for j in range(i):
            if which(some[i].language, some[j].language):
                same, together = some[i].problem == some[j].problem, label[i] == label[j]
                right, wrong, missed = right + (same & together), wrong + (together > same), missed + (same > together)
    return right, wrong, missed


def f1(found: Pairs) -> float:
    return 2 * found[0] / max(1, 2 * found[0] + found[1] + found[2])


def bcubed(truth: Sequence[str], label: Sequence[int]) -> float:
    both, ones, others = Counter(zip(truth, label, strict=True)), Counter(truth), Counter(label)
    precision = sum(n * n / others[b] for (_, b), n in both.items()) / len(truth)
    recall = sum(n * n / ones[a] for (a, _), n in both.items()) / len(truth)
    return 2 * precision * recall / (precision + recall)


def nmi(truth: Sequence[str], label: Sequence[int]) -> float:
    def entropy(counts: Counter[object]) -> float:
        return -sum(n / len(truth) * log(n / len(truth)) for n in counts.values())

    one, other = entropy(Counter(truth)), entropy(Counter(label))
    return 2 * (one + other - entropy(Counter(zip(truth, label, strict=True)))) / (one + other)


LANGUAGES: dict[str, Callable[[str, str], bool]] = {
    "all": lambda a, b: True,
    "it": lambda a, b: a == b == "it",
    "en": lambda a, b: a == b == "en",
    "across": lambda a, b: a != b,
}


def without_middle(vectors: Floats, languages: Sequence[str]) -> Floats:
    """For the baselines, which have no middle of their own: that of these posts."""
    found, spoken = np.array(vectors), np.array(languages)
    for language in set(languages):
        found[spoken == language] -= found[spoken == language].mean(0)
    return unit(found)


def measure(known: Sequence[Post], points: Floats) -> dict[str, object]:
    """Figures over all brands, each with the bound that is best on the others; ``at``: with which bounds."""
    brands = sorted({post.brand for post in known})
    places = {brand: [i for i, post in enumerate(known) if post.brand == brand] for brand in brands}
    found: dict[tuple[str, float], list[int]] = {}
    for brand, here in places.items():
        for bound in BOUNDS:
            found[brand, bound] = labels(len(here), groups(points[here], near=bound))
    score = {key: pairs([known[i] for i in places[key[0]]], label, LANGUAGES["all"]) for key, label in found.items()}
    total: dict[str, list[Pairs]] = {name: [] for name in LANGUAGES}
    cubes, shared, used = [], [], []
    for brand, here in places.items():
        rest = [other for other in brands if other != brand]
        bound = max(BOUNDS, key=lambda b: f1(_sum([score[other, b] for other in rest])))
        some, label = [known[i] for i in here], found[brand, bound]
        for name, which in LANGUAGES.items():
            total[name].append(pairs(some, label, which))
        cubes.append(bcubed([post.problem for post in some], label))
        shared.append(nmi([post.problem for post in some], label))
        used.append(bound)
    whole = _sum(total["all"])
    return {
        "pairwise_f1": {name: round(f1(_sum(each)), 3) for name, each in total.items()},
        "precision": round(whole[0] / max(1, whole[0] + whole[1]), 3),
        "recall": round(whole[0] / max(1, whole[0] + whole[2]), 3),
        "bcubed_f1": round(sum(cubes) / len(cubes), 3),
        "nmi": round(sum(shared) / len(shared), 3),
        "bounds": used,
        "by_bound": {b: _row([score[brand, b] for brand in brands]) for b in BOUNDS[::2]},
    }


def as_shipped(known: Sequence[Post], points: Floats) -> dict[str, object]:
    """The same with the bound of the desk, and which posts of nobody's problem it gives companions."""
    total: dict[str, list[Pairs]] = {name: [] for name in LANGUAGES}
    cubes, lonely, joined = [], 0, 0
    for brand in sorted({post.brand for post in known}):
        here = [place for place, post in enumerate(known) if post.brand == brand]
        some, label = [known[place] for place in here], labels(len(here), groups(points[here]))
        for name, which in LANGUAGES.items():
            total[name].append(pairs(some, label, which))
        cubes.append(bcubed([post.problem for post in some], label))
        for post, given in zip(some, label, strict=True):
            if post.problem.startswith(("stranger", "alone")):
                lonely, joined = lonely + 1, joined + (given >= len(here))
    return {
        "bound": NEAR,
        "by_language": {name: _row(each) for name, each in total.items()},
        "bcubed_f1": round(sum(cubes) / len(cubes), 3),
        "strangers_grouped": f"{joined} of {lonely}",
    }


def _row(found: Sequence[Pairs]) -> str:
    right, wrong, missed = _sum(found)
    return f"F1 {f1((right, wrong, missed)):.2f} P {right / max(1, right + wrong):.2f} R {right / (right + missed):.2f}"


def _sum(found: Sequence[Pairs]) -> Pairs:
    return sum(a for a, _, _ in found), sum(b for _, b, _ in found), sum(c for _, _, c in found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vectors", choices=("encoder", "words", "judging"))
    parser.add_argument("--strangers", type=int, default=0, help="so many other posts a brand")
    parser.add_argument("--as-shipped", action="store_true", help="with the bound of the desk alone")
    given = parser.parse_args()
    known = posts()
    known += strangers(sorted({post.brand for post in known}), given.strangers)
    build = {"encoder": lambda texts: Encoder().vectors(texts), "words": counted, "judging": judged}
    chosen = given.vectors
    start = time.process_time()
    vectors = build[chosen]([post.text for post in known])
    used_ms = 1000 * (time.process_time() - start) / len(known)
    languages = [identify(post.text) for post in known]
    points = (placed if chosen == "encoder" else without_middle)(vectors, languages)
    figures = (as_shipped if given.as_shipped else measure)(known, points)
    print(json.dumps({"vectors": chosen, "ms_a_post": round(used_ms, 1)} | figures, indent=1))
