"""Do heads learn from corrections what is there to learn, keep what they knew, and see nothing that measures them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from classifiers.teaching import course
from classifiers.teaching.choosing import Bench, choose
from classifiers.teaching.course import LEAST_POSTS, Verdict, teach
from classifiers.teaching.fitting import Sums, fit, ground, wanted_classes
from classifiers.teaching.folds import folds_of, letters, together
from classifiers.teaching.lessons import HEADS, Lesson
from classifiers.teaching.taught import HeadChange, Studied, Taught, read, written
from domain.errors import Malformed
from domain.judgement import Kind, Sentiment, UrgencyLevel
from tests.fakes import FakeClassifier

WORDS = ("bill", "queue", "app", "parcel", "heating", "thanks", "agent", "refund")


class Student(FakeClassifier):
    """Reads which of WORDS stand in a post. Its shipped heads call everything a neutral question of level 1."""

    def __init__(self) -> None:
        super().__init__("student-1")
        self.studied: list[str] = []

    def study(self, texts: Sequence[str]) -> Studied:
        self.studied = list(texts)
        pooled = np.array([[float(word in text.split()) for word in WORDS] for text in texts], np.float32)
        likely = {"sentiment": [0, 1, 0], "kind": [0, 1, 0, 0, 0, 0], "urgency": [3, -3, -3]}
        logits = {head: np.tile(np.array(row, np.float32), (len(texts), 1)) for head, row in likely.items()}
        return Studied(pooled, logits, {head: np.ones(len(texts), np.float32) for head in likely})

    def with_heads(self, taught: Taught | None) -> Student:
        return self


def lesson(n: int, *, kind: Kind | None = None, level: UrgencyLevel | None = None) -> Lesson:
    """A post of a customer of its own about one of WORDS: the bill is a complaint here, the parcel is for today."""
    word = WORDS[n % 4]
    meant = Kind.COMPLAINT if word == "bill" else Kind.QUESTION
    urgent = UrgencyLevel.SAME_DAY if word == "parcel" else UrgencyLevel.NORMAL
    return Lesson(
        n + 1, f"post {n} about the {word}", f"customer {n}", Sentiment.NEUTRAL, kind or meant, level or urgent
    )


@pytest.fixture(autouse=True)
def few_shipped_posts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty posts each in place of the thousands that ship."""
    some = tuple(replace(lesson(n, kind=Kind.QUESTION, level=UrgencyLevel.NORMAL), post_id=0) for n in range(2, 42, 2))
    shipped = tuple(replace(each, text=each.text.replace("post", "shipped")) for each in some)
    monkeypatch.setattr(course, "shipped_lessons", lambda: shipped)
    monkeypatch.setattr(
        course, "shipped_checks", lambda: tuple(replace(e, text=f"check {e.text}") for e in shipped[::2])
    )


def trial(found: course.Course, head: str) -> course.HeadTrial:
    return next(each for each in found.trials if each.head == head)


def test_what_a_team_says_again_and_again_is_learned_and_shown_before_and_after() -> None:
    found = teach(Student(), [lesson(n) for n in range(120)])
    kind = trial(found, "kind")
    assert kind.verdict is Verdict.BETTER and kind.n == 120
    assert (kind.before.value, kind.after.value) == (0.75, 1.0) and kind.gain.low > 0
    assert trial(found, "urgency").verdict is Verdict.BETTER and trial(found, "sentiment").verdict is Verdict.ONE_SIDED
    assert found.taught is not None and set(found.taught.heads) == {"kind", "urgency"}
    assert found.taught.learned_from == frozenset(range(1, 121))


def test_labels_without_any_pattern_are_not_installed() -> None:
    rng = np.random.default_rng(3)
    kinds = [list(Kind)[each] for each in rng.integers(0, 2, 60)]
    posts = [replace(lesson(n), kind=kind, level=None, sentiment=None) for n, kind in enumerate(kinds)]
    found = teach(Student(), posts)
    assert trial(found, "kind").verdict is Verdict.NO_CLEAR_GAIN and found.taught is None


