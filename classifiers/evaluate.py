"""How good is a classifier on the labelled posts that ship with the program, per language and head?"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifiers.metrics import (
    auc,
    calibration_error,
    f1,
    interval,
    macro_f1,
    ndcg,
    recall_at_their_number,
    share_below_median,
    spearman,
    weighted_kappa,
)
from classifiers.protocol import Classifier
from domain.judgement import Judgement, Kind, ReasonCode, Sentiment, UrgencyLevel

#: One file a language; nothing may be trained on them.
POSTS = Path(__file__).parent / "evaluation" / "develop"
#: The front of the queue that a small team works through in an hour.
FRONT_POSTS = 30
#: Figures over fewer posts get no interval of their own: they are inside everybody's margin.
LEAST_POSTS = 20


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
    reasons: tuple[ReasonCode, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its 95 % interval and the number of posts it rests on."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Report:
    """Figures by name, over all posts and by language; ``dataclasses.asdict`` gives plain JSON values."""

    model: str
    posts: str
    overall: dict[str, Figure]
    by_language: dict[str, dict[str, Figure]]


@dataclass(frozen=True, slots=True)
class _Judged:
    post: LabelledPost
    found: Judgement


_Measure = Callable[[Sequence[_Judged]], float]


def read_posts(folder: Path = POSTS) -> tuple[LabelledPost, ...]:
    """The labelled posts in ``folder``, one JSON object a line."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    return tuple(_labelled(json.loads(line)) for line in lines if line.strip())


def _labelled(row: dict[str, str | int | list[str]]) -> LabelledPost:
    reasons = row["reasons"]
    assert isinstance(reasons, list)
    return LabelledPost(
        id=str(row["id"]),
        language=str(row["language"]),
        industry=str(row["industry"]),
        text=str(row["text"]),
        sentiment=Sentiment(row["sentiment"]),
        kind=Kind(row["kind"]),
        level=UrgencyLevel(int(str(row["urgency"]))),
        reasons=tuple(ReasonCode(code) for code in reasons),
    )


def evaluate(classifier: Classifier, posts: Sequence[LabelledPost] | None = None) -> Report:
    """Judge the posts and compare; without ``posts``, those that ship."""
    known = tuple(posts) if posts is not None else read_posts()
    judged = [
        _Judged(*pair) for pair in zip(known, classifier.judge([post.text for post in known]), strict=True)
    ]
    languages = sorted({post.language for post in known})
    return Report(
        model=classifier.card.revision,
        posts=POSTS.name if posts is None else "given",
        overall=figures(judged),
        by_language={lang: figures([j for j in judged if j.post.language == lang]) for lang in languages},
    )


def figures(judged: Sequence[_Judged]) -> dict[str, Figure]:
    """Every figure over these posts."""
    return {name: _figure(measure, judged) for name, measure in MEASURES.items()}


def _figure(measure: _Measure, judged: Sequence[_Judged]) -> Figure:
    value = measure(judged)
    if len(judged) < LEAST_POSTS:
        return Figure(round(value, 3), round(value, 3), round(value, 3), len(judged))
    low, high = interval(lambda places: measure([judged[place] for place in places]), len(judged))
    return Figure(round(value, 3), round(low, 3), round(high, 3), len(judged))


def _sentiment_f1(judged: Sequence[_Judged]) -> float:
    return macro_f1([j.post.sentiment for j in judged], [j.found.sentiment for j in judged])


def _kind_f1(judged: Sequence[_Judged]) -> float:
    return macro_f1([_coarse(j.post.kind) for j in judged], [_coarse(j.found.kind) for j in judged])


def _coarse(kind: Kind) -> Kind:
    """Ideas are too few to be measured by themselves; they count as other."""
    return Kind.OTHER if kind is Kind.IDEA else kind


def _complaint_f1(judged: Sequence[_Judged]) -> float:
    return f1([j.post.kind is Kind.COMPLAINT for j in judged], [j.found.kind is Kind.COMPLAINT for j in judged])


def _levels(judged: Sequence[_Judged]) -> list[int]:
    return [int(j.post.level) for j in judged]


def _urgencies(judged: Sequence[_Judged]) -> list[float]:
    return [j.found.urgency for j in judged]


def _act_now(judged: Sequence[_Judged]) -> list[bool]:
    return [j.post.level is UrgencyLevel.ACT_NOW for j in judged]


def _reasons_f1(judged: Sequence[_Judged]) -> float:
    pairs = [(code in j.post.reasons, code in {r.code for r in j.found.reasons}) for j in judged for code in ReasonCode]
    return f1([wanted for wanted, _ in pairs], [shown for _, shown in pairs])


def _kappa(judged: Sequence[_Judged]) -> float:
    found = [int(j.found.urgency_level) for j in judged]
    return weighted_kappa(_levels(judged), found, levels=len(UrgencyLevel))


def _sentiment_calibration(judged: Sequence[_Judged]) -> float:
    sure = [j.found.sentiment_scores[j.found.sentiment] for j in judged]
    return calibration_error(sure, [j.found.sentiment is j.post.sentiment for j in judged])


def _kind_calibration(judged: Sequence[_Judged]) -> float:
    sure = [j.found.kind_scores[j.found.kind] for j in judged]
    return calibration_error(sure, [j.found.kind is j.post.kind for j in judged])


def _is_wrong(judged: _Judged) -> bool:
    post, found = judged.post, judged.found
    return post.sentiment is not found.sentiment or post.kind is not found.kind or post.level != found.urgency_level


def _errors_marked(judged: Sequence[_Judged]) -> float:
    wrong = [j for j in judged if _is_wrong(j)]
    return sum(j.found.unsure for j in wrong) / max(1, len(wrong))


#: Everything that is measured. Shares and F1 lie in [0, 1], agreements reach down to -1.
MEASURES: dict[str, _Measure] = {
    "sentiment_macro_f1": _sentiment_f1,
    "kind_macro_f1": _kind_f1,
    "complaint_f1": _complaint_f1,
    "urgency_spearman": lambda judged: spearman(_levels(judged), _urgencies(judged)),
    "urgency_weighted_kappa": _kappa,
    "urgency_ndcg_30": lambda judged: ndcg(_levels(judged), _urgencies(judged), at=FRONT_POSTS),
    "act_now_auc": lambda judged: auc(_act_now(judged), _urgencies(judged)),
    "act_now_recall_at_n": lambda judged: recall_at_their_number(_act_now(judged), _urgencies(judged)),
    "act_now_below_median": lambda judged: share_below_median(_act_now(judged), _urgencies(judged)),
    "reasons_f1": _reasons_f1,
    "sentiment_calibration_error": _sentiment_calibration,
    "kind_calibration_error": _kind_calibration,
    "language_accuracy": lambda judged: sum(j.post.language == j.found.language for j in judged) / max(1, len(judged)),
    "unsure_share": lambda judged: sum(j.found.unsure for j in judged) / max(1, len(judged)),
    "errors_marked_unsure": _errors_marked,
}
