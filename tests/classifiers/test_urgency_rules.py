"""Urgency by rules: what counts, what does not, in Italian and English."""

from __future__ import annotations

import pytest

from classifiers.rules.urgency import Tone, Urgency, assess
from domain.judgement import Kind, ReasonCode, UrgencyLevel

ANGRY = Tone(negative=0.85, positive=0.03, complaint=0.9)
CALM = Tone(negative=0.2, positive=0.05, complaint=0.25)
GLAD = Tone(negative=0.03, positive=0.9, complaint=0.02)


def _urgency(text: str, language: str, *, tone: Tone = ANGRY, kind: Kind = Kind.COMPLAINT) -> Urgency:
    return assess(text, language=language, tone=tone, kind=kind)


def _codes(urgency: Urgency) -> set[ReasonCode]:
    return {reason.code for reason in urgency.reasons}


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("it", "In via Roma si sente puzza di gas, mandate qualcuno", ReasonCode.SAFETY),
        ("en", "Strong smell of gas on our street, please send somebody", ReasonCode.SAFETY),
        ("it", "La presa ha fatto scintille e ho preso la scossa", ReasonCode.SAFETY),
        ("en", "The heater caught fire while my kids were asleep", ReasonCode.SAFETY),
        ("it", "Intossicazione alimentare dopo la cena da voi", ReasonCode.SAFETY),
        ("en", "My son had an allergic reaction, nuts were not on the label", ReasonCode.SAFETY),
        ("it", "Mi hanno svuotato il conto, aiuto", ReasonCode.FRAUD_SECURITY),
        ("en", "My account has been hacked and they are ordering things", ReasonCode.FRAUD_SECURITY),
        ("it", "Nella mia area vedo le fatture di un altro cliente", ReasonCode.PRIVACY),
        ("en", "I can see another customer's address in my orders", ReasonCode.PRIVACY),
        ("it", "Non voglio più vivere così, basta", ReasonCode.CRISIS),
        ("en", "I just want to die, nothing helps", ReasonCode.CRISIS),
    ],
)
def test_danger_is_act_now_even_when_told_calmly(language: str, text: str, code: ReasonCode) -> None:
    for tone, kind in ((ANGRY, Kind.COMPLAINT), (CALM, Kind.OTHER)):
        urgency = _urgency(text, language, tone=tone, kind=kind)
        assert urgency.level is UrgencyLevel.ACT_NOW
        assert code in _codes(urgency)


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("it", "Sono tre giorni senza internet e devo lavorare", ReasonCode.OUTAGE),
        ("en", "No hot water for four days now", ReasonCode.OUTAGE),
        ("it", "Bolletta da 870 euro per un mese di vacanza", ReasonCode.MONEY),
        ("en", "You took $1,200 from my account", ReasonCode.MONEY),
        ("it", "Ho scritto ad ARERA e passo la pratica all'avvocato", ReasonCode.LEGAL),
        ("en", "My lawyer will be in touch", ReasonCode.LEGAL),
        ("it", "Ho chiamato cinque volte e nessuno risponde", ReasonCode.REPEAT_CONTACT),
        ("en", "On hold for two hours and then you hang up on me", ReasonCode.REPEAT_CONTACT),
        ("en", "You cancelled my flight and there is no seat until Sunday", ReasonCode.HARM),
        ("en", "Still waiting for my lost luggage", ReasonCode.HARM),
        ("en", "Missed my connection because of you", ReasonCode.HARM),
        ("en", "Twelve years a customer with you, moving to a competitor tomorrow", ReasonCode.CHURN),
        ("it", "Cliente da quindici anni: disdico il contratto", ReasonCode.CHURN),
        ("it", "L'addetto mi ha insultato davanti a tutti, è discriminazione", ReasonCode.STAFF_CONDUCT),
    ],
)
def test_concrete_unsolved_harm_is_same_day(language: str, text: str, code: ReasonCode) -> None:
    urgency = _urgency(text, language)
    assert urgency.level is UrgencyLevel.SAME_DAY
    assert code in _codes(urgency)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("it", "Mia nonna di 87 anni è senza riscaldamento da ieri sera"),
        ("en", "No heating since Friday and we have a newborn"),
        ("it", "Papà è in dialisi a casa e avete staccato la corrente"),
        ("en", "We are stranded at the airport with an infant and no hotel"),
    ],
)
def test_someone_vulnerable_without_supply_or_shelter_is_act_now(language: str, text: str) -> None:
    urgency = _urgency(text, language)
    assert urgency.level is UrgencyLevel.ACT_NOW
    assert ReasonCode.VULNERABLE in _codes(urgency)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("it", "Sto morendo dal ridere con la vostra pubblicità"),
        ("it", "Il nuovo gusto fa scintille, a tutto gas!"),
        ("it", "Prezzi shock, mi è preso un infarto alla cassa ahahah"),
        ("en", "I'm dying lol, this ad is killing me"),
        ("en", "Your new playlist is on fire"),
        ("en", "Gas prices went up again at the gas station"),
        ("en", "Chocolate to die for, a real lifesaver"),
    ],
)
def test_figures_of_speech_do_not_count(language: str, text: str) -> None:
    assert _urgency(text, language).level is UrgencyLevel.NORMAL
    assert _urgency(text, language, tone=GLAD, kind=Kind.PRAISE).level is UrgencyLevel.NO_ACTION


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("it", "Non c'è nessun odore di gas, volevo solo un'informazione"),
        ("en", "There was no smell of gas, just asking about the meter"),
        ("it", "Ieri c'era odore di gas, tutto risolto, grazie"),
        ("en", "We had no power for two days but it's all fixed now, thank you"),
    ],
)
def test_what_is_denied_or_past_and_solved_does_not_count(language: str, text: str) -> None:
    assert _urgency(text, language).level is UrgencyLevel.NORMAL


