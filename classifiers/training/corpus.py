"""Which texts are learned from, and which are kept to measure on? No text is in both, in any set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from classifiers.training import own_posts, public_sets
from classifiers.training.examples import Example, is_in_share, letters_of

#: Sets without a split of their own give this share to validation.
HELD_OUT_SHARE = 0.12
_SPLIT_HERE = frozenset({"airline_us", "complaints_twitter", "multiemotions_it", "absita18_hotel_it", "sentipolc16"})


@dataclass(frozen=True, slots=True)
class Corpus:
    """Training and validation texts."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]


def read(data: Path | None, *, commercial_only: bool = False) -> Corpus:
    """Our own posts, and the public sets under ``data`` when it is given."""
    train: list[Example] = own_posts.read_learning()
    validation: list[Example] = own_posts.read_development()
    if data is not None:
        learned, official = public_sets.read(data, commercial_only=commercial_only)
        validation += official
        for example in learned:
            kept = example.source in _SPLIT_HERE and is_in_share(example.text, HELD_OUT_SHARE)
            (validation if kept else train).append(example)
    known = {letters_of(example.text) for example in validation}
    return Corpus(tuple(e for e in train if letters_of(e.text) not in known), tuple(validation))
