"""Does a team's rule get learned from sixty corrections, and does it hold for posts nobody has corrected?

    python -m benchmarks.house_rules [--rule telecom]

Four invented houses, 120 posts each in Italian and English (``house_rules.jsonl``), which no model has learned from,
labelled by their writers alone: 64 under a rule of that house, 56 beside it that show where the rule ends. Each half
is a lesson, as ``./sportello train --from-corrections`` gives it, with all posts that ship; the other half then says
how many labels are the house's, before and after. At the end both halves are one lesson. Prints a line a lesson.
Reading the posts that ship takes minutes, each lesson some more. Results: docs/howto/teach-the-model.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from classifiers.bundled.model import BundledClassifier
from classifiers.teaching.course import Course, HeadTrial, teach
from classifiers.teaching.lessons import HEADS, Head, Lesson, labels_of, shipped_checks, shipped_lessons
from classifiers.teaching.taught import Studied, Taught
from domain.judgement import Kind, Sentiment, UrgencyLevel

POSTS = Path(__file__).parent / "house_rules.jsonl"
#: What each house calls the posts under its rule: small complaints about connections, and parcels that are late, are
#: for the same day; a fault told without feeling is neutral; praise with a small wish in it is an idea.
RULES: dict[str, Kind | Sentiment | UrgencyLevel] = {
    "telecom": UrgencyLevel.SAME_DAY,
    "parcels": UrgencyLevel.SAME_DAY,
    "faults": Sentiment.NEUTRAL,
    "thanks": Kind.IDEA,
}
HEAD_OF: dict[type, str] = {Kind: "kind", Sentiment: "sentiment", UrgencyLevel: "urgency"}


class Reader:
    """The shipped model, which reads each post once for all lessons."""

    def __init__(self, texts: Sequence[str]) -> None:
        model = BundledClassifier()
        self.card = model.card
        self._places = {text: place for place, text in enumerate(texts)}
        self._all = model.study(texts)

    def study(self, texts: Sequence[str]) -> Studied:
        rows = [self._places[text] for text in texts]
        return Studied(
            self._all.pooled[rows],
            {head: logits[rows] for head, logits in self._all.logits.items()},
            {head: heats[rows] for head, heats in self._all.heats.items()},
        )


def lessons(rule: str) -> list[Lesson]:
    """The posts of one house with the label of the head that its rule is about."""
    rows = [json.loads(line) for line in POSTS.read_text("utf-8").splitlines()]
    return [_lesson(number, row) for number, row in enumerate((row for row in rows if row["rule"] == rule), 1)]


def _lesson(number: int, row: dict[str, str]) -> Lesson:
    wanted = RULES[row["rule"]]
    customer = f"customer {number}"
    if isinstance(wanted, UrgencyLevel):
        level = wanted if row["ruled"] else UrgencyLevel(int(row["urgency"]))
        return Lesson(number, row["text"], customer, level=level)
    if isinstance(wanted, Kind):
        return Lesson(number, row["text"], customer, kind=wanted if row["ruled"] else Kind(row["kind"]))
    return Lesson(number, row["text"], customer, sentiment=wanted if row["ruled"] else Sentiment(row["sentiment"]))


def right(reader: Reader, head: Head, posts: Sequence[Lesson], taught: Taught | None) -> float:
    """The share of posts that get the house's label."""
    studied = reader.study([post.text for post in posts])
    logits = studied.logits[head.name]
    if taught is not None and head.name in taught.heads:
        logits = logits + taught.heads[head.name].of(studied.pooled)
    guessed = head.guessed(np.asarray(logits / studied.heats[head.name][:, None], np.float32))
    return float((guessed == labels_of(head, posts)).mean())


def told(rule: str, reader: Reader, head: Head) -> Iterator[str]:
    """A line for each half as a lesson, and one for the whole."""
    posts = lessons(rule)
    half = len(posts) // 2
    for taught, unseen in ((posts[:half], posts[half:]), (posts[half:], posts[:half]), (posts, [])):
        found = teach(reader, taught)  # type: ignore[arg-type]
        line = f"{rule:8} {len(taught):3} corrections: {_trial(found, head)}"
        if unseen:
            before, after = right(reader, head, unseen, None), right(reader, head, unseen, found.taught)
            line += f"; {len(unseen)} others: {before:.0%} to {after:.0%}"
        yield line


def _trial(found: Course, head: Head) -> str:
    trial: HeadTrial = next(each for each in found.trials if each.head == head.name)
    gain, before, after = trial.gain, trial.shipped_before, trial.shipped_after
    if gain is None or before is None or after is None:
        return trial.verdict.value
    sizes = f"gain {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}), measuring posts {after - before:+.3f}"
    return f"{trial.verdict.value}, {sizes}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rule", choices=sorted(RULES), action="append")
    chosen = parser.parse_args().rule or list(RULES)
    texts = [post.text for rule in chosen for post in lessons(rule)]
    reader = Reader([*texts, *(post.text for post in (*shipped_checks(), *shipped_lessons()))])
    for rule in chosen:
        head = next(each for each in HEADS if each.name == HEAD_OF[type(RULES[rule])])
        for line in told(rule, reader, head):
            print(line, flush=True)


if __name__ == "__main__":
    main()