@pytest.mark.parametrize("text", ["The soup was a bit cold", "La pasta era scotta e il cameriere scortese"])
def test_tone_is_not_stakes(text: str) -> None:
    language = "en" if "soup" in text else "it"
    plain = _urgency(text, language)
    loud = _urgency(text.upper() + "!!!!!! DISGRACE, SCHIFO!!!", language)
    assert plain.level is loud.level is UrgencyLevel.NORMAL
    assert plain.expectation == loud.expectation


@pytest.mark.parametrize("text", ["SUING over curly fries!!!", "VI DENUNCIO per una brioche secca"[3:]])
def test_a_loud_threat_over_little_is_a_normal_complaint(text: str) -> None:
    assert _urgency(text, "und").level is UrgencyLevel.NORMAL


def test_reasons_that_need_displeasure_do_not_count_in_a_glad_post() -> None:
    text = "After two hours on hold Amy found my lost bag, what a hero"
    assert _urgency(text, "en", tone=GLAD, kind=Kind.PRAISE).level is UrgencyLevel.NO_ACTION


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (Kind.COMPLAINT, UrgencyLevel.NORMAL),
        (Kind.QUESTION, UrgencyLevel.NORMAL),
        (Kind.IDEA, UrgencyLevel.NORMAL),
        (Kind.PRAISE, UrgencyLevel.NO_ACTION),
        (Kind.OTHER, UrgencyLevel.NO_ACTION),
        (Kind.SPAM, UrgencyLevel.NO_ACTION),
    ],
)
def test_without_a_trigger_the_kind_gives_the_level(kind: Kind, level: UrgencyLevel) -> None:
    urgency = _urgency("Just saying hello about your shop", "en", tone=CALM, kind=kind)
    assert urgency.level is level
    assert urgency.reasons == ()


def test_a_journalist_with_a_deadline_is_act_now_and_without_one_same_day() -> None:
    hurried = "I'm a journalist with the evening paper, I need a comment by 5pm today"
    patient = "I'm a journalist with the evening paper, who is your press contact"
    assert _urgency(hurried, "en", tone=CALM, kind=Kind.QUESTION).level is UrgencyLevel.ACT_NOW
    assert _urgency(patient, "en", tone=CALM, kind=Kind.QUESTION).level is UrgencyLevel.SAME_DAY


def test_small_sums_are_not_large_money() -> None:
    assert _urgency("Mi avete addebitato 12,50 euro in più", "it").level is UrgencyLevel.NORMAL
    assert _urgency("I was charged $35 twice", "en").level is UrgencyLevel.NORMAL


def test_evidence_is_the_passage_that_was_found() -> None:
    text = "Buonasera, in cantina c'è una perdita di gas, fate presto"
    (reason,) = _urgency(text, "it").reasons
    assert reason.evidence is not None
    assert text[slice(*reason.evidence)] == "perdita di gas"


def test_an_unknown_language_is_read_with_both_word_lists() -> None:
    assert _urgency("odore di gas", "und").level is UrgencyLevel.ACT_NOW
    assert _urgency("smell of gas", "und").level is UrgencyLevel.ACT_NOW
