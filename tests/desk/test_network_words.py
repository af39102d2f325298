"""Does a colleague read why a network refused a reply, whatever was stored?"""

from __future__ import annotations

import pytest

from desk import i18n
from desk.network_words import network_no, network_said
from domain.errors import DeskError, NotPossible, Refused, Unauthorized
from services import settling

BLOCKED = NotPossible("Its author and we have blocked each other.", reason="blocked")


@pytest.mark.parametrize(
    ("error", "begins"),
    [
        (Unauthorized("401 expired_token"), "La rete non accetta più il nostro accesso"),
        (BLOCKED, "Noi e chi l’ha scritto ci siamo bloccati"),
        (Refused("400: InvalidRequest"), "La rete non accetta questa risposta così com’è"),
        (NotPossible("?", reason="never_heard_of"), "La rete non accetta questa risposta così com’è"),
    ],
)
def test_a_refusal_is_a_sentence_and_its_own_words_stand_apart(error: DeskError, begins: str) -> None:
    stored = settling.words(error)
    with i18n.speaking("it"):
        assert network_no(stored).startswith(begins)
    assert network_said(stored) == str(error)


def test_a_refusal_without_words_shows_its_code() -> None:
    assert network_said("not_possible") == "not possible"
