"""What of a post did its author write, and what is a quote?"""

from __future__ import annotations

import re
from collections.abc import Iterator

#: A quote is looked for in so many characters: an answer may stand below a long one.
SEEN_CHARS = 20_000
#: Shorter words between quotation marks are a name or a title as often as somebody's sentence.
QUOTED_CHARS = 20

_MARK = r"(?:>|&gt;)"
# Mail written from right to left has signs that are not seen around its marks.
_GAP = r"[ \t\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*"
_BEGINS = r"[¿¡«“„\"*]{0,3}(?:[^\W\d_]|@\w)"
#: A line that begins a quote, or the quote of a quote. A face (">:("), an arrow or "more than" (">3") is none.
_FIRST = re.compile(rf"{_GAP}{_MARK}(?:[ \t]+{_MARK})*{_GAP}{_BEGINS}")
#: A line that goes on with one: there a list, a number or nothing may follow the mark.
_FURTHER = re.compile(rf"{_GAP}{_MARK}(?:\s|\Z|{_MARK}|{_GAP}{_BEGINS})")
#: What a quote may begin with: the sign alone, on the line before its first words.
_BARE = re.compile(rf"{_GAP}{_MARK}\s*\Z")
_BLANK = re.compile(r"\s*\Z")
_REPOST = re.compile(r"(?:\A|(?<=\s))RT @\w")
#: A sentence between quotation marks, or from one on where the post was cut off within.
_SPOKEN = re.compile(r"«[^»]*(?:»|\Z)|„[^“”]*(?:[“”]|\Z)|“[^”]*(?:”|\Z)|「[^」]*(?:」|\Z)|\"[^\"\n]*\"")
_SIGNS = re.compile(r"[>«„“「\"]|&gt;|RT @")


def own_range(text: str) -> tuple[int, int]:
    """Where the author's own words stand between the lines of ``>`` that a post begins with, and those it ends with.

    Those at the end count behind an empty line: else they are a list. The range is empty where all is quoted.
    """
    seen = text[:SEEN_CHARS]
    if ">" not in seen and "&gt;" not in seen:
        return 0, len(text)
    lines = seen.split("\n")
    first = _before(lines)
    last = _behind(lines, first)
    start = sum(len(line) + 1 for line in lines[:first])
    end = sum(len(line) + 1 for line in lines[:last]) if last < len(lines) else len(text)
    return min(start, len(text)), min(end, len(text))


def quotes_anything(text: str) -> bool:
    """Whether there is a sign of a quote; nearly all posts have none, and need not be looked at further."""
    return _SIGNS.search(text) is not None


def without_lines(text: str) -> str:
    """What is left without lines of ``>``, wherever they stand, and without what is reposted behind "RT @name"."""
    own = "\n".join(_own_lines(text[:SEEN_CHARS].split("\n")))
    repost = _REPOST.search(own)
    return own if repost is None else own[: repost.start()]


def without_speech(text: str) -> str:
    """What is left without the sentences between quotation marks."""
    return _SPOKEN.sub(lambda said: " " if len(said[0]) > QUOTED_CHARS else said[0], text[:SEEN_CHARS])


def _before(lines: list[str]) -> int:
    """How many lines a post begins with that answer somebody, empty ones below them too."""
    at, quotes = 0, False
    for place, line in enumerate(lines):
        if _FIRST.match(line) or (_FURTHER if quotes else _BARE).match(line):
            at, quotes = place + 1, quotes or _FIRST.match(line) is not None
        elif not _BLANK.match(line):
            break
        elif at == place:
            at = place + 1
    return at if quotes else 0


def _behind(lines: list[str], first: int) -> int:
    """The line with which the quote begins that ends a post; the number of lines where none does."""
    found = len(lines)
    for place in range(len(lines) - 1, first - 1, -1):
        line = lines[place]
        if _FIRST.match(line):
            if place > first and _BLANK.match(lines[place - 1]):
                found = place
        elif not _BLANK.match(line) and not _FURTHER.match(line):
            break
    return found


def _own_lines(lines: list[str]) -> Iterator[str]:
    within = False
    for line in lines:
        within = _FIRST.match(line) is not None or (within and _FURTHER.match(line) is not None)
        if not within:
            yield line
