"""Does the Italian desk have a sentence for every sentence of the source, with the same gaps to fill?"""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from desk.i18n import LANGUAGES, catalogue_path

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
SPOKEN_IN = ("desk", "domain", "services", "classifiers", "collectors")
OTHER_LANGUAGES = [language for language in LANGUAGES if language != "en"]
GAP = re.compile(r"\{[^{}]*\}|%\([a-z_]+\)[sd]")


@cache
def source() -> Catalog:
    """Every sentence marked in the source."""
    catalogue = Catalog()
    for folder in SPOKEN_IN:
        for found in extract_from_dir(ROOT / folder, [("**.py", "python")], keywords=KEYWORDS):
            name, line, message = found[:3]
            catalogue.add(message, locations=[(f"{folder}/{name}", line)])
    return catalogue


@cache
def catalogue(language: str) -> Catalog:
    with catalogue_path(language).open("rb") as file:
        return read_po(file, locale=language)


def sentences(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def translated(message: Message | None) -> tuple[str, ...]:
    if message is None:
        return ()
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (message.string,)


def problem(message: Message, said: Message | None) -> str | None:
    """What is wrong with the translation of one sentence, or None."""
    words = translated(said)
    if not words or not all(words):
        return "missing"
    if said is not None and said.fuzzy:
        return "marked as unsure"
    wanted = [set(GAP.findall(sentence)) for sentence in sentences(message)]
    # "one case" may be said without its number, so each form keeps the gaps of one of the source's forms.
    if any(set(GAP.findall(form)) not in wanted for form in words):
        return "other gaps to fill than the source"
    return None


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_every_sentence_is_translated_with_its_gaps(language: str) -> None:
    have = catalogue(language)
    found = [(message, problem(message, have.get(message.id))) for message in source() if message.id]
    assert [f"{message.locations[0]}: {message.id!r} is {wrong}" for message, wrong in found if wrong] == []


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_catalogue_keeps_no_sentence_that_nobody_says(language: str) -> None:
    said = {message.id for message in source()}
    assert [message.id for message in catalogue(language) if message.id and message.id not in said] == []


def test_source_marks_its_sentences() -> None:
    assert len([message for message in source() if message.id]) > 100


@pytest.mark.parametrize(
    ("string", "flags", "wrong"),
    [
        ("", [], "missing"),
        ("Ciao {nome}", [], "other gaps to fill than the source"),
        ("Ciao {name}", ["fuzzy"], "marked as unsure"),
        ("Ciao {name}", [], None),
    ],
)
def test_a_faulty_translation_is_noticed(string: str, flags: list[str], wrong: str | None) -> None:
    assert problem(Message("Hello {name}"), Message("Hello {name}", string, flags=flags)) == wrong
