"""What is asked for a watch? What addresses us, searches for its words, and the subreddits it names.

Reddit searches posts and no comments; the comments of a subreddit are read whole, and the desk finds the words in
them. A search takes 512 characters (reddit.com/dev/api, search).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.brand import Watch
from domain.errors import Misconfigured

MAX_QUERY_CHARS = 512
#: With a round every minute, of the 100 questions a minute that an app may ask (Data API Wiki).
MAX_QUERIES = 5
#: Listings of several subreddits are one; the more there are, the sooner a thousand of their comments are full.
MAX_SUBREDDITS = 10
_SUBREDDIT = re.compile(r"/?r/([A-Za-z0-9][A-Za-z0-9_]{1,20})/?")


class Kind(StrEnum):
    """What a source is; the words stand in stored cursors."""

    TO_US = "to us"
    SEARCH = "search"
    POSTS = "posts"
    COMMENTS = "comments"


@dataclass(frozen=True, slots=True)
class Source:
    """One listing. ``words``: the query, or the subreddits; empty for what addresses us."""

    kind: Kind
    words: str = ""

    @property
    def name(self) -> str:
        """As a cursor names it."""
        return f"{self.kind} {self.words}".rstrip()

    @property
    def path(self) -> str:
        """Where it stands."""
        return {
            Kind.TO_US: "message/inbox/",
            Kind.SEARCH: "search/",
            Kind.POSTS: f"r/{self.words}/new/",
            Kind.COMMENTS: f"r/{self.words}/comments/",
        }[self.kind]

    @property
    def given(self) -> Mapping[str, str]:
        """What is asked along. Reading leaves the inbox unread for people."""
        if self.kind == Kind.TO_US:
            return {"mark": "false"}
        return {"q": self.words, "sort": "new", "type": "link", "t": "all"} if self.kind == Kind.SEARCH else {}


@dataclass(frozen=True, slots=True)
class _Terms:
    words: tuple[str, ...] = field(default=())
    subreddits: tuple[str, ...] = field(default=())


def sources(watch: Watch) -> tuple[Source, ...]:
    """What a round over this watch reads, in order. A competitor's watch does not read what addresses us.

    ``r/name`` among its terms names a subreddit to read. Raises Misconfigured when that is nothing, or too much.
    """
    terms = _split(watch.terms)
    found = [] if watch.is_competitor else [Source(Kind.TO_US)]
    found += [Source(Kind.SEARCH, query) for query in _packed(terms.words)]
    if len(terms.subreddits) > MAX_SUBREDDITS:
        raise Misconfigured(
            f"This watch names {len(terms.subreddits)} subreddits; {MAX_SUBREDDITS} can be read. Split it.",
            field="terms",
        )
    if terms.subreddits:
        together = "+".join(sorted(terms.subreddits))
        found += [Source(Kind.POSTS, together), Source(Kind.COMMENTS, together)]
    if not found:
        raise Misconfigured("A competitor's watch on Reddit needs a word to look for.", field="terms")
    return tuple(found)


def _split(terms: Sequence[str]) -> _Terms:
    named = {term: _SUBREDDIT.fullmatch(term.strip()) for term in terms}
    places = tuple(dict.fromkeys(match.group(1).lower() for match in named.values() if match))
    words = tuple(dict.fromkeys(word for term, match in named.items() if not match and (word := _quoted(term))))
    return _Terms(words, places)


def _packed(words: Sequence[str]) -> tuple[str, ...]:
    """As few queries as find every word. Exclusions stay with the desk: reading costs nothing here."""
    packed: list[str] = []
    for word in words:
        if len(word) > MAX_QUERY_CHARS:
            raise Misconfigured(
                f"The term {word[:40]!r} is too long for Reddit: {MAX_QUERY_CHARS - 2} characters.", field="terms"
            )
        if packed and len(f"{packed[-1]} OR {word}") <= MAX_QUERY_CHARS:
            packed[-1] += f" OR {word}"
        else:
            packed.append(word)
    if len(packed) > MAX_QUERIES:
        raise Misconfigured(
            f"This watch needs {len(packed)} searches on Reddit; {MAX_QUERIES} are possible. Split or shorten it.",
            field="terms",
        )
    return tuple(packed)


def _quoted(term: str) -> str:
    """In quotation marks, where words of the query language are words like any other; empty when nothing is left."""
    words = term.lstrip("@#").replace('"', " ").replace("\\", " ").split()
    return f'"{" ".join(words)}"' if words else ""
