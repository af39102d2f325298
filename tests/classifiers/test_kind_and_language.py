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


NOTICE = "Dear customer, please note that the service will be suspended from 8 am to 2 pm tomorrow due to works."
OWN_WORDS = "Ancora una volta senza avviso, mia madre è rimasta al freddo"


@pytest.mark.parametrize(
    ("post", "language"),
    [
        (f"> {NOTICE}\n\n{OWN_WORDS}", "it"),
        (f"{OWN_WORDS}\r\n\r\n> {NOTICE}\r\n>\r\n> 24 hours", "it"),
        (f"> {NOTICE}\n{OWN_WORDS}\n> {NOTICE}\nE adesso?", "it"),
        (f"&gt; {NOTICE}\n\n{OWN_WORDS}", "it"),
        (f"> > {NOTICE}\n> ok\n\n{OWN_WORDS}", "it"),
        (f"{'> ' * 1_000}{NOTICE}\n\n{OWN_WORDS}", "it"),
        (f"> {NOTICE * 40}\n\n{OWN_WORDS}", "it"),
        (f"{OWN_WORDS} RT @lumen: {NOTICE}", "it"),
        (f"Scrivono «{NOTICE}» {OWN_WORDS}", "it"),
        (f'{OWN_WORDS} "{NOTICE}"', "it"),
        (f"{OWN_WORDS}: „{NOTICE}“", "it"),
        (f"{OWN_WORDS}: “{NOTICE[:60]}", "it"),
        (f"\u200f> {NOTICE}\n\nإلغاء الرحلة مرة أخرى اليوم", "ar"),
        (f"> {NOTICE}\n\nระบบล่มตั้งแต่เช้า ติดต่อไม่ได้เลย", UNKNOWN),
        (f"> {NOTICE}\n\nGrazie mille", "it"),
    ],
    ids=[
        *("above", "below", "between", "written out", "nested", "deep", "long", "repost"),
        *("guillemets", "straight", "german", "cut off", "right to left", "no candidate", "few"),
    ],
)
def test_the_language_is_the_authors_not_that_of_what_they_quote(post: str, language: str) -> None:
    assert identify(NOTICE) == "en"
    assert identify(post) == language


@pytest.mark.parametrize(
    "post",
    [
        f"> {NOTICE}\n\nok",
        f"> {NOTICE}\n\nmi no",
        f"> {NOTICE}\n\n#aurora #milano_oggi #scandalo_in_citta",
        f"> {NOTICE}\n\n@lumen_servizio_clienti @comune_di_borgo",
        f"> {NOTICE}\n\nhttps://www.example.org/notizie/la/citta/senza/luce",
        f"> {NOTICE}\n\n😡😡😡",
        f"> {NOTICE}",
        f"RT @lumen: {NOTICE}",
        f"Giuseppe Rossi: «{NOTICE}» via @comune",
    ],
    ids=["ok", "few", "hashtags", "names", "link", "emoji", "only a quote", "plain repost", "a name"],
)
def test_where_nearly_all_is_quoted_the_language_is_that_of_the_whole(post: str) -> None:
    assert identify(post) == "en"


def test_own_words_that_may_be_either_have_the_language_of_the_quote() -> None:
    own = "tengo um problema"
    assert identify(f"> Bom dia, como podemos ajudar você hoje com o seu pedido?\n\n{own}") == "pt"
    assert identify(f"> Buenos días, ¿en qué podemos ayudarle hoy con su pedido?\n\n{own}") == "es"
