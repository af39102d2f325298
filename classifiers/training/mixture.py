"""How often is each data set drawn? Italian and brand-addressed posts more than their size, general tweets less."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from classifiers.training.examples import Example

#: Relative number of draws. Passes over a set in one training differ: TweetEval is seen a third, Italian twice.
SHARES: dict[str, float] = {
    "tweeteval_sentiment": 24.0,
    "tweeteval_irony": 2.0,
    "xlmt_umsab_english": 2.0,
    "xlmt_umsab_italian": 3.0,
    "xlmt_umsab_spanish": 2.0,
    "xlmt_umsab_french": 2.0,
    "xlmt_umsab_german": 2.0,
    "xlmt_umsab_portuguese": 2.0,
    "sentipolc16": 8.0,
    "ironita18": 2.0,
    "multiemotions_it": 5.0,
    "absita18_hotel_it": 4.0,
    "airline_us": 9.0,
    "complaints_twitter": 6.0,
    "own_learn": 0.0,
}


def with_own(shares: Mapping[str, float], own_share: float) -> dict[str, float]:
    """The same mixture with ``own_share`` of all draws from our own posts, in [0, 1)."""
    others = sum(value for name, value in shares.items() if name != "own_learn")
    return {**shares, "own_learn": others * own_share / (1 - own_share)}


class Stream:
    """Endless batches of like length, in random order; within a set nothing repeats before all of it was seen.

    The same seed gives the same batches, so that a training that was broken off goes on where it was.
    """

    def __init__(self, examples: Sequence[Example], shares: Mapping[str, float], *, size: int, seed: int) -> None:
        self._rng = random.Random(seed)
        self._size = size
        by_source: dict[str, list[Example]] = defaultdict(list)
        for example in examples:
            by_source[example.source].append(example)
        self._names = [name for name in sorted(by_source) if shares.get(name, 0) > 0]
        self._weights = [shares[name] for name in self._names]
        self._decks = {name: self._deck(by_source[name]) for name in self._names}

    def _deck(self, examples: Sequence[Example]) -> Iterator[Example]:
        while True:
            yield from self._rng.sample(examples, len(examples))

    def batches(self, *, pool: int = 48) -> Iterator[list[Example]]:
        """Batches of ``size`` texts, so cut that little of each is padding."""
        while True:
            names = self._rng.choices(self._names, self._weights, k=self._size * pool)
            drawn = sorted((next(self._decks[name]) for name in names), key=lambda e: len(e.text))
            cut = [drawn[i : i + self._size] for i in range(0, len(drawn), self._size)]
            self._rng.shuffle(cut)
            yield from cut
