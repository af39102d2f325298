"""How often is an alarm right on real posts? Public texts, most of them tweets to firms, with urgency labelled by us.

    python -m benchmarks.real_posts FOLDER [--model bundled]

``classifiers/training/real_posts.jsonl`` holds our labels by digest, never a text; FOLDER has the public sets as for
training (docs/howto/train-the-model.md). Texts that are kept for measuring stand apart from those a model may have
learned. Most were drawn by an earlier model, as what it found most pressing; figures on those tell what is right among
alarms, figures on those drawn by chance what an everyday post gets.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classifiers.metrics import auc, interval, spearman
from classifiers.registry import load
from classifiers.training import public_sets, real_posts
from classifiers.training.real_posts import Label

#: Sets whose posts were written to firms, or about them; the others are tweets of any sort.
TO_BRANDS = frozenset({"airline_us", "complaints_twitter", "twacs_airline_support"})


@dataclass(frozen=True, slots=True)
class RealPost:
    """One labelled text, and what the model says of it: a level, and the expected level in [0, 3]."""

    text: str
    label: Label
    level: int
    urgency: float

    @property
    def danger(self) -> int:
        """The level it was given first."""
        return self.label.first.level


def read(folder: Path, model: str) -> list[RealPost]:
    """The labelled texts that are in ``folder``, judged."""
    labels = real_posts.read()
    texts = {
        digest: text
        for text in public_sets.texts(folder, real_posts.sources(labels))
        if (digest := real_posts.digest_of(text)) in labels
    }
    judged = load(model).judge(list(texts.values()))
    return [
        RealPost(text, labels[digest], int(found.urgency_level), float(found.urgency))
        for (digest, text), found in zip(texts.items(), judged, strict=True)
    ]


def share(hits: Sequence[bool]) -> str:
    """How many, with a 95 % interval."""
    if not hits:
        return "none"
    low, high = interval(lambda drawn: sum(hits[place] for place in drawn) / len(drawn), len(hits))
    return f"{sum(hits)} of {len(hits)} ({low:.0%} to {high:.0%})"


def report(name: str, posts: Sequence[RealPost]) -> None:
    """Print what the labels make of the model's levels."""
    if not posts:
        return
    levels = [post.danger for post in posts]
    print(f"{name}: {len(posts)} posts, labelled {dict(sorted(Counter(levels).items()))}")
    order = spearman(levels, [post.urgency for post in posts])
    parts = [f"Spearman {order:.2f}"]
    for least in (2, 3):
        pressing = [level >= least for level in levels]
        if 0 < sum(pressing) < len(pressing):
            parts.append(f"AUC of {least} or more {auc(pressing, [post.urgency for post in posts]):.2f}")
    print(f"  {', '.join(parts)}; the same level {share([post.level == post.danger for post in posts])}")
    alarms = [post.danger for post in posts if post.level == 3]
    print(f"  level 3: right {share([a == 3 for a in alarms])}, at least 2 {share([a >= 2 for a in alarms])}")
    print(f"  level 2 or 3: right {share([post.danger >= 2 for post in posts if post.level >= 2])}")
    print(f"  of labelled 2 or 3, given 2 or 3: {share([post.level >= 2 for post in posts if post.danger >= 2])}")
    dangers = [post.level for post in posts if post.danger == 3]
    print(f"  of labelled 3, given 3: {share([d == 3 for d in dangers])}, 2 or 3 {share([d >= 2 for d in dangers])}")


def agreement(posts: Sequence[RealPost]) -> str:
    """How often a second labeller gave the same level."""
    twice = [post.label.levels for post in posts if post.label.second is not None]
    return f"labelled twice: {len(twice)}, the same level {share([low == high for low, high in twice])}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="bundled")
    given = parser.parse_args()
    posts = read(given.folder, given.model)
    print(agreement(posts))
    for held, name in ((True, "kept for measuring"), (False, "to learn from")):
        part = [post for post in posts if real_posts.is_held_out(post.text) == held]
        report(name, part)
        report(f"{name}, drawn by chance", [post for post in part if post.label.by_chance])
        report(f"{name}, written to a brand", [post for post in part if post.label.source in TO_BRANDS])


if __name__ == "__main__":
    main()
