"""Which public data sets does the model learn from, and how does each one's label become ours?

The folder is an argument: no text of any set is part of this repository.
Each set is a folder of gzipped JSON lines; see ``bundled/card.toml`` for origins and licences.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from classifiers.bundled.heads import KINDS, SENTIMENTS
from classifiers.bundled.normalise import normalise
from classifiers.training.everyday import with_guess
from classifiers.training.examples import ANY_KIND, COMPLAINT, EMOTIONS, NO_COMPLAINT, UNLABELLED, Example
from domain.judgement import Kind

WESTERN = {
    "english": "en",
    "italian": "it",
    "spanish": "es",
    "french": "fr",
    "german": "de",
    "portuguese": "pt",
}
#: Sets whose licence forbids commercial use; a variant of the model is trained without them. The Italian part of XLM-T
#: is made of tweets of SENTIPOLC (Barbieri et al., 2022).
NON_COMMERCIAL = frozenset(
    {"sentipolc16", "xlmt_umsab_italian", "multiemotions_it", "absita18_hotel_it", "ironita18", "airline_us"}
)

Row = dict[str, Any]
_PLACE = {str(label): place for place, label in enumerate(SENTIMENTS)}
_PRAISE = (KINDS.index(Kind.PRAISE),)
_NO_SPAM = tuple(i for i in ANY_KIND if KINDS[i] is not Kind.SPAM)


def _rows(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def _sentiment(label: str) -> int:
    return _PLACE.get(label, UNLABELLED)


def _polarity(source: str, language: str) -> Callable[[Row], Example]:
    return lambda row: Example(
        normalise(row["text"]), source, sentiment=_sentiment(row["label"]), language=language, addressed=False
    )


def _sentipolc(row: Row) -> Example:
    return Example(
        normalise(row["text"]), "sentipolc16", sentiment=_sentiment(row["label"]), irony=row["iro"], language="it"
    )


def _airline(row: Row) -> Example:
    complains = row["label"] == "negative" and row["negativereason"] is not None
    kinds = COMPLAINT if complains else NO_COMPLAINT
    return Example(normalise(row["text"]), "airline_us", sentiment=_sentiment(row["label"]), kinds=kinds, language="en")


def _complaint(row: Row) -> Example:
    kinds = COMPLAINT if row["label"] == "complaint" else NO_COMPLAINT
    addressed = not row["domain"].startswith("random")
    return Example(normalise(row["text"]), "complaints_twitter", kinds=kinds, language="en", addressed=addressed)


def _advert_comment(row: Row) -> Example:
    # Praise under an advertisement is no complaint; dislike of it may or may not be one, so it stays open.
    kinds = NO_COMPLAINT if row["label"] in ("positive", "neutral") else _NO_SPAM
    return Example(
        normalise(row["text"]),
        "multiemotions_it",
        sentiment=_sentiment(row["label"]),
        kinds=kinds,
        irony=int(row["sarcasm"]),
        language="it",
    )


def _hotel(row: Row) -> Example:
    kinds = {"negative": COMPLAINT, "positive": _PRAISE}.get(row["label"], ANY_KIND)
    return Example(
        normalise(row["text"]), "absita18_hotel_it", sentiment=_sentiment(row["label"]), kinds=kinds, language="it"
    )


def _ironic(source: str, language: str) -> Callable[[Row], Example]:
    return lambda row: Example(
        normalise(row["text"]), source, irony=int(row["label"] == "irony"), language=language, addressed=False
    )


def _felt(row: Row) -> Example:
    # People on Reddit feel more than one thing at a time, and "neutral" there is not what it is in a tweet.
    felt = tuple(EMOTIONS.index(name) for name in row["labels"])
    return Example(normalise(row["text"]), "goemotions", emotions=felt, language="en", addressed=False)


_AFFECTS = {"anger": "negative", "sadness": "negative", "joy": "positive", "optimism": "positive"}


def _affect(row: Row) -> Example:
    sentiment = _sentiment(_AFFECTS[row["label"]])
    return Example(normalise(row["text"]), "tweeteval_emotion", sentiment=sentiment, language="en", addressed=False)


def _official(folder: Path) -> Iterator[tuple[Example, bool]]:
    tweets = folder / "tweeteval_sentiment"
    read = _polarity("tweeteval_sentiment", "en")
    yield from ((read(row), False) for row in _rows(tweets / "train_reconstructed.jsonl.gz"))
    yield from ((read(row), True) for row in _rows(tweets / "val.jsonl.gz"))
    for name, language in WESTERN.items():
        read = _polarity(f"xlmt_umsab_{name}", language)
        yield from ((read(row), False) for row in _rows(folder / "xlmt_umsab" / f"{name}_train.jsonl.gz"))
        yield from ((read(row), True) for row in _rows(folder / "xlmt_umsab" / f"{name}_val.jsonl.gz"))
    read = _ironic("tweeteval_irony", "en")
    yield from ((read(row), False) for row in _rows(folder / "tweeteval_irony" / "train.jsonl.gz"))
    yield from ((_affect(row), False) for row in _rows(folder / "tweeteval_emotion" / "train.jsonl.gz"))
    yield from ((_felt(row), False) for row in _rows(folder / "goemotions" / "train.jsonl.gz"))


def _unsplit(folder: Path) -> Iterator[Example]:
    yield from map(_sentipolc, _rows(folder / "sentipolc16" / "train.jsonl.gz"))
    yield from map(_ironic("ironita18", "it"), _rows(folder / "ironita18" / "train.jsonl.gz"))
    yield from map(_airline, _rows(folder / "airline_us" / "train_val.jsonl.gz"))
    yield from map(_complaint, _rows(folder / "complaints_twitter" / "train_val.jsonl.gz"))
    yield from map(_advert_comment, _rows(folder / "multiemotions_it" / "train_val.jsonl.gz"))
    yield from map(_hotel, _rows(folder / "absita18_hotel_it" / "train_derived_polarity.jsonl.gz"))


def read(folder: Path, *, commercial_only: bool = False) -> tuple[list[Example], list[Example]]:
    """Training and validation texts with official splits, then all other texts as training.

    ``commercial_only`` leaves out the sets whose licence forbids commercial use, for validation too: temperatures
    are fitted there.
    """
    official = list(_official(folder))
    train = [example for example, held_out in official if not held_out]
    validation = [example for example, held_out in official if held_out]
    train += _unsplit(folder)
    if commercial_only:
        train, validation = (
            [example for example in some if example.source not in NON_COMMERCIAL] for some in (train, validation)
        )
    return [with_guess(e) for e in train if e.is_labelled], [e for e in validation if e.is_labelled]
