"""What the author wants, and in which language."""

from __future__ import annotations

import pytest

from classifiers.language import SUPPORTED, UNKNOWN, identify
from classifiers.rules.amounts import large_amount
from classifiers.rules.kind import best, kind_scores
from classifiers.rules.urgency import Tone
from domain.judgement import Kind

NEUTRAL = Tone(negative=0.1, positive=0.1, complaint=0.1)
GLAD = Tone(negative=0.02, positive=0.9, complaint=0.03)
CROSS = Tone(negative=0.85, positive=0.03, complaint=0.9)


@pytest.mark.parametrize(
    ("text", "tone", "kind"),
    [
        ("Fate consegne anche la domenica?", NEUTRAL, Kind.QUESTION),
        ("Do you ship to Malta?", NEUTRAL, Kind.QUESTION),
        ("Sarebbe utile se aggiungeste il pagamento a rate", NEUTRAL, Kind.IDEA),
        ("It would be great if the app had a widget", NEUTRAL, Kind.IDEA),
        ("Complimenti, servizio impeccabile", GLAD, Kind.PRAISE),
        ("Thank you, wonderful staff", GLAD, Kind.PRAISE),
        ("Love the new shop! Do you open on Sundays?", GLAD, Kind.QUESTION),
        ("Why has nobody answered me for a week?", CROSS, Kind.COMPLAINT),
        ("Guadagna 500 euro a settimana, scrivimi su Telegram", NEUTRAL, Kind.SPAM),
        ("Bitcoin giveaway, DM me on WhatsApp to double your profit", NEUTRAL, Kind.SPAM),
        ("Oggi passo davanti al vostro negozio", NEUTRAL, Kind.OTHER),
    ],
)
def test_kind_follows_what_the_author_wants(text: str, tone: Tone, kind: Kind) -> None:
    assert best(kind_scores(text, tone)) is kind


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Il treno è di nuovo in ritardo e nessuno dice niente", "it"),
        ("The train is late again and nobody says anything", "en"),
        ("@brand_care #outage perché la linea non funziona? https://example.org/the/page", "it"),
        ("¿Dónde está mi pedido? Llevo una semana esperando", "es"),
        ("VERGOGNATEVI!!! QUATTRO GIORNI SENZA RISCALDAMENTO A NOVEMBRE", "it"),
        ("THIEVES!!! STOLE MY 49p!!! NEVER AGAIN!!!", "en"),
        ("12345 !!! 😂", UNKNOWN),
        ("ระบบล่มตั้งแต่เช้า ติดต่อไม่ได้เลย", UNKNOWN),
        ("𝗙𝘂𝗴𝗮 𝗱𝗶 𝗴𝗮𝘀 𝗻𝗲𝗹 𝗽𝗮𝗹𝗮𝘇𝘇𝗼, 𝘃𝗲𝗻𝗶𝘁𝗲", "it"),
        ("fu\u00adga di g\u00adas nel pal\u200cazzo, ven\u200bite", "it"),
        ("", UNKNOWN),
    ],
)
def test_language_is_read_from_words_not_from_names_and_links(text: str, language: str) -> None:
    assert identify(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "Paketet har fortfarande inte kommit och ingen svarar i telefon",
        "Min pakke er stadig ikke kommet, og ingen tager telefonen",
        "Balík zase nedorazil a nikdo nebere telefon",
        "Els meus diners encara no han arribat i ningú no agafa el telèfon",
        "Pakettini ei ole vieläkään tullut eikä kukaan vastaa puhelimeen",
        "Paket saya belum sampai juga dan tidak ada yang angkat telepon",
    ],
)
def test_the_neighbours_of_what_the_model_learned_are_not_taken_for_it(text: str) -> None:
    assert identify(text) not in SUPPORTED


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pagato 1.250,00 euro", "1.250,00 euro"),
        ("they took £ 2,400 out", "£ 2,400"),
        ("una fattura di 3 mila euro", "3 mila euro"),
        ("a $1.5k deposit", "$1.5k"),
        ("costa 399 euro", None),
        ("volo AZ1234 delle 1500", None),
        ("€12.50 extra", None),
    ],
)
def test_large_sums_start_at_about_a_months_rent(text: str, found: str | None) -> None:
    span = large_amount(text)
    assert (text[slice(*span)] if span else None) == found
