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

from domain.signs import (
    UNSEEN,
    Form,
    Sought,
    folded,
    folded_as_written,
    folded_unstyled,
    in_word,
    placed,
    readings,
    replaced,
)
from services.pseudonyms import Kind, Pseudonyms
from services.scrub_glance import with_signs


def _sought(pattern: str, begin: str = "", end: str = "") -> Sought:
    return Sought(re.compile(f"{begin}(?:{pattern}){end}", re.IGNORECASE), re.compile(pattern, re.IGNORECASE))


_POINT = r"(?:\.|\s?[(\[](?:dot|punto)[)\]]\s?)"
#: At most 256 signs before the @, never given back one by one: else one long run took the square of its length.
_MAIL = _sought(rf"[\w.+%'’-]{{1,256}}+\s?(?:@|＠|\(at\)|\[at\])\s?[\w-]+(?:{_POINT}[\w-]+)+(?:@[\w.-]+)*(?:://\S*)?")
#: With whatever is glued before it: it could be the end of another.
_LINK = Sought(
    re.compile(r"(?<![\w.+-])[\w.+-]*://\S+|\bwww\.\S+", re.IGNORECASE),
    re.compile(r"(?<![\w.+-])[\w.+-]*://\S+|www\.\S+", re.IGNORECASE),
)
_ENDINGS = "it com net org eu io me info biz app dev tv co uk fr de es ch at be nl pt social xyz online site shop page"
_ENDING = rf"(?:[\w-]{{1,63}}\.){{1,50}}(?:{'|'.join(_ENDINGS.split())})"
#: An address without ``https://``: known endings alone, or every forgotten space after a full stop would be one.
_BARE = Sought(re.compile(rf"\b{_ENDING}\b(?:/\S*)?", re.IGNORECASE), re.compile(rf"{_ENDING}(?:/\S*)?", re.IGNORECASE))
_BARE_HINT = re.compile(r"\.[^\W\d_]{2}")
_HANDLE = _sought(r"[@＠]\s?([\w][\w.-]*(?:@[\w-]+(?:\.[\w-]+)+)?)", r"(?<![\w@＠])")
#: What people write between the digits of one number: spaces, points, brackets, a line below or any of the dashes.
#: A number begins behind a point, a comma or a single line below, too, but never within a word: that may be a name.
_APART = r"[\s./()_·‐‑‒–−-]{0,2}"
_NUMBER = _sought(rf"(?:\+|00)?\(?\d(?:{_APART}\d){{6,}}", r"(?<![^\W_])(?<![^\W_]_)", r"(?![^\W_])")
#: Whatever holds a number or a tax code holds this; it begins with a digit, so most texts are passed over quickly.
_FIGURES = re.compile(rf"\d(?:(?:{_APART}\d){{6}}|\d(?:[a-zA-Z]\d\d[a-zA-Z]\d|[a-zA-Z]?\d{{6}}))")
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2}(?:\s\d{1,2})?|\d{4}[\s/–-]{1,3}\d{4}")
_TAX_CODE = _sought(
    r"[a-z]{6}\d{2}[a-z]\d{2}[a-z]\d{3}[a-z]|[a-z]{2}\d{2}[a-z0-9]{11,30}", r"(?<![^\W_])", r"(?![^\W_])"
)
#: A text with none of these signs holds no handle, link or address.
_MARKS = re.compile(r"[@＠:.(\[]")
_AT = re.compile("[@＠]")
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
    for known in _read(names):
        # The whole name holds each run of its letters. Where letters are few, it is looked for part by part.
        hints += "'" not in known and _RUNS.findall(known) or _parts_of(known)
    return Named(pseudonym, names, tuple(hints))


