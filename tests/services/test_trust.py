"""Does a manager see how far the model can be trusted, from posts it had judged before a colleague read them?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update

from classifiers import registry
from classifiers.teaching.taught import Taught
from collectors.protocol import Page
from db import audit
from db.tables import mentions
from domain.brand import Brand, Watch
from domain.errors import NotAllowed
from domain.judgement import Correction, Kind, Sentiment, UrgencyLevel
from services import heads, intake, teaching, triage, trust
from services.context import Context
from services.trust import HeadTrust, Share, Trust
from tests.fakes import FakeClassifier, MovableClock, a_post
from tests.services.test_teaching import some_heads

QUESTION = Correction(Sentiment.NEUTRAL, Kind.QUESTION, UrgencyLevel.NORMAL)
IDEA = replace(QUESTION, kind=Kind.IDEA)


@pytest.fixture
def read(
    ctx: Context, brand: Brand, watch: Watch, clock: MovableClock, acting: Callable[..., Context]
) -> Callable[..., Trust]:
    """Posts come in, the model judges (a question each), a colleague reads: ``read(QUESTION, IDEA)``."""
    paolo = acting("paolo")

    def act(*said: Correction, text: str = "where is it", model: str | None = "fake-1") -> Trust:
        posts = [a_post(text, author=f"{text[:3]}{n}", at=clock()) for n in range(len(said))]
        intake.store(ctx, watch, Page(tuple(posts), None))
        fresh = triage.waiting_ids(ctx, posts=100)
        if model is not None:
            triage.judge_pending(ctx, FakeClassifier(model), posts=100)
        clock.move(minutes=1)
        for mention_id, correction in zip(sorted(fresh), said, strict=True):
            triage.correct(paolo, mention_id, correction)
        return trust.trust(ctx, brand.id)

    return act


def of(found: Trust, head: str) -> Share:
    return next(each.agreed for each in found.heads if each.head == head)


def test_labels_that_were_left_as_they_are_count_as_agreement(read) -> None:
    found = read(QUESTION, QUESTION, IDEA)
    assert (of(found, "kind").hits, of(found, "kind").n) == (2, 3)
    assert of(found, "sentiment").value == of(found, "urgency").value == 1.0
    assert found.read_posts == 3 and found.models == ("fake-1",)


def test_a_label_that_nobody_gave_is_not_counted(read) -> None:
    found = read(Correction(kind=Kind.IDEA))
    assert of(found, "kind").n == 1 and of(found, "urgency").n == 0


def test_posts_that_only_the_rules_had_seen_say_nothing_about_the_model(read) -> None:
    found = read(IDEA, model=None)
    assert (found.read_posts, found.by_rules_alone, of(found, "kind").n) == (0, 1, 0)


def test_what_counts_is_what_the_model_said_before_it_could_learn_from_the_correction(ctx, brand, read, clock) -> None:
    read(IDEA)
    clock.move(minutes=1)

    class Knowing(FakeClassifier):
        def judge(self, texts):
            return [replace(each, kind=Kind.IDEA) for each in super().judge(texts)]

    triage.rejudge(ctx, Knowing("fake-2"), posts=10)
    found = trust.trust(ctx, brand.id)
    assert of(found, "kind").hits == 0 and found.models == ("fake-1",)


def test_each_language_stands_by_itself_the_most_read_first(ctx, brand, read) -> None:
    read(QUESTION, IDEA, IDEA)
    with ctx.store.write() as tx:
        tx.execute(update(mentions).where(mentions.c.id == 1).values(language="it"))
    found = trust.trust(ctx, brand.id)
    kinds = [(each.language, each.agreed.hits, each.agreed.n) for each in found.by_language if each.head == "kind"]
    assert kinds == [("en", 0, 2), ("it", 1, 1)]


def test_the_commonest_mistakes_come_first_with_the_cases_behind(read) -> None:
    found = read(IDEA, IDEA, replace(QUESTION, urgency_level=UrgencyLevel.ACT_NOW))
    first, second = found.mistakes
    assert (first.head, first.said, first.meant, first.n) == ("kind", Kind.QUESTION, Kind.IDEA, 2)
    assert (second.head, second.said, second.meant) == ("urgency", UrgencyLevel.NORMAL, UrgencyLevel.ACT_NOW)
    assert {post.case_id for post in first.posts} == {1, 2} and first.posts[0].text == "where is it"


def test_the_mistakes_that_were_marked_unsure_are_counted(read) -> None:
    read(IDEA, IDEA)
    found = read(IDEA, QUESTION, text="HUH what")
    assert (found.wrong_unsure.hits, found.wrong_unsure.n) == (1, 3)
    assert (found.unsure_now.hits, found.unsure_now.n) == (2, 4)


def test_a_post_on_which_two_differ_counts_once_with_the_latest_word(ctx, brand, read, acting, clock) -> None:
    read(IDEA)
    clock.move(minutes=1)
    triage.correct(acting("sara"), 1, QUESTION)
    found = trust.trust(ctx, brand.id)
    assert (found.disputed, of(found, "kind").hits, of(found, "kind").n) == (1, 1, 1)


def test_nothing_of_it_names_a_colleague(read) -> None:
    assert "paolo" not in repr(read(IDEA)).lower() and "user" not in repr(read(IDEA)).lower()


def test_an_operator_may_not_see_it_and_the_refusal_is_on_record(ctx, brand, acting) -> None:
    operator = acting("sara")
    with pytest.raises(NotAllowed):
        trust.trust(operator, brand.id)
    with ctx.store.read() as tx:
        assert [line.action for line in audit.page(tx, actor=operator.actor.name)] == ["model.read"]
    assert trust.trust(acting("boss", roles=("manager",)), brand.id).read_posts == 0
    assert trust.trust(acting("root", roles=("admin",)), brand.id).read_posts == 0


def test_the_model_is_measured_on_corrections_it_has_not_learned_from(ctx, brand, read) -> None:
    read(IDEA, QUESTION, QUESTION)
    everything = trust.on_corrections(ctx, FakeClassifier("fake-9"))
    assert everything.model == "fake-9" and everything.learned == 0
    kinds: list[HeadTrust] = [each for each in everything.heads if each.head == "kind"]
    assert (kinds[0].agreed.hits, kinds[0].agreed.n) == (2, 3)
    with ctx.store.write() as tx:
        heads.install(tx, replace(some_heads(), base="fake-9"))
    unseen = trust.on_corrections(ctx, FakeClassifier("fake-9"))
    assert unseen.learned == 1 and unseen.heads[1].agreed.n == 2


def test_a_new_version_is_measured_on_the_posts_that_taught_the_one_before(ctx, brand, read, monkeypatch) -> None:
    read(IDEA, QUESTION, QUESTION)
    with ctx.store.write() as tx:
        heads.install(tx, replace(some_heads(), base="fake-9"))
    found = trust.on_corrections(ctx, FakeClassifier("fake-10"))
    assert found.learned == 0 and found.heads[1].agreed.n == 3
    for revision, learned, lapsed in (("fake-9", 1, 0), ("fake-10", 0, 1)):
        monkeypatch.setattr(registry, "shipped_revision", lambda _name, revision=revision: revision)
        seen = trust.trust(ctx, brand.id)
        assert (seen.learned_posts, seen.lapsed_posts) == (learned, lapsed)


class Refuses(FakeClassifier):
    """A model that can be taught and wears none of these heads: they are of another shape."""

    def with_heads(self, _taught: object) -> Refuses:
        return self


class Wears(FakeClassifier):
    """One that wears whatever it is given."""

    def with_heads(self, taught: Taught | None) -> Wears:
        return self if taught is None else Wears(taught.revision)


def installed(ctx: Context, classifier: Refuses | Wears, number: float = 1.0) -> Taught:
    """Heads of the model's own revision, and everything judged since."""
    taught = replace(some_heads(number), base=classifier.card.revision)
    with ctx.store.write() as tx:
        heads.install(tx, taught)
    triage.rejudge_as_taught(ctx, lambda: classifier.with_heads(taught), posts=10)
    return taught


