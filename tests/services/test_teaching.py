"""Does a team's word reach the model, only when it is better, for every worker, and can it be taken back?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import update

from classifiers.measures import Figure
from classifiers.teaching.course import Course, HeadTrial, Verdict
from classifiers.teaching.taught import HeadChange, Studied, Taught
from collectors.protocol import Page
from db import audit, judgements, mentions, meta
from db.tables import mentions as mentions_table
from domain.brand import Watch
from domain.errors import Misconfigured, NotAllowed, NotPossible
from domain.judgement import Correction, Kind, Sentiment, UrgencyLevel
from services import brands, heads, intake, lesson_record, sample, teaching, triage, trust, watches
from services.context import Context
from tests.fakes import FakeClassifier, MovableClock, a_post


class Pupil(FakeClassifier):
    """The plain fake, with heads: taught ones change its revision and nothing else."""

    def __init__(self, taught: Taught | None = None) -> None:
        super().__init__("pupil-1" if taught is None else taught.revision)
        self.taught = taught

    def study(self, texts: list[str]) -> Studied:
        raise AssertionError("the course is faked")

    def with_heads(self, taught: Taught | None) -> Pupil:
        return Pupil(taught)


def some_heads(number: float = 1.0, *, learned_from: frozenset[int] = frozenset({1})) -> Taught:
    change = HeadChange(np.full((2, 6), number, np.float32), np.zeros(6, np.float32))
    return Taught("pupil-1", {"kind": change}, learned_from)


@pytest.fixture
def lessons(ctx: Context, watch: Watch, acting: Callable[..., Context], clock: MovableClock) -> Context:
    """Thirty posts of thirty customers, each corrected by Paolo."""
    posts = [a_post(f"post {n}", author=f"author{n}", at=clock()) for n in range(30)]
    intake.store(ctx, watch, Page(tuple(posts), None))
    paolo = acting("paolo").actor.user_id
    with ctx.store.write() as tx:
        for mention_id in range(1, 31):
            said = Correction(kind=Kind.IDEA if mention_id % 2 else Kind.PRAISE)
            judgements.add_correction(tx, mention_id, said, user_id=paolo, at=clock())
            mentions.put_correction(tx, mention_id, said)
    return ctx


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Callable[[Taught | None], list[object]]:
    """What a course will find; returns the lessons it was given."""

    def will_find(taught: Taught | None) -> list[object]:
        given: list[object] = []
        half = Figure(0.5, 0.4, 0.6, 30)

        def teach(_model: object, posts: list[object]) -> Course:
            given.extend(posts)
            verdict = Verdict.NO_CLEAR_GAIN if taught is None else Verdict.BETTER
            weight = None if taught is None else 30.0
            return Course((HeadTrial("kind", len(posts), verdict, half, half, half, 9, 0.5, 0.5, weight),), taught)

        monkeypatch.setattr(teaching, "teach", teach)
        return given

    return will_find


def test_better_heads_judge_from_then_on_and_are_kept_through_a_restart(lessons, course) -> None:
    course(some_heads())
    teaching.learn(lessons, Pupil())
    assert heads.number(lessons) == 1
    assert heads.taught(lessons).revision == some_heads().revision
    assert heads.worn(lessons, Pupil()).card.revision == some_heads().revision
    assert heads.learned(lessons, "pupil-1") == heads.Learned(frozenset({1}))
    assert not heads.learned(lessons, "pupil-2").worn, "a new version judges with its own heads"


def test_heads_that_are_not_better_change_nothing(lessons, course) -> None:
    course(None)
    assert teaching.learn(lessons, Pupil()).taught is None
    assert heads.number(lessons) == 0 and heads.worn(lessons, pupil := Pupil()) is pupil


def test_what_came_of_the_last_lesson_is_kept_also_where_nothing_was_bettered_and_after_it_was_taken_back(
    lessons, course, clock
) -> None:
    def told() -> lesson_record.LastLesson | None:
        with lessons.store.read() as tx:
            return lesson_record.last(tx)

    course(some_heads())
    teaching.try_heads(lessons, Pupil())
    assert told() is None, "a try is no lesson"
    teaching.learn(lessons, Pupil())
    first = told()
    assert (first.at, first.installed, first.judges) == (clock(), True, True)
    (head,) = first.heads
    assert (head.head, head.verdict, head.before, head.gain_low, head.weight) == ("kind", "better", 0.5, 0.4, 30.0)
    assert trust.trust(lessons, 1).last_lesson == first
    teaching.undo(lessons)
    assert told() == replace(first, judges=False)
    course(None)
    teaching.learn(lessons, Pupil())
    assert (told().installed, told().heads[0].verdict, told().heads[0].weight) == (False, "no_clear_gain", None)


def test_trying_installs_nothing(lessons, course) -> None:
    course(some_heads())
    assert teaching.try_heads(lessons, Pupil()).taught is not None
    assert heads.number(lessons) == 0


def test_posts_that_went_with_their_brand_name_no_other_post_as_one_that_taught(lessons, brand, course) -> None:
    other = brands.add_brand(lessons, "Borea")
    watch = watches.add_watch(lessons, other.id, name="all", terms=(), channels=("fake",))
    intake.store(lessons, watch, Page((a_post("stays", author="mara"),), None))
    for number in (1.0, 2.0):
        course(some_heads(number, learned_from=frozenset({1, 30, 31})))
        teaching.learn(lessons, Pupil())
    brands.remove_brand(lessons, brand.id)
    assert heads.taught(lessons).revision == some_heads(2.0).revision, "what was learned stays"
    assert heads.learned(lessons, "pupil-1").posts == {31}
    teaching.undo(lessons)
    assert heads.taught(lessons).learned_from == {31}, "of the step before as well"


def test_numbers_given_again_after_the_sample_went_have_taught_nothing(
    ctx, lessons, brand, course, monkeypatch
) -> None:
    from db.tables import brands as table

    course(some_heads(learned_from=frozenset(range(1, 31))))
    teaching.learn(lessons, Pupil())
    with ctx.store.write() as tx:
        tx.execute(update(table).values(is_sample=True))
    monkeypatch.setattr(sample, "CHANNEL", "fake")
    sample.remove(ctx)
    assert heads.learned(ctx, "pupil-1").posts == frozenset()


def test_each_lesson_can_be_taken_back_down_to_the_shipped_heads(lessons, course, acting) -> None:
    for number in (1.0, 2.0):
        course(some_heads(number))
        teaching.learn(lessons, Pupil())
    assert teaching.undo(lessons) == 1
    assert heads.taught(lessons).revision == some_heads(1.0).revision
    assert teaching.undo(lessons) == 0 and heads.taught(lessons) is None
    with pytest.raises(NotPossible) as refused:
        teaching.undo(lessons)
    assert refused.value.reason == "not_taught"
    course(some_heads(3.0))
    teaching.learn(lessons, Pupil())
    assert heads.number(lessons) == 3, "a number is never given twice"


def test_the_same_lesson_once_more_is_no_step_of_its_own(lessons, course) -> None:
    for _ in range(2):
        course(some_heads())
        teaching.learn(lessons, Pupil())
    with lessons.store.read() as tx:
        assert lesson_record.last(tx).judges
    assert teaching.undo(lessons) == 0 and heads.taught(lessons) is None
    teaching.learn(lessons, Pupil())
    assert heads.taught(lessons) is not None, "after it was taken back it counts again"


def test_posts_are_judged_again_after_a_lesson_and_after_taking_it_back_and_corrections_stay(lessons, course) -> None:
    triage.judge_pending(lessons, Pupil(), posts=100)
    assert triage.rejudge_as_taught(lessons, Pupil, posts=8) == 0, "nothing was taught"
    course(some_heads())
    teaching.learn(lessons, Pupil())
    assert triage.rejudge_as_taught(lessons, lambda: heads.worn(lessons, Pupil()), posts=8) == 30
    assert triage.rejudge_as_taught(lessons, lambda: heads.worn(lessons, Pupil()), posts=8) == 0
    assert {post.kind for post in teaching.corrected_posts(lessons)} == {Kind.IDEA, Kind.PRAISE}
    teaching.undo(lessons)
    assert triage.rejudge_as_taught(lessons, lambda: heads.worn(lessons, Pupil()), posts=100) == 30


def test_live_posts_go_before_posts_that_are_judged_again(lessons, course, say) -> None:
    triage.judge_pending(lessons, Pupil(), posts=100)
    course(some_heads())
    teaching.learn(lessons, Pupil())
    say("URGENT smell of gas", author="mara")
    assert triage.rejudge_as_taught(lessons, Pupil, posts=8) == 0
    triage.judge_pending(lessons, heads.worn(lessons, Pupil()), posts=1)
    assert triage.rejudge_as_taught(lessons, lambda: heads.worn(lessons, Pupil()), posts=8) == 30


def test_too_few_corrections_are_refused_with_their_number(ctx, brand, say, acting) -> None:
    say("BAD parcel")
    triage.correct(acting("paolo"), 1, Correction(kind=Kind.IDEA))
    with pytest.raises(NotPossible, match="1 corrected posts, and at least 30") as refused:
        teaching.learn(ctx, Pupil())
    assert (refused.value.reason, refused.value.values["n"]) == ("few_corrections", 1)
    assert heads.number(ctx) == 0


def test_a_model_without_heads_cannot_be_taught(lessons) -> None:
    with pytest.raises(Misconfigured, match="fake cannot be taught"):
        teaching.learn(lessons, FakeClassifier())


def test_the_latest_word_of_two_colleagues_is_learned_and_both_are_kept(ctx, brand, say, acting) -> None:
    say("BAD parcel")
    triage.correct(acting("paolo"), 1, Correction(kind=Kind.IDEA, urgency_level=UrgencyLevel.NORMAL))
    triage.correct(acting("sara"), 1, Correction(kind=Kind.PRAISE, sentiment=Sentiment.POSITIVE))
    (post,) = teaching.corrected_posts(ctx)
    assert (post.kind, post.sentiment, post.level) == (Kind.PRAISE, Sentiment.POSITIVE, UrgencyLevel.NORMAL)
    assert post.is_disputed
    with ctx.store.read() as tx:
        from sqlalchemy import func, select

        from db.tables import corrections

        assert tx.execute(select(func.count()).select_from(corrections)).scalar_one() == 2


def test_who_changes_their_own_mind_disputes_nothing(ctx, brand, say, acting) -> None:
    say("BAD parcel")
    paolo = acting("paolo")
    for kind in (Kind.IDEA, Kind.PRAISE):
        triage.correct(paolo, 1, Correction(kind=kind))
    (post,) = teaching.corrected_posts(ctx)
    assert post.kind is Kind.PRAISE and not post.is_disputed


def test_posts_of_one_customer_are_one_talk(lessons, course, say, acting) -> None:
    say("again", author="author3")
    triage.correct(acting("sara"), 31, Correction(kind=Kind.IDEA))
    given = course(None)
    teaching.learn(lessons, Pupil())
    talks = [lesson.talk for lesson in given]
    assert len(talks) == 31 and len(set(talks)) == 30


def test_what_its_author_deleted_teaches_nothing(lessons, clock) -> None:
    with lessons.store.write() as tx:
        mentions.bury(tx, 7, at=clock())
    assert 7 not in {post.mention_id for post in teaching.corrected_posts(lessons)}


def test_what_people_write_on_reddit_is_corrected_and_teaches_nothing(lessons, course, clock, monkeypatch) -> None:
    """Data API terms: no model learns from it without Reddit's word."""
    import bootstrap

    with lessons.store.write() as tx:
        tx.execute(update(mentions_table).where(mentions_table.c.id.in_([3, 4])).values(channel="reddit"))
        tx.execute(update(mentions_table).where(mentions_table.c.id == 5).values(channel="import"))
    desk = replace(lessons, channels=bootstrap.Channels(str(lessons.settings.data_path), clock))
    given = course(some_heads())
    monkeypatch.setattr(teaching, "LEAST_POSTS", 28)
    teaching.learn(desk, Pupil())
    taught = {lesson.post_id for lesson in given}
    assert taught == set(range(1, 31)) - {3, 4}
    assert {3, 4} <= {post.mention_id for post in teaching.corrected_posts(desk)}
    assert trust.trust(desk, 1).teaching_posts == 28


