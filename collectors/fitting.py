"""How many items are asked for where an answer is more than anybody reads? A quarter of them, down to the least.

A page of posts of several megabytes would else come back the same at every try, and hold its channel for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.errors import Unavailable

Answer = TypeVar("Answer")


class Overlong(Exception):
    """What the errors of every transport have in common that mean: longer than anybody reads."""


class TooLarge(Unavailable):
    """The answer is larger than anybody reads: the same question brings it again, one about fewer things may not."""


@dataclass(frozen=True, slots=True)
class Fitted(Generic[Answer]):
    """The answer, and for how many items it was asked; None where the fewest there can be are too large still."""

    answer: Answer | None
    most: int


def fitting(ask: Callable[[int], Answer], most: int, *, least: int = 1) -> Fitted[Answer]:
    """What ``ask`` answers about ``most`` items, or about as many as fit. Raises as ``ask``, but no TooLarge."""
    while True:
        try:
            return Fitted(ask(most), most)
        except TooLarge:
            if most <= least:
                return Fitted(None, most)
            # Each try may cost ten megabytes for nothing, in every round while the large post stands there.
            most = max(least, most // 4)


def is_overlong(error: BaseException | None) -> bool:
    """Whether a question failed because its answer was too long, whatever a library has wrapped around that."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, Overlong):
            return True
        seen.add(id(error))
        error = getattr(error, "original_exception", None) or error.__cause__ or error.__context__
    return False
