"""Which order of the queue brings those to the front who need us most? Orders of the labelled posts, compared.

    python -m benchmarks.orders [--model bundled] [--draws 20] [--language it]

Every post becomes a case that waits for a while and has followers, both drawn at random; each order is then compared
with the labelled levels. The second table changes the points of `domain/priority.py` one by one. A post's level says
how soon silence does harm, so an order in which waiting counts is meant to lose a little against one in which it does
not: the last column says what is bought with it.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from classifiers.evaluate import read_posts
from classifiers.measures import LabelledPost
from classifiers.metrics import ndcg, recall_at_their_number
from classifiers.registry import load
from domain import priority
from domain.judgement import Judgement, Kind, Sentiment, UrgencyLevel
from domain.priority import CaseFacts, PostFacts

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEED = 11
FRONT = 30
#: A case of an ordinary post that has waited so long should not stand behind fresh ones of its level.
LONG = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Case:
    """A post that waits."""

    post: LabelledPost
    found: Judgement
    waited: timedelta
    followers: int

    def score(self) -> float:
        """What the queue would rank it by."""
        said = PostFacts(
            NOW - self.waited,
            self.found.sentiment,
            self.found.kind,
            self.found.urgency,
            self.found.urgency_level,
            tuple(reason.code for reason in self.found.reasons),
        )
        return priority.rank(CaseFacts((said,), NOW - self.waited, followers=self.followers), NOW).score


Order = Callable[[Case], float]
ORDERS: dict[str, Order] = {
    "the longest wait first": lambda case: case.waited.total_seconds(),
    "most followers first": lambda case: case.followers,
    "loudest first (! and capitals)": lambda case: (
        case.post.text.count("!") + sum(word.isupper() for word in case.post.text.split())
    ),
    "most negative first": lambda case: case.found.sentiment_scores[Sentiment.NEGATIVE],
    "likeliest complaint first": lambda case: case.found.kind_scores[Kind.COMPLAINT],
    "level, then the longest wait": lambda case: case.found.urgency_level * 1e9 + case.waited.total_seconds(),
    "expected urgency alone": lambda case: case.found.urgency,
    "priority, as it ships": Case.score,
}
CHANGES: dict[str, dict[str, float]] = {
    "as it ships": {},
    "expectation within a level: 0 points": {"EXPECTATION_POINTS": 0.0},
    "expectation within a level: 20 points": {"EXPECTATION_POINTS": 20.0},
    "expectation within a level: 50 points": {"EXPECTATION_POINTS": 50.0},
    "waiting: 0 points in seven days": {"WAITING_PER_S": 0.0},
    "waiting: 120 points": {"WAITING_PER_S": 2 * priority.WAITING_PER_S},
    "waiting: 300 points": {"WAITING_PER_S": 5 * priority.WAITING_PER_S},
}


@contextmanager
def changed(points: dict[str, float]) -> Iterator[None]:
    """Other points for a while."""
    before = {name: getattr(priority, name) for name in points}
    for name, value in points.items():
        setattr(priority, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(priority, name, value)


def cases(posts: Sequence[LabelledPost], found: Sequence[Judgement], rng: random.Random) -> list[Case]:
    """The posts with waits as on a desk that is behind (most some hours, some days) and followers as on a network."""
    return [
        Case(post, judged, timedelta(hours=min(168.0, rng.expovariate(1 / 24))), int(10 ** rng.gauss(2.3, 1.0)))
        for post, judged in zip(posts, found, strict=True)
    ]


def row(name: str, score: Order, some: Sequence[Sequence[Case]]) -> str:
    """One order over several drawings of waits and followers."""
    ndcgs, recalls, waits = [], [], []
    for drawn in some:
        scores = [score(case) for case in drawn]
        levels = [int(case.post.level) for case in drawn]
        ndcgs.append(ndcg(levels, scores, at=FRONT))
        recalls.append(recall_at_their_number([level == UrgencyLevel.ACT_NOW for level in levels], scores))
        order = sorted(range(len(drawn)), key=lambda place: -scores[place])
        place_of = {case: place for place, case in enumerate(order)}
        plain = [place for place, case in enumerate(drawn) if case.post.level is UrgencyLevel.NORMAL]
        ahead = [place_of[place] for place in plain if drawn[place].waited >= LONG]
        fresh = [place_of[place] for place in plain if drawn[place].waited < LONG]
        waits.append(sum(fresh) / len(fresh) - sum(ahead) / max(1, len(ahead)))
    means = (sum(ndcgs) / len(some), sum(recalls) / len(some), sum(waits) / len(some))
    return f"| {name} | {means[0]:.2f} | {means[1]:.2f} | {means[2]:+.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="bundled")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--language", help="posts in this language alone")
    given = parser.parse_args()
    posts = [post for post in read_posts() if given.language in (None, post.language)]
    found = load(given.model).judge([post.text for post in posts])
    rng = random.Random(SEED)
    some = [cases(posts, found, rng) for _ in range(given.draws)]
    heading = f"NDCG@{FRONT} | level 3 among the first n | places a long wait gains"
    print(f"| order | {heading} |\n|---|---|---|---|")
    for name, score in ORDERS.items():
        print(row(name, score, some))
    print(f"\n| points | {heading} |\n|---|---|---|---|")
    for name, points in CHANGES.items():
        with changed(points):
            print(row(name, Case.score, some))


if __name__ == "__main__":
    main()
