"""Outside text made safe to store and show: clean code points, HTML to text, redaction for logs."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache
from html.parser import HTMLParser

#: Longest text the desk keeps of one post. Networks stay far below; imports may not.
MAX_TEXT_CHARS = 20_000
#: So many marks of one letter are kept, the bound of Unicode's Stream-Safe Text Format (UAX 15): no writing needs more,
#: and to put them in order takes the square of their number.
MAX_MARKS = 30
#: In a text so short no number of marks matters.
_FEW_CHARS = 1_000

_BIDI_OVERRIDES = dict.fromkeys([0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069])
_CONTROLS = {c: None for c in [*range(0x20), 0x7F, *range(0x80, 0xA0)] if chr(c) not in "\n\t"}
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "\u00a0": " "})
_ONE_LETTER: dict[int, str | None] = {ord("ı"): "i", 0x307: None, 0xFE0E: None, 0xFE0F: None}
_ONE_LETTER |= dict.fromkeys(map(ord, "’‘ʼ`´"), "'")
_NAMES = re.compile(r"(?:https?://|www\.)\S+|(?<!\w)@\w[\w.-]*")
_BREAKING_TAGS = {"br", "p", "div", "li", "blockquote", "tr", "h1", "h2", "h3", "h4", "h5", "h6"}


def clean(text: str, *, max_chars: int = MAX_TEXT_CHARS) -> str:
    """Text that any database, file and screen accepts.

    Lone surrogates become U+FFFD; NUL and other control characters go, line breaks and tabs stay;
    explicit direction overrides go, because they reorder what follows them (direction marks and
    zero-width joiners stay: scripts and emoji need them); of the marks of one letter the first ``MAX_MARKS``
    stay; NFC; cut at ``max_chars`` code points. The time grows with the length alone.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = text.translate(_CONTROLS).translate(_BIDI_OVERRIDES)
    return unicodedata.normalize("NFC", _with_few_marks(text[: 4 * max_chars]))[:max_chars].strip()


def _with_few_marks(text: str) -> str:
    if len(text) <= _FEW_CHARS or text.isascii():
        return text
    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= MAX_MARKS:
            kept.append(char)
    return "".join(kept)


class _TextOnly(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._hidden += 1
        elif tag in _BREAKING_TAGS and self.parts:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def html_to_text(html: str) -> str:
    """The words of a network's HTML, without tags, scripts or styles; block tags become line breaks."""
    parser = _TextOnly()
    parser.feed(html)
    parser.close()
    return clean(re.sub(r"\n{3,}", "\n\n", "".join(parser.parts)))


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


def search_form(text: str) -> str:
    """The text as a watch compares it: what people take for the same letters is the same here.

    Case and compatibility forms (NFKC, full case folding: ``ß`` is ``ss``); the two Turkish ``i`` are one letter,
    because nobody knows in which language a brand is written; all apostrophes are one; whether a sign is drawn as
    an emoji or as text makes no difference (U+FE0E, U+FE0F). Accents stay: ``caffe`` is another word than ``caffè``.

    >>> search_form("İSTANBUL, Straße, ＡＵＲＯＲＡ, dell’energia")
    "istanbul, strasse, aurora, dell'energia"
    """
    return unicodedata.normalize("NFKC", text).casefold().translate(_ONE_LETTER)


def storable(given: str) -> str:
    """The text as it is, but for what no database holds: NUL goes, half a character becomes a question mark."""
    if given.isprintable():
        return given
    return given.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def identifier(given: str, *, max_chars: int) -> str:
    """An id that every database keeps: as it is, or without what cannot be stored; a long one ends in its hash."""
    if len(given) <= max_chars and given.isprintable():
        return given
    plain = storable(given).translate(_CONTROLS).replace("\n", "").replace("\t", "")
    if len(plain) <= max_chars:
        return plain
    digest = hashlib.sha256(plain.encode()).hexdigest()[:32]
    return f"{plain[: max_chars - len(digest) - 1]}#{digest}"


def name_order(name: str) -> str:
    """What names are sorted by, whichever database they come from: letters alone, without case or accents."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def one_line(text: str, *, max_chars: int = 200) -> str:
    """The text on one line, spaces collapsed, cut with an ellipsis at ``max_chars`` code points."""
    flat = " ".join(text.split())
    return flat if len(flat) <= max_chars else flat[: max_chars - 1].rstrip() + "…"


def redact(message: str, secrets: tuple[str, ...]) -> str:
    """The message with every secret of four characters or more replaced by ``***``."""
    for secret in secrets:
        if len(secret) >= 4:
            message = message.replace(secret, "***")
    return message