def test_the_invented_sample_teaches_only_when_asked_for(ctx, lessons, brand) -> None:
    from db.tables import brands as table

    with ctx.store.write() as tx:
        tx.execute(update(table).values(is_sample=True))
    assert teaching.corrected_posts(ctx) == []
    assert len(teaching.corrected_posts(ctx, brand.id)) == 30
    with pytest.raises(NotPossible, match="0 corrected posts.* The sample is left out unless it is named with --brand"):
        teaching.learn(ctx, Pupil())
    assert brands.list_brands(ctx)[0].is_sample


def test_teaching_needs_the_right_and_leaves_a_line(lessons, course, acting) -> None:
    course(some_heads())
    operator, manager = acting("sara"), acting("boss", roles=("manager",))
    for act in (lambda: teaching.learn(operator, Pupil()), lambda: teaching.undo(operator)):
        with pytest.raises(NotAllowed):
            act()
    teaching.learn(manager, Pupil())
    teaching.undo(manager)
    with lessons.store.read() as tx:
        lines = [(line.action, line.outcome) for line in audit.page(tx, actor=manager.actor.name)]
        refused = {line.action for line in audit.page(tx, actor=operator.actor.name) if line.outcome == "refused"}
    assert lines == [("model.undo", "done"), ("model.teach", "done")]
    assert refused == {"model.read", "model.undo"}


def test_heads_that_cannot_be_read_are_left_out_and_the_shipped_ones_judge(lessons, course, caplog) -> None:
    course(some_heads())
    teaching.learn(lessons, Pupil())
    with lessons.store.write() as tx:
        meta.keep(tx, "heads 1", '{"before": 0, "taught": "torn"}')
    assert heads.worn(lessons, Pupil()).card.revision == "pupil-1"
    assert "cannot be read" in caplog.text
    assert teaching.undo(lessons) == 0, "and they can be taken back"
