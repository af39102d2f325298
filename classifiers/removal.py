"""Are the words that are underlined the ones that count? Take them away, and see whether the level falls.

If a post without its evidence is judged as urgent as before, the evidence was decoration. For comparison as many
words are taken away elsewhere in the same post (comprehensiveness in DeYoung et al., 2020, with a control).
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.measures import Figure, Judged
from classifiers.metrics import interval
from classifiers.protocol import Classifier
from domain.judgement import CODED_FROM, UrgencyLevel

_WORD = re.compile(r"\S+")
#: Stretches of other words tried for each post.
CONTROLS = 3
SEED = 7


@dataclass(frozen=True, slots=True)
class _Trial:
    level: UrgencyLevel
    without: str
    controls: tuple[str, ...]


def removal_figures(classifier: Classifier, judged: Sequence[Judged], *, draws: int = 400) -> dict[str, Figure]:
    """How often the level falls without the evidence, and without other words of the same number.

    Over the posts that the classifier gives evidence for and that have as many other words left.
    """
    rng = random.Random(SEED)
    trials = [trial for each in judged if (trial := _trial(each, rng)) is not None]
    texts = [text for trial in trials for text in (trial.without, *trial.controls)]
    levels = iter([found.urgency_level for found in (classifier.judge(texts) if texts else [])])
    fell = [(next(levels) < t.level, [next(levels) < t.level for _ in t.controls]) for t in trials]
    return {
        "evidence_removed_lowers": _figure([float(gone) for gone, _ in fell], draws),
        "others_removed_lowers": _figure([sum(others) / len(others) for _, others in fell], draws),
    }


def _figure(shares: Sequence[float], draws: int) -> Figure:
    if not shares:
        return Figure(0.0, 0.0, 0.0, 0)

    def mean(places: Sequence[int]) -> float:
        return sum(shares[place] for place in places) / len(places)

    value = round(mean(range(len(shares))), 3)
    low, high = interval(mean, len(shares), draws=draws) if draws else (value, value)
    return Figure(value, round(low, 3), round(high, 3), len(shares))


def _trial(judged: Judged, rng: random.Random) -> _Trial | None:
    found, text = judged.found, judged.post.text
    spans = [reason.evidence for reason in found.reasons if reason.evidence is not None]
    if found.urgency_level < CODED_FROM or not spans:
        return None
    words = [match.span() for match in _WORD.finditer(text)]
    carry = [any(start < span[1] and end > span[0] for span in spans) for start, end in words]
    gone, last = sum(carry), len(words) - sum(carry)
    if gone > last:
        return None
    kept = [place for place, carries in enumerate(carry) if not carries]
    starts = [rng.randrange(last - gone + 1) for _ in range(CONTROLS)]
    taken = [set(kept[start : start + gone]) for start in starts]
    return _Trial(
        found.urgency_level,
        _joined(text, words, {place for place, carries in enumerate(carry) if carries}),
        tuple(_joined(text, words, each) for each in taken),
    )


def _joined(text: str, words: Sequence[tuple[int, int]], without: set[int]) -> str:
    return " ".join(text[start:end] for place, (start, end) in enumerate(words) if place not in without)
