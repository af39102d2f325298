"""What do the model's logits mean? Calibrated probabilities, a level, and reasons with the words they rest on."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from classifiers.bundled.card import Calibration
from classifiers.bundled.heads import CODES, KINDS, SENTIMENTS
from classifiers.bundled.normalise import Normalised
from classifiers.bundled.runtime import Answer, Floats
from domain.judgement import CODED_FROM, Kind, Reason, ReasonCode, Sentiment, UrgencyLevel

#: One more whenever a rule below chooses other reasons or other words from the same answers, posts are written
#: otherwise for the model (normalise.py, wordings.py, classifiers/quotes.py), or languages are told otherwise
#: (classifiers/language.py); its file and revision stay. What is or may still be work is then judged anew, the rest by
#: ``sportello rejudge``.
READING = 7
#: More reasons than this are not read.
MOST_REASONS = 4
#: Never said on a faint sign: who reads that somebody may harm themselves has to be able to believe it.
NEVER_GUESSED = ReasonCode.CRISIS
#: Words of evidence with so few tokens between them belong together.
BRIDGED_TOKENS = 1
#: Beside the surest word of a reason only those count that are at least so sure, compared with it. On the posts for
#: development two fifths show what is more like the words people quoted than a fifth, .25 or .3 do (``evidence_f1`` in
#: docs/reference/model-card.md).
BESIDE_SHARE = 0.4
#: Shorter words ("ha lo", "of a") tell nobody anything by themselves; their neighbours are shown with them.
TELLING_CHARS = 3
_LETTERS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Opinion:
    """One text's labels with probabilities; ``levels`` are those of the four levels and sum to 1."""

    sentiment: dict[Sentiment, float]
    kind: dict[Kind, float]
    levels: tuple[float, float, float, float]
    reasons: tuple[Reason, ...]

    @property
    def expectation(self) -> float:
        """The expected level in [0, 3]."""
        return min(3.0, max(0.0, sum(level * share for level, share in enumerate(self.levels))))

    @property
    def level(self) -> UrgencyLevel:
        """The level next to the expectation."""
        return UrgencyLevel(int(self.expectation + 0.5))


def opinion(answer: Answer, text: Normalised, language: str, calibration: Calibration) -> Opinion:
    """Read one answer with the temperatures of its language."""

    def cooled(head: str, logits: Floats) -> Floats:
        return logits / np.float32(calibration.temperature(head, language))

    sentiment = _softmax(cooled("sentiment", answer.sentiment))
    kind = _softmax(cooled("kind", answer.kind))
    levels = _levels(_sigmoid(cooled("urgency", answer.urgency)))
    found = Opinion(
        {label: float(share) for label, share in zip(SENTIMENTS, sentiment, strict=True)},
        {label: float(share) for label, share in zip(KINDS, kind, strict=True)},
        levels,
        (),
    )
    if found.level < CODED_FROM:
        return found
    shares = _sigmoid(cooled("reasons", answer.reasons))
    return Opinion(found.sentiment, found.kind, levels, _reasons(answer, shares, text, calibration))


def _levels(at_least: Floats) -> tuple[float, float, float, float]:
    """From "at least 1, 2, 3" to the four levels; a step is never likelier than the one below it."""
    first = float(at_least[0])
    second = min(first, float(at_least[1]))
    third = min(second, float(at_least[2]))
    return 1 - first, first - second, second - third, third


def _reasons(answer: Answer, shares: Floats, text: Normalised, calibration: Calibration) -> tuple[Reason, ...]:
    order = np.argsort(-shares)
    # What presses has a reason, be it a faint one: the likeliest is always said.
    likely = [code for code in order if shares[code] >= calibration.reason_threshold]
    likely = likely or [code for code in order if CODES[code] is not NEVER_GUESSED][:1]
    return tuple(
        Reason(CODES[code], evidence_for(answer, int(code), text, calibration.evidence_threshold))
        for code in likely[:MOST_REASONS]
    )


def evidence_for(answer: Answer, code: int, text: Normalised, threshold: float) -> tuple[int, int] | None:
    """The words around the surest token that speak for this reason, as a range of the post in code points."""
    shares = _sigmoid(answer.evidence[:, code])
    spoken = [place for place, (start, end) in enumerate(answer.offsets) if end > start]
    if not spoken:
        return None
    best = max(spoken, key=lambda place: shares[place])
    enough = max(threshold, BESIDE_SHARE * float(shares[best]))
    carries = {place for place in spoken if shares[place] >= enough} | {best}
    first, last = _stretch(carries, best, -1), _stretch(carries, best, 1)
    start, end = _whole_words(text.text, answer.offsets[first][0], answer.offsets[last][1])
    return text.origin(*_telling(text.text, start, end))


def _stretch(carries: set[int], best: int, step: int) -> int:
    """The last place on this side that carries, over at most BRIDGED_TOKENS that do not."""
    edge, place = best, best + step
    while abs(place - edge) <= BRIDGED_TOKENS + 1:
        if place in carries:
            edge = place
        place += step
    return edge


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The same range, from the first letter of its first word to the last of its last."""
    while start < end and text[start].isspace():
        start += 1
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, max(end, start + 1)


def _telling(text: str, start: int, end: int) -> tuple[int, int]:
    """The same range, with the word before and the word behind where none of its own tells anything."""
    if any(len(word) >= TELLING_CHARS or word.isdigit() for word in _LETTERS.findall(text[start:end])):
        return start, end
    before, behind = text[:start].rstrip(), text[end:].lstrip()
    if before:
        start = _whole_words(text, len(before) - 1, len(before))[0]
    if behind:
        end = _whole_words(text, len(text) - len(behind), len(text) - len(behind) + 1)[1]
    return start, end


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)


def _softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max())
    return np.asarray(shifted / shifted.sum(), np.float32)
