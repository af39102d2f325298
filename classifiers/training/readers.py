"""Which public data sets the model learns from, and how each one's labels become ours.

The folder is an argument: no text of any set is part of this repository.
Each set is a folder of gzipped JSON lines; see ``bundled/card.toml`` for origins and licences.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifiers.bundled.normalise import normalise

#: A head without a label for this text; the loss leaves it out.
UNLABELLED = -100
SENTIMENTS = ("negative", "neutral", "positive")
WESTERN = ("english", "italian", "spanish", "french", "german", "portuguese")


@dataclass(frozen=True, slots=True)
class Example:
    """One text with the index of its label for each head, or UNLABELLED."""

    text: str
    source: str
    sentiment: int = UNLABELLED
    complaint: int = UNLABELLED
    #: False for random tweets that were never written to a brand.
    addressed: bool = True


@dataclass(frozen=True, slots=True)
class Corpus:
    """Training and validation texts; no validation text occurs in training, in any set."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def _sentiment(label: str) -> int:
    return SENTIMENTS.index(label) if label in SENTIMENTS else UNLABELLED


def _airline(row: dict[str, Any]) -> Example:
    complaint = int(row["label"] == "negative" and row["negativereason"] is not None)
    return Example(row["text"], "airline_us", _sentiment(row["label"]), complaint)


def _complaint(row: dict[str, Any]) -> Example:
    addressed = not row["domain"].startswith("random")
    return Example(row["text"], "complaints_twitter", complaint=int(row["label"] == "complaint"), addressed=addressed)


def _advert_comment(row: dict[str, Any]) -> Example:
    # Praise under an advertisement is no complaint; dislike of it may or may not be one, so it stays open.
    complaint = 0 if row["label"] in ("positive", "neutral") else UNLABELLED
    return Example(row["text"], "multiemotions_it", _sentiment(row["label"]), complaint)


def _hotel(row: dict[str, Any]) -> Example:
    complaint = {"negative": 1, "positive": 0}.get(row["label"], UNLABELLED)
    return Example(row["text"], "absita18_hotel_it", _sentiment(row["label"]), complaint)


def _polarity(source: str) -> Callable[[dict[str, Any]], Example]:
    return lambda row: Example(row["text"], source, _sentiment(row["label"]))


def _held_out(example: Example, share: float) -> bool:
    digest = hashlib.sha256(_key(example).encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32


def _key(example: Example) -> str:
    letters = "".join(c if c.isalnum() else " " for c in normalise(example.text).lower())
    return " ".join(w for w in letters.split() if w not in ("user", "http"))


def _labelled(examples: Iterable[Example]) -> Iterator[Example]:
    return (e for e in examples if e.sentiment != UNLABELLED or e.complaint != UNLABELLED)


def _with_official_split(folder: Path) -> tuple[list[Example], list[Example]]:
    tweets = folder / "tweeteval_sentiment"
    train = [*map(_polarity("tweeteval_sentiment"), _rows(tweets / "train_reconstructed.jsonl.gz"))]
    validation = [*map(_polarity("tweeteval_sentiment"), _rows(tweets / "val.jsonl.gz"))]
    for language in WESTERN:
        source = f"xlmt_umsab_{language}"
        train += map(_polarity(source), _rows(folder / "xlmt_umsab" / f"{language}_train.jsonl.gz"))
        validation += map(_polarity(source), _rows(folder / "xlmt_umsab" / f"{language}_val.jsonl.gz"))
    train += map(_polarity("sentipolc16"), _rows(folder / "sentipolc16" / "train.jsonl.gz"))
    return train, validation


def _without_split(folder: Path) -> Iterator[Example]:
    yield from map(_airline, _rows(folder / "airline_us" / "train_val.jsonl.gz"))
    yield from map(_complaint, _rows(folder / "complaints_twitter" / "train_val.jsonl.gz"))
    yield from map(_advert_comment, _rows(folder / "multiemotions_it" / "train_val.jsonl.gz"))
    yield from map(_hotel, _rows(folder / "absita18_hotel_it" / "train_derived_polarity.jsonl.gz"))


def read(folder: Path, *, held_out_share: float = 0.12) -> Corpus:
    """Read every set under ``folder``; sets without a split of their own give ``held_out_share`` to validation."""
    train, validation = _with_official_split(folder)
    for example in _without_split(folder):
        (validation if _held_out(example, held_out_share) else train).append(example)
    known = {_key(e) for e in validation}
    kept = [e for e in _labelled(train) if _key(e) not in known]
    return Corpus(tuple(kept), tuple(_labelled(validation)))
