"""Which texts are learned from, and which are kept to measure on? No text is in both, in any set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from classifiers.training import own_posts, public_sets
from classifiers.training.examples import HELD_OUT_SHARE, Example, is_in_share, letters_of

_SPLIT_HERE = frozenset({"airline_us", "complaints_twitter", "multiemotions_it", "absita18_hotel_it", "sentipolc16"})
#: A sign written as its number: one copy of TweetEval has "isn\u2019t" where another has "isn’t".
_NUMBERED = re.compile(r"\\u([0-9a-fA-F]{4})")


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
    train = [example for example in train if letters_of(example.text) not in known]
    # Of two spellings of one text the learned one stays, as in every model so far, and the other is not measured on.
    taught = {_spelt_out(example.text) for example in train}
    return Corpus(tuple(train), tuple(e for e in validation if _spelt_out(e.text) not in taught))


def _spelt_out(text: str) -> str:
    return letters_of(_NUMBERED.sub(lambda sign: chr(int(sign[1], 16)), text))
