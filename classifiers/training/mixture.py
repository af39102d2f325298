"""How often each data set is drawn: Italian and brand-addressed posts more than their size, general tweets less."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

from classifiers.training.readers import Example

#: Relative number of draws. Passes over a set in one training differ: TweetEval is seen a third, Italian twice.
SHARES: dict[str, float] = {
    "tweeteval_sentiment": 16.0,
    "xlmt_umsab_english": 2.0,
    "xlmt_umsab_italian": 3.0,
    "xlmt_umsab_spanish": 1.5,
    "xlmt_umsab_french": 1.5,
    "xlmt_umsab_german": 1.5,
    "xlmt_umsab_portuguese": 1.5,
    "sentipolc16": 10.0,
    "multiemotions_it": 5.5,
    "absita18_hotel_it": 5.0,
    "airline_us": 11.0,
    "complaints_twitter": 6.0,
}


def _deck(examples: Sequence[Example], rng: random.Random) -> Iterator[Example]:
    while True:
        yield from rng.sample(examples, len(examples))


def draw(examples: Sequence[Example], *, seed: int) -> Iterator[Example]:
    """Endless stream with the given shares; within a set nothing repeats before all of it was seen."""
    rng = random.Random(seed)
    by_source: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_source[example.source].append(example)
    decks = {source: _deck(rows, rng) for source, rows in by_source.items()}
    names = list(decks)
    weights = [SHARES[name] for name in names]
    while True:
        for name in rng.choices(names, weights, k=512):
            yield next(decks[name])


def batches(stream: Iterator[Example], *, size: int, seed: int, pool: int = 48) -> Iterator[list[Example]]:
    """Batches of texts of like length, in random order, so that little of a batch is padding."""
    rng = random.Random(seed)
    while True:
        drawn = sorted((next(stream) for _ in range(size * pool)), key=lambda e: len(e.text))
        cut = [drawn[i : i + size] for i in range(0, len(drawn), size)]
        rng.shuffle(cut)
        yield from cut
