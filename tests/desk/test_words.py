"""Does every code of the desk have words, in both languages, written as the house writes?"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from babel.messages.pofile import read_po

from desk import coverage_words, event_words, import_words, numbers, words
from desk.i18n import catalogue_path, language, speaking
from desk.sentences import error_words
from desk.widgets.page_language import STREAMLIT_WORDS
from desk.widgets.rows import UrgencyShape
from domain.errors import (
    AlreadyClaimed,
    DeskError,
    Invalid,
    NotFound,
    NotPossible,
    Refused,
    SignInRefused,
    TooLong,
    Unavailable,
)
from domain.judgement import Kind, ReasonCode, Sentiment
from domain.people import Role
from domain.priority import RankCode, RankReason
from domain.states import CaseState, ReplyState
from services.cases import DismissReason, ResolutionCode
from services.moves import CASE_EVENTS, REPLY_EVENTS

NOW = datetime(2026, 11, 20, 9, 41, tzinfo=UTC)
ROME = "Europe/Rome"


def catalogue_sentences() -> list[tuple[str, str]]:
    with catalogue_path("it").open("rb") as file:
        messages = [message for message in read_po(file, locale="it") if message.id]
    pairs = []
    for message in messages:
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        pairs.extend(zip(sources, said, strict=True))
    return pairs


def test_apostrophes_and_quotes_are_the_printers_own() -> None:
    ours = [pair for pair in catalogue_sentences() if pair[0] not in STREAMLIT_WORDS]  # which Streamlit writes its way
    assert [pair for pair in ours if re.search(r"\w'\w|\"", " ".join(pair))] == []
    assert [said for _source, said in catalogue_sentences() if re.search(r"\w'\w|\"", said)] == []
    assert [said for _source, said in catalogue_sentences() if "“" in said or "”" in said] == []


def test_nothing_shouts_and_nobody_is_asked_to_wait() -> None:
    assert [pair for pair in catalogue_sentences() if "!" in " ".join(pair)] == []
    assert [said for _s, said in catalogue_sentences() if re.search(r"ticket|attendere|prego", said, re.I)] == []


def test_italian_keeps_the_sentences_end() -> None:
    ends = [(source, said) for source, said in catalogue_sentences() if source.endswith(".") != said.endswith(".")]
    assert ends == []


@pytest.mark.parametrize("spoken", ["it", "en"])
def test_every_code_has_words(spoken: str) -> None:
    with speaking(spoken):
        told = [words.reason_words(RankReason(code, 1.0, 3), kind="complaint") for code in (*ReasonCode, *RankCode)]
        told += [words.kind_word(kind) for kind in Kind] + [words.sentiment_word(mood) for mood in Sentiment]
        told += [words.state_word(state) for state in CaseState]
        told += [words.reply_state_word(state) for state in ReplyState]
        told += [words.resolution_word(code) for code in (*ResolutionCode, *DismissReason)]
        told += [words.role_word(role) for role in Role] + [words.urgency_word(level) for level in range(4)]
        events = {*CASE_EVENTS.values(), *REPLY_EVENTS.values(), "taken", "handed_over", "noted", "promised"}
        told += [event_words.event_words(event, name="Paolo") for event in events]
    assert all(told)
    assert [word for word in told if "_" in word or "{" in word] == []


def test_every_event_of_a_case_is_named() -> None:
    known = set(event_words._EVENTS)
    assert {*CASE_EVENTS.values(), *REPLY_EVENTS.values()} - known == set()


def test_the_most_urgent_thing_about_a_row_is_said_first() -> None:
    with speaking("it"):
        assert words.urgency_head(level=3, judged=True, unsure=False) == (UrgencyShape.NOW, "Subito")
        assert words.urgency_head(level=3, judged=True, unsure=True)[1] == "Non sono sicuro, leggi"
        assert words.urgency_head(level=3, judged=False, unsure=True)[1] == "Da valutare"


@pytest.mark.parametrize(
    ("error", "english", "italian"),
    [
        (AlreadyClaimed(by="Paolo", since=NOW, by_id=1), "Paolo was faster", "Ha fatto prima Paolo"),
        (TooLong(length=300, limit=280, channel="X"), "300 characters; X takes 280", "300 caratteri; X ne accetta 280"),
        (NotPossible(reason="promise_open"), "open promise", "promessa aperta"),
        (NotPossible(reason="something_new"), "not possible now", "Ora non si può"),
        (Invalid(reason="password_short"), "at least 10 characters", "almeno 10 caratteri"),
        (Invalid(), "cannot be used", "non vanno bene"),
        (SignInRefused(until=NOW), "again at 10:41:00", "riprovare alle 10:41:00"),
        (SignInRefused(), "not right", "non sono giusti"),
        (NotFound(entity="case", id=7), "no case 7", "Non c’è un caso 7"),
        (NotFound(entity="brand"), "no such brand", "Questo marchio non c’è"),
        (NotFound(channel="telex"), "“telex”", "«telex»"),
        (Invalid(field="brand_name"), "A brand needs a name", "Un marchio ha bisogno di un nome"),
        (Unavailable(), "does not answer", "non risponde"),
        (Refused(), "Nothing was changed", "Non è cambiato niente"),
    ],
)
def test_refusals_speak_the_readers_language(error: DeskError, english: str, italian: str) -> None:
    with speaking("en"):
        assert english in error_words(error, timezone=ROME)
    with speaking("it"):
        assert italian in error_words(error, timezone=ROME)


@pytest.mark.parametrize(
    ("stretch", "english", "italian"),
    [
        (timedelta(seconds=4), "4 seconds", "4 secondi"),
        (timedelta(minutes=59, seconds=59), "59 minutes", "59 minuti"),
        (timedelta(hours=2), "2 hours", "2 ore"),
        (timedelta(hours=1, minutes=40), "1 hour and 40 minutes", "1 ora e 40 minuti"),
        (timedelta(days=3, minutes=59), "3 days", "3 giorni"),
        (timedelta(days=1, hours=23, minutes=59), "1 day and 23 hours", "1 giorno e 23 ore"),
    ],
)
def test_a_stretch_of_time_is_not_made_shorter_by_its_words(stretch: timedelta, english: str, italian: str) -> None:
    with speaking("en"):
        assert numbers.stretch_words(stretch) == english
    with speaking("it"):
        assert numbers.stretch_words(stretch) == italian


def test_a_stretch_up_to_today_says_today() -> None:
    long_ago, late = NOW - timedelta(days=5, hours=1), NOW - timedelta(minutes=10)
    with speaking("it"):
        assert coverage_words.stretch_of(long_ago, late, ROME, now=NOW).startswith("15 nov, 09:41 – oggi, 10:31 (")
        assert coverage_words.stretch_of(late, NOW, ROME, now=NOW) == "oggi, 10:31 – 10:41 (10 minuti)"


def test_numbers_and_times_are_written_as_the_reader_writes_them() -> None:
    yesterday, later = NOW - timedelta(days=1), NOW + timedelta(days=4)
    with speaking("it"):
        assert numbers.number(1140) == "1.140"
        assert numbers.clock_time(NOW, ROME) == "10:41"
        assert numbers.since_words(NOW, ROME, now=NOW) == "dalle 10:41"
        assert numbers.since_words(yesterday, ROME, now=NOW) == "da ieri, 10:41"
        assert numbers.until_words(later, ROME, now=NOW) == "fino al 24 nov, 10:41"
        assert numbers.moment_words(NOW + timedelta(days=365), ROME, now=NOW) == "20 nov 2027, 10:41"
        assert numbers.day_name(date(2026, 11, 19), today=date(2026, 11, 20)) == "giovedì 19 novembre"
        assert numbers.waiting_words(24 * 60) == "24 min"
    with speaking("en"):
        assert numbers.number(1140) == "1,140"
        assert numbers.since_words(yesterday, ROME, now=NOW) == "since yesterday, 10:41"
        assert numbers.day_name(date(2026, 11, 20), today=date(2026, 11, 20)) == "today, Friday 20 November"


def test_the_reasons_of_a_file_are_translated_with_their_places() -> None:
    with speaking("it"):
        assert import_words.reject_words("6 columns, the header has 5") == "6 colonne, la prima riga ne ha 5"
        assert import_words.import_words(Invalid("The file is empty.")) == "È vuoto."
        assert import_words.import_words(Invalid("Something else entirely.")) == "Something else entirely."


def test_an_unknown_language_falls_back_to_the_source() -> None:
    with speaking("xx"):
        assert language() == "en"