def _read(names: Sequence[str]) -> list[str]:
    """Each name as it is looked for, in every form: what is unseen in it parts its words or does not."""
    known = [folded(name) for name in names]
    other = [form(name) for name in names if not name.isascii() for form in (folded_unstyled, folded_as_written)]
    return list(dict.fromkeys([*known, *other]))


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

    def texts(self, texts: Sequence[str], channels: Sequence[str], people: Sequence[tuple[Named, ...]]) -> list[str]:
        """Each text without the names of its people, and without handles, links, addresses and numbers."""
        told_by_signs = with_signs(texts)
        self._learn([(channels[n], texts[n]) for n in told_by_signs])
        clear = [*texts]
        for n in {*told_by_signs, *(n for n, who in enumerate(people) if who)}:
            clear[n] = self._one(texts[n], channels[n], people[n])
        return clear

    def _one(self, text: str, channel: str, people: tuple[Named, ...]) -> str:
        read = text if text.isascii() else " ".join(form(text) for form in readings(text))
        if _MARKS.search(read):
            text = self._without_marks(text, read.lower(), channel)
        if _FIGURES.search(read):
            text = replaced(_TAX_CODE, self._number, replaced(_NUMBER, self._number, text))
        return without_names(text, people, self.firm)

    def _without_marks(self, text: str, read: str, channel: str) -> str:
        """``read``: the text in every form, in small letters."""
        has_handle = "@" in read or "＠" in read
        if has_handle or "(at)" in read or "[at]" in read:
            text = replaced(_MAIL, lambda found: self.pseudonyms.word(Kind.MAIL, found[0].casefold()), text)
        if "://" in read or "www." in read:
            text = replaced(_LINK, self._link, text)
        if has_handle:
            text = replaced(_HANDLE, lambda found: self._handle(found, channel), text)
        if "." in read and _BARE_HINT.search(read):
            text = replaced(_BARE, self._link, text)
        return text

    def _link(self, found: re.Match[str]) -> str:
        address = found[0].rstrip(".,;:!?)»”\"'")
        return self.pseudonyms.word(Kind.LINK, address) + found[0][len(address) :]

    def _number(self, found: re.Match[str]) -> str | None:
        if _DATE.fullmatch(found[0].strip()):
            return None
        return self.pseudonyms.word(Kind.PHONE, re.sub(r"\D", "", found[0]) or found[0].casefold())

    def _handle(self, found: re.Match[str], channel: str) -> str | None:
        handle, rest = _split(found[1])
        if handle in self.kept:
            return None
        known = self._known.get((channel, handle)) or self.pseudonyms.word(Kind.PERSON, f"{channel}\n{handle}")
        return f"@{known}{rest}"

    def _learn(self, posts: Iterable[tuple[str, str]]) -> None:
        """Look up all handles of a batch at once."""
        asked: dict[str, set[str]] = {}
        for channel, text in posts:
            for read in [form(text) for form in readings(text)]:
                found = {_split(handle)[0] for handle in _HANDLE.among.findall(read)} if _AT.search(read) else ()
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
    known = _read(names)
    found = dict.fromkeys(name.strip() for name in known)
    for name in known:
        found.update(dict.fromkeys(_WORDS.findall(name)))
    return tuple(sorted((name for name in found if len(name) >= NAME_PART_CHARS), key=len, reverse=True))


def without_names(text: str, people: tuple[Named, ...], firm: frozenset[str] = frozenset()) -> str:
    """The text with each of these names replaced by the person's pseudonym.

    A name is found in whatever case of letters, with whatever sign for its apostrophes and hyphens, in whatever form
    of its letters (``domain.signs``), and with or without something unseen between them or beside.
    """
    text = _without_names(text, people, firm, folded)
    if people and not text.isascii() and folded_as_written(text) != folded(text):
        text = _without_names(text, people, firm, folded_as_written)
    return text


def _without_names(text: str, people: tuple[Named, ...], firm: frozenset[str], form: Form) -> str:
    read = form(text) if people else ""
    for person in people:
        for hint in person.hints:
            if hint in read:
                for name in parts_of(*person.names):
                    if name in read and name not in firm:
                        text = _replaced(text, name, person.pseudonym, form)
                        read = form(text)
                break
    return text


def _replaced(text: str, name: str, pseudonym: str, form: Form) -> str:
    """Where ``name`` is read in the text as words of its own, parted from others by what is seen or not, it goes."""
    read, places = placed(text, form)
    kept, done = [], 0
    at = read.find(name)
    while at >= 0:
        (begin, _), (_, end) = places[at], places[at + len(name) - 1]
        before = in_word(read[at - 1 : at]) and in_word(text[begin - 1 : begin])
        after = in_word(read[at + len(name) : at + len(name) + 1]) and in_word(text[end : end + 1])
        if before and not UNSEEN.match(text[begin - 1]) or after and not UNSEEN.match(text[end - 1]):
            at = read.find(name, at + 1)
            continue
        kept += [text[done:begin], pseudonym, *UNSEEN.findall(text[end - 1])]
        done, at = end, read.find(name, at + len(name))
    return "".join([*kept, text[done:]])
