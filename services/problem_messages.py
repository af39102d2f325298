"""Which messages did a problem have, each time it was said to be solved and since it was said last?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from db import problems
from db.problems import ProblemRow


@dataclass(frozen=True, slots=True)
class Messages:
    """``past``: before the problem was solved last, when it turned out not to be. ``since``: from then on, the newest
    last: what is told now, and what it was called before it was put into other words.
    """

    past: tuple[str, ...] = ()
    since: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.past, *self.since)


def kept(tx: Connection, rows: Sequence[ProblemRow]) -> dict[int, Messages]:
    """The messages of these problems."""
    found = problems.messages(tx, [row.id for row in rows])
    return {row.id: _read(found.get(row.id), row) for row in rows}


def keep(tx: Connection, row: ProblemRow, message: str, *, is_solved_now: bool) -> None:
    """Remember a message of the problem ``row``, as it was before: of its new end, or in other words for its last."""
    before = kept(tx, [row])[row.id]
    past = [each for each in (before.every if is_solved_now else before.past) if each != message]
    since = [] if is_solved_now else [each for each in before.since if each != message]
    value = json.dumps({"past": list(dict.fromkeys(past)), "since": [*since, message]})
    problems.keep_messages(tx, row.id, value)


def _read(value: str | None, row: ProblemRow) -> Messages:
    if value is None:
        return Messages(since=(row.message,) if row.message else ())
    found = json.loads(value)
    return Messages(tuple(found["past"]), tuple(found["since"]))
