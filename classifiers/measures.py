"""What is measured on labelled posts? One function per figure, by head."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from classifiers.metrics import (
    auc,
    calibration_band,
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
from domain.judgement import CODED_FROM, Judgement, Kind, ReasonCode, Sentiment, UrgencyLevel

#: The front of the queue that a small team works through in an hour.
FRONT_POSTS = 30
#: Figures over fewer posts get no interval of their own: they are inside everybody's margin.
LEAST_POSTS = 20


@dataclass(frozen=True, slots=True)
class LabelledPost:
    """A post with the labels a person gave it; ``evidence`` are the words that carry a code, as ranges of the text."""

    id: str
    language: str
    industry: str
    text: str
    sentiment: Sentiment
    kind: Kind
    level: UrgencyLevel
    reasons: tuple[ReasonCode, ...]
    evidence: tuple[tuple[ReasonCode, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled post and what a model says of it."""

    post: LabelledPost
    found: Judgement


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its 95 % interval and the number of posts it rests on."""

    value: float
    low: float
    high: float
    n: int


Measure = Callable[[Sequence[Judged]], float]
#: How sure a head is of its likeliest label, and whether that is right.
Sure = Callable[[Judged], tuple[float, bool]]


def figures(judged: Sequence[Judged], *, draws: int = 400) -> dict[str, Figure]:
    """Every figure over these posts; ``draws`` decides how fine the intervals are, 0 leaves them out."""
    known = dict(MEASURES)
    if judged and all(j.found.level_scores for j in judged):
        known["urgency_calibration_error"] = _calibration(_urgency_sure)
    return {name: figure(measure, judged, draws=draws) for name, measure in known.items()} | _bands(judged)


def figure(measure: Measure, judged: Sequence[Judged], *, draws: int = 400) -> Figure:
    """One figure over these posts."""
    value = round(measure(judged), 3)
    if len(judged) < LEAST_POSTS or not draws:
        return Figure(value, value, value, len(judged))
    low, high = interval(lambda places: measure([judged[place] for place in places]), len(judged), draws=draws)
    return Figure(value, round(low, 3), round(high, 3), len(judged))


def _sentiment_f1(judged: Sequence[Judged]) -> float:
    return macro_f1([j.post.sentiment for j in judged], [j.found.sentiment for j in judged])


def _kind_f1(judged: Sequence[Judged]) -> float:
    return macro_f1([_coarse(j.post.kind) for j in judged], [_coarse(j.found.kind) for j in judged])


def _coarse(kind: Kind) -> Kind:
    """Ideas are too few to be measured by themselves; they count as other."""
    return Kind.OTHER if kind is Kind.IDEA else kind


def _complaint_f1(judged: Sequence[Judged]) -> float:
    return f1([j.post.kind is Kind.COMPLAINT for j in judged], [j.found.kind is Kind.COMPLAINT for j in judged])


def _levels(judged: Sequence[Judged]) -> list[int]:
    return [int(j.post.level) for j in judged]


def _urgencies(judged: Sequence[Judged]) -> list[float]:
    return [j.found.urgency for j in judged]


def _act_now(judged: Sequence[Judged]) -> list[bool]:
    return [j.post.level is UrgencyLevel.ACT_NOW for j in judged]


def _kappa(judged: Sequence[Judged]) -> float:
    found = [int(j.found.urgency_level) for j in judged]
    return weighted_kappa(_levels(judged), found, levels=len(UrgencyLevel))


def coded(post: LabelledPost) -> tuple[ReasonCode, ...]:
    """The codes that carry the level: below "same day" some people note one and some do not, so none counts there."""
    return post.reasons if post.level >= CODED_FROM else ()


def _reasons_f1(judged: Sequence[Judged]) -> float:
    hits = both = 0
    for each in judged:
        wanted, shown = set(coded(each.post)), {reason.code for reason in each.found.reasons}
        hits, both = hits + len(wanted & shown), both + len(wanted) + len(shown)
    return 2 * hits / max(1, both)


def _evidence_f1(judged: Sequence[Judged]) -> float:
    """Of the characters that carry a code: shown and quoted, over those where both name the code."""
    hits = both = 0
    for each in judged:
        for reason in each.found.reasons:
            quoted = [range(start, end) for code, start, end in each.post.evidence if code is reason.code]
            if reason.evidence is not None and quoted and reason.code in coded(each.post):
                wanted, shown = set().union(*quoted), set(range(*reason.evidence))
                hits, both = hits + len(wanted & shown), both + len(wanted) + len(shown)
    return 2 * hits / max(1, both)


def _sentiment_sure(j: Judged) -> tuple[float, bool]:
    return j.found.sentiment_scores[j.found.sentiment], j.found.sentiment is j.post.sentiment


def _kind_sure(j: Judged) -> tuple[float, bool]:
    return j.found.kind_scores[j.found.kind], j.found.kind is j.post.kind


def _urgency_sure(j: Judged) -> tuple[float, bool]:
    likeliest = max(range(len(j.found.level_scores)), key=lambda level: j.found.level_scores[level])
    return j.found.level_scores[likeliest], likeliest == j.post.level


def _calibration(sure_of: Sure) -> Measure:
    def error(judged: Sequence[Judged]) -> float:
        known = [sure_of(each) for each in judged]
        return calibration_error([sure for sure, _ in known], [right for _, right in known])

    return error


def _bands(judged: Sequence[Judged]) -> dict[str, Figure]:
    """Beside each calibration error: below which 95 % of perfectly calibrated models would stay on as many posts."""
    found = {}
    for head, sure_of in SURE.items():
        if head != "urgency" or all(j.found.level_scores for j in judged):
            value = round(calibration_band([sure_of(each)[0] for each in judged]), 3)
            found[f"{head}_calibration_band"] = Figure(value, value, value, len(judged))
    return found


def is_wrong(judged: Judged) -> bool:
    """Whether any label that a colleague reads is wrong: sentiment, kind or level."""
    post, found = judged.post, judged.found
    return post.sentiment is not found.sentiment or post.kind is not found.kind or post.level != found.urgency_level


def _errors_marked(judged: Sequence[Judged]) -> float:
    wrong = [j for j in judged if is_wrong(j)]
    return sum(j.found.unsure for j in wrong) / max(1, len(wrong))


def _share(holds: Callable[[Judged], bool]) -> Measure:
    return lambda judged: sum(map(holds, judged)) / max(1, len(judged))


SURE: Mapping[str, Sure] = {"sentiment": _sentiment_sure, "kind": _kind_sure, "urgency": _urgency_sure}
#: Everything that is measured of every model; the first three are shares of posts with the right label. Shares and F1
#: lie in [0, 1], agreements reach down to -1.
MEASURES: Mapping[str, Measure] = {
    "sentiment_right": _share(lambda j: j.post.sentiment is j.found.sentiment),
    "kind_right": _share(lambda j: j.post.kind is j.found.kind),
    "urgency_level_right": _share(lambda j: j.post.level == j.found.urgency_level),
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
    "evidence_f1": _evidence_f1,
    "sentiment_calibration_error": _calibration(_sentiment_sure),
    "kind_calibration_error": _calibration(_kind_sure),
    "language_accuracy": _share(lambda j: j.post.language == j.found.language),
    "unsure_share": _share(lambda j: j.found.unsure),
    "errors_marked_unsure": _errors_marked,
}
