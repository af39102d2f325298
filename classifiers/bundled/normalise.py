"""How a post is written before the model reads it: the same in training and on the desk."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

#: Posts are cut here before tokenising: far more characters than the model's token limit can use.
READ_CHARS = 2_000

_HANDLE = r"(?:(?:(?<=\s)|^|(?<=[.(\"'“]))@\w[\w.-]*|__company__)"
_PARTS = re.compile(
    # Some sources hand over a post as it stands in a page: "l&#39;acqua", "&gt; Grazie".
    r"(?P<written>&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z]{2,8}\d{0,2});)"
    # Signs that are not seen (soft hyphens, joiners within a word) would tear a word into pieces nobody knows.
    r"|(?P<unseen>(?:[\u00ad\u200b\u2060-\u2064\ufeff]|(?<=[^\W\d_])[\u200c\u200d](?=[^\W\d_]))+)"
    # Characters that no tokeniser may get (lone surrogates, NUL, direction marks) are as good as space. So is an
    # address: networks put one under every post with a picture, and left in it made dangers look calm, for the model
    # had met addresses in everyday talk alone.
    r"|(?P<space>(?:[\s\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u200e\u200f\u202a-\u202e]"
    r"|(?:https?://|www\.)\S+|\bhttps?\b)+)"
    # A reply on X begins with everybody it goes to; the model has learned from one name at a time.
    rf"|(?P<handle>{_HANDLE}(?:\s+{_HANDLE})*)"
    # "Aiutoooo" is the same word, said for longer.
    r"|(?P<longer>(?P<letter>[^\W\d_])(?P=letter){2,})"
)
#: From this share of capitals on, and in posts of at least so many letters, somebody shouts.
SHOUTED_SHARE, SHOUTED_LETTERS = 0.7, 8
_INSTEAD = {"unseen": "", "space": " ", "handle": "@user"}


@dataclass(frozen=True, slots=True)
class Normalised:
    """What the model reads, and where each of its characters stood.

    ``starts[i]`` and ``ends[i]`` are the half-open range of character ``i`` of ``text`` in code points of the post.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The range in the post of ``text[start:end]``, which must not be empty."""
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> str:
    """Return the text as the model sees it: without what says nothing of what is meant."""
    return _PARTS.sub(_instead, _spoken(text[:READ_CHARS])).strip(" ")


def normalise_with_origins(text: str, start: int = 0, end: int | None = None) -> Normalised:
    """Like ``normalise`` of ``text[start:end]``, keeping the way back to the post."""
    written: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0

    def keep(first: int, last: int) -> None:
        written.append(spoken[first:last])
        starts.extend(range(start + first, start + last))
        ends.extend(range(start + first + 1, start + last + 1))

    spoken = _spoken(text[start:end][:READ_CHARS])
    for part in _PARTS.finditer(spoken):
        keep(at, part.start())
        instead, at = _instead(part), part.end()
        written.append(instead)
        starts.extend([start + part.start()] * len(instead))
        ends.extend([start + at] * len(instead))
    keep(at, len(spoken))
    whole = "".join(written)
    first = len(whole) - len(whole.lstrip(" "))
    last = len(whole.rstrip(" "))
    return Normalised(whole[first:last], tuple(starts[first:last]), tuple(ends[first:last]))


def letters_in(normalised: str) -> int:
    """How many letters somebody wrote, names of accounts apart."""
    return sum(map(str.isalpha, normalised.replace(_INSTEAD["handle"], "")))


def _instead(part: re.Match[str]) -> str:
    """What the model reads in place of a part: of a letter said for long, two; of a sign written out, itself."""
    if part.lastgroup == "written":
        sign = html.unescape(part[0])
        return sign if sign == part[0] else _PARTS.sub(_instead, sign)
    return 2 * part["letter"] if part.lastgroup == "longer" else _INSTEAD[part.lastgroup or ""]


def _spoken(text: str) -> str:
    """A shouted post as it would be said, character for character: capitals say nothing about what presses."""
    letters = [letter for letter in text if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    if len(letters) < SHOUTED_LETTERS or capitals < SHOUTED_SHARE * len(letters):
        return text
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
