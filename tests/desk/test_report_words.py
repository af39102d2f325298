"""Is a report said in true sentences, in both languages: with many, one and nobody, and where nothing was heard?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from db.rollups import CaseCounts
from desk import report_quotes, report_words, trend_words
from desk.i18n import speaking
from desk.report_font import MISSING, letters_for, printable
from desk.report_pdf import pdf_of
from domain.judgement import ReasonCode
from domain.metrics import Figure, net_sentiment, share
from domain.report import Month, days_of
from domain.waiting import STRETCHES, stretch_of
from domain.window import Stretch
from services.hearing_record import Heard, Missed, Unheard
from services.report_views import Concern, Concerns, Example, Promises, Report, Returned, Shared, Words
from services.trend_views import Answers, Figures
from services.trends import answers_of

NOW, OCTOBER = datetime(2026, 11, 22, 13, 5, tzinfo=UTC), Month(2026, 10)
ALL_HEARD = Heard(("bluesky", "sample"), (), ())
WEEK = Unheard("bluesky", Stretch(datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 12, tzinfo=UTC)), Missed.BLIND)


def returned(posts: int = 0, answered: int = 0, *, solved=(0, 0), thanks=(0, 0), kept=(0, 0), **fields) -> Returned:
    found = Figures(
        posts, posts, 0, 0, 0, 0, 0, net_sentiment(0, posts, posts, least=5), share(posts // 2, posts, least=5), (), ()
    )
    asked = fields.pop("asked", answered)
    enough = asked >= 5
    half, most = (7200, 86400) if enough else (None, None)
    waits = Answers(
        asked, (), fields.pop("unanswered", 0), half, most, enough, share(*solved, least=5), fields.pop("reopened", 0)
    )
    promised = Promises(share(*kept, least=5), fields.pop("broken", 0), fields.pop("late", 0))
    heard = fields.pop("heard", ALL_HEARD)
    return Returned(found, waits, answered, share(*thanks, least=5), promised, heard)


def told(now: Returned, before: Returned | None = None, *, month: Month = OCTOBER, **fields) -> Report:
    known = {
        "brand_id": 1,
        "brand": "Lumen Energia",
        "is_sample": False,
        "month": month,
        "days": days_of(month, "Europe/Rome", now=NOW),
        "read_at": NOW,
        "examples": (),
        "concerns": Concerns((), 0, 0, True),
        "shared": Shared(),
        "models": (("bundled-1", 3),),
        "least_people": 5,
        "with_links": False,
    }
    return Report(now=now, before=before or returned(), **(known | fields))


def page(report: Report, language: str = "en") -> report_words.Page:
    with speaking(language):
        return report_words.page(report)


def text_of(report: Report, language: str = "en") -> str:
    found = page(report, language)
    parts = [found.title, found.about, found.opening, *(f"{s.heading}: {s.text}" for s in found.sections), *found.basis]
    return "\n".join(parts).replace("**", "")


FULL = told(
    returned(1284, 148, solved=(121, 160), thanks=(31, 52), kept=(24, 27), broken=2, late=1, reopened=1),
    returned(1100, 121, solved=(80, 150), thanks=(18, 49), kept=(14, 20)),
    concerns=Concerns((Concern(ReasonCode.OUTAGE, 61), Concern(ReasonCode.MONEY, 5)), 412, 301, True),
    shared=Shared((("The grid of Lodi", 34),), (), 0, 1),
)


def test_a_full_month_is_told_in_english() -> None:
    said = text_of(FULL)
    for sentence in (
        "What care returned: October 2026",
        "1 to 31 October 2026 · held against 1 to 30 September 2026",
        "148 customers had an answer from us in October 2026. There were 121 in September.",
        "All of them had our first answer: half within 2 hours, nine in ten within 1 day.",
        "Of 160 cases closed, 121 ended because their customers said that it was solved (76%, margin ±6.6 points).",
        "It was 53% of 150 in September: the difference is larger than the margins.",
        "1 case was opened again because its customer wrote.",
        "Of 52 customers who wrote again after we had answered their complaint, 31 came back with thanks",
        "It was 37% of 49 in September: the difference lies within the margins.",
        "Of 27 promises that fell due, 24 were kept (89%, margin ±12.1 points). 2 were not kept.",
        "301 customers complained; what pressed them: the service is down (61 customers); money at stake (5",
        "1 problem that several customers shared was closed: “The grid of Lodi” (34 customers).",
        "1 is still open.",
        "Channels read: Bluesky and Sample. 1,284 posts were heard in these days. Judged by bundled-1.",
    ):
        assert sentence in said, sentence


def test_a_full_month_is_told_in_italian_with_its_own_numbers_and_plurals() -> None:
    said = text_of(FULL, "it")
    for sentence in (
        "Che cosa ha reso la cura dei clienti: ottobre 2026",
        "Nel mese di ottobre 2026 148 clienti hanno avuto una nostra risposta. Erano stati 121 nel mese di settembre.",
        "Su 160 casi chiusi, 121 sono finiti perché i clienti hanno detto che era risolto (76%, margine ±6,6 punti).",
        "1 caso è stato riaperto perché il cliente ha scritto.",
        "1 ha passato la data ed è ancora aperta.",
        "In questi giorni sono stati ascoltati 1.284 post.",
        "Canali letti: Bluesky e Esempio.",
    ):
        assert sentence in said, sentence


@pytest.mark.parametrize(
    ("language", "opening", "few"),
    [
        ("en", "1 customer had an answer from us in October 2026.", "1 case was closed: too few to tell more"),
        ("it", "1 cliente ha avuto una nostra risposta.", "È stato chiuso 1 caso: troppo poco per dire di più"),
    ],
)
def test_a_month_of_one_customer_is_told_in_the_singular_and_without_a_share(language, opening, few) -> None:
    said = text_of(told(returned(1, 1, solved=(1, 1), thanks=(1, 1), kept=(1, 1))), language)
    assert opening in said and few in said and "%" not in said.replace("95%", "")


def test_all_of_them_and_none_of_them_are_said_as_such() -> None:
    said = text_of(told(returned(10, 6, solved=(0, 6), thanks=(0, 6), kept=(1, 6))))
    assert "Of 6 cases closed, none ended" in said and "none gave thanks (0%" in said
    assert "Of 6 promises that fell due, 1 was kept" in said
    assert "1 sono" not in text_of(told(returned(10, 6, kept=(1, 6))), "it")


WAITS = {
    # half and most, in seconds, and how many of 84 have no answer
    "nobody": (None, None, 84, "None of them has had our answer yet.", "Nessuna ha ancora avuto la nostra risposta."),
    "one": (
        *(None, None, 83, "1 of them has had our answer, fewer than half; 83 have none yet."),
        "1 ha avuto la nostra risposta, meno della metà; 83 non ne hanno ancora nessuna.",
    ),
    "few": (
        *(None, None, 60, "24 of them have had our answer, fewer than half; 60 have none yet."),
        "24 hanno avuto la nostra risposta, meno della metà; 60 non ne hanno ancora nessuna.",
    ),
    "most": (
        *(7200, None, 10, "Half had our first answer within 2 hours; 10 have none yet, more than one in ten."),
        "La metà ha avuto la prima risposta entro 2 ore; 10 non ne hanno ancora nessuna, più di una su dieci.",
    ),
    "all but one": (
        *(7200, 86400, 1, "Half had our first answer within 2 hours, nine in ten within 1 day; 1 has none yet."),
        "La metà ha avuto la prima risposta entro 2 ore, nove su dieci entro 1 giorno; 1 non ne ha ancora nessuna.",
    ),
    "all": (
        *(7200, 86400, 0, "All of them had our first answer: half within 2 hours, nine in ten within 1 day."),
        "Tutte hanno avuto la prima risposta: la metà entro 2 ore, nove su dieci entro 1 giorno.",
    ),
}


@pytest.mark.parametrize("case", WAITS)
def test_how_long_people_waited_is_said_as_it_was_for_nobody_one_few_and_all(case) -> None:
    half, most, left, english, italian = WAITS[case]
    now = returned(100, 84 - left, asked=84, unanswered=left)
    now = replace(now, answers=replace(now.answers, half_s=half, most_s=most))
    for language, said in (("en", english), ("it", italian)):
        waits = page(told(now), language).sections[0].text.replace("**", "")
        assert said in waits
        assert ("84 questions and complaints" if language == "en" else "84 domande e lamentele") in waits
    with speaking("it"):
        beside = trend_words.waits_words(now.answers)
    assert beside.startswith({"nobody": "Nessuno", "one": "Meno", "few": "Meno"}.get(case, "Metà"))


LONG = {
    # how many of those who asked waited an hour at most, how many over two weeks, and how many have no answer
    "all, half late": (
        *((24, 60, 0), "All of them had our first answer, but half waited longer than 14 days."),
        *(
            "Tutte hanno avuto la prima risposta, ma la metà ha aspettato più di 14 giorni.",
            "Half waited over 14 days.",
        ),
        "Metà ha aspettato più di 14 giorni.",
    ),
    "all, some late": (
        *((70, 14, 0), "half within 1 hour, but more than one in ten waited over 14 days."),
        "la metà entro 1 ora, ma più di una su dieci ha aspettato più di 14 giorni.",
        "Half waited 1 hour at most; fewer than nine in ten were answered within 14 days.",
        "Metà ha aspettato al massimo 1 ora; meno di nove su dieci hanno avuto risposta entro 14 giorni.",
    ),
    "most, half late": (
        *((30, 40, 14), "Fewer than half had our first answer within 14 days; 14 have none yet."),
        "Meno della metà ha avuto la prima risposta entro 14 giorni; 14 non ne hanno ancora nessuna.",
        "Fewer than half were answered within 14 days.",
        "Meno della metà ha avuto risposta entro 14 giorni.",
    ),
    "all but one, some late": (
        *((70, 13, 1), "within 1 hour, fewer than nine in ten within 14 days; 1 has none yet."),
        "entro 1 ora, meno di nove su dieci entro 14 giorni; 1 non ne ha ancora nessuna.",
        "Half waited 1 hour at most; fewer than nine in ten were answered within 14 days.",
        "Metà ha aspettato al massimo 1 ora; meno di nove su dieci hanno avuto risposta entro 14 giorni.",
    ),
    "few, and late": (
        *((0, 24, 60), "24 of them have had our answer, fewer than half; 60 have none yet."),
        "24 hanno avuto la nostra risposta, meno della metà; 60 non ne hanno ancora nessuna.",
        "Fewer than half have been answered.",
        "Meno della metà ha avuto risposta.",
    ),
    "nobody late": (
        *((74, 0, 10), "Half had our first answer within 1 hour; 10 have none yet, more than one in ten."),
        "La metà ha avuto la prima risposta entro 1 ora; 10 non ne hanno ancora nessuna, più di una su dieci.",
        "Half waited 1 hour at most; more than one in ten has no answer yet.",
        "Metà ha aspettato al massimo 1 ora; più di uno su dieci non ha ancora risposta.",
    ),
}


@pytest.mark.parametrize("case", LONG)
def test_who_was_answered_late_is_not_told_as_somebody_who_was_not_answered(case) -> None:
    (soon, late, left), english, italian, beside_en, beside_it = LONG[case]
    waited = [0] * STRETCHES
    waited[stretch_of(3600)], waited[-1] = soon, late
    counted = answers_of(CaseCounts(waited=tuple(waited), unanswered=left), 5)
    now = replace(returned(100, soon + late), answers=counted)
    for language, said, beside in (("en", english, beside_en), ("it", italian, beside_it)):
        assert said in page(told(now), language).sections[0].text.replace("**", "")
        with speaking(language):
            assert trend_words.waits_words(counted) == beside


def test_an_empty_month_that_was_heard_is_a_silence() -> None:
    found = page(told(returned()))
    assert found.opening == "No post was heard and nobody was answered. Every channel was heard the whole time."
    assert found.sections == ()


def test_an_empty_month_that_was_not_heard_says_nothing_about_what_was_written() -> None:
    deaf = page(told(returned(heard=Heard(("bluesky",), (), (WEEK,)))))
    assert "this says nothing about how much was written" in deaf.opening
    none = page(told(returned(heard=Heard((), (), ()))), "it")
    assert "non si legge nessun canale" in none.opening and none.sections == ()


def test_a_channel_that_was_left_off_since_is_named_and_not_told_as_never_read() -> None:
    left = Heard((), (), (WEEK,), (("bluesky", WEEK.stretch.from_at),))
    said = text_of(told(returned(40, 9, heard=left)))
    assert "No longer read: Bluesky (last read 5 October). 40 posts were heard" in said
    assert "No channel is read" not in said
    assert "Non più in ascolto: Bluesky (ultima lettura 5 ottobre)." in text_of(told(returned(40, heard=left)), "it")
    assert "No channel is read" not in page(told(returned(heard=left))).opening
    both = text_of(told(returned(40, 9, heard=replace(left, channels=("sample",)))))
    assert "Channels read: Sample. No longer read: Bluesky" in both


def test_a_channel_blind_for_a_week_makes_figures_of_posts_lower_bounds() -> None:
    said = text_of(told(returned(40, 9, heard=Heard(("bluesky",), (), (WEEK,)))))
    assert "lower bounds: Bluesky: 5 Oct, 02:00 – 12 Oct, 02:00 (not heard any more)." in said
    assert "No customer whose complaint we had answered wrote again." in said and "too few September" not in said


def test_a_running_month_says_so_and_a_month_to_come_tells_nothing() -> None:
    running = text_of(told(returned(40, 9), returned(30, 8), month=Month(2026, 11)))
    assert "1 to 22 November 2026 · held against 1 to 22 October 2026" in running
    assert "There were 8 in the same days of October." in running
    cut = "told as it stood on Sunday 22 November at 14:05, and the month before until that hour."
    assert f"The month is not over: {cut}" in running
    eighth = replace(told(returned(40, 9), month=Month(2026, 11)), read_at=datetime(2026, 11, 8, 13, 5, tzinfo=UTC))
    assert "com’era alle 14:05 di domenica 8 novembre, e il mese prima fino alla stessa ora." in text_of(eighth, "it")
    last = days_of(Month(2026, 10), "Europe/Rome", now=datetime(2026, 10, 31, 13, 5, tzinfo=UTC))
    assert "22 November at 14:05." in text_of(replace(told(returned(40, 9)), days=last)), "September ends before"
    ahead = page(told(returned(), month=Month(2026, 12)))
    assert ahead.opening.startswith("This month has not begun") and ahead.sections == ()


def test_a_month_before_the_desk_was_there_is_no_nought() -> None:
    assert "Nobody had one in September." in text_of(told(returned(40, 9)))
    new = text_of(told(returned(40, 9), was_there=False))
    assert "Nobody listened yet in September." in new and "Nobody had one" not in new


def test_a_month_of_another_year_is_named_with_it() -> None:
    assert "There were 8 in December 2025." in text_of(told(returned(40, 9), returned(30, 8), month=Month(2026, 1)))


def test_a_title_is_neither_bold_nor_a_link() -> None:
    assert (
        report_quotes.plain("**Lodi** [see](https://evil.example) --now--")
        == "·Lodi· [see] (https://evil.example) -now-"
    )


def words(text: str) -> Words:
    return Words(text, "it", datetime(2026, 10, 6, 9, tzinfo=UTC), None)


def quoting(complaint: str, thanks: str) -> Report:
    return replace(FULL, examples=(Example("bluesky", words(complaint), words(thanks)),))


def test_pseudonyms_are_plain_words_in_a_quotation_and_long_ones_are_cut_at_a_word() -> None:
    found = page(quoting("@person-bcdfghjklmnpqr e link-bcdfghjklmnpqr " + "parola " * 60, "Risolto, grazie"), "it")
    [quote] = next(section.quotes for section in found.sections if section.quotes)
    assert quote.before.startswith("«[nome] e [link] parola") and quote.before.endswith("parola…»")
    assert (quote.after, quote.where, quote.day) == ("«Risolto, grazie»", "Bluesky", "6 ottobre")


def test_signs_without_letters_are_replaced_and_the_page_says_so() -> None:
    known = letters_for(["x"]).known
    assert printable("Però “sì” Ωμέγα Жя € 😀👍🏽 漢字 ok", known) == f"Però “sì” Ωμέγα Жя € {MISSING} {MISSING} ok"
    assert pages_of(pdf_of(page(quoting("漢字", "😀 grazie")), language="en", made_at=NOW)) == 1


def test_the_report_is_one_page_however_much_there_is_to_say() -> None:
    long = "Sono senza corrente da tre giorni e nessuno risponde a quello che scrivo. " * 9
    many = replace(quoting(long, long), examples=(Example("x", words(long), words(long)),) * 3)
    crowded = replace(many, shared=Shared((("Problema " * 13, 40),) * 3, (("Altro " * 20, 30),) * 3, 0, 4))
    for language in ("en", "it"):
        made = pdf_of(page(crowded, language), language=language, made_at=NOW)
        assert made.startswith(b"%PDF-") and pages_of(made) == 1 and f"/Lang ({language})".encode() in made


def test_without_a_font_the_page_is_printed_in_latin_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    from desk import report_font

    monkeypatch.setattr(report_font, "_whole", lambda: None)
    report_font.known_signs.cache_clear()
    try:
        assert pages_of(pdf_of(page(quoting("Perché “così” – Жя", "Grazie…"), "it"), language="it", made_at=NOW)) == 1
    finally:
        report_font.known_signs.cache_clear()


def pages_of(made: bytes) -> int:
    return made.count(b"/Type /Page\n")


def test_a_figure_of_nothing_is_never_said() -> None:
    assert Figure(0).value is None and "0%" not in text_of(told(returned(3, 3)))
