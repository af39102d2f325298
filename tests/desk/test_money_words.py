"""Does a colleague read what a reply costs, what the month has cost, and why a post is answered by hand?"""

from __future__ import annotations

import pytest

from collectors.spending import Budget
from desk import i18n
from desk.money_words import by_hand_words, reply_price_words, spent_words
from services.spending import Spent


def plain(said: str) -> str:
    return said.replace("\xa0", " ")


def test_price_of_a_reply_is_said_in_the_readers_language_and_nothing_where_it_is_free() -> None:
    with i18n.speaking("it"):
        assert plain(reply_price_words(0.01, 0.2)) == "Costa 0,01 €, con un indirizzo dentro 0,20 €."
        assert plain(reply_price_words(0.004, 0.0)) == "Costa meno di 0,01 €."
        assert reply_price_words(0.0, 0.0) == ""
    with i18n.speaking("en"):
        assert plain(reply_price_words(0.01, 0.01)) == "It costs €0.01."


def test_sum_of_the_month_names_both_ceilings() -> None:
    spent = [Spent("x", 1, Budget.READS, 1.5, 50.0), Spent("x", 1, Budget.REPLIES, 0.0, 20.0)]
    with i18n.speaking("en"):
        assert plain(spent_words(spent)) == "this month: reading €1.50 of €50.00, replies €0.00 of €20.00"
        assert spent_words([]) == ""


@pytest.mark.parametrize(
    ("reason", "begins"),
    [
        ("not_summoned", "X lascia rispondere un programma solo a chi nomina"),
        ("ceiling_reached", "I soldi del mese per le risposte sono finiti"),
        ("not_connected", "Mancano le chiavi del nostro account"),
        ("replies_closed", "Chi l’ha scritto lascia rispondere solo alcuni"),
        ("thread_locked", "Questa discussione è chiusa o troppo vecchia"),
        ("not_granted", "Reddit lascia leggere la nostra app, non scrivere"),
        ("never_heard_of", "Questa risposta non la pubblica un programma"),
    ],
)
def test_reason_for_the_hand_is_a_sentence(reason: str, begins: str) -> None:
    with i18n.speaking("it"):
        assert by_hand_words(reason).startswith(begins)
