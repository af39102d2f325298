"""How does a team's word reach the model? Its heads are learned anew from corrections, and that can be undone."""

from __future__ import annotations

from classifiers.protocol import Classifier
from classifiers.teaching.course import LEAST_POSTS, Course, teach
from classifiers.teaching.lessons import Lesson
from db import brands as brands_db
from db import corrections
from db.corrections import CorrectedPost
from domain.errors import NotPossible
from domain.people import Right
from services import heads, lesson_record
from services.act import act, require
from services.context import Context


def corrected_posts(ctx: Context, brand_id: int | None = None) -> list[CorrectedPost]:
    """Every post that the team has labelled, of one brand; without one: of all but the sample, which is invented.

    Needs Right.MODEL.
    """
    require(ctx, Right.MODEL, action="model.read", entity="model")
    with ctx.store.read() as tx:
        of_all = [brand.id for brand in brands_db.all_brands(tx) if not brand.is_sample]
        return corrections.corrected(tx, of_all if brand_id is None else [brand_id], besides=rules_revisions(ctx))


def rules_revisions(ctx: Context) -> tuple[str, ...]:
    """The names under which the first look on arrival is kept; none where the rules are the model."""
    return () if ctx.settings.model == "rules" else (ctx.rules.card.revision[:80],)


def try_heads(ctx: Context, classifier: Classifier, *, brand_id: int | None = None) -> Course:
    """Learn heads from corrections and compare; changes nothing. Takes a minute. Needs Right.MODEL.

    Raises NotPossible when too few posts are corrected for any head, Misconfigured for a model without heads.
    """
    model = heads.teachable(classifier)
    lessons = [_lesson(post) for post in corrected_posts(ctx, brand_id) if may_teach(ctx, post)]
    if len(lessons) < LEAST_POSTS:
        _refuse(len(lessons), of_all=brand_id is None and _has_sample(ctx))
    course = teach(heads.teachable(model.with_heads(None)), lessons)
    if all(trial.n < LEAST_POSTS for trial in course.trials):
        _refuse(max(trial.n for trial in course.trials))
    return course


def learn(ctx: Context, classifier: Classifier, *, brand_id: int | None = None) -> Course:
    """The same, and what is better judges from now on: nothing else is installed. Needs Right.MODEL.

    What came of each head is kept, also where none was bettered.
    """
    course = try_heads(ctx, classifier, brand_id=brand_id)
    with act(ctx, "model.teach", "model", needs=Right.MODEL) as running:
        running.details["labels"] = [] if course.taught is None else sorted(course.taught.heads)
        if course.taught is not None:
            running.entity_id = heads.install(running.tx, course.taught)
        lesson_record.keep(running.tx, course.trials, number=running.entity_id, at=ctx.clock())
    return course


def undo(ctx: Context) -> int:
    """Let the heads judge that did before the last lesson; returns their number, 0 for the shipped ones.

    Needs Right.MODEL. Raises NotPossible when the shipped ones judge already.
    """
    with act(ctx, "model.undo", "model", needs=Right.MODEL) as running:
        running.entity_id = heads.number_in(running.tx)
        if running.entity_id == heads.SHIPPED:
            raise NotPossible("The model judges with the heads it came with: nothing to undo.", reason="not_taught")
        return heads.step_back(running.tx)


def may_teach(ctx: Context, post: CorrectedPost) -> bool:
    """Some networks let no model learn from what people write there; the team sees these corrections all the same."""
    return post.channel not in ctx.channels.names() or ctx.channels.manifest(post.channel).trains


def _lesson(post: CorrectedPost) -> Lesson:
    """All posts of one customer are one talk: they stay on one side when something is held back."""
    return Lesson(post.mention_id, post.text, post.customer_id, post.sentiment, post.kind, post.level)


def _has_sample(ctx: Context) -> bool:
    with ctx.store.read() as tx:
        return any(brand.is_sample for brand in brands_db.all_brands(tx))


def _refuse(n: int, *, of_all: bool = False) -> None:
    left_out = " The sample is left out unless it is named with --brand." if of_all else ""
    raise NotPossible(
        f"Too little to learn from: {n} corrected posts, and at least {LEAST_POSTS} are needed.{left_out}",
        reason="few_corrections",
        n=n,
        needed=LEAST_POSTS,
    )