def test_heads_that_the_model_refused_for_their_shape_are_not_said_to_judge(ctx, brand, read, monkeypatch) -> None:
    read(IDEA, QUESTION)
    monkeypatch.setattr(registry, "shipped_revision", lambda _name: "fake-9")
    for number, (model, learned, lapsed) in enumerate(((Refuses("fake-9"), 0, 1), (Wears("fake-9"), 1, 0))):
        taught = installed(ctx, model, number)
        seen = trust.trust(ctx, brand.id)
        assert (seen.learned_posts, seen.lapsed_posts) == (learned, lapsed)
        left_out = trust.on_corrections(ctx, model.with_heads(taught)).learned
        assert left_out == learned, "what taught nobody is measured like any other post"


@pytest.mark.parametrize(("model", "can_learn"), [(Wears("own-1"), True), (FakeClassifier("own-1"), False)])
def test_a_model_that_only_this_desk_has_is_known_by_having_judged(ctx, brand, read, model, can_learn) -> None:
    own = replace(ctx, settings=replace(ctx.settings, model="own"))
    read(IDEA)
    before = trust.trust(own, brand.id)
    triage.rejudge(own, model, posts=10)
    seen = trust.trust(own, brand.id)
    assert (before.can_learn, seen.can_learn, seen.is_missing) == (False, can_learn, False)
    if can_learn:
        installed(own, model)
        assert trust.trust(own, brand.id).learned_posts == 1


@pytest.mark.parametrize("torn", ["", "name = ", "\xff"])
def test_a_card_that_cannot_be_read_names_no_revision(tmp_path, monkeypatch, torn: str) -> None:
    (tmp_path / "bundled").mkdir()
    (tmp_path / "bundled" / "card.toml").write_bytes(torn.encode("latin-1"))
    monkeypatch.setattr(registry, "__file__", str(tmp_path / "registry.py"))
    assert registry.is_shipped("bundled") and registry.shipped_revision("bundled") is None


def test_the_interval_is_wilsons_and_a_few_posts_are_not_enough() -> None:
    low, high = Share(8, 10).interval
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)  # Agresti and Coull (1998) give the formula
    assert Share(0, 0).interval == (0.0, 1.0) and Share(20, 20).interval[1] == 1.0
    assert not Share(19, 19).is_enough and Share(10, 20).is_enough


def test_the_rules_may_be_the_model_and_are_then_measured(ctx, brand, read) -> None:
    by_rules = replace(ctx, settings=replace(ctx.settings, model="rules"))
    read(IDEA, model=None)
    assert trust.trust(by_rules, brand.id).read_posts == 1
    assert len(teaching.corrected_posts(by_rules)) == 1
