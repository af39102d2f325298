"""What is asked for a watch? What addresses us, the timelines of its hashtags, and a search for each of its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.brand import Watch
from domain.errors import Misconfigured

#: A server lets an account turn 300 pages in 15 minutes (docs.joinmastodon.org, api/rate-limits): with a round every
#: minute that is 20 a round, and the second pages of a busy hour need some of them.
MOST_ASKED = 15
MOST_TERM_CHARS = 200
_TAG = re.compile(r"\w*[^\W\d_]\w*")


class Kind(StrEnum):
    """What a source is; the words stand in stored cursors."""

    TO_US = "to us"
    TAG = "tag"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far behind its newest place a round begins to read a source, and now and then (``deep``)."""

    overlap: timedelta
    deep: timedelta
    spacing: timedelta


#: What addresses us stands in the order in which it came, and is read again for what its authors edit at once: four
#: minutes of a crisis with 10,000 mentions an hour are 17 pages a round, within what a server allows.
#: A tag and a search show posts by when they were written, and those of other servers come minutes later, sometimes
#: hours.
REACH = {
    Kind.TO_US: Reach(timedelta(minutes=4), timedelta(hours=1), timedelta(minutes=1)),
    Kind.TAG: Reach(timedelta(minutes=15), timedelta(hours=6), timedelta(minutes=5)),
    Kind.SEARCH: Reach(timedelta(minutes=15), timedelta(hours=6), timedelta(minutes=5)),
}


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to read. ``words``: the tag without its sign, or the query; empty for what addresses us."""

    kind: Kind
    words: str = ""

    @property
    def name(self) -> str:
        """As a cursor names it."""
        return f"{self.kind} {self.words}".rstrip()

    @property
    def reach(self) -> Reach:
        """How far back it is read again."""
        return REACH[self.kind]


def sources(watch: Watch) -> tuple[Source, ...]:
    """What a round over this watch reads, in order. A competitor's watch does not read what addresses us.

    A single word is read as a hashtag too: few servers search, and those that do find only authors who agreed.
    Raises Misconfigured when that is nothing, or more than a server lets us ask.
    """
    found = [] if watch.is_competitor else [Source(Kind.TO_US)]
    for term in watch.terms:
        found += _of_term(term)
    found = sorted(dict.fromkeys(found), key=lambda source: list(Kind).index(source.kind))
    if not found:
        raise Misconfigured("A competitor's watch on Mastodon needs a word to look for.", field="terms")
    if len(found) > MOST_ASKED:
        raise Misconfigured(
            f"This watch has to ask Mastodon for {len(found)} things in a round; {MOST_ASKED} are what a server"
            " allows. Leave words out, or write them as hashtags: those cost one question, words two.",
            field="terms",
        )
    return tuple(found)


def _of_term(term: str) -> list[Source]:
    word = " ".join(term.replace('"', " ").split())
    if len(word) > MOST_TERM_CHARS:
        raise Misconfigured(f"“{word[:40]}…” is too long to look for on Mastodon.", field="terms")
    bare = word.lstrip("@#")
    # It becomes part of an address: nothing but letters, digits and underscores.
    tags = [Source(Kind.TAG, bare)] if _TAG.fullmatch(bare) else []
    if word.startswith("#") or not bare:
        return tags or ([Source(Kind.SEARCH, _query(bare))] if bare else [])
    return [*tags, Source(Kind.SEARCH, _query(bare))]


def _query(words: str) -> str:
    """A phrase in quotation marks, and so is what the server would take for one of its operators."""
    return words if re.fullmatch(r"\w+", words) else f'"{words}"'
