"""How often is each data set drawn? Italian and brand-addressed posts more than their size, general tweets less.

Within most public sets each sentiment is drawn alike: the rarest counts as much as the commonest where a desk is
judged, and a set's own proportions are no desk's. A set's posts without one ("mixed") count as one sentiment more.
Tweets to airlines are drawn as they came: they are what a desk gets. Of the real posts whose urgency we labelled, those
that press and those that wait are drawn alike: dangers are so rare among them that the others would drown what the
posts written for this model teach of danger.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from classifiers.training.examples import Example
from classifiers.training.own_posts import LEARNED
from classifiers.training.real_posts import REAL

#: Relative number of draws, set by hand and mended where a set's figures asked for it. Passes over a set in one
#: training differ: TweetEval is seen in part, Italian several times.
SHARES: dict[str, float] = {
    "tweeteval_sentiment": 50.0,
    "tweeteval_irony": 1.5,
    "tweeteval_emotion": 2.0,
    "goemotions": 8.0,
    "xlmt_umsab_italian": 7.0,
    "xlmt_umsab_spanish": 6.0,
    "xlmt_umsab_french": 6.0,
    "xlmt_umsab_german": 6.0,
    "xlmt_umsab_portuguese": 6.0,
    "sentipolc16": 9.0,
    "ironita18": 1.5,
    "multiemotions_it": 4.0,
    "absita18_hotel_it": 3.0,
    "airline_us": 16.0,
    "complaints_twitter": 10.0,
    REAL: 10.0,
}
#: A sentiment of which a set has fewer posts than this is not drawn from it: three posts would be learned by heart.
#: XLM-T English is not drawn at all: without the tweets that stand in validation too, only negative ones are left.
LEAST = 30
#: Drawn in their own proportions of sentiments.
AS_THEY_CAME = frozenset({LEARNED, "airline_us"})
#: A real post presses from this level on.
PRESSING = 2


def shares_of(
    examples: Sequence[Example], own_share: float, instead: Mapping[str, float] | None = None
) -> dict[str, float]:
    """The mixture of the sets that are there, with ``own_share`` of all draws from our own posts, in [0, 1).

    ``instead``: shares of sets that shall count otherwise than in SHARES.
    """
    there = {example.source for example in examples}
    others = {name: share for name, share in {**SHARES, **(instead or {})}.items() if name in there}
    if not any(others.values()):
        return {LEARNED: 1.0}
    return {**others, LEARNED: sum(others.values()) * own_share / (1 - own_share)}


class Stream:
    """Endless batches of like length, in random order; within a set and a sentiment nothing repeats before all was.

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
        self._decks = {name: self._evenly(by_source[name]) for name in self._names}

    def _evenly(self, examples: Sequence[Example]) -> Iterator[Example]:
        """The decks of a set, dealt from in turn."""
        parts: dict[int, list[Example]] = defaultdict(list)
        for example in examples:
            parts[_deck_of(example)].append(example)
        enough = [label for label in sorted(parts) if len(parts[label]) >= min(LEAST, len(examples))]
        decks = [self._deck(parts[label]) for label in enough or sorted(parts)]
        while True:
            yield from map(next, decks)

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


def _deck_of(example: Example) -> int:
    """In which of its set's decks a post is."""
    if example.source == REAL:
        return int(max(example.urgency, min(example.guessed_urgency or (0,))) >= PRESSING)
    return 0 if example.source in AS_THEY_CAME else example.sentiment
