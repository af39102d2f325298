"""How often is an alarm right on real posts? Tweets to airlines and other brands, whose urgency we have labelled.

    python -m benchmarks.real_posts FOLDER [--model bundled]

``real_posts.jsonl`` holds our labels by the SHA-256 of a text, never a text; FOLDER has the public sets as for
training (docs/howto/train-the-model.md), and ``twacs_airline_support``. The posts were drawn by an earlier model: those
it found most pressing in each set, and some of the others by chance. So precision is that of the whole set, as long as
what a model calls level 3 was drawn; what it misses is known of the drawn posts alone.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifiers.metrics import auc, interval, spearman
from classifiers.registry import load

LABELS = Path(__file__).with_name("real_posts.jsonl")
FILES = (
    "airline_us/train_val.jsonl.gz",
    "complaints_twitter/train_val.jsonl.gz",
    "twacs_airline_support/unlabelled_first_utterances.jsonl.gz",
)


@dataclass(frozen=True, slots=True)
class RealPost:
    """One labelled text; ``second`` is what another labeller said, None where nobody did."""

    text: str
    drawn_from: str
    level: int
    second: int | None


def digest_of(text: str) -> str:
    """The name under which a text is labelled."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def read(folder: Path) -> list[RealPost]:
    """The labelled texts that are in ``folder``."""
    labels: dict[str, Any] = {row["id"]: row for row in map(json.loads, LABELS.read_text("utf-8").splitlines())}
    texts = {name: text for text in _texts(folder) if (name := digest_of(text)) in labels}
    return [
        RealPost(texts[name], row["set"], row["urgency"], row.get("second", {}).get("urgency"))
        for name, row in labels.items()
        if name in texts
    ]


def _texts(folder: Path) -> Iterator[str]:
    for path in FILES:
        with gzip.open(folder / path, "rt", encoding="utf-8") as lines:
            yield from (json.loads(line)["text"] for line in lines)


def _share(hits: Sequence[bool]) -> str:
    if not hits:
        return "none"
    low, high = interval(lambda drawn: sum(hits[place] for place in drawn) / len(drawn), len(hits))
    return f"{sum(hits)} of {len(hits)} ({low:.0%} to {high:.0%})"


def report(posts: Sequence[RealPost], levels: Sequence[int], urgency: Sequence[float]) -> None:
    """Print what was labelled, and what the model makes of it."""
    twice = [(post.level, post.second) for post in posts if post.second is not None]
    print(f"labelled twice: {len(twice)}, the same level {_share([a == b for a, b in twice])}")
    print(f"labelled levels: {dict(sorted(Counter(post.level for post in posts).items()))}")
    order = spearman([post.level for post in posts], urgency)
    found = auc([post.level == 3 for post in posts], urgency)
    print(f"Spearman {order:.2f}, AUC of level 3 {found:.2f} on the drawn posts")
    groups: dict[str, list[int]] = defaultdict(list)
    for place, post in enumerate(posts):
        groups["all"].append(place)
        groups[post.drawn_from].append(place)
    for name, places in groups.items():
        alarms = [posts[place].level for place in places if levels[place] == 3]
        pressing = [posts[place].level for place in places if levels[place] >= 2]
        dangers = [levels[place] for place in places if posts[place].level == 3]
        print(f"{name}: {len(places)} posts")
        print(f"  level 3: right {_share([a == 3 for a in alarms])}, at least 2 {_share([a >= 2 for a in alarms])}")
        print(f"  level 2 or 3: right {_share([a >= 2 for a in pressing])}")
        print(
            f"  dangers given level 3: {_share([a == 3 for a in dangers])}, 2 or 3 {_share([a >= 2 for a in dangers])}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="bundled")
    given = parser.parse_args()
    posts = read(given.folder)
    judged = load(given.model).judge([post.text for post in posts])
    report(posts, [int(found.urgency_level) for found in judged], [float(found.urgency) for found in judged])


if __name__ == "__main__":
    main()
