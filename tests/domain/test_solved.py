"""A customer's word that it is over, and what only sounds like it."""

from __future__ import annotations

import pytest

from domain.solved import says_solved


@pytest.mark.parametrize(
    "text",
    [
        "Risolto, grazie a tutti",
        "È tornata la luce in via Moroni",
        "Contatore riallacciato in un’ora, bravi",
        "Power is back, thank you",
        "Sorted, cheers",
        "Grazie mille",
    ],
)
def test_a_word_that_it_is_over_is_heard(text: str) -> None:
    assert says_solved(text)


@pytest.mark.parametrize(
    "text",
    [
        "Non è ancora risolto",
        "Grazie, ma la luce non c’è",
        "Thanks for nothing",
        "Is the power back?",
        "La corrente è tornata ma il frigo è da buttare",
        "Still waiting, thanks",
        "grazie " * 60,
    ],
)
def test_what_only_sounds_like_it_is_not(text: str) -> None:
    assert not says_solved(text)
