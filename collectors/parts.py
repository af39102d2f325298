"""What is left of a look at many posts when the network breaks on one of them? All the others, asked for in halves.

Some servers answer a question about a hundred posts with an error, or with something that cannot be read, because of
one spoilt post. Halved again and again, down to the ids themselves, the question finds it in a few more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.errors import DeskError, Malformed, Unavailable

Answer = TypeVar("Answer")

#: After so many failures without any answer the network is away, and no post is spoilt: two spoilt ones need no more.
FAILURES_AT_FIRST = 5
#: So many find two spoilt posts among a hundred; the rest is asked for another time.
FAILURES = 16


@dataclass(frozen=True, slots=True)
class Told(Generic[Answer]):
    """What the network answered, and the ids that these answers are about; of the others nothing is known."""

    answers: tuple[Answer, ...]
    asked: tuple[str, ...]


def in_parts(ask: Callable[[Sequence[str]], Answer], ids: Sequence[str]) -> Told[Answer]:
    """The answers to ``ask`` about these ids: one where it can be had, else those about parts of them.

    Raises what ``ask`` raised when no part was answered. Once one was, every other error, like being told to slow down
    or money that is spent, only ends it early: answers may have been paid for.
    """
    waiting = deque([tuple(ids)] if ids else [])
    answers: list[Answer] = []
    asked: list[str] = []
    failures: list[DeskError] = []
    while waiting and len(failures) < (FAILURES if answers else FAILURES_AT_FIRST):
        part = waiting.popleft()
        try:
            answers.append(ask(part))
            asked += part
        except (Unavailable, Malformed) as error:
            failures.append(error)
            half = len(part) // 2
            waiting.extend((part[:half], part[half:]) if half else ())
        except DeskError:
            if not answers:
                raise
            break
    if failures and not answers:
        raise failures[0]
    return Told(tuple(answers), tuple(asked))


@dataclass(frozen=True, slots=True)
class Chosen:
    """Those that something is so of, and the ids of which it is known whether it is."""

    those: tuple[str, ...]
    asked: tuple[str, ...]


def chosen(is_so: Callable[[str], bool], ids: Sequence[str]) -> Chosen:
    """Ask about each of these alone; one that breaks keeps nothing of the others back. Raises as ``in_parts``."""
    told = in_parts(lambda some: [each for each in some if is_so(each)], ids)
    return Chosen(tuple(each for answer in told.answers for each in answer), told.asked)
