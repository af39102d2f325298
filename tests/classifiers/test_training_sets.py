"""What is learned from and what is kept to measure on: nothing is both, and one variant knows no non-commercial set."""

from __future__ import annotations

import gzip
import json
import shutil
import tomllib
from pathlib import Path

import pytest

from classifiers.bundled.heads import KINDS, SENTIMENTS
from classifiers.bundled.model import FOLDER
from classifiers.training import public_sets
from classifiers.training.corpus import Corpus, read
from classifiers.training.examples import EMOTIONS, UNLABELLED, letters_of
from classifiers.training.own_posts import DEVELOPED, LEARNED, read_learning
from classifiers.training.public_sets import NON_COMMERCIAL
from domain.judgement import Kind, Sentiment
from tests.classifiers.toy_sets import write


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("sets"))


def sources(corpus: Corpus) -> set[str]:
    return {example.source for example in (*corpus.train, *corpus.validation)}


def test_the_commercial_variant_sees_no_set_that_forbids_it_neither_to_learn_nor_to_measure(data: Path) -> None:
    everything, commercial = sources(read(data)), sources(read(data, commercial_only=True))

    assert everything >= NON_COMMERCIAL - {"twacs_airline_support"}  # Without labels of ours it teaches nothing.
    assert commercial == everything - NON_COMMERCIAL
    assert {LEARNED, DEVELOPED, "tweeteval_sentiment", "xlmt_umsab_english"} <= commercial


def test_the_commercial_variant_does_not_ask_for_the_sets_it_leaves_out(data: Path, tmp_path: Path) -> None:
    left = ("absita18_hotel_it", "airline_us", "ironita18", "multiemotions_it", "sentipolc16", "twacs*", "italian_*")
    free = Path(shutil.copytree(data, tmp_path / "free", ignore=shutil.ignore_patterns(*left)))

    assert public_sets.read(free, commercial_only=True) == public_sets.read(data, commercial_only=True)
    with pytest.raises(SystemExit) as ended:
        public_sets.read(free)
    assert {"airline_us/train_val.jsonl.gz", "xlmt_umsab/italian_val.jsonl.gz"} <= set(public_sets.missing(free))
    assert all(name in str(ended.value) for name in public_sets.missing(free))


def test_a_folder_without_any_set_is_no_folder_of_sets(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="not in .*: tweeteval_sentiment/train_reconstructed.jsonl.gz, "):
        public_sets.read(tmp_path)


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (gzip.compress(b'{"text": "a", "label": "joy"}\n\n{"text": "a", "la'), "line 3 is damaged: JSONDecodeError"),
        (gzip.compress(b'{"text": "a"}'), "line 1 is damaged: KeyError('label')"),
        (gzip.compress(b'{"text": "a", "label": "spleen"}'), "line 1 is damaged: KeyError('spleen')"),
        (gzip.compress(b'{"text": "a", "label": "joy"}')[:-9], "cannot be read to its end"),
        (b"{}", "cannot be read to its end"),
    ],
)
def test_a_damaged_set_is_named_with_its_line(tmp_path: Path, contents: bytes, words: str) -> None:
    damaged = write(tmp_path / "sets") / "tweeteval_emotion" / "train.jsonl.gz"
    damaged.write_bytes(contents)

    with pytest.raises(SystemExit) as ended:
        public_sets.read(tmp_path / "sets")

    assert str(damaged) in str(ended.value) and words in str(ended.value)


def test_a_damaged_post_of_ours_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "part1.jsonl").write_text('\n{"text": "a", "language": "en"}', encoding="utf-8")

    with pytest.raises(SystemExit, match="part1.jsonl, line 2 is damaged: KeyError"):
        read_learning(tmp_path)


def test_without_public_sets_our_own_posts_are_left() -> None:
    assert sources(read(None)) == {LEARNED, DEVELOPED}


def test_what_two_labellers_see_differently_is_not_taught_as_certain(tmp_path: Path) -> None:
    post = {"text": "Ein Satz über den Aufzug", "language": "de", "sentiment": "neutral", "kind": "question"}
    post |= {"urgency": 1, "reasons": [], "evidence": []}
    other = {"sentiment": "negative", "kind": "complaint", "urgency": 2}
    same = {"sentiment": "neutral", "kind": "question", "urgency": 1}
    rows = [post | {"second": other}, post | {"second": same}, post]
    (tmp_path / "part1.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    differing, *others = read_learning(tmp_path)

    assert differing.sentiment == UNLABELLED
    assert {KINDS[place] for place in differing.kinds} == {Kind.COMPLAINT, Kind.QUESTION}
    assert differing.urgency == 1  # the first stands
    assert [(SENTIMENTS[one.sentiment], [KINDS[place] for place in one.kinds]) for one in others] == [
        (Sentiment.NEUTRAL, [Kind.QUESTION])
    ] * 2


def test_emotions_teach_feelings_and_nothing_about_urgency(data: Path) -> None:
    train = read(data).train
    felt = [example for example in train if example.source == "goemotions"]

    assert {example.emotions for example in felt} == {(EMOTIONS.index("joy"),), (17, 18)}
    assert {(example.sentiment, example.urgency, example.guessed_urgency) for example in felt} == {
        (UNLABELLED, UNLABELLED, None)
    }
    affects = [example for example in train if example.source == "tweeteval_emotion"]
    assert {SENTIMENTS[example.sentiment] for example in affects} == {Sentiment.NEGATIVE, Sentiment.POSITIVE}


def test_no_text_is_learned_from_that_is_measured_on(data: Path) -> None:
    corpus = read(data)

    measured_on = {letters_of(example.text) for example in corpus.validation}
    assert not measured_on & {letters_of(example.text) for example in corpus.train}


def test_a_text_that_was_learned_in_another_spelling_is_not_measured_on(tmp_path: Path) -> None:
    folder = write(tmp_path / "sets")
    for part, texts in (
        ("train_reconstructed", ["It isn’t here, is it?"]),
        ("val", [r"it isn\u2019t here\u002c is it?", "so it is"]),
    ):
        rows = [json.dumps({"text": text, "label": "neutral"}) for text in texts]
        (folder / "tweeteval_sentiment" / f"{part}.jsonl.gz").write_bytes(gzip.compress("\n".join(rows).encode()))

    corpus = read(folder)

    tweets = "tweeteval_sentiment"
    assert [example.text for example in corpus.train if example.source == tweets] == ["It isn’t here, is it?"]
    assert [example.text for example in corpus.validation if example.source == tweets] == ["so it is"]


def test_the_card_calls_every_set_non_commercial_that_the_variant_leaves_out() -> None:
    rows = tomllib.loads((FOLDER / "card.toml").read_text(encoding="utf-8"))["data"]
    forbidding = " ".join(row["name"] for row in rows if row["non_commercial"])

    for known in ("SENTIPOLC", "IronITA", "MultiEmotions-It", "ABSITA", "Airline", "XLM-T"):
        assert known in forbidding
