"""How far can the model be trusted? Its labels beside those of the colleagues who read the same posts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import IntEnum, StrEnum

from classifiers import registry
from classifiers.evaluate import Report, measured
from classifiers.measures import Figure
from classifiers.protocol import Classifier
from classifiers.teaching.course import LEAST_POSTS
from db import corrections
from db.corrections import CorrectedPost, ModelSaid
from domain.judgement import Judgement
from services import heads, lesson_record, teaching
from services.context import Context
from services.lesson_record import LastLesson

#: Below so many posts a share says more about chance than about the model.
ENOUGH_POSTS = 20
#: The window over which the share of unsure posts is counted.
WINDOW_DAYS = 28
#: So many kinds of mistake, and posts behind each, are shown.
MOST_MISTAKES, MOST_POSTS = 6, 8
#: The 97.5th percentile of the normal distribution.
_Z = 1.959964
#: A head's name on every page and in every report.
SENTIMENT, KIND, URGENCY = "sentiment", "kind", "urgency"
HEADS = (SENTIMENT, KIND, URGENCY)

Label = StrEnum | IntEnum


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``n``, with the 95 % interval of the share behind it (Wilson, 1927)."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        """In [0, 1]; 0 of nothing is 0."""
        return self.hits / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end, in [0, 1]."""
        if not self.n:
            return 0.0, 1.0
        z2 = _Z * _Z / self.n
        middle = (self.value + z2 / 2) / (1 + z2)
        half = _Z * math.sqrt(self.value * (1 - self.value) / self.n + z2 / (4 * self.n)) / (1 + z2)
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def is_enough(self) -> bool:
        """Whether it rests on enough posts to be told as a figure."""
        return self.n >= ENOUGH_POSTS


@dataclass(frozen=True, slots=True)
class HeadTrust:
    """How often the model and the reading colleague gave the same label; ``language`` empty for all.

    ``shipped`` is the same share on the posts for measuring that ship, None where nobody measured it.
    """

    head: str
    language: str
    agreed: Share
    shipped: Figure | None = None