def test_few_corrections_are_refused_head_by_head() -> None:
    posts = [lesson(n) for n in range(LEAST_POSTS - 1)]
    student = Student()
    assert {each.verdict for each in teach(student, posts).trials} == {Verdict.TOO_FEW}
    assert student.studied == [], "no post is read for nothing"
    posts = [lesson(n) for n in range(40)] + [replace(lesson(n), kind=None) for n in range(40, 60)]
    assert trial(teach(Student(), [replace(p, sentiment=None) for p in posts]), "sentiment").verdict is Verdict.TOO_FEW


def test_corrections_that_all_say_the_same_teach_nothing() -> None:
    found = teach(Student(), [lesson(n, kind=Kind.COMPLAINT) for n in range(60)])
    assert trial(found, "kind").verdict is Verdict.ONE_SIDED and "kind" not in (
        found.taught.heads if found.taught else {}
    )


def test_heads_that_would_harm_the_shipped_posts_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    others = tuple(Lesson(0, f"other words on the bill {n}", n, None, Kind.QUESTION, None) for n in range(30))
    monkeypatch.setattr(course, "shipped_checks", lambda: others)
    found = teach(Student(), [replace(lesson(n), level=None, sentiment=None) for n in range(120)])
    kind = trial(found, "kind")
    assert kind.verdict is Verdict.COSTS_ELSEWHERE and kind.shipped_after < kind.shipped_before and found.taught is None


def test_a_corrected_post_is_on_one_side_only_with_its_talk_and_its_copies() -> None:
    texts = ["No heating!", "@Aurora no HEATING https://x.example/1", "Thanks", "Where is my parcel", "Bill twice"]
    groups = together(texts, ["mara", "ugo", "ugo", "pia", "lea"])
    assert groups[0] == groups[1] == groups[2] and len(set(groups)) == 3
    parts = folds_of(texts, groups, folds=2)
    assert parts[0] == parts[1] == parts[2] and set(parts) == {0, 1}
    assert letters(texts[0]) == letters(texts[1])


def test_no_shipped_post_gives_the_answer_to_a_corrected_one_away(monkeypatch: pytest.MonkeyPatch) -> None:
    student = Student()
    monkeypatch.setattr(
        course, "shipped_lessons", lambda: (Lesson(0, "POST 3 about the parcel!", "s", kind=Kind.IDEA),)
    )
    teach(student, [lesson(n) for n in range(40)])
    assert "POST 3 about the parcel!" not in student.studied and "post 3 about the parcel" in student.studied


def test_each_corrected_post_is_measured_by_heads_that_never_saw_its_group_nor_were_chosen_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measuring: list[tuple[frozenset[int], set[int]]] = []
    learned: list[set[int]] = []
    real_fit, real_choose = Bench._fit, course.choose

    def watched_fit(bench, corrected, strength, start):
        learned.append(set(corrected.tolist()))
        return real_fit(bench, corrected, strength, start)

    def watched_choose(bench, seen):
        learned.clear()
        fresh = replace(bench, _found={})
        found = real_choose(fresh, seen)
        measuring.append((frozenset(seen), set().union(*learned)))
        return found

    monkeypatch.setattr(Bench, "_fit", watched_fit)
    monkeypatch.setattr(course, "choose", watched_choose)
    posts = [replace(lesson(n), talk=f"customer {n // 3}", sentiment=None, level=None) for n in range(60)]
    teach(Student(), posts)
    *parts, (everything, whole) = measuring
    assert everything == {0, 1, 2, 3, 4} and whole == set(range(60)) and len(parts) == 5
    kept_back = [whole - looked_at for _, looked_at in parts]
    assert sorted(place for part in kept_back for place in part) == list(range(60))
    for part, (_, looked_at) in zip(kept_back, parts, strict=True):
        assert {posts[p].talk for p in part}.isdisjoint({posts[p].talk for p in looked_at})


def test_what_is_measured_on_has_no_part_in_choosing() -> None:
    """Labels of the part held back are turned round, also those of shipped posts: the choice stays the same."""
    posts = [replace(lesson(n), sentiment=None, level=None) for n in range(60)]
    room = course._room(Student(), posts)
    bench = course._bench(HEADS[1], room, np.arange(60))
    turned = bench.labels.copy()
    hidden = [*bench.corrected[bench.parts == 0], *bench.checks[bench.check_parts == 0]]
    turned[hidden] = 5 - turned[hidden]
    seen = [1, 2, 3, 4]
    assert choose(bench, seen) == choose(replace(bench, labels=turned, _found={}), seen)


