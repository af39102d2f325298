"""How the word lists of urgency are written and read.

A pattern is a regular expression over the post with accents taken off and letter case ignored:

* it begins and ends at a word boundary;
* a space stands for any run of white space, a space with ``?`` for white space or none;
* `` ~ `` stands for up to five words in between, within one sentence;
* ``(?:\\w+ )`` stands for a word in between, whatever apostrophes or comma it carries;
* ``<n>`` stands for a number, in figures or in words, and for "several".

Folding replaces one character by one character, so a match's place is its place in the post.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from domain.judgement import ReasonCode

FOLDER = Path(__file__).parent / "lexicon"
LANGUAGES = ("en", "it")

_GAP = r"(?:[^\w.!?;\n]+\w+){0,5}?[^\w.!?;\n]+"
_WORD = r"(?:[\w'-]{1,30},?\s+)"
_NUMBER = (
    r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|nineteen|twenty|thirty|several|many"
    r"|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|dodici|quindici|venti\w*|trenta\w*|parecch\w+|divers[ie]|tant[ie])"
)


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
    """All signals of one language, and the words that turn them into figures of speech or the past."""

    language: str
    signals: tuple[Signal, ...]
    idioms: re.Pattern[str]
    past: re.Pattern[str]


def _expanded(pattern: str) -> str:
    pattern = pattern.replace(" ~ ", _GAP).replace("<n>", _NUMBER).replace(r"(?:\w+ )", _WORD)
    # Bounded, so that a text of one endless word costs no more than another.
    pattern = pattern.replace(r"\w+", r"\w{1,30}").replace(r"\w*", r"\w{0,30}")
    return pattern.replace(" ?", r"\s*").replace(" ", r"\s+")


def compile_words(patterns: list[str]) -> re.Pattern[str]:
    """One expression that finds any of the patterns."""
    joined = "|".join(map(_expanded, patterns))
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
        compile_words(table["past"]),
    )


def lexicons_for(language: str) -> tuple[Lexicon, ...]:
    """The word lists to try: the language's own, or all of them when it is unknown or has none."""
    return (lexicon(language),) if language in LANGUAGES else tuple(lexicon(known) for known in LANGUAGES)
