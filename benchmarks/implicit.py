"""Does the model find those who write calmly, and those whose words are on no list?

    python -m benchmarks.implicit [--language it]

On the development posts. Loud: an exclamation mark, a word in capitals or three question marks. Explicit: the word
lists of `classifiers/rules` give level 2 or 3 themselves. "Found" is the share of level 3 among the first n of all
posts, n being the number of posts at level 3; AUC is against all posts below level 3.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence

from classifiers.evaluate import read_posts
from classifiers.measures import Judged
from classifiers.metrics import auc, interval, spearman
from classifiers.registry import load
from domain.judgement import CODED_FROM, UrgencyLevel

_SHOUTED = re.compile(r"!|\?.*\?.*\?|(?<![@\w])[A-ZÀ-Ý]{3,}\b", re.DOTALL)

Holds = Callable[[int], bool]


def is_loud(text: str) -> bool:
    """Whether the post shouts."""
    return _SHOUTED.search(text) is not None


def row(name: str, judged: Sequence[Judged], holds: Holds) -> str:
    """One kind of posts: how many, and how well their urgency is known."""
    order = sorted(range(len(judged)), key=lambda place: -judged[place].found.urgency)
    pressing = {place for place in order if judged[place].post.level is UrgencyLevel.ACT_NOW}
    found = pressing & set(order[: len(pressing)])
    mine = [place for place in order if holds(place)]
    ours = sorted(pressing & set(mine))
    others = [place for place in order if place not in pressing]
    low, high = interval(lambda drawn: sum(ours[p] in found for p in drawn) / len(drawn), len(ours))
    chance = auc([place in pressing for place in (*ours, *others)], [judged[p].found.urgency for p in (*ours, *others)])
    right = sum(judged[p].post.level == judged[p].found.urgency_level for p in mine) / len(mine)
    agreed = spearman([int(judged[p].post.level) for p in mine], [judged[p].found.urgency for p in mine])
    recall = f"{len(found & set(ours)) / len(ours):.2f} ({low:.2f}–{high:.2f})"
    return f"| {name} | {len(mine)} | {len(ours)} | {recall} | {chance:.2f} | {right:.2f} | {agreed:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="bundled")
    parser.add_argument("--language", help="posts in this language alone")
    given = parser.parse_args()
    posts = [post for post in read_posts() if given.language in (None, post.language)]
    texts = [post.text for post in posts]
    judged = [Judged(*pair) for pair in zip(posts, load(given.model).judge(texts), strict=True)]
    listed = [found.urgency_level >= CODED_FROM for found in load("rules").judge(texts)]
    loud = [is_loud(text) for text in texts]
    kinds: dict[str, Holds] = {
        "all": lambda place: True,
        "calm": lambda place: not loud[place],
        "loud": lambda place: loud[place],
        "implicit": lambda place: not listed[place],
        "explicit": lambda place: listed[place],
        "calm and implicit": lambda place: not loud[place] and not listed[place],
        "the rest": lambda place: loud[place] or listed[place],
    }
    print("| posts | n | level 3 | of these found | AUC | level right | Spearman |\n|---|---|---|---|---|---|---|")
    for name, holds in kinds.items():
        print(row(name, judged, holds))


if __name__ == "__main__":
    main()
