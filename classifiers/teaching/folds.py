"""Which corrected posts belong together, so that none is learned from and measured on at once?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable, Sequence

FOLDS = 5

_NAMES = re.compile(r"(?:https?://|www\.)\S+|@\w[\w.-]*")


def letters(text: str) -> str:
    """The words of a text without case, signs, links and handles: posts that share them are one post told twice."""
    plain = "".join(c if c.isalnum() else " " for c in _NAMES.sub(" ", text).casefold())
    return " ".join(plain.split())


def together(texts: Sequence[str], talks: Sequence[Hashable]) -> list[int]:
    """A number for each post, the same for posts of one talk and for posts that say the same, also in a chain."""
    leader = list(range(len(texts)))

    def first(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    known: dict[Hashable, int] = {}
    for place, (text, talk) in enumerate(zip(texts, talks, strict=True)):
        for mark in (("talk", talk), ("words", letters(text))):
            leader[first(place)] = first(known.setdefault(mark, place))
    return [first(place) for place in range(len(texts))]


def folds_of(texts: Sequence[str], groups: Sequence[int], *, folds: int = FOLDS) -> list[int]:
    """The part of each post, in [0, folds): whole groups, as even as they can be, the same at each call."""
    members: dict[int, int] = {}
    for group in groups:
        members[group] = members.get(group, 0) + 1
    digest = {group: hashlib.sha256(letters(texts[group]).encode()).hexdigest() for group in members}
    filled = [0] * folds
    part: dict[int, int] = {}
    for group in sorted(members, key=lambda each: (-members[each], digest[each])):
        part[group] = filled.index(min(filled))
        filled[part[group]] += members[group]
    return [part[group] for group in groups]