@dataclass(frozen=True, slots=True)
class PostBehind:
    """One post behind a figure, by its case."""

    case_id: int
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """The model said ``said`` where colleagues said ``meant``, ``n`` times; some of the posts, the latest first."""

    head: str
    said: Label
    meant: Label
    n: int
    posts: tuple[PostBehind, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """Everything a manager can know from the team's own reading. Nothing here is about a colleague.

    ``read_posts`` were read by colleagues with the model's labels before them; ``by_rules_alone`` more before any
    model had judged, which say nothing about it. ``models`` are the revisions concerned. ``wrong_unsure``: of the
    posts with any wrong label, those the model had marked as not sure. ``unsure_now``: of all posts judged in the
    last WINDOW_DAYS days. ``disputed``: two colleagues differed; the latest word counts. ``learned_posts``: so many
    taught the heads in use, 0 for the shipped ones; ``lapsed_posts``: so many taught heads for another version of the
    model or of another shape, which do not judge. Of the ``teaching_posts`` it may learn ``needed_posts`` are needed to
    teach it; ``can_learn``: the model chosen is one that can be taught. ``is_missing``: it is Sportello's own, and its
    files cannot be read. ``last_lesson`` is of the whole desk: what came of it, None where nobody has taught yet.
    """

    read_posts: int
    by_rules_alone: int
    disputed: int
    models: tuple[str, ...]
    heads: tuple[HeadTrust, ...]
    by_language: tuple[HeadTrust, ...]
    mistakes: tuple[Mistake, ...]
    wrong_unsure: Share
    unsure_now: Share
    learned_posts: int
    lapsed_posts: int
    teaching_posts: int
    needed_posts: int
    can_learn: bool
    is_missing: bool
    last_lesson: LastLesson | None


@dataclass(frozen=True, slots=True)
class OnCorrections:
    """A model judged on corrected posts now; ``learned`` were left out because its heads learned from them."""

    model: str
    heads: tuple[HeadTrust, ...]
    learned: int


def trust(ctx: Context, brand_id: int) -> Trust:
    """What the corrections and confirmations of one brand say about the model. Needs Right.MODEL."""
    posts = teaching.corrected_posts(ctx, brand_id)
    since = ctx.clock() - timedelta(days=WINDOW_DAYS)
    with ctx.store.read() as tx:
        judged, unsure = corrections.unsure_of(tx, brand_id, since=since, besides=teaching.rules_revisions(ctx))
        last_lesson = lesson_record.last(tx)
    read = [(post, post.said) for post in posts if post.said is not None]
    wrong = [said for post, said in read if _is_wrong(post, said)]
    languages = Counter(post.language for post, _ in read)
    revision, judging = registry.shipped_revision(ctx.settings.model), heads.judging(ctx)
    is_ours = registry.is_shipped(ctx.settings.model)
    # A model that only this desk has cannot be known by its card, but it has judged.
    learned = heads.learned(ctx, judging.revision if judging and not is_ours else revision)
    shipped = _shipped(ctx)
    return Trust(
        read_posts=len(read),
        by_rules_alone=len(posts) - len(read),
        disputed=sum(post.is_disputed for post in posts),
        models=tuple(sorted({said.model for _, said in read})),
        heads=tuple(_beside(_agreed(read, head), shipped) for head in HEADS),
        by_language=tuple(
            _beside(_agreed(read, head, language), shipped) for language, _ in languages.most_common() for head in HEADS
        ),
        mistakes=_mistakes(read),
        wrong_unsure=Share(sum(said.unsure for said in wrong), len(wrong)),
        unsure_now=Share(unsure, judged),
        learned_posts=len(learned.posts) if learned.worn else 0,
        lapsed_posts=0 if learned.worn else len(learned.posts),
        teaching_posts=sum(teaching.may_teach(ctx, post) for post in posts),
        needed_posts=LEAST_POSTS,
        can_learn=revision is not None if is_ours else judging is not None and judging.can_learn,
        is_missing=is_ours and revision is None,
        last_lesson=last_lesson,
    )


def on_corrections(ctx: Context, classifier: Classifier) -> OnCorrections:
    """Judge the corrected posts of all brands but the sample with this model, now. Needs Right.MODEL."""
    posts = teaching.corrected_posts(ctx)
    learned = heads.learned(ctx, classifier.card.revision)
    new = [post for post in posts if not learned.worn or post.mention_id not in learned.posts]
    found = classifier.judge([post.text for post in new])
    read = [(post, _as_said(each)) for post, each in zip(new, found, strict=True)]
    return OnCorrections(classifier.card.revision, tuple(_agreed(read, head) for head in HEADS), len(posts) - len(new))


def _shipped(ctx: Context) -> Report | None:
    """What was measured of the shipped model on the posts that ship."""
    revision = registry.shipped_revision(ctx.settings.model)
    return next((report for report in measured() if report.model == revision), None)


def _beside(found: HeadTrust, report: Report | None) -> HeadTrust:
    if report is None:
        return found
    figures = report.by_language.get(found.language, {}) if found.language else report.overall
    return replace(found, shipped=figures.get(_FIGURES[found.head]))


#: The share of right labels among the figures of ``classifiers.measures``.
_FIGURES = {SENTIMENT: "sentiment_right", KIND: "kind_right", URGENCY: "urgency_level_right"}
_Read = Sequence[tuple[CorrectedPost, ModelSaid]]
_MEANT: dict[str, Callable[[CorrectedPost], Label | None]] = {
    SENTIMENT: lambda post: post.sentiment,
    KIND: lambda post: post.kind,
    URGENCY: lambda post: post.level,
}
_SAID: dict[str, Callable[[ModelSaid], Label]] = {
    SENTIMENT: lambda said: said.sentiment,
    KIND: lambda said: said.kind,
    URGENCY: lambda said: said.level,
}


def _as_said(found: Judgement) -> ModelSaid:
    return ModelSaid(found.model, found.sentiment, found.kind, found.urgency_level, found.unsure)


def _labels(read: _Read, head: str) -> Iterator[tuple[Label, Label, CorrectedPost]]:
    """What the model said and what people meant, where they gave this label."""
    for post, said in read:
        if (meant := _MEANT[head](post)) is not None:
            yield _SAID[head](said), meant, post


def _agreed(read: _Read, head: str, language: str = "") -> HeadTrust:
    pairs = [(said, meant) for said, meant, post in _labels(read, head) if not language or post.language == language]
    return HeadTrust(head, language, Share(sum(said == meant for said, meant in pairs), len(pairs)))


def _is_wrong(post: CorrectedPost, said: ModelSaid) -> bool:
    return any(label != meant for head in HEADS for label, meant, _ in _labels([(post, said)], head))


def _mistakes(read: _Read) -> tuple[Mistake, ...]:
    """The commonest first."""
    behind: dict[tuple[str, Label, Label], list[CorrectedPost]] = {}
    for head in HEADS:
        for said, meant, post in _labels(read, head):
            if said != meant:
                behind.setdefault((head, said, meant), []).append(post)
    ordered = sorted(behind.items(), key=lambda item: -len(item[1]))[:MOST_MISTAKES]
    return tuple(
        Mistake(*mistake, len(posts), tuple(PostBehind(p.case_id, p.text, p.language) for p in posts[:MOST_POSTS]))
        for mistake, posts in ordered
    )
