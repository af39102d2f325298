"""Which public data sets does the model learn from, and how does each one's label become ours?

The folder is an argument: no text of any set is part of this repository. Each set is a folder of gzipped JSON lines
(docs/howto/train-the-model.md says which, with which fields); ``bundled/card.toml`` has origins and licences.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from classifiers.bundled.heads import KINDS, SENTIMENTS
from classifiers.bundled.normalise import normalise
from classifiers.training import real_posts
from classifiers.training.everyday import with_guess
from classifiers.training.examples import ANY_KIND, COMPLAINT, EMOTIONS, NO_COMPLAINT, UNLABELLED, Example
from classifiers.training.json_lines import Row, examples
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
    | {"twacs_airline_support"}
)

_PLACE = {str(label): place for place, label in enumerate(SENTIMENTS)}
_PRAISE = (KINDS.index(Kind.PRAISE),)
_NO_SPAM = tuple(i for i in ANY_KIND if KINDS[i] is not Kind.SPAM)


def _text(row: Row) -> str:
    return str(row["text"])


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


def _first_words(row: Row) -> Example:
    # What people write first to an airline's desk, without any label but ours.
    return Example(normalise(row["text"]), "twacs_airline_support", language="en")


_AFFECTS = {"anger": "negative", "sadness": "negative", "joy": "positive", "optimism": "positive"}


def _affect(row: Row) -> Example:
    sentiment = _sentiment(_AFFECTS[row["label"]])
    return Example(normalise(row["text"]), "tweeteval_emotion", sentiment=sentiment, language="en", addressed=False)


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a set and what its rows teach; ``held_out``: the set's own part to measure on."""

    source: str
    path: str
    example: Callable[[Row], Example]
    held_out: bool = False


def _xlmt(name: str, language: str) -> tuple[_File, _File]:
    source, path = f"xlmt_umsab_{name}", f"xlmt_umsab/{name}"
    example = _polarity(source, language)
    return _File(source, f"{path}_train.jsonl.gz", example), _File(source, f"{path}_val.jsonl.gz", example, True)


_TWEETS = _polarity("tweeteval_sentiment", "en")
#: In the order in which they are read, on which depends what a seed draws.
_FILES = (
    _File("tweeteval_sentiment", "tweeteval_sentiment/train_reconstructed.jsonl.gz", _TWEETS),
    _File("tweeteval_sentiment", "tweeteval_sentiment/val.jsonl.gz", _TWEETS, True),
    *(part for name, language in WESTERN.items() for part in _xlmt(name, language)),
    _File("tweeteval_irony", "tweeteval_irony/train.jsonl.gz", _ironic("tweeteval_irony", "en")),
    _File("tweeteval_emotion", "tweeteval_emotion/train.jsonl.gz", _affect),
    _File("goemotions", "goemotions/train.jsonl.gz", _felt),
    _File("sentipolc16", "sentipolc16/train.jsonl.gz", _sentipolc),
    _File("ironita18", "ironita18/train.jsonl.gz", _ironic("ironita18", "it")),
    _File("airline_us", "airline_us/train_val.jsonl.gz", _airline),
    _File("complaints_twitter", "complaints_twitter/train_val.jsonl.gz", _complaint),
    _File("multiemotions_it", "multiemotions_it/train_val.jsonl.gz", _advert_comment),
    _File("absita18_hotel_it", "absita18_hotel_it/train_derived_polarity.jsonl.gz", _hotel),
    _File("twacs_airline_support", "twacs_airline_support/unlabelled_first_utterances.jsonl.gz", _first_words),
)


def missing(folder: Path, *, commercial_only: bool = False) -> list[str]:
    """The files that ``read`` would ask for and that are not in ``folder``."""
    return [each.path for each in _files(commercial_only) if not (folder / each.path).exists()]


def texts(folder: Path, sources: Collection[str]) -> Iterator[str]:
    """The texts of these sets as they were written, without the parts that are official validation texts."""
    for each in _FILES:
        if each.source in sources and not each.held_out:
            yield from examples(folder / each.path, _text)


def read(folder: Path, *, commercial_only: bool = False) -> tuple[list[Example], list[Example]]:
    """Texts to learn from, those of sets without a split of their own among them, and official validation texts.

    ``commercial_only`` leaves out the sets whose licence forbids commercial use, for validation too: temperatures
    are fitted there. They need not be in ``folder`` then. Raises SystemExit where another file is not there.
    """
    if absent := missing(folder, commercial_only=commercial_only):
        raise SystemExit(f"These files of public sets are not in {folder}: {', '.join(absent)}.")
    train: list[Example] = []
    validation: list[Example] = []
    labels = real_posts.read()
    sources = real_posts.sources(labels)
    for each in _files(commercial_only):
        found = examples(folder / each.path, each.example)
        if not each.held_out and each.source in sources:
            found = (real_posts.labelled(example, labels) for example in found)
        (validation if each.held_out else train).extend(example for example in found if example.is_labelled)
    return [with_guess(example) for example in train], validation


def _files(commercial_only: bool) -> list[_File]:
    return [each for each in _FILES if not (commercial_only and each.source in NON_COMMERCIAL)]
