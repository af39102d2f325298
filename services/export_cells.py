"""What stands in one cell of an export, beside what the store holds: groups of followers, spans of time, flags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

#: From how many followers on an account stands in the next group; exact counts tell people apart.
_REACH = ((1_000_000, "1000000+"), (100_000, "100000+"), (10_000, "10000+"), (1_000, "1000+"), (100, "100+"))
_FLAGS = {0: False, 1: True, None: None}
Cells = list[Any]


def either(open_: Iterable[bool], plain: Sequence[Any], hidden: Sequence[Any]) -> Cells:
    """What is plain where a row may say who somebody is, else what hides it."""
    return [p if shown else h for shown, p, h in zip(open_, plain, hidden, strict=True)]


def number(word: str, number: int | None) -> str | None:
    """``post-5``: a number of the store as it stands in an identified export."""
    return None if number is None else f"{word}-{number}"


def rounded(values: Sequence[float | None]) -> Cells:
    """Four decimals: as exact as a judgement is told anywhere."""
    return [None if value is None else round(value, 4) for value in values]


def flags(values: Sequence[Any]) -> Cells:
    """True and false, whatever the driver says for them."""
    return [*map(_FLAGS.__getitem__, values)]


def reach_of(followers: int | None) -> str | None:
    """The group an account's followers put it in; None where the network does not tell."""
    if followers is None:
        return None
    return next((name for least, name in _REACH if followers >= least), "0+")


def seconds_between(earlier: str | None, later: str | None) -> int | None:
    """From one moment of an export to the other; None where one is missing."""
    if not earlier or not later:
        return None
    return int((datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds())
