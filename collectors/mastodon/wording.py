"""How long is a text on Mastodon, and whom does it name? As its servers count and read (StatusLengthValidator)."""

from __future__ import annotations

import re

import regex

#: An address counts as so many characters, however long it is; servers may say otherwise.
URL_CHARS = 23
_URL = re.compile(r"(?<![\w@/$#])https?://[^\s<>\"/]+\.[^\s<>\"]+", re.IGNORECASE)
_AFTER_URL = ".,;:!?'»”’…"
#: An account of another server counts without its server.
_NAME = re.compile(r"(?<![\w/])@(\w+(?:[.-]\w+)*)@[a-z0-9][a-z0-9.\-]*[a-z0-9]", re.IGNORECASE)


def length(text: str, *, url_chars: int = URL_CHARS) -> int:
    """Grapheme clusters as Unicode has them (``\\X``); addresses and names count as the server shortens them."""
    short = as_shown(_URL.sub(lambda found: _shortened(found.group(), url_chars), text))
    return sum(1 for _ in regex.finditer(r"\X", short))


def naming(text: str, acct: str) -> str:
    """The text so that it reaches that account: nobody is told of a reply that does not name them."""
    already = re.compile(rf"(?<![\w/@])@{re.escape(acct)}(?![\w@]|[.-]\w)", re.IGNORECASE)
    return text if already.search(text) else f"@{acct} {text}"


def as_shown(text: str) -> str:
    """The text with names of other servers as people read them, without their server."""
    return _NAME.sub(r"@\1", text)


def same_words(one: str, other: str) -> bool:
    """Whether two texts read alike, however a server keeps their spaces."""
    return one.split() == other.split()


def _shortened(url: str, url_chars: int) -> str:
    bare = url
    while bare and (bare[-1] in _AFTER_URL or (bare[-1] == ")" and bare.count(")") > bare.count("("))):
        bare = bare[:-1]
    return "x" * url_chars + url[len(bare) :]
