"""Are the cases shown as similar those with the same problem?

    python -m benchmarks.similar [--others 2000]

Twenty problems, fifteen posts each (``benchmarks.problems``), among seventy strangers a brand and, beside each, as
many ``--others``, our own posts to learn from. For each of the 300: is the first neighbour of the same problem
(precision@1), what share of the five that could be are (recall@5), and is there at least one. Then as the desk shows
them, with its bound: how many of those shown are of the same problem, and how many strangers are shown anything.
Results: docs/reference/similar-cases.md. What it costs: ``benchmarks.similar_cost``.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.problems import Post, counted, posts, strangers
from classifiers.evaluate import read_posts
from classifiers.language import identify
from classifiers.topics.encoder import Encoder, Floats
from classifiers.topics.grouping import placed, unit
from classifiers.topics.near import LIKE
from domain.judgement import Kind

LEARNED = Path(__file__).resolve().parents[1] / "classifiers/training/posts"
FIVE = 5
BOUNDS = (0.0, 0.32, 0.36, LIKE, 0.44)
WAYS = ("all", "it", "en", "across")
Score = Callable[[int, "np.ndarray[tuple[int], np.dtype[np.intp]]"], Floats]


def others(n: int) -> list[Post]:
    """So many of our posts to learn from, for every brand to look through: in no problem that is known."""
    some = [p for p in read_posts(LEARNED) if p.language in ("it", "en") and p.kind not in (Kind.PRAISE, Kind.SPAM)]
    random.Random(4).shuffle(some)
    return [Post("", f"other {place}", post.language, post.text) for place, post in enumerate(some[:n])]


def candidates(known: list[Post], at: int, way: str) -> list[int]:
    """Those among which the neighbours of one post are sought."""
    one = known[at]
    spoken = {"it": {"it"}, "en": {"en"}, "across": {"it", "en"} - {one.language}}.get(way)
    here = (i for i, p in enumerate(known) if i != at and p.brand in (one.brand, ""))
    return [i for i in here if spoken is None or known[i].language in spoken]


def figures(known: list[Post], score: Score, way: str, like: float = -9.0) -> str:
    """What is found for the posts of a problem, and how many of the others are shown anything."""
    share: list[float] = []
    first: list[bool] = []
    some: list[bool] = []
    shown: list[bool] = []
    lonely: list[bool] = []
    for at, post in enumerate(known):
        if not post.brand or (way in ("it", "en") and post.language != way):
            continue
        there = np.array(candidates(known, at, way))
        likeness = score(at, there)
        best = np.argsort(-likeness, kind="stable")[:FIVE]
        best = best[likeness[best] >= like]
        if post.problem.startswith(("alone", "stranger")):
            lonely.append(len(best) > 0)
            continue
        right = [known[there[i]].problem == post.problem for i in best]
        could = min(FIVE, sum(known[i].problem == post.problem for i in there))
        first += right[:1]
        shown += right
        share.append(sum(right) / could)
        some.append(any(right))
    parts: tuple[tuple[str, list[float] | list[bool]], ...] = (
        *(("precision@1", first), ("recall@5", share)),
        *(("at least one", some), ("of those shown", shown)),
    )
    told = "  ".join(f"{name} {np.mean(values):.2f}" for name, values in parts)
    return f"{way:7} n {len(some):3}  {told}  strangers shown any {np.mean(lonely):.2f}"


def found(n_others: int) -> None:
    known = posts()
    brands = sorted({post.brand for post in known})
    known += strangers(brands, 70) + others(n_others)
    texts = [post.text for post in known]
    start = time.process_time()
    points = placed(Encoder().vectors(texts), [identify(text) for text in texts])
    print(f"{len(known)} posts, {1000 * (time.process_time() - start) / len(known):.1f} ms of processor a post")
    scores: dict[str, Score] = {"encoder": lambda at, there: np.asarray(points[there] @ points[at])}
    if not n_others:
        words = unit(counted(texts))
        scores["words"] = lambda at, there: np.asarray(words[there] @ words[at])
        for part in (0.9, 0.7):
            scores[f"{part} encoder, rest words"] = mixed(scores["encoder"], scores["words"], part)
    for name, score in scores.items():
        print(name, *(f"  {figures(known, score, way)}" for way in WAYS), sep="\n")
    print("with a bound")
    for like in BOUNDS:
        print(f"  {like:.2f}  {figures(known, scores['encoder'], 'all', like)}")


def mixed(one: Score, other: Score, part: float) -> Score:
    """Both, each as so many deviations from its mean over this question."""

    def deviations(values: Floats) -> Floats:
        return np.asarray((values - values.mean()) / max(float(values.std()), 1e-9), np.float32)

    return lambda at, there: part * deviations(one(at, there)) + (1 - part) * deviations(other(at, there))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--others", type=int, default=0, help="so many other posts besides")
    found(parser.parse_args().others)
