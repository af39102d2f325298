"""Does "solved, thanks" count, and does bitter thanks not?"""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.solved import is_last_word, says_solved

SETTLED_EN = (
    "All sorted, thank you",
    "works again, thanks",
    "Got my refund. Cheers",
    "Power is back, thank you",
    "It was reconnected, thank you. I was not expecting that so fast",
    "It was reconnected and I did not expect it so fast",
    "Reconnected this morning. Couldn't be happier",
    "We're back online!",
    "Fixed within the hour, I could not believe it",
    "It's working again. Never seen such quick service",
    "The parcel has arrived, no more problems",
    "My refund came through today",
    "Heating restored at 6pm. Not bad!",
    "False alarm, sorry to have bothered you",
    "Your engineer repaired it. I can't thank you enough",
    "Resolved now. I wasn't hoping for it today",
    "Everything fine again, nothing to complain about",
    "The internet is back on since noon",
    "Lights are back, you lot are quick",
    "It has been sorted. Have never had such kind help",
    "We had no power for two days but it's all fixed now, thank you",
    "Account unblocked, that is all I wanted",
)
SETTLED_IT = (
    "Risolto, grazie mille!",
    "Grazie, tutto a posto",
    "È arrivato il pacco, grazie",
    "rimborso ricevuto",
    "È tornata la luce in via Moroni",
    "Contatore riallacciato in un’ora, bravi",
    "Ci hanno ricollegati, grazie. Non me l’aspettavo così in fretta",
    "Riallacciato stamattina e non ci speravo più",
    "Problema rientrato, non ci sono più problemi",
    "Luce tornata alle 18. Mai visto un servizio così rapido",
    "Sistemato! Non credevo così presto",
    "La caldaia è stata riparata, niente da dire",
    "Il bonifico è arrivato oggi",
    "Adesso funziona, ancora grazie",
    "Tutto rientrato, non serve altro",
    "Falso allarme, scusate",
    "Linea ripristinata in serata. Non male!",
    "Carta sbloccata, non so come ringraziarvi",
    "Siamo stati senza luce due giorni, ma ora è tutto risolto",
    "È tornata l’acqua calda, che sollievo",
    "Rimborsato fino all’ultimo euro. Non potevo chiedere di meglio",
    "Corrente tornata, complimenti alla squadra",
)
OPEN_EN = (
    "It was NOT reconnected",
    "It was not reconnected. I was not expecting that",
    "It has not been reconnected, thank you very much",
    "It isn't fixed",
    "It still isn't working",
    "Is the power back?",
    "Is it fixed? I was not expecting that",
    "When will it be fixed",
    "I was not expecting it to be fixed by this",
    "I did not expect that it was solved like this",
    "You said it was fixed. It is not",
    "You keep telling me it is resolved",
    "They claim the line is repaired",
    "I hope it gets sorted soon",
    "Please get this resolved",
    "Nobody has fixed it",
    "It was fixed for an hour, then nothing",
    "Power is back but the fridge is ruined",
    "Reconnected at last, however you still charged me twice",
    "Half fixed",
    "It will be restored on Monday, says your site",
    "The parcel never arrived",
    "The parcel is late",
    "Unless it is solved today I am leaving",
    "I sent it back",
    "My fixed line is a joke",
    "The order arrived broken",
    "I was told it was fixed",
    "Works now and then",
)
OPEN_IT = (
    "NON è stato riallacciato",
    "Non è stato riallacciato. Non me l’aspettavo",
    "Non è risolto",
    "Risolto? Ma quando",
    "Risolto un corno",
    "La corrente è tornata ma il frigo è da buttare",
    "Ancora non è tornata la luce",
    "Nessuno ha riparato niente",
    "Quando sarà sistemato",
    "Dite che è risolto, qui è tutto fermo",
    "Spero venga risolto presto",
    "Vorrei che fosse sistemato oggi",
    "Non mi aspettavo che fosse risolto così",
    "Il pacco non è arrivato",
    "Il rimborso non è ancora arrivato",
    "Riparata per un’ora, poi niente",
    "È tornata la luce, però avete perso il contratto",
    "Sistemato a metà",
    "È arrivato il tecnico? Qui no",
    "Doveva essere risolto ieri",
    "Mai riallacciato",
    "Quasi risolto",
    "Riattivato e staccato di nuovo, mai una volta buona",
    "Il guasto risulta risolto, io sono al buio",
    "In cantina c’è gas, si sente dalle scale",
    "È arrivata una bolletta da 900 euro",
    "Avete risolto il contratto di mia madre",
    "Mi avete rimborsato solo metà",
    "Ora va peggio di prima",
)


@pytest.mark.parametrize("text", SETTLED_EN + SETTLED_IT)
def test_a_settled_matter_is_heard(text):
    assert says_solved(text) and is_last_word(text)


@pytest.mark.parametrize("text", OPEN_EN + OPEN_IT)
def test_an_open_matter_is_not_taken_for_settled(text):
    assert not says_solved(text) and not is_last_word(text)


@pytest.mark.parametrize("text", ["Grazie mille, siete gentili", "Thank you, very kind of you", "thx"])
def test_mere_thanks_end_a_matter_and_say_nothing_about_it(text):
    assert is_last_word(text) and not says_solved(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Grazie di niente, ancora niente luce",
        "Thanks for nothing",
        "thank you but it still fails",
        "Thanks, I was not expecting this from you",
        "Grazie, e il rimborso?",
        "Grazie " + "x" * 300,
    ],
)
def test_bitter_or_long_thanks_end_nothing(text):
    assert not is_last_word(text)


TAKEN_BACK = ("but it is gone", "però il frigo è da buttare", "Then nothing again", "ora non più", "or is it?", "o no?")


@given(st.sampled_from(SETTLED_EN + SETTLED_IT), st.sampled_from(TAKEN_BACK))
def test_what_takes_it_back_counts_more_than_what_was_said_before(settled, taken_back):
    assert not says_solved(f"{settled} {taken_back}")


@pytest.mark.parametrize("text", ["non " * 2_000, "it is " * 2_000, "ora a " * 2_000, "e tornata " * 800, "x" * 20_000])
def test_a_post_made_to_be_slow_is_read_in_no_time(text):
    began = time.perf_counter()

    says_solved(text)

    assert time.perf_counter() - began < 0.5
