"""The whole recipe by one command: base model, a run in each of four orders, their mean, three last runs, their mean.

    python -m classifiers.training.recipe BASE WORK [--data DATA] [--commercial-only] [--ship]

Takes some seven hours on one core with the public sets; what is broken off goes on where it was when called again. Ends
with ``WORK/model.pt``, which ``--ship`` makes into the model of this program (see ``classifiers/training/ship.py``).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from classifiers.training import backbone, checkpoints
from classifiers.training.average import average
from classifiers.training.real_posts import REAL
from classifiers.training.ship import PUBLIC_POSTS, ship
from classifiers.training.train import STOPPED, Recipe, Training

#: Each run meets the posts in another order; their mean knows less by heart than any of them.
ORDERS = (7, 23, 41, 59)
LONG = Recipe(posts=130_000, own_share=0.30)
#: From the mean on: slowly, more of our own posts, and more of what a desk gets than of what the web talks about.
LAST = Recipe(
    posts=30_000,
    rate=3e-5,
    head_rate=4e-4,
    own_share=0.40,
    shares={
        "tweeteval_sentiment": 45.0,
        "goemotions": 4.0,
        "xlmt_umsab_italian": 8.0,
        "xlmt_umsab_spanish": 8.0,
        "xlmt_umsab_french": 8.0,
        "xlmt_umsab_german": 8.0,
        "xlmt_umsab_portuguese": 8.0,
        "complaints_twitter": 12.0,
        "airline_us": 16.0,
        REAL: 30.0,
    },
)
#: That way in each of two orders, and once without the real posts: what has learned them puts more of those that press
#: first, what has not knows the tone of tweets better, and their mean has some of both (docs/reference/model-card.md).
LASTS: tuple[tuple[int, Mapping[str, float]], ...] = ((11, {}), (13, {}), (11, {REAL: 0.0}))


def run(base: Path, work: Path, data: Path | None, *, commercial_only: bool, long: Recipe, last: Recipe) -> Path:
    """Train as the recipe says, or as ``long`` and ``last`` do instead; returns the checkpoint to ship."""
    if not (base / backbone.LOADER).exists():  # Written last: a base that was broken off is made anew.
        backbone.make(base)
    long, last = (replace(each, commercial_only=commercial_only) for each in (long, last))
    orders = [_trained(base, work / f"order{seed}", data, replace(long, seed=seed)) for seed in ORDERS]
    mean = _mean(orders, work / "mean.pt")
    ends = []
    for number, (seed, instead) in enumerate(LASTS, 1):
        way = replace(last, seed=seed, shares={**last.shares, **instead})
        ends.append(_trained(base, work / f"last{number}", data, way, start=mean))
    return _mean(ends, work / "model.pt")


def _trained(base: Path, output: Path, data: Path | None, recipe: Recipe, start: Path | None = None) -> Path:
    Training(data, base, output, recipe, start).run()
    return output / "last.pt"


def _mean(ends: Sequence[Path], target: Path) -> Path:
    checkpoints.save(average(ends, [1.0] * len(ends)), target)
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path, help="folder of the base model; made where it is not there")
    parser.add_argument("work", type=Path, help="folder for checkpoints")
    parser.add_argument("--data", type=Path, help="folder with the public data sets; without it, our own posts alone")
    parser.add_argument("--commercial-only", action="store_true")
    parser.add_argument("--long-posts", type=int, default=LONG.posts, help="posts of each of the long runs")
    parser.add_argument("--last-posts", type=int, default=LAST.posts, help="posts of each of the last runs")
    parser.add_argument("--ship", action="store_true", help="and make it the model of this program")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    variant = {"commercial_only": given.commercial_only}
    long, last = replace(LONG, posts=given.long_posts), replace(LAST, posts=given.last_posts)
    try:
        model = run(given.base, given.work, given.data, long=long, last=last, **variant)
    except KeyboardInterrupt:
        raise SystemExit(STOPPED) from None
    print(model)
    if given.ship:
        print(ship(given.base, model, given.data, public_posts=PUBLIC_POSTS, threads=given.threads, **variant))


if __name__ == "__main__":
    main()
