"""Does a post match a watch? Whole words, case folded, the way people see words."""

from __future__ import annotations

import re
from functools import lru_cache

from domain.brand import Watch
from domain.text import search_form

_IN_A_WORD = re.compile(r"\w")


def matches(watch: Watch, text: str, *, channel: str, language: str | None = None) -> bool:
    """Whether ``text`` contains any of the watch's terms and none of its exclusions.

    No terms match everything. ``@`` and ``#`` before a term are optional in the text; an address is text like any
    other, so ``aurora`` is found in ``https://aurora.example``. A post whose language is unknown passes the language
    filter: missing a customer is worse than a stray post.
    """
    if watch.channels and channel not in watch.channels:
        return False
    if watch.languages and language and language.split("-")[0] not in watch.languages:
        return False
    folded = search_form(text)
    if any(pattern(search_form(term)).search(folded) for term in watch.exclusions):
        return False
    return not watch.terms or any(pattern(search_form(term)).search(folded) for term in watch.terms)


@lru_cache(maxsize=4096)
def pattern(term: str) -> re.Pattern[str]:
    """What finds a term in text, both in their search form: whole words, any space between those of a phrase.

    Where a term begins or ends with a sign, as with an emoji, there is no word to be whole: it is found anywhere.
    """
    words = term.lstrip("@#").split()
    if not words:
        return re.compile(r"(?!)")
    begins = r"(?<!\w)[@#]?" if _IN_A_WORD.match(words[0][0]) else ""
    ends = r"(?!\w)" if _IN_A_WORD.match(words[-1][-1]) else ""
    return re.compile(begins + r"\s+".join(map(re.escape, words)) + ends)