def test_learning_twice_gives_the_same_heads_and_the_order_changes_next_to_nothing() -> None:
    posts = [lesson(n) for n in range(80)]
    first, again, turned = (teach(Student(), each).taught for each in (posts, posts, posts[::-1]))
    assert first is not None and first.revision == again.revision
    assert np.allclose(first.heads["kind"].weights, turned.heads["kind"].weights, atol=0.02)


def test_a_lesson_that_makes_dangers_look_like_a_days_work_is_barred_though_the_whole_hardly_shows_it() -> None:
    levels = np.array([3] * 50 + [1] * 950, np.int64)
    logits = np.where(levels[:, None] > np.arange(3), 9, -9).astype(np.float32)
    heats = np.ones(len(levels), np.float32)
    studied, rows, none = Studied(logits, {"urgency": logits}, {"urgency": heats}), np.arange(1000), np.arange(0)
    head = next(each for each in HEADS if each.name == "urgency")
    bench = Bench(head, studied, ground(logits), levels, none, none, none, rows, rows % 5)
    after = bench.right(rows, None)
    assert after.all() and bench.spares(rows, after)

    assert bench.spares(rows, after & (rows >= 1)) and bench.spares(rows, after & ((rows < 50) | (rows >= 60)))
    assert not bench.spares(rows, after & (rows >= 2)), "two of fifty dangers are four in a hundred"
    assert not bench.spares(rows, after & ((rows < 50) | (rows >= 61))), "eleven of a thousand are more than a point"


def test_a_lesson_from_a_few_customers_alone_is_no_gain_beyond_chance() -> None:
    posts = [replace(lesson(n), talk=f"customer {n % 6}") for n in range(60)]

    assert {trial(teach(Student(), posts), "kind").verdict} == {Verdict.NO_CLEAR_GAIN}


def test_what_is_barred_for_dangers_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bench, "spares_gravest", lambda bench, rows, after: False)

    found = teach(Student(), [lesson(n) for n in range(80)])

    assert trial(found, "kind").verdict is Verdict.HIDES_DANGERS and found.taught is None


def test_a_stronger_hold_keeps_a_head_nearer_to_where_it_was() -> None:
    rng = np.random.default_rng(5)
    pooled = rng.normal(size=(200, 6)).astype(np.float32)
    wanted = wanted_classes((pooled[:, 0] > 0).astype(np.int64), 2)
    ones = np.ones(200, np.float32)
    on = ground(pooled)
    posts = Sums(on.inputs, np.zeros((200, 2), np.float32), wanted, ones, ones, exclusive=True)
    loose, tight = (on.change(fit(posts, hold=hold)) for hold in (0.1, 100.0))
    assert np.abs(tight.weights).max() < np.abs(loose.weights).max() / 3
    assert (loose.of(pooled).argmax(1) == wanted.argmax(1)).mean() > 0.95
    again = on.change(fit(posts, hold=0.1, start=fit(posts, hold=100.0)))
    assert np.allclose(again.of(pooled), loose.of(pooled), atol=0.1), "where it starts decides next to nothing"


def test_heads_are_read_as_they_were_written_and_rubbish_is_refused() -> None:
    change = HeadChange(np.arange(6, dtype=np.float32).reshape(3, 2), np.array([0.5, -1], np.float32))
    taught = Taught("model-1", {"kind": change}, frozenset({3, 1}))
    back = read(written(taught))
    assert back.revision == taught.revision and back.learned_from == {1, 3} and back.base == "model-1"
    assert np.array_equal(back.heads["kind"].weights, change.weights)
    other = replace(taught, heads={"kind": replace(change, bias=change.bias + 1)})
    assert other.revision != taught.revision and taught.revision.startswith("model-1+")
    for rubbish in (
        "",
        "{}",
        "[]",
        '{"base": "x", "heads": {"kind": {"weights": "?", "bias": "AAAA"}}, "learned_from": []}',
    ):
        with pytest.raises(Malformed):
            read(rubbish)


def test_the_heads_speak_of_the_labels_in_the_order_of_the_model() -> None:
    from classifiers.bundled.heads import KINDS, OUTPUTS, SENTIMENTS

    assert tuple(Sentiment) == SENTIMENTS and tuple(Kind) == KINDS
    assert [head.wanted(np.array([0])).shape[1] for head in HEADS] == [OUTPUTS[head.name] for head in HEADS]
