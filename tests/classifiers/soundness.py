"""What must hold of every judgement, whoever made it, and which texts put it to the test?"""

from __future__ import annotations

import pytest

from classifiers.protocol import Classifier
from domain.judgement import Judgement, Kind, Sentiment, UrgencyLevel

ODD = (
    "",
    " \n\t ",
    "\ud800",
    "gas\udfff\ud83d leak",
    "\x00\x01\x02 null \x00",
    "😂🔥🔥",
    "👩\u200d👩\u200d👧",
    "\u202eإلغاء الرحلة",
    "東京の店は何時に開きますか",
    "x" * 100_000,
    "gas! " * 20_000,
    "😡" * 5_000,
    "Пропал газ, дети мёрзнут",
    "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "parola " * 2_000,
    "?" * 500,
    "€€€ 9999999999999999999999999999 euro",
    "@a @b http://x.y https://",
    "<script>alert(1)</script>",
    "a\u0301" * 300,
    "İİİİ ẞẞ ﬁ",
    "\u0301" * 5_000,
    "> " * 50_000,
    "> > > \n" * 1_000,
    "\n\n> a" * 5_000 + "\nb",
    "> Come va?\n" * 10_000 + "c'è odore di gas \ud83d nelle scale",
    "> \ud800\x00 come va?\n\n\udfff gas leak in the cellar \x00",
    "«" * 50_000 + "„“" * 20_000,
)
ORDINARY = (
    "Odore di gas sulle scale, nessuno risponde",
    "Thanks, that was quick!",
    "A che ora aprite la domenica?",
    "Your app crashed and I lost the whole order",
)


def assert_sound(judgement: Judgement, text: str, classifier: Classifier) -> None:
    assert set(judgement.sentiment_scores) == set(Sentiment)
    assert set(judgement.kind_scores) == set(Kind)
    for scores in (judgement.sentiment_scores, judgement.kind_scores):
        assert all(0.0 <= score <= 1.0 for score in scores.values())
        assert sum(scores.values()) == pytest.approx(1.0, abs=1e-4)
    assert judgement.sentiment_scores[judgement.sentiment] == max(judgement.sentiment_scores.values())
    assert judgement.kind_scores[judgement.kind] == max(judgement.kind_scores.values())
    assert abs(judgement.urgency - judgement.urgency_level) <= 0.5
    assert judgement.model == classifier.card.revision
    if judgement.urgency_level is UrgencyLevel.NO_ACTION:
        assert judgement.reasons == ()
    assert len({reason.code for reason in judgement.reasons}) == len(judgement.reasons) <= 4
    for start, end in [reason.evidence for reason in judgement.reasons if reason.evidence is not None]:
        assert 0 <= start < end <= len(text)
        assert text[start:end].strip() == text[start:end]
