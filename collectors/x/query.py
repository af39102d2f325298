"""What does a watch read in X's own query language, within its limits?

Operators and the 512 characters of a query are those of docs.x.com, recent search. Plain reposts stay out, replies in.
Exclusions go along where there is room: the desk looks for them itself, so they only spare money here.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.brand import Watch
from domain.errors import Misconfigured

MAX_QUERY_CHARS = 512
#: Each query is a question a minute; more of them would eat the 300 of a quarter of an hour.
MAX_QUERIES = 10
NO_REPOSTS = "-is:retweet"


def queries(watch: Watch) -> tuple[str, ...]:
    """As few queries as find every term. Raises Misconfigured when a term or all of them together are too long."""
    terms = list(dict.fromkeys(word for term in watch.terms if (word := _term(term))))
    if not terms:
        return ()
    tail = _tail(watch, room=MAX_QUERY_CHARS - 2 - max(map(len, terms)))
    room = MAX_QUERY_CHARS - len(tail) - 2
    packed: list[list[str]] = []
    for word in terms:
        if len(word) > room:
            raise Misconfigured(f"The term {word[:40]!r} is too long for X: {room} characters.", field="terms")
        if packed and len(" OR ".join([*packed[-1], word])) <= room:
            packed[-1].append(word)
        else:
            packed.append([word])
    if len(packed) > MAX_QUERIES:
        raise Misconfigured(
            f"This watch needs {len(packed)} searches on X; {MAX_QUERIES} are possible. Split or shorten it.",
            field="terms",
        )
    return tuple(f"({' OR '.join(words)}){tail}" for words in packed)


def to_us(handle: str) -> str:
    """What names or answers our account, by search: reaches further back than the list of mentions."""
    return f"(@{handle} OR to:{handle}) {NO_REPOSTS}"


def quotes_of_us(handle: str) -> str:
    """Who quotes a post of ours without naming us: a quote holds the address of what it quotes (``url:`` of X's
    operators matches words of one wherever they stand, so whoever reads it looks at what is quoted). The list of
    mentions has those that name us.
    """
    return f'(url:"{handle}/status") is:quote -@{handle} -from:{handle} {NO_REPOSTS}'


def _tail(watch: Watch, *, room: int) -> str:
    tail = f" {NO_REPOSTS}"
    for extra in _extras(watch):
        if len(tail) + len(extra) + 1 <= room:
            tail += f" {extra}"
    return tail


def _extras(watch: Watch) -> Sequence[str]:
    """Words that keep a post out on both sides. Languages stay with the desk: X often knows none for a short post."""
    return [f"-{word}" for term in watch.exclusions if (word := _quoted(term))]


def _term(term: str) -> str:
    """The words, and with its sign what was given as a tag or a name: the desk finds both."""
    quoted, sign = _quoted(term), term[:1]
    is_plain = quoted.isascii() and quoted[1:-1].replace("_", "").isalnum()
    return f"{quoted} OR {sign}{quoted[1:-1]}" if is_plain and sign in ("@", "#") else quoted


def _quoted(term: str) -> str:
    """In quotation marks, where words of the query language are words like any other; empty when nothing is left."""
    words = term.lstrip("@#").replace('"', " ").replace("\\", " ").split()
    return f'"{" ".join(words)}"' if words else ""
