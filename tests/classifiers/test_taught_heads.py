"""Does the bundled model judge with heads a team has taught it, and with its own where these do not fit?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from classifiers.bundled.card import OTHERS, Calibration
from classifiers.bundled.heads import CODES
from classifiers.bundled.model import BundledClassifier
from classifiers.bundled.runtime import Answer
from classifiers.protocol import ModelCard
from classifiers.teaching.taught import HeadChange, Taught, Teachable
from domain.judgement import Kind, Sentiment, UrgencyLevel

WIDTH = 4


class EverythingIsAQuestion:
    """Stands in for the graph: calm, neutral, a question; pooled says whether the text speaks of a bill."""

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Answer:
        pooled = np.array([float("bill" in text), 0, 0, 1], np.float32)
        outputs = ([0, 3, 0], [0, 3, 0, 0, 0, 0], [3, -3, -3], [-9] * len(CODES), [[-9] * len(CODES)])
        return Answer(*(np.array(each, np.float32) for each in outputs), ((0, len(text)),), pooled)


@pytest.fixture
def model() -> BundledClassifier:
    found = object.__new__(BundledClassifier)
    heats = {head: {OTHERS: 1.0, "it": 2.0} for head in ("sentiment", "kind", "urgency", "reasons")}
    found._card = found._shipped = ModelCard("small", "small-1", ("it", "en"), "MIT", 128, ())
    found._calibration = Calibration(heats, 0.5, 0.3, {OTHERS: 0.0})
    found._runtime = EverythingIsAQuestion()
    found._taught = None
    return found


def lesson(base: str = "small-1") -> Taught:
    """Whoever speaks of a bill complains, and it is for today."""
    kind, urgency = np.zeros((WIDTH, 6), np.float32), np.zeros((WIDTH, 3), np.float32)
    kind[0, 0], urgency[0, 1] = 9.0, 9.0
    heads = {"kind": HeadChange(kind, np.zeros(6, np.float32)), "urgency": HeadChange(urgency, np.zeros(3, np.float32))}
    return Taught(base, heads, frozenset({1}))


TEXTS = ["My bill is twice what it was last month", "When does the shop open on Sunday?"]


def test_taught_heads_change_what_they_learned_and_the_revision_and_nothing_else(model: BundledClassifier) -> None:
    taught = model.with_heads(lesson())
    bill, shop = taught.judge(TEXTS)
    assert (bill.kind, bill.urgency_level, bill.sentiment) == (Kind.COMPLAINT, UrgencyLevel.SAME_DAY, Sentiment.NEUTRAL)
    assert (shop.kind, shop.urgency_level) == (Kind.QUESTION, UrgencyLevel.NORMAL)
    assert bill.model == taught.card.revision == lesson().revision != "small-1"


def test_the_model_itself_stays_as_it_was_and_taking_back_gives_it_back(model: BundledClassifier) -> None:
    taught = model.with_heads(lesson())
    assert model.judge(TEXTS)[0].kind is taught.with_heads(None).judge(TEXTS)[0].kind is Kind.QUESTION
    assert taught.with_heads(None).card.revision == "small-1"


def test_heads_of_another_shape_are_not_worn_and_judging_goes_on(model: BundledClassifier) -> None:
    wide = HeadChange(np.zeros((WIDTH + 1, 6), np.float32), np.zeros(6, np.float32))
    other = model.with_heads(Taught("small-1", {"kind": wide}, frozenset()))
    assert other.judge(TEXTS)[0].kind is Kind.QUESTION and other.card.revision == "small-1"


def test_heads_learned_on_another_revision_are_not_worn(model: BundledClassifier) -> None:
    other = model.with_heads(lesson("small-2"))
    assert other.judge(TEXTS)[0].kind is Kind.QUESTION and other.card.revision == "small-1"


def test_study_gives_the_shipped_answers_whatever_was_taught(model: BundledClassifier) -> None:
    assert isinstance(model, Teachable)
    studied = model.with_heads(lesson()).study([*TEXTS, "Quando apre il negozio la domenica, per favore?"])
    assert studied.pooled.shape == (3, WIDTH) and studied.logits["kind"].shape == (3, 6)
    assert studied.logits["kind"][0].argmax() == 1
    assert studied.heats["kind"].tolist() == [1.0, 1.0, 2.0], "each post has the temperature of its language"
