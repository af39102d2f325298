"""In which wordings is a post read? Whole, and without the quote or the hashtags around its author's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from classifiers.bundled.normalise import READ_CHARS, Normalised, letters_in, normalise_with_origins
from classifiers.quotes import own_range

_WORD = re.compile(r"\S+")
_TAG = re.compile(r"(?:#\w[\w-]*)+")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|https?")
#: Shorter texts say too little ("ok", an emoji, an address alone): they are unsure, and beside a quote not read apart.
LETTERS = 4
#: From so many letters of one's own on, tone and kind are those of what stands beside a quote. Fewer may be "us too",
#: which says nothing without the quote: there the wording that presses most says them. Both numbers were chosen by what
#: short posts beside quotes come to (docs/reference/model.md).
OWN_LETTERS = 20
#: What stands before hashtags is read by itself from so many letters on: "odio #aurora" is one sentence.
TAGLESS_LETTERS = 20


@dataclass(frozen=True, slots=True)
class Wordings:
    """What the model reads of a post, the whole first.

    How much it presses is said by the one that presses most: a greeting that is quoted and hashtags make a danger look
    calm, and the danger may stand in the quote alone ("us too"), or in a hashtag. Tone and wish are the author's: those
    from ``own`` on say them together; None where the author wrote too little, and the one that presses most says them.
    """

    all: tuple[Normalised, ...]
    own: int | None = 0


def wordings(text: str) -> Wordings:
    """The post whole, its author's own words beside a quote, and these without the hashtags they end with."""
    found: list[Normalised] = [normalise_with_origins(text)]
    own: int | None = 0
    start, end = own_range(text)
    if text[start:end][:READ_CHARS] != text[:READ_CHARS]:
        alone = normalise_with_origins(text, start, end)
        if (letters := letters_in(alone.text)) >= LETTERS:
            own = 1 if letters >= OWN_LETTERS else None
            found.append(alone)
        else:
            start, end = 0, len(text)
    said = text[start:end][:READ_CHARS]
    if (before := _before_tags(said)) < len(said):
        bare = normalise_with_origins(text, start, start + before)
        if letters_in(bare.text) >= TAGLESS_LETTERS:
            found.append(bare)
    return Wordings(tuple(found), own)


def _before_tags(text: str) -> int:
    """Where the hashtags begin that a post ends with, addresses among them; its length when it ends otherwise."""
    end = len(text)
    for word in reversed(list(_WORD.finditer(text))):
        if _TAG.fullmatch(word[0]):
            end = word.start()
        elif not _ADDRESS.fullmatch(word[0]):
            break
    return end
