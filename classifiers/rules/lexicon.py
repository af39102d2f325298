"""How the word lists of urgency are written and read.

A pattern is a regular expression over the post with accents taken off and letter case ignored:

* it begins and ends at a word boundary;
* a space stands for any run of white space;
* `` ~ `` stands for up to five words in between, within one sentence.

Folding replaces one character by one character, so a match's place is its place in the post.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from domain.judgement import ReasonCode

FOLDER = Path(__file__).parent / "lexicon"
LANGUAGES = ("en", "it")

_GAP = r"(?:[^\w.!?;\n]+\w+){0,5}?[^\w.!?;\n]+"
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "\u00a0": " "})
_NAMES = re.compile(r"(?:https?://|www\.)\S+|(?<!\w)@\w[\w.-]*")


@dataclass(frozen=True, slots=True)
class Signal:
    """Words that carry a reason.

    ``level`` 1 means: only together with another facet. ``always`` means: counts even when the tone
    shows no displeasure, because danger is often reported calmly.
    """

    facet: str
    code: ReasonCode
    level: int
    always: bool
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All signals of one language, and the words that take them back."""

    language: str
    signals: tuple[Signal, ...]
    idioms: re.Pattern[str]
    solved: re.Pattern[str]
    unsolved: re.Pattern[str]
    past: re.Pattern[str]


def fold(text: str) -> str:
    """The text without accents and with names of accounts and links blanked; every character keeps its place."""
    if not text.isascii():
        text = "".join(map(_plain, text.translate(_APOSTROPHES)))
    return _NAMES.sub(lambda found: " " * len(found.group()), text)


@cache
def _plain(character: str) -> str:
    if character.isascii() or not character.isalpha():
        return character
    first = unicodedata.normalize("NFD", character)[0]
    return first if first.isascii() else character


def compile_words(patterns: list[str]) -> re.Pattern[str]:
    """One expression that finds any of the patterns."""
    joined = "|".join(p.replace(" ~ ", _GAP).replace(" ", r"\s+") for p in patterns)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE)


def read_table(name: str) -> dict[str, Any]:
    """The parsed word list ``name``.toml; the dictionary does not leave this package."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _signal(row: dict[str, Any]) -> Signal:
    return Signal(
        facet=row["facet"],
        code=ReasonCode(row["code"]),
        level=row["level"],
        always=row.get("always", False),
        pattern=compile_words(row["patterns"]),
    )


@cache
def lexicon(language: str) -> Lexicon:
    """The signals of ``language`` ("en" or "it"), compiled once."""
    table = read_table(language)
    return Lexicon(
        language,
        tuple(map(_signal, table["signal"])),
        compile_words(table["idioms"]),
        compile_words(table["solved"]),
        compile_words(table["unsolved"]),
        compile_words(table["past"]),
    )


def lexicons_for(language: str) -> tuple[Lexicon, ...]:
    """The word lists to try: the language's own, or all of them when it is unknown or has none."""
    return (lexicon(language),) if language in LANGUAGES else tuple(lexicon(known) for known in LANGUAGES)
