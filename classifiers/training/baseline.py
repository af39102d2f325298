"""How far do word counts alone get? TF-IDF with logistic regression on our own posts, measured like the model.

    python -m classifiers.training.baseline

Writes the figures beside those of other models, where ``evaluate`` finds them. Needs scikit-learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from classifiers.bundled.heads import KINDS, SENTIMENTS
from classifiers.bundled.normalise import normalise
from classifiers.evaluate import evaluate, write_report
from classifiers.language import identify
from classifiers.protocol import ModelCard
from classifiers.training.examples import UNLABELLED, Example
from classifiers.training.own_posts import read_learning
from domain.judgement import Judgement, UrgencyLevel

CARD = ModelCard("tfidf", "tfidf-1", ("it", "en"), "Apache-2.0", 1_000, ("Sportello's own posts to learn from",))


class WordCounts:
    """Words, pairs of words, and up to four letters in a row; one logistic regression a head. It gives no reasons."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._sentiment = _fitted([(e.text, e.sentiment) for e in examples if e.sentiment != UNLABELLED])
        self._kind = _fitted([(e.text, e.kinds[0]) for e in examples if len(e.kinds) == 1])
        self._level = _fitted([(e.text, e.urgency) for e in examples])

    @property
    def card(self) -> ModelCard:
        return CARD

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        """One judgement per text, same order."""
        read = [normalise(text) for text in texts]
        shares = (self._sentiment.predict_proba(read), self._kind.predict_proba(read), self._level.predict_proba(read))
        return [_judgement(*row) for row in zip(texts, *shares, strict=True)]


def _fitted(labelled: Sequence[tuple[str, int]]) -> Any:
    texts, labels = zip(*labelled, strict=True)
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=5)
    return make_pipeline(make_union(words, letters), LogisticRegression(C=4, max_iter=200)).fit(texts, labels)


def _judgement(text: str, sentiment: Any, kind: Any, levels: Any) -> Judgement:
    urgency = float(levels @ np.arange(len(levels)))
    level = UrgencyLevel(int(urgency + 0.5))
    return Judgement(
        language=identify(text),
        sentiment=SENTIMENTS[int(sentiment.argmax())],
        sentiment_scores=dict(zip(SENTIMENTS, map(float, sentiment), strict=True)),
        kind=KINDS[int(kind.argmax())],
        kind_scores=dict(zip(KINDS, map(float, kind), strict=True)),
        urgency=urgency,
        urgency_level=level,
        reasons=(),
        unsure=False,
        model=CARD.revision,
    )


def main() -> None:
    write_report(evaluate(WordCounts(read_learning()), draws=100))


if __name__ == "__main__":
    main()
