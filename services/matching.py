"""Does a post match a watch? Whole words, case folded, the way people see words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from domain.brand import Watch


def matches(watch: Watch, text: str, *, channel: str, language: str | None = None) -> bool:
    """Whether ``text`` contains any of the watch's terms and none of its exclusions.

    No terms match everything. ``@`` and ``#`` before a term are optional in the text. A post whose
    language is unknown passes the language filter: missing a customer is worse than a stray post.
    """
    if watch.channels and channel not in watch.channels:
        return False
    if watch.languages and language and language.split("-")[0] not in watch.languages:
        return False
    folded = fold(text)
    if any(pattern(fold(term)).search(folded) for term in watch.exclusions):
        return False
    return not watch.terms or any(pattern(fold(term)).search(folded) for term in watch.terms)


def fold(text: str) -> str:
    """Case and compatibility forms folded away, so that ``ＡＵＲＯＲＡ`` and ``aurora`` are one word."""
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=4096)
def pattern(term: str) -> re.Pattern[str]:
    """What finds a folded term in folded text: whole words, any space between those of a phrase."""
    words = r"\s+".join(re.escape(word) for word in term.lstrip("@#").split())
    return re.compile(rf"(?<!\w)[@#]?{words}(?!\w)") if words else re.compile(r"(?!)")
