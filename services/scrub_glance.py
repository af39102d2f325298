"""Which texts of a batch hold nothing that could say who somebody is, seen at one glance at all of them?

A closer look at one text costs as much as reading it from the store. Most texts need none: what is plain (ASCII) and
holds none of the signs of a handle, link, address or number, nor any word of its author's names. A glance may send a
text to the closer look in vain; it never passes over one that needs it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

#: Stands between texts laid side by side; no text of the store holds it.
_SEP = "\0"
_LETTERS = range(ord("a"), ord("z") + 1)


def _words() -> dict[int, str]:
    """Small letters stay; so does the border between two texts; all else parts words."""
    return {code: chr(code) if code in _LETTERS or chr(code) in f"{_SEP}'" else " " for code in range(128)}


def _shapes() -> dict[int, str | None]:
    """What a number looks like: digits are 0, letters a, what may stand between the digits of one number is gone."""
    found: dict[int, str | None] = dict.fromkeys(range(128), "-")
    found |= {code: "a" for code in range(128) if chr(code).isalpha()} | {ord(digit): "0" for digit in "0123456789"}
    return found | dict.fromkeys(map(ord, " \t\n\r\v\f\x1c\x1d\x1e\x1f./()_-"), None) | {0: _SEP}


_WORD, _SHAPE = str.maketrans(_words()), str.maketrans(_shapes())
#: The least of a telephone number and of the tax codes, as shapes.
_NUMBERS = ("0000000", "0a00a0", "0a000000")
_MARKS = ("@", ":", ".", "(", "[")


def with_signs(texts: Sequence[str]) -> list[int]:
    """Which of these texts may hold a handle, a link, an address or a number: their places in order."""
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


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Every word of the plain texts among these, in small letters."""
    together = _SEP.join([text for text in texts if text.isascii()])
    return frozenset(together.lower().translate(_WORD).replace("'", " ").replace(_SEP, " ").split())


def perhaps_named(texts: Sequence[str], *names: Sequence[str]) -> list[int]:
    """Which of these texts may hold a name of their author; ``names``: of each author a first, a second name, …

    A name is looked for in words of three letters and more, so that a plain text holds one only when a word of the
    name is a word of some text. A name without such a word, or with an apostrophe, is always worth a closer look.
    """
    words = words_of(texts)
    found = {n for n, text in enumerate(texts) if not text.isascii()}
    for column in names:
        found.update(_with_words(column, words))
    return sorted(found)


def _with_words(names: Sequence[str], words: Collection[str]) -> list[int]:
    plain = [name if name.isascii() and _SEP not in name and "`" not in name else "" for name in names]
    together = _SEP.join(plain).lower().translate(_WORD).replace("'", " ' ").replace(_SEP, f" {_SEP} ")
    found, row, is_long = [], 0, False
    for word in [*together.split(), _SEP]:
        if word == _SEP:
            if not is_long:
                found.append(row)
            row, is_long = row + 1, False
        elif word in words or word == "'":
            found.append(row)
        elif len(word) > 2:
            is_long = True
    return found
