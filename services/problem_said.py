"""Which messages did a problem have over time, and which of them are nobody to be told any more?"""

from __future__ import annotations

from dataclasses import dataclass

from db import problem_cases, problems
from db.problems import ProblemRow
from domain.people import Right
from domain.problem import Left, Outcome, ProblemState
from services.act import require
from services.context import Context
from services.problem_messages import kept
from services.problem_view import for_each, for_one, holds

_TRUE_ENDS = (Outcome.SOLVED, Outcome.EXPLAINED)


@dataclass(frozen=True, slots=True)
class Said:
    """The messages of a case's problems as its customer reads them: ``now`` may be told, ``earlier`` not any more."""

    now: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()

    def is_earlier(self, words: str) -> bool:
        """Whether an earlier message stands in these words, beside one that may be told or instead of it."""
        for message in sorted(self.now, key=len, reverse=True):
            words = words.replace(message, "")
        return any(holds(words, message) for message in self.earlier)


def of_case(ctx: Context, case_id: int) -> Said:
    """What the problems of a case, those it is part of and those it was, said and say. Needs Right.READ."""
    require(ctx, Right.READ, action="problems.read", entity="case")
    with ctx.store.read() as tx:
        found = problems.ever_of_case(tx, case_id)
        if not found:
            return Said()
        (person,) = problem_cases.people(tx, [case_id])
        now: list[str] = []
        every: list[str] = []
        for problem_id, left in found:
            row = problems.get(tx, problem_id)
            every += for_each(kept(tx, [row])[problem_id].every, person)
            if row.message and _may_be_told(row, left):
                now.append(for_one(row.message, person))
    return Said(tuple(now), tuple(each for each in dict.fromkeys(every) if each not in now))


def _may_be_told(row: ProblemRow, left: Left | None) -> bool:
    if left is None:
        return row.state is ProblemState.SOLVED
    return left is Left.CLOSED and row.outcome in _TRUE_ENDS
