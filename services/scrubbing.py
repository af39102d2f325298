"""How does a text lose what would say who wrote it, or whom it names? Handles, names, links, addresses, numbers.

What is replaced keeps its place in the sentence and, for one person, its pseudonym: a text stays readable and people
stay apart. A name nobody here bears cannot be told from any other word; the how-to says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from services.pseudonyms import Kind, Pseudonyms

_MAIL = re.compile(r"[\w.+%'’-]+\s?(?:@|＠|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_LINK = re.compile(r"\b[a-z][a-z0-9+.-]{1,12}://\S+|\bwww\.\S+", re.IGNORECASE)
_ENDINGS = "it com net org eu io me info biz app dev tv co uk fr de es ch at be nl pt social xyz online site shop page"
#: An address without ``https://``: known endings alone, or every forgotten space after a full stop would be one.
_BARE = re.compile(rf"\b(?:[\w-]+\.)+(?:{'|'.join(_ENDINGS.split())})\b(?:/\S*)?", re.IGNORECASE)
_BARE_HINT = re.compile(r"\.[^\W\d_]{2}")
_HANDLE = re.compile(r"(?<![\w@＠])[@＠]\s?([\w][\w.-]*(?:@[\w-]+(?:\.[\w-]+)+)?)")
_NUMBER = re.compile(r"(?<![\w.,])(?:\+|00)?\(?\d(?:[\s./()-]{0,2}\d){6,}(?!\w)")
#: Whatever holds a number or a tax code holds this; it begins with a digit, so most texts are passed over quickly.
_FIGURES = re.compile(r"\d(?:(?:[\s./()-]{0,2}\d){6}|\d(?:[a-zA-Z]\d\d[a-zA-Z]\d|[a-zA-Z]?\d{6}))")
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2}(?:\s\d{1,2})?|\d{4}[\s/-]{1,3}\d{4}")
_TAX_CODE = re.compile(r"\b[a-z]{6}\d{2}[a-z]\d{2}[a-z]\d{3}[a-z]\b|\b[a-z]{2}\d{2}[a-z0-9]{11,30}\b", re.IGNORECASE)
#: A text with none of these signs holds no handle, link or address.
_MARKS = re.compile(r"[@＠:.(\[]")
_RUNS = re.compile(r"[^\W\d_]{3,}")
_WORDS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
#: A shorter part of a name is a particle or an initial: "de", "La", "A.".
NAME_PART_CHARS = 3
#: So many handles are remembered with what became of them.
REMEMBERED = 50_000


class Named(NamedTuple):
    """Somebody whose names must not stand in a text, and what stands there instead.

    ``hints``: pieces of the names in small letters. A text that holds none of them holds none of the names.
    """

    pseudonym: str
    names: tuple[str, ...]
    hints: tuple[str, ...]


def named(pseudonym: str, *names: str) -> Named:
    """Somebody with these names and handles."""
    hints: list[str] = []
    for name in names:
        known = folded(name)
        # The whole name holds each run of its letters. Where letters are few, it is looked for part by part.
        hints += "'" not in known and _RUNS.findall(known) or _parts_of(known)
    return Named(pseudonym, names, tuple(hints))


#: Signs that a keyboard, a telephone and a form each write differently in one name, and the one they all stand for.
_ALIKE = {"’": "'", "‘": "'", "ʼ": "'", "´": "'", "′": "'", "＇": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "−": "-"}


def folded(text: str) -> str:
    """The text as names are looked for in it: small letters, one kind of apostrophe, one kind of hyphen."""
    small = text.casefold().replace("`", "'")
    if not small.isascii():
        for written, plain in _ALIKE.items():
            small = small.replace(written, plain)
    return small


def _parts_of(known: str) -> list[str]:
    parts = [part for part in _WORDS.findall(known) if len(part) >= NAME_PART_CHARS]
    return parts or ([known.strip()] if len(known.strip()) >= NAME_PART_CHARS else [])


#: Whose handles these are on a channel: from the handle in small letters to the number of the customer.
Owners = Callable[[str, Iterable[str]], Mapping[str, int]]


@dataclass(slots=True)
class Scrubber:
    """Takes names out of texts, under one key.

    ``kept``: the handles of our own accounts, which are no person's. ``firm``: words of the firm in small letters;
    they stay, though somebody calls themselves by them.
    """

    pseudonyms: Pseudonyms
    owners: Owners
    kept: frozenset[str] = frozenset()
    firm: frozenset[str] = frozenset()
    _known: dict[tuple[str, str], str] = field(default_factory=dict)

    def texts(self, texts: Sequence[str], channels: Sequence[str], people: Iterable[tuple[Named, ...]]) -> list[str]:
        """Each text without the names of its people, and without handles, links, addresses and numbers."""
        self._learn(texts, channels)
        return [self._one(text, channel, who) for text, channel, who in zip(texts, channels, people, strict=True)]

    def _one(self, text: str, channel: str, people: tuple[Named, ...]) -> str:
        if _MARKS.search(text):
            text = self._without_marks(text, channel)
        if _FIGURES.search(text):
            text = _TAX_CODE.sub(self._number, _NUMBER.sub(self._number, text))
        return without_names(text, people, self.firm)

    def _without_marks(self, text: str, channel: str) -> str:
        if "@" in text or "＠" in text or "(at)" in text or "[at]" in text:
            text = _MAIL.sub(lambda found: self.pseudonyms.word(Kind.MAIL, found[0].casefold()), text)
        if "://" in text or "www." in text or "WWW." in text:
            text = _LINK.sub(self._link, text)
        if "@" in text or "＠" in text:
            text = _HANDLE.sub(lambda found: self._handle(found, channel), text)
        if "." in text and _BARE_HINT.search(text):
            text = _BARE.sub(self._link, text)
        return text

    def _link(self, found: re.Match[str]) -> str:
        address = found[0].rstrip(".,;:!?)»”\"'")
        return self.pseudonyms.word(Kind.LINK, address) + found[0][len(address) :]

    def _number(self, found: re.Match[str]) -> str:
        if _DATE.fullmatch(found[0].strip()):
            return found[0]
        return self.pseudonyms.word(Kind.PHONE, re.sub(r"\D", "", found[0]) or found[0].casefold())

    def _handle(self, found: re.Match[str], channel: str) -> str:
        handle, rest = _split(found[1])
        if handle in self.kept:
            return found[0]
        known = self._known.get((channel, handle)) or self.pseudonyms.word(Kind.PERSON, f"{channel}\n{handle}")
        return f"@{known}{rest}"

    def _learn(self, texts: Sequence[str], channels: Sequence[str]) -> None:
        """Look up all handles of a batch at once."""
        asked: dict[str, set[str]] = {}
        for text, channel in zip(texts, channels, strict=True):
            if "@" in text or "＠" in text:
                found = {_split(handle)[0] for handle in _HANDLE.findall(text)}
                asked.setdefault(channel, set()).update(h for h in found if (channel, h) not in self._known)
        if len(self._known) > REMEMBERED:
            self._known.clear()
        for channel, handles in asked.items():
            if handles:
                owners = self.owners(channel, handles)
                self._known |= {(channel, h): self.pseudonyms.one(Kind.PERSON, n) for h, n in owners.items()}


def _split(handle: str) -> tuple[str, str]:
    """The handle in small letters, and the full stop of the sentence behind it."""
    bare = handle.rstrip(".-")
    return bare.casefold(), handle[len(bare) :]


@lru_cache(maxsize=10_000)
def parts_of(*names: str) -> tuple[str, ...]:
    """What of these names must not stand in a text, folded: each whole, then each part long enough to be a name."""
    known = [folded(name) for name in names]
    found = dict.fromkeys(name.strip() for name in known)
    for name in known:
        found.update(dict.fromkeys(_WORDS.findall(name)))
    return tuple(sorted((name for name in found if len(name) >= NAME_PART_CHARS), key=len, reverse=True))


def without_names(text: str, people: tuple[Named, ...], firm: frozenset[str] = frozenset()) -> str:
    """The text with each of these names replaced by the person's pseudonym.

    A name is found in whatever case of letters and with whatever sign for its apostrophes and hyphens.
    """
    read = folded(text)
    for person in people:
        for hint in person.hints:
            if hint in read:
                for name in parts_of(*person.names):
                    if name in read and name not in firm:
                        text = _replaced(text, read, name, person.pseudonym)
                        read = folded(text)
                break
    return text


def _replaced(text: str, read: str, name: str, pseudonym: str) -> str:
    """``read``: the text folded. Where ``name`` stands in it as words of its own, the text says the pseudonym."""
    places = _places(text) if len(read) != len(text) else range(len(text) + 1)
    kept, done = [], 0
    begin = read.find(name)
    while begin >= 0:
        end = begin + len(name)
        if not _in_word(read[begin - 1 : begin]) and not _in_word(read[end : end + 1]):
            kept += [text[done : places[begin]], pseudonym]
            done = places[end]
            begin = read.find(name, end)
        else:
            begin = read.find(name, begin + 1)
    return "".join([*kept, text[done:]])


def _in_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def _places(text: str) -> list[int]:
    """For each sign of the folded text where in the text it comes from: some letters, as ß, become two."""
    return [place for place, sign in enumerate(text) for _ in sign.casefold()] + [len(text)]
