"""What everyday posts teach about urgency: never a danger, and nothing for certain where labels leave it open."""

from __future__ import annotations

import pytest

from classifiers.bundled.heads import SENTIMENTS
from classifiers.training.everyday import with_guess
from classifiers.training.examples import COMPLAINT, NO_COMPLAINT, Example
from classifiers.training.own_posts import CALL, read_learning
from domain.judgement import Sentiment

NEGATIVE, POSITIVE = SENTIMENTS.index(Sentiment.NEGATIVE), SENTIMENTS.index(Sentiment.POSITIVE)


@pytest.mark.parametrize(
    ("post", "levels"),
    [
        (Example("thanks!", "x", sentiment=POSITIVE), (0, 0)),
        (Example("what a day", "x", sentiment=NEGATIVE, addressed=False), (0, 1)),
        (Example("my bag is lost", "x", sentiment=NEGATIVE, kinds=COMPLAINT), (1, 2)),
        (Example("can you send me a message?", "x", kinds=NO_COMPLAINT), (0, 1)),
        (Example("not what it used to be", "x", sentiment=NEGATIVE), (0, 2)),
    ],
)
def test_the_levels_that_other_labels_leave_likely(post: Example, levels: tuple[int, int]) -> None:
    assert with_guess(post).guessed_urgency == levels


def test_a_brand_told_nothing_pressing_teaches_that_there_is_no_reason() -> None:
    assert with_guess(Example("thanks!", "x", sentiment=POSITIVE)).reasons == ()


def test_nobody_is_taught_reasons_that_nobody_looked_for() -> None:
    assert with_guess(Example("my bag is lost", "x", sentiment=NEGATIVE, kinds=COMPLAINT)).reasons is None


def test_some_of_our_own_posts_are_written_to_a_handle_and_their_evidence_moves_along() -> None:
    called = [post for post in read_learning() if post.text.startswith(CALL) and post.evidence]
    assert len(called) > 200
    assert all(
        span.start >= len(CALL) and post.text[span.start : span.end].strip()
        for post in called
        for span in post.evidence
    )
