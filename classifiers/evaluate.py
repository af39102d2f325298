"""How good a classifier is on the labelled posts that ship with the program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classifiers.metrics import f1, macro_f1, spearman, weighted_kappa
from classifiers.protocol import Classifier
from domain.judgement import Judgement, Kind, Sentiment, UrgencyLevel

POSTS = Path(__file__).parent / "evaluation" / "posts.jsonl"


@dataclass(frozen=True, slots=True)
class LabelledPost:
    """A post with the labels a person gave it."""

    id: str
    language: str
    industry: str
    text: str
    sentiment: Sentiment
    kind: Kind
    level: UrgencyLevel


@dataclass(frozen=True, slots=True)
class Score:
    """Figures over ``n`` posts, all in [0, 1] but the two agreements, which reach down to -1."""

    n: int
    sentiment_macro_f1: float
    kind_macro_f1: float
    complaint_f1: float
    urgency_spearman: float
    urgency_weighted_kappa: float
    language_accuracy: float
    unsure_share: float


@dataclass(frozen=True, slots=True)
class Report:
    """Scores over all posts and by language; ``dataclasses.asdict`` gives plain JSON values."""

    model: str
    posts: str
    overall: Score
    by_language: dict[str, Score]


def read_posts(path: Path = POSTS) -> tuple[LabelledPost, ...]:
    """The labelled posts of ``path``, one JSON object a line."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return tuple(
        LabelledPost(
            id=row["id"],
            language=row["language"],
            industry=row["industry"],
            text=row["text"],
            sentiment=Sentiment(row["sentiment"]),
            kind=Kind(row["kind"]),
            level=UrgencyLevel(row["urgency_level"]),
        )
        for row in rows
    )


def evaluate(classifier: Classifier, posts: Sequence[LabelledPost] | None = None) -> Report:
    """Judge the posts and compare; without ``posts``, those that ship."""
    known = tuple(posts) if posts is not None else read_posts()
    pairs = list(zip(known, classifier.judge([post.text for post in known]), strict=True))
    languages = sorted({post.language for post in known})
    return Report(
        model=classifier.card.revision,
        posts=POSTS.name if posts is None else "given",
        overall=_score(pairs),
        by_language={lang: _score([p for p in pairs if p[0].language == lang]) for lang in languages},
    )


def _score(pairs: Sequence[tuple[LabelledPost, Judgement]]) -> Score:
    truth, found = [post for post, _ in pairs], [judgement for _, judgement in pairs]
    n = max(1, len(pairs))
    return Score(
        n=len(pairs),
        sentiment_macro_f1=_round(macro_f1([t.sentiment for t in truth], [j.sentiment for j in found])),
        kind_macro_f1=_round(macro_f1([t.kind for t in truth], [j.kind for j in found])),
        complaint_f1=_round(f1([t.kind is Kind.COMPLAINT for t in truth], [j.kind is Kind.COMPLAINT for j in found])),
        urgency_spearman=_round(spearman([t.level for t in truth], [j.urgency for j in found])),
        urgency_weighted_kappa=_round(
            weighted_kappa([t.level for t in truth], [j.urgency_level for j in found], levels=len(UrgencyLevel))
        ),
        language_accuracy=_round(sum(t.language == j.language for t, j in pairs) / n),
        unsure_share=_round(sum(j.unsure for j in found) / n),
    )


def _round(value: float) -> float:
    return round(value, 3)
