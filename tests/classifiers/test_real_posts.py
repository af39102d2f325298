"""Labels of ours on public texts: they teach what was said of them, some are kept for measuring, and no text ships."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from classifiers.bundled.heads import CODES, KINDS
from classifiers.training import public_sets, real_posts
from classifiers.training.corpus import read
from classifiers.training.examples import ANY_KIND, COMPLAINT, NO_COMPLAINT, UNLABELLED, Example
from classifiers.training.real_posts import REAL, Label, Said
from domain.judgement import CODED_FROM, Kind, ReasonCode
from tests.classifiers.toy_sets import write

STRANDED = Said(2, Kind.COMPLAINT, (ReasonCode.TIME,))
CALM = Said(1, Kind.QUESTION, ())


def text_that_is(held_out: bool) -> str:
    texts = (f"stranded at the airport since day {n}" for n in range(1_000))
    return next(text for text in texts if real_posts.is_held_out(text) == held_out)


def taught(first: Said, second: Said | None = None, *, known: tuple[int, ...] = ANY_KIND) -> Example:
    text = text_that_is(held_out=False)
    label = Label("airline_us", by_chance=False, first=first, second=second)
    return real_posts.labelled(Example(text, "airline_us", kinds=known), {real_posts.digest_of(text): label})


def test_a_label_teaches_level_kind_and_reasons_and_says_nothing_about_words() -> None:
    example = taught(STRANDED)

    assert (example.source, example.urgency, example.guessed_urgency) == (REAL, 2, None)
    assert [KINDS[place] for place in example.kinds] == [Kind.COMPLAINT]
    assert [CODES[place] for place in example.reasons or ()] == [ReasonCode.TIME]
    assert not example.evidence


def test_where_two_labellers_differ_all_they_said_is_possible() -> None:
    example = taught(STRANDED, CALM)

    assert (example.urgency, example.guessed_urgency) == (UNLABELLED, (1, 2))
    assert {KINDS[place] for place in example.kinds} == {Kind.COMPLAINT, Kind.QUESTION}
    assert example.reasons is None


def test_two_levels_below_reasons_are_still_without() -> None:
    assert taught(CALM, Said(0, Kind.OTHER, ())).reasons == ()


@pytest.mark.parametrize(
    ("said", "known", "left"),
    [
        (STRANDED, COMPLAINT, COMPLAINT),
        (STRANDED, NO_COMPLAINT, NO_COMPLAINT),  # The set's own label stands where the two contradict each other.
        (CALM, NO_COMPLAINT, (KINDS.index(Kind.QUESTION),)),
    ],
)
def test_the_sets_own_label_bounds_the_kind(said: Said, known: tuple[int, ...], left: tuple[int, ...]) -> None:
    assert taught(said, known=known).kinds == left


def test_some_labels_are_kept_for_measuring_and_never_taught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path)
    kept, learned = text_that_is(held_out=True), text_that_is(held_out=False)
    rows = [{"text": text, "label": "negative", "negativereason": "Late Flight"} for text in (kept, learned)]
    (folder / "airline_us" / "train_val.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    label = Label("airline_us", by_chance=False, first=STRANDED, second=None)
    labels = {real_posts.digest_of(text.upper() + " https://t.co/x"): label for text in (kept, learned)}
    monkeypatch.setattr(real_posts, "read", lambda: labels)

    corpus = read(folder)

    assert [(e.text, e.urgency) for e in corpus.train if e.source == REAL] == [(learned, 2)]
    assert [(e.text, e.urgency) for e in corpus.validation if e.text == kept] == [(kept, UNLABELLED)]
    assert not [e for e in corpus.train if e.text == kept]
    assert sorted(public_sets.texts(folder, {"airline_us"})) == sorted([kept, learned])


def test_the_labels_that_ship_hold_no_text_and_follow_the_rubric() -> None:
    rows = [json.loads(line) for line in real_posts.LABELS.read_text("utf-8").splitlines()]
    labels = real_posts.read()

    said = {"urgency", "kind", "reasons"}
    assert {frozenset(row) - {"second"} for row in rows} == {frozenset({"id", "set", "by_chance", *said})}
    assert all(set(row.get("second", said)) == said for row in rows)
    assert len(labels) == len(rows) > 1_000
    assert all(len(digest) == 12 and int(digest, 16) >= 0 for digest in labels)
    for label in labels.values():
        for one in filter(None, (label.first, label.second)):
            assert one.level in range(4) and (not one.reasons or one.level >= CODED_FROM)
    known = public_sets.NON_COMMERCIAL | {"complaints_twitter"} | {f"xlmt_umsab_{name}" for name in public_sets.WESTERN}
    assert real_posts.sources(labels) <= known
