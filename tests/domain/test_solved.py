"""Does "solved, thanks" count, and does bitter thanks not?"""

from __future__ import annotations

import pytest

from domain.solved import says_solved


@pytest.mark.parametrize(
    "text",
    [
        "Risolto, grazie mille!",
        "Grazie, tutto a posto",
        "È arrivato il pacco, grazie",
        "rimborso ricevuto",
        "All sorted, thank you",
        "works again, thanks",
        "Got my refund. Cheers",
        "È tornata la luce in via Moroni",
        "Contatore riallacciato in un’ora, bravi",
        "Power is back, thank you",
    ],
)
def test_a_settled_matter_is_heard(text):
    assert says_solved(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Grazie di niente, ancora niente luce",
        "Thanks for nothing",
        "thank you but it still fails",
        "Non è risolto",
        "It isn't fixed",
        "Risolto? Ma quando",
        "Grazie, e il rimborso?",
        "The parcel is late",
        "Is the power back?",
        "La corrente è tornata ma il frigo è da buttare",
        "Grazie " + "x" * 300,
    ],
)
def test_an_open_matter_is_not_taken_for_settled(text):
    assert not says_solved(text)
