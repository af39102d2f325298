"""Which texts of a batch hold nothing that could say who somebody is, seen at one glance at all of them?

A closer look at one text costs as much as reading it from the store. Most texts need none: what is plain (ASCII) and
holds none of the signs of a handle, link, address or number, nor any word of its author's names. A glance may send a
text to the closer look in vain; it never passes over one that needs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

#: Stands between texts laid side by side; no text of the store holds it.
_SEP = "\0"
_LETTERS = range(ord("a"), ord("z") + 1)


def _words() -> dict[int, str]:
    """Letters become small; the border between two texts and the apostrophe stay; all else parts words."""
    kept = {code: chr(code) if code in _LETTERS or chr(code) in f"{_SEP}'" else " " for code in range(128)}
    return kept | {ord(chr(code).upper()): chr(code) for code in _LETTERS}


def _shapes() -> dict[int, str | None]:
    """What a number looks like: digits are 0, letters a, what may stand between the digits of one number is gone."""
    found: dict[int, str | None] = dict.fromkeys(range(128), "-")
    found |= {code: "a" for code in range(128) if chr(code).isalpha()} | {ord(digit): "0" for digit in "0123456789"}
    return found | dict.fromkeys(map(ord, " \t\n\r\v\f\x1c\x1d\x1e\x1f./()_-"), None) | {0: _SEP}


_WORD, _SHAPE = str.maketrans(_words()), str.maketrans(_shapes())
#: The same where no border is kept.
_BARE_WORD = _WORD | {ord(_SEP): " ", ord("'"): " "}
#: Behind a border, no three letters in a row up to the next.
_NO_LONG_WORD = re.compile(rf"{_SEP}(?![^{_SEP}]*?[a-z]{{3}})")
#: The least of a telephone number and of the tax codes, as shapes.
_NUMBERS = ("0000000", "0a00a0", "0a000000")
_MARKS = ("@", ":", ".", "(", "[")
#: So many words are looked for one after the other in all names at once; more, name by name.
_FEW_WORDS = 32


def with_signs(texts: Sequence[str]) -> list[int]:
    """Which of these texts may hold a handle, a link, an address or a number: their places in order."""
    plain = texts
    together = _SEP.join(texts)
    if not _is_plain(together, len(texts)):
        plain = [text if text.isascii() and _SEP not in text else "@" for text in texts]
        together = _SEP.join(plain)
    marks = [mark for mark in _MARKS if mark in together]
    shapes = together.translate(_SHAPE)
    numbers = [number for number in _NUMBERS if number in shapes]
    found = {n for mark in marks for n, text in enumerate(plain) if mark in text}
    if numbers:
        rows = shapes.split(_SEP)
        found |= {n for number in numbers for n, shape in enumerate(rows) if number in shape}
    return sorted(found)


def words_of(texts: Iterable[str]) -> set[str]:
    """Every word of the plain texts among these, in small letters."""
    texts = [*texts]
    together = _SEP.join(texts)
    if not together.isascii():
        together = _SEP.join([text for text in texts if text.isascii()])
    return set(together.translate(_BARE_WORD).split())


def perhaps_named(texts: Sequence[str], *names: Sequence[str]) -> list[int]:
    """Which of these texts may hold a name of their author; ``names``: of each author a first, a second name, …

    A name is looked for in words of three letters and more, so that a plain text holds one only when a word of the
    name is a word of some text. A name without such a word, or with an apostrophe, is always worth a closer look.
    """
    if not texts:
        return []
    words = words_of(texts)
    found = set() if all(map(str.isascii, texts)) else {n for n, text in enumerate(texts) if not text.isascii()}
    for column in names:
        found.update(_with_words(column, words))
    return sorted(found)


def _with_words(names: Sequence[str], words: set[str]) -> set[int]:
    """The places of names that share a long word with ``words``, have no long word, or hold an apostrophe."""
    together = _SEP.join(names)
    if not _is_plain(together, len(names)) or "`" in together:
        plain = [name if name.isascii() and _SEP not in name and "`" not in name else "" for name in names]
        together = _SEP.join(plain)
    read = f"{_SEP}{together.translate(_WORD)}"
    shared = [word for word in words.intersection(read.replace(_SEP, " ").split()) if len(word) > 2]
    found = _rows(read, (match.start() for match in _NO_LONG_WORD.finditer(read)))
    if len(shared) > _FEW_WORDS:
        known = {*shared}
        found.update(n for n, name in enumerate(read[1:].split(_SEP)) if not known.isdisjoint(name.split()))
        shared = []
    for word in (*shared, "'"):
        found.update(_rows(read, _places(read, word)))
    return found


def _places(read: str, word: str) -> Iterator[int]:
    at = read.find(word)
    while at >= 0:
        yield at
        at = read.find(word, at + 1)


def _rows(read: str, places: Iterable[int]) -> set[int]:
    """In which of the texts laid side by side, a border before each, these places (in order) are."""
    found, row, seen = set(), -1, 0
    for at in places:
        row += read.count(_SEP, seen, at + 1)
        seen = at + 1
        found.add(row)
    return found


def _is_plain(together: str, texts: int) -> bool:
    """Whether so many texts laid side by side are ASCII and none of them holds the border."""
    return together.isascii() and together.count(_SEP) == texts - 1
