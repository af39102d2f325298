"""What does `judge` answer, line by line?"""

import json

import pytest

from desk.cli import judging
from desk.cli.judging import MAX_LINE_BYTES, judged
from tests.fakes import FakeClassifier

FIELDS = {
    *("id", "language", "sentiment", "sentiment_scores", "kind", "kind_scores"),
    *("urgency", "urgency_level", "reasons", "unsure", "model"),
}


def answers(*chunks: bytes, batch_posts: int = 64) -> list[dict]:
    found = judged(chunks, FakeClassifier(), batch_posts=batch_posts)
    return [json.loads(json.dumps(answer)) for batch in found for answer in batch]


def line(id: object, text: str) -> bytes:
    return json.dumps({"id": id, "text": text}).encode() + b"\n"


def test_each_line_gets_the_whole_judgement() -> None:
    (answer,) = answers(line("a", "URGENT gas"))
    assert set(answer) == FIELDS
    assert (answer["id"], answer["kind"], answer["sentiment"]) == ("a", "complaint", "negative")
    assert (answer["urgency"], answer["urgency_level"]) == (3.0, 3)
    assert answer["reasons"] == [{"code": "safety", "evidence": [0, 6]}]
    assert set(answer["sentiment_scores"]) == {"negative", "neutral", "positive"}
    assert answer["model"] == "fake-1"


def test_order_is_kept_over_batches_and_chunks_that_cut_lines() -> None:
    stream = b"".join(line(n, "BAD" if n % 2 else "THANKS") for n in range(50))
    found = answers(*[stream[at : at + 37] for at in range(0, len(stream), 37)], batch_posts=7)
    assert [a["id"] for a in found] == list(range(50))
    assert [a["kind"] for a in found[:4]] == ["praise", "complaint", "praise", "complaint"]


def test_empty_lines_are_skipped_but_counted() -> None:
    found = answers(b"\n  \n" + line(1, "ok") + b"\r\nnonsense\n")
    assert [a.get("id") for a in found] == [1, None]
    assert found[1]["line"] == 5


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (b"{not json", "the line is not JSON"),
        (b"[1, 2]", "the line is not a JSON object"),
        (b'"text"', "the line is not a JSON object"),
        (b"\xff\xfe{}", "the line is not UTF-8"),
        (b"[" * 100_000, "the line is not JSON"),
        (b'{"id": NaN, "text": "x"}', "the line is not JSON"),
        (b'{"id": 1e999, "text": "x"}', "the line is not JSON"),
        (b'{"id": 2, "text": "caff\xe8"}', "the line is not UTF-8"),
        (b"x" * (MAX_LINE_BYTES + 1), f"the line is longer than {MAX_LINE_BYTES} bytes"),
    ],
    ids=["not json", "list", "string", "not utf-8", "deep", "nan", "too large", "latin-1", "long"],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(bad: bytes, error: str) -> None:
    found = answers(line(1, "BAD") + bad + b"\n" + line(3, "THANKS"))
    assert found[1] == {"line": 2, "error": error}
    assert [a.get("id") for a in found] == [1, None, 3]


@pytest.mark.parametrize(
    ("given", "error"),
    [({"id": 7}, "text is missing"), ({"id": 7, "text": 5}, "text is not a string")],
)
def test_a_line_without_a_usable_text_keeps_its_id(given: dict, error: str) -> None:
    assert answers(json.dumps(given).encode()) == [{"id": 7, "line": 1, "error": error}]


def test_of_a_line_that_is_far_too_long_little_is_kept_and_the_next_one_is_judged() -> None:
    pieces = [b"x" * MAX_LINE_BYTES for _ in range(6)]
    found = answers(b'{"id":1,"text":"', *pieces, b'"}\n' + line(2, "THANKS"))
    assert found[0] == {"line": 1, "error": f"the line is longer than {MAX_LINE_BYTES} bytes"}
    assert (found[1]["id"], found[1]["kind"]) == (2, "praise")


def test_ids_that_stand_twice_are_answered_twice_in_order() -> None:
    found = answers(line("a", "BAD") + line("a", "THANKS"))
    assert [(a["id"], a["kind"]) for a in found] == [("a", "complaint"), ("a", "praise")]


def test_closed_input_is_no_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging.sys, "stdin", None)
    assert list(judging._stdin_chunks()) == []


def test_the_last_line_needs_no_line_break() -> None:
    assert [a["id"] for a in answers(line("only", "ok").rstrip())] == ["only"]


def test_nothing_in_gives_nothing_out() -> None:
    assert answers() == answers(b"") == answers(b"\n\n") == []


def test_a_batch_is_never_larger_than_asked() -> None:
    stream = b"".join(line(n, "ok") for n in range(10))
    assert [len(batch) for batch in judged([stream], FakeClassifier(), batch_posts=4)] == [4, 4, 2]


def test_hostile_ids_and_texts_come_back_unchanged() -> None:
    hostile = ["\x1b[2J", "\ud800", {"nested": [1]}, None, "عربي \u202e"]
    found = answers(*[line(id, "\x00\ud800 ‮" * 50) for id in hostile])
    assert [a["id"] for a in found] == hostile
