"""Which words of a post did a watch match, and what kept another post out? Offsets, never markup."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from domain.brand import Watch
from domain.text import search_form
from services.matching import pattern


@dataclass(frozen=True, slots=True)
class Look:
    """What a watch makes of one post. ``marks``: ``[start, end)`` in code points of the text, in order, apart.

    ``excluded_by`` is the exclusion that kept a post out which would have matched; its words are the marks then.
    """

    matched: bool
    marks: tuple[tuple[int, int], ...] = ()
    excluded_by: str | None = None
    other_language: bool = False


def look(watch: Watch, text: str, *, language: str | None = None) -> Look:
    """Look at one post with the eyes of a watch; says the same as ``matches`` and also why.

    >>> look(Watch(0, 0, "", terms=("Aurora",), exclusions=("aurora boreale",)), "L’aurora boreale!")
    Look(matched=False, marks=((2, 16),), excluded_by='aurora boreale', other_language=False)
    """
    folded, places = _folded(text)
    found = [span for term in watch.terms for span in _spans(term, folded, places)]
    if watch.terms and not found:
        return Look(matched=False)
    if watch.languages and language and language.split("-")[0] not in watch.languages:
        return Look(matched=False, other_language=True)
    for exclusion in watch.exclusions:
        if spans := _spans(exclusion, folded, places):
            return Look(matched=False, marks=_apart(spans), excluded_by=exclusion)
    return Look(matched=True, marks=_apart(found))


def _spans(term: str, folded: str, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    hits = pattern(search_form(term)).finditer(folded)
    return [(places[hit.start()][0], places[hit.end() - 1][1]) for hit in hits if hit.end() > hit.start()]


def _folded(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The folded text, and for each of its characters where in ``text`` it comes from.

    Folding changes lengths (``ß``, ``ﬁ``), so the text is folded cluster by cluster.
    """
    starts = [place for place, char in enumerate(text) if place == 0 or not unicodedata.combining(char)]
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end in pairwise([*starts, len(text)]):
        piece = search_form(text[start:end])
        pieces.append(piece)
        places += [(start, end)] * len(piece)
    return "".join(pieces), places


def _apart(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The spans in order, those that overlap or touch as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
