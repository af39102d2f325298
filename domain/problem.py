"""States of a shared problem and every move between them, as data checked at import."""

from __future__ import annotations

from enum import StrEnum

from domain.states import IllegalMove

TITLE_CHARS, ABOUT_CHARS, REASON_CHARS = 120, 2_000, 300
#: So many cases one problem holds: more than anybody tells of by hand.
MOST_CASES = 2_000


class ProblemState(StrEnum):
    """Where a problem that several customers share stands."""

    OPEN = "open"  # it is being looked into, its people wait
    SOLVED = "solved"  # there is something to tell, and each owner tells their people
    CLOSED = "closed"


class ProblemMove(StrEnum):
    """What can happen to a problem."""

    SOLVE = "solve"
    REWORD = "reword"
    RETURN = "return"
    CLOSE = "close"


class Outcome(StrEnum):
    """How a problem ended."""

    SOLVED = "solved"
    EXPLAINED = "explained"  # nothing to repair: it works as meant, and people were told so
    NO_PROBLEM = "no_problem"  # these cases had no problem in common


class Left(StrEnum):
    """Why a case is no longer part of a problem."""

    REMOVED = "removed"  # somebody took it out
    REFUSED = "refused"  # it was suggested, and somebody said no
    CLOSED = "closed"  # the problem ended with this case in it


PROBLEM_MOVES: dict[tuple[ProblemState, ProblemMove], ProblemState] = {
    (ProblemState.OPEN, ProblemMove.SOLVE): ProblemState.SOLVED,
    (ProblemState.OPEN, ProblemMove.CLOSE): ProblemState.CLOSED,
    (ProblemState.SOLVED, ProblemMove.REWORD): ProblemState.SOLVED,
    # It came back before everybody was told.
    (ProblemState.SOLVED, ProblemMove.RETURN): ProblemState.OPEN,
    (ProblemState.SOLVED, ProblemMove.CLOSE): ProblemState.CLOSED,
}


def problem_after(state: ProblemState, move: ProblemMove) -> ProblemState:
    """The state after ``move``; IllegalMove when the table has no such move."""
    try:
        return PROBLEM_MOVES[state, move]
    except KeyError:
        raise IllegalMove(f"a problem that is {state} cannot {move}") from None


def _check_table() -> None:
    """Every state is reached, and only the end has no way out."""
    reached = {ProblemState.OPEN, *PROBLEM_MOVES.values()}
    leaving = {state for state, _ in PROBLEM_MOVES}
    if reached != set(ProblemState) or leaving != set(ProblemState) - {ProblemState.CLOSED}:
        raise AssertionError("a problem's state cannot be reached, or not be left")


_check_table()
