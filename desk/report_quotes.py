"""How does a report quote somebody? A complaint and its thanks on a line each, without anybody's name."""

from __future__ import annotations

import re

from desk.i18n import _
from desk.numbers import local
from desk.report_basis_words import day_words
from desk.report_sections import Quote
from desk.words import channel_word
from services.report_views import Example, Words

#: A quotation is shorter; the rest of the post is a click away for whoever may see it.
QUOTE_CHARS = 190
_MARKS = re.compile(r"([*_~-])\1+")
_HIDDEN = re.compile(r"@?\b(person|link|mail|phone)-[b-t]{14}\b")


def quote_of(example: Example, timezone: str) -> Quote:
    """An example in the words of the page."""
    return Quote(
        where=channel_word(example.channel),
        before=quoted(example.complaint),
        after=quoted(example.thanks),
        day=day_words(local(example.thanks.at, timezone).date()),
        before_language=example.complaint.language or "",
        after_language=example.thanks.language or "",
        url=example.thanks.url or "",
    )


def quoted(words: Words) -> str:
    """The words of a post on one line between quotation marks."""
    return _("“{words}”").format(words=cut(words.text))


def cut(text: str) -> str:
    """A text on one line, cut at a word, with plain words where a pseudonym stood."""
    names = {"person": _("[name]"), "link": _("[link]"), "mail": _("[address]"), "phone": _("[number]")}
    said = " ".join(_HIDDEN.sub(lambda found: names[found[1]], text).split())
    if len(said) <= QUOTE_CHARS:
        return said
    short = said[:QUOTE_CHARS]
    return (short.rpartition(" ")[0] or short[:60]).rstrip(" ,;:.–-") + "…"


def plain(title: str) -> str:
    """Words of somebody else inside a sentence of ours, without anything that would make them bold or a link."""
    return _MARKS.sub(r"\1", title).replace("](", "] (").replace("*", "·")
