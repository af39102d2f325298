"""How do people read a text, whatever signs it is written with, and where in it does each sign they read stand?

A name, a handle or a link is the same to whoever reads it in decomposed accents, in full-width or styled letters, or
with signs between its letters that nobody sees. Normal forms: Unicode Standard Annex 15; what is not seen: the
property Default_Ignorable_Code_Point, and the frame that makes a digit an emoji (U+20E3).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

#: What stands between letters without being seen.
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
#: Signs that a keyboard, a telephone and a form each write differently in one name, and the one they all stand for.
_ALIKE = {"’": "'", "‘": "'", "ʼ": "'", "´": "'", "′": "'", "＇": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "−": "-"}
#: Makes an emoji of the digit before it.
_FRAME = "\u20e3"
_PIECES = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]")
_HANGUL_TAILS = range(0x1160, 0x1200)
Form = Callable[[str], str]
#: Where something begins and ends in a text, and what a pattern made of it as it is read there.
Place = tuple[int, int, re.Match[str]]


class Sought(NamedTuple):
    """What is looked for: ``alone``, with the borders it has in a text, and ``among``: without them.

    A sign that nobody sees may part it from the words beside it, or stand inside it: then only the second finds it.
    """

    alone: re.Pattern[str]
    among: re.Pattern[str]


def as_written(text: str) -> str:
    """The text as it is."""
    return text


def unstyled(text: str) -> str:
    """The text in plain, composed signs (NFKC); what is not seen stays.

    >>> unstyled("Ｌｕｄｏ"), unstyled("e\u0300")
    ('Ludo', 'è')
    """
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def seen(text: str) -> str:
    """The text in plain, composed signs, without what is not seen.

    >>> seen("Lu\u200ddo")
    'Ludo'
    """
    return text if text.isascii() else unicodedata.normalize("NFKC", UNSEEN.sub("", text))


def folded(text: str) -> str:
    """The text as names are looked for in it: as it is seen, in small letters, one kind of apostrophe and of hyphen."""
    return folded_as_written(text) if text.isascii() else folded_unstyled(UNSEEN.sub("", text))


def folded_unstyled(text: str) -> str:
    """As ``folded``, with what is not seen left where it stands: between two words it may be all that parts them."""
    # Before and after: the normal form takes some of them apart, and makes others of what it finds.
    return _alike(unicodedata.normalize("NFKC", _alike(text)).casefold())


def folded_as_written(text: str) -> str:
    """As ``folded``, sign by sign: what a normal form joins with its neighbour stays apart."""
    return text.casefold().replace("`", "'") if text.isascii() else _alike(text.casefold())


def _alike(text: str) -> str:
    for written, plain in _ALIKE.items():
        text = text.replace(written, plain)
    return text.replace("`", "'")


def readings(text: str) -> list[Form]:
    """The forms in which this text reads differently."""
    if text.isascii():
        return [as_written]
    forms: list[Form] = [as_written]
    if unstyled(text) != text:
        forms.append(unstyled)
    if UNSEEN.search(text):
        forms.append(seen)
    return forms


def replaced(sought: Sought, by: Callable[[re.Match[str]], str | None], text: str) -> str:
    """Whatever is found in any form of the text goes; all else, and that of which ``by`` makes nothing, stays.

    >>> ludo = Sought(re.compile("Ludo"), re.compile("Ludo"))
    >>> replaced(ludo, lambda found: "X", "½ Ｌu\u200ddo ½")
    '½ X ½'
    """
    if text.isascii():
        return sought.alone.sub(lambda found: by(found) or found[0], text)
    words = [(begin, end, by(found)) for begin, end, found in _all_of(sought, text)]
    kept: list[str] = []
    done = 0
    for begin, end, word in sorted((each for each in words if each[2]), key=lambda each: (each[0], -each[1])):
        if begin >= done:
            kept += [_since(text, done, begin), str(word)]
        while text[end - 1] != _FRAME and UNSEEN.match(text[end - 1]):  # It may be all that parts it from the next.
            end -= 1
        done = max(done, end)
    return "".join([*kept, _since(text, done, len(text))])


def _since(text: str, done: int, upto: int) -> str:
    """What stays of the text behind something that went; a digit's frame went too, though it parted two words."""
    return " " * (text[done - 1 : done] == _FRAME and in_word(text[done : done + 1])) + text[done:upto]


def _all_of(sought: Sought, text: str) -> Iterator[Place]:
    forms = readings(text)
    for form in forms:
        yield from _found(sought.alone, text, form)
    if seen in forms:
        for begin, end, found in _found(sought.among, text, seen):
            if UNSEEN.search(text, max(begin - 1, 0), end):
                yield *_whole(text, begin, end), found


def _whole(text: str, begin: int, end: int) -> tuple[int, int]:
    """With the words and addresses it begins and ends in: half a name or link would not be found any more."""
    while begin and (in_word(text[begin - 1]) or text[begin - 1] in ".-+'") and not UNSEEN.match(text[begin - 1]):
        begin -= 1
    while in_word(text[end : end + 1]) and not UNSEEN.match(text[end - 1]):
        end += 1
    return begin, end


def in_word(sign: str) -> bool:
    """Whether this sign, if any, is one of a word."""
    return sign.isalnum() or sign == "_"


def _found(pattern: re.Pattern[str], text: str, form: Form) -> Iterator[Place]:
    read = form(text)
    if read == text:
        yield from ((found.start(), found.end(), found) for found in pattern.finditer(text))
    elif pattern.search(read):
        read, places = placed(text, form)
        for found in pattern.finditer(read):
            yield places[found.start()][0], places[found.end() - 1][1], found


def placed(text: str, form: Form) -> tuple[str, list[tuple[int, int]]]:
    """The text in this form and, for each sign of it, from where to where it is written in the text."""
    read: list[str] = []
    places: list[tuple[int, int]] = []
    for begin, written in _letters(text, keeps_unseen=form("\u200b") != ""):
        shown = form(written)
        read.append(shown)
        if written.isascii() and len(written) == len(shown):
            places += [(at, at + 1) for at in range(begin, begin + len(shown))]
        else:
            places += [(begin, begin + len(written))] * len(shown)
    return "".join(read), places


def _letters(text: str, *, keeps_unseen: bool) -> list[tuple[int, str]]:
    """The text in pieces that no form joins: letters with their marks, and runs of plain ones; where each begins."""
    pieces: list[tuple[int, str]] = []
    for found in _PIECES.finditer(text):
        sign = found[0]
        if not pieces or sign.isascii() or not _belongs(sign, keeps_unseen):
            pieces.append((found.start(), sign))
            continue
        begin, before = pieces.pop()
        if before.isascii() and len(before) > 1:  # The mark stands on the last of them.
            pieces.append((begin, before[:-1]))
            begin, before = begin + len(before) - 1, before[-1]
        pieces.append((begin, before + sign))
    return pieces


@lru_cache(maxsize=4096)
def _belongs(sign: str, keeps_unseen: bool) -> bool:
    """Whether this sign is a part of the letter before it, itself or in plain signs."""
    if UNSEEN.match(sign):
        return not keeps_unseen
    plain = unicodedata.normalize("NFKC", sign)[0]
    return unicodedata.category(sign)[0] == "M" or unicodedata.category(plain)[0] == "M" or ord(plain) in _HANGUL_TAILS
