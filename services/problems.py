"""What do many customers share? A problem that groups their cases; each case keeps its owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db import brands as brands_db
from db import cases, changes, problem_cases, problems
from db import spikes as spikes_db
from db.problem_cases import PersonRow
from db.problems import ProblemRow
from domain.errors import Invalid, NotPossible, StaleVersion
from domain.people import Right
from domain.problem import ABOUT_CHARS, MOST_CASES, TITLE_CHARS, Left, Outcome, ProblemState
from domain.states import CaseState
from domain.text import clean, one_line
from services import topics
from services.act import Act, act, require
from services.context import Context
from services.problem_messages import kept
from services.problem_untrue import NOT_THEIRS, warn
from services.problem_view import (
    Affected,
    ProblemLine,
    ProblemView,
    Telling,
    for_each,
    for_one,
    lines_of,
    may_do,
    view_of,
)
from services.spike_cause import case_ids_of

__all__ = ["Affected", "Outcome", "ProblemLine", "ProblemState", "ProblemView", "Telling"]

_LIVE = (CaseState.NEW, CaseState.OPEN, CaseState.WAITING)
#: So many problems are listed at most, and a problem shows so many cases that may belong to it.
MOST_LISTED, SUGGESTED = 200, 50


@dataclass(frozen=True, slots=True)
class OfCase:
    """The problem a case is part of. ``message``: what this customer may hear, once there is something to tell.

    ``untrue``: what was to be told before the problem came back, in all the words it was put into.
    """

    problem_id: int
    title: str
    state: ProblemState
    cases: int
    message: str | None
    untrue: tuple[str, ...]


def problems_of(
    ctx: Context, brand_id: int, *, closed: bool = False, rows: int = MOST_LISTED
) -> tuple[ProblemLine, ...]:
    """The brand's problems that are not closed (or those that are), the newest first. Needs Right.READ."""
    require(ctx, Right.READ, action="problems.read", entity="brand")
    states = [ProblemState.CLOSED] if closed else [ProblemState.OPEN, ProblemState.SOLVED]
    with ctx.store.read() as tx:
        brands_db.get(tx, brand_id)
        return lines_of(tx, problems.of_brand(tx, brand_id, states=states, rows=rows))


def problem(ctx: Context, problem_id: int) -> ProblemView:
    """One problem with its people; NotFound when there is none. Needs Right.READ."""
    require(ctx, Right.READ, action="problems.read", entity="problem")
    with ctx.store.read() as tx:
        row = problems.get(tx, problem_id)
        return view_of(tx, row, may_do(ctx, row))


def of_case(ctx: Context, case_id: int) -> OfCase | None:
    """The problem this case is part of now; None for none. Needs Right.READ."""
    require(ctx, Right.READ, action="problems.read", entity="case")
    with ctx.store.read() as tx:
        row = problems.of_case(tx, case_id)
        if row is None:
            return None
        (person,) = problem_cases.people(tx, [case_id])
        size = problems.sizes(tx, [row.id]).get(row.id, 0)
        if row.state is ProblemState.SOLVED:
            return OfCase(row.id, row.title, row.state, size, for_one(row.message or "", person) or None, ())
        untrue = tuple(dict.fromkeys(for_each(kept(tx, [row])[row.id].every, person)))
        return OfCase(row.id, row.title, row.state, size, None, untrue)


def open_problem(
    ctx: Context,
    brand_id: int,
    *,
    title: str,
    about: str = "",
    cases: Sequence[int] = (),
    spike_id: int | None = None,
    open_only: bool = False,
) -> ProblemView:
    """Open a problem over these cases, or over those of a spike's posts when none are named. Needs Right.WORK.

    Cases that are part of another problem stay there when they come from the spike, and are refused when named
    (NotPossible, reason=in_a_problem). A spike opens one problem at a time: who comes second is refused while the first
    lives (NotPossible, reason=spike_has_problem). ``open_only``: named cases that are closed by now are left out, and
    NotPossible (reason=few_open) when that leaves fewer than two. Raises Invalid without a title, without a case, or
    with one of another brand.
    """
    with act(ctx, "problem.open", "problem", needs=Right.WORK) as running:
        words = _title(title)
        named = _open_ones(running, cases) if open_only else list(dict.fromkeys(cases))
        if spike_id is not None:
            spike = spikes_db.get(running.tx, spike_id)
            if spike.brand_id != brand_id:
                raise Invalid("This spike is another brand's.", reason="other_brand", spike=spike_id)
            if not named:
                _refuse_second(running, spike_id)
            found = case_ids_of(running.tx, spike, least=ctx.settings.least_people) if not named else []
            taken = problems.taken(running.tx, found)
            lives = {each.case_id for each in problem_cases.people(running.tx, found) if each.state in _LIVE}
            named += [n for n in found if n not in taken and n in lives]
        opened = {"opened_by_id": running.user_id, "opened_at": running.now}
        about_it = {"title": words, "about": _about(about), "state": ProblemState.OPEN, "spike_id": spike_id}
        problem_id = problems.create(running.tx, brand_id=brand_id, **about_it, **opened)
        running.entity_id = problem_id
        told = {"spike": spike_id} if spike_id is not None else {}
        _record(running, problem_id, "opened", **told)
        if not named:
            raise Invalid("A problem groups at least one case.", reason="no_case")
        _join(running, problems.get(running.tx, problem_id), named)
        return _seen(ctx, running, problem_id)


def add_cases(ctx: Context, problem_id: int, case_ids: Sequence[int], *, open_only: bool = False) -> ProblemView:
    """Make these cases part of a problem. Needs Right.WORK.

    NotPossible for a closed problem, and for a case that is part of another (reason=in_a_problem). ``open_only`` as in
    ``open_problem``; what is part of it already counts as open.
    """
    with act(ctx, "problem.add", "problem", problem_id, needs=Right.WORK) as running:
        row = _living(running, problem_id)
        _join(running, row, _open_ones(running, case_ids, row.id) if open_only else list(dict.fromkeys(case_ids)))
        return _seen(ctx, running, problem_id)


def remove_cases(ctx: Context, problem_id: int, case_ids: Sequence[int]) -> ProblemView:
    """Take cases out of a problem: they stay as they are, with their owners. Needs Right.WORK.

    Of a solved one, replies to these people with its message that have not begun to go out are drafts again, and
    whoever has it before them is told.
    """
    with act(ctx, "problem.remove", "problem", problem_id, needs=Right.WORK) as running:
        row = _living(running, problem_id)
        if row.state is ProblemState.SOLVED:
            warn(running, row, NOT_THEIRS, only=case_ids)
        by: dict[str, Any] = {"by_id": running.user_id, "at": running.now}
        left = problems.let_go(running.tx, problem_id, list(case_ids), why=Left.REMOVED, **by)
        if not left:
            raise NotPossible("None of these cases is part of the problem.", reason="not_in_it", problem=problem_id)
        _record(running, problem_id, "removed", cases=left)
        _record_cases(running, left, "problem_left", problem_id)
        problems.change(running.tx, row)
        running.details["cases"] = left
        changes.raise_version(running.tx, row.brand_id)
        return _seen(ctx, running, problem_id)


def refuse_suggested(ctx: Context, problem_id: int, case_ids: Sequence[int]) -> None:
    """Say that suggested cases are not part of a problem: they are not suggested again. Needs Right.WORK."""
    with act(ctx, "problem.refuse", "problem", problem_id, needs=Right.WORK) as running:
        row = _living(running, problem_id)
        problems.refuse(running.tx, problem_id, list(case_ids), by_id=running.user_id, at=running.now)
        running.details["cases"] = list(case_ids)
        changes.raise_version(running.tx, row.brand_id)


def reword(ctx: Context, problem_id: int, *, title: str, about: str, version: int) -> ProblemView:
    """Give a problem another name and other words. Needs Right.WORK.

    Raises NotPossible for a closed problem, StaleVersion when it changed since ``version``, Invalid without a name.
    """
    with act(ctx, "problem.edit", "problem", problem_id, needs=Right.WORK) as running:
        row = _living(running, problem_id)
        if row.version != version:
            raise StaleVersion("Somebody changed this problem in the meantime.", problem=problem_id)
        said = {"title": _title(title), "about": _about(about)}
        if said != {"title": row.title, "about": row.about}:
            problems.change(running.tx, row, **said)
            _record(running, problem_id, "renamed")
            changes.raise_version(running.tx, row.brand_id)
        return _seen(ctx, running, problem_id)


def suggested(ctx: Context, problem_id: int) -> tuple[PersonRow, ...]:
    """Live cases that may belong to a problem and are part of none: SUGGESTED at most. Needs Right.READ.

    Cases of the spike's posts that came since, and those that the worker found to tell of the same as one of its
    cases. Nobody adds them but a person.
    """
    require(ctx, Right.READ, action="problems.read", entity="problem")
    with ctx.store.read() as tx:
        row = problems.get(tx, problem_id)
        if row.state is ProblemState.CLOSED:
            return ()
        mine = set(problems.case_ids(tx, problem_id))
        found = set(topics.on_the_same(tx, row.brand_id, mine))
        if row.spike_id is not None:
            spike = spikes_db.get(tx, row.spike_id)
            found |= set(case_ids_of(tx, spike, least=ctx.settings.least_people))
        people = problem_cases.people(tx, sorted(found - mine - problems.ever(tx, problem_id)))
    free = [each for each in people if each.problem_id is None and each.state in _LIVE]
    return tuple(sorted(free, key=lambda each: each.last_mention_at, reverse=True)[:SUGGESTED])


def _join(running: Act, row: ProblemRow, case_ids: list[int]) -> None:
    tx = running.tx
    taken = {n: other for n, other in problems.taken(tx, case_ids).items() if other != row.id}
    if taken:
        case_id, other = next(iter(taken.items()))
        raise NotPossible(
            "A case is part of one problem at a time.", reason="in_a_problem", case=case_id, problem=other
        )
    for case_id in case_ids:
        if cases.get(tx, case_id).brand_id != row.brand_id:
            raise Invalid("This case is another brand's.", reason="other_brand", case=case_id)
    before = set(problems.taken(tx, case_ids))
    new = [case_id for case_id in case_ids if case_id not in before]
    if len(problems.case_ids(tx, row.id)) + len(new) > MOST_CASES:
        raise Invalid(f"A problem groups {MOST_CASES} cases at most.", reason="many_cases", most=MOST_CASES)
    if new:
        problems.add(tx, row.id, new, by_id=running.user_id, at=running.now)
        _record(running, row.id, "added", cases=new)
        _record_cases(running, new, "problem_joined", row.id)
        problems.change(tx, row)
    running.details["cases"] = new
    changes.raise_version(tx, row.brand_id)


def _open_ones(running: Act, case_ids: Sequence[int], problem_id: int | None = None) -> list[int]:
    """These cases without those that are closed by now, unless they are part of this problem already."""
    people = problem_cases.people(running.tx, case_ids)
    inside = set() if problem_id is None else {each.case_id for each in people if each.problem_id == problem_id}
    closed = {each.case_id for each in people if each.state not in _LIVE} - inside
    left = [case_id for case_id in dict.fromkeys(case_ids) if case_id not in closed]
    if closed and len(left) < 2:
        raise NotPossible("Too few of these cases are still open.", reason="few_open", closed=len(closed))
    return left


def _refuse_second(running: Act, spike_id: int) -> None:
    first = problems.of_spikes(running.tx, [spike_id]).get(spike_id)
    if first is not None and first.state is not ProblemState.CLOSED:
        raise NotPossible("A problem was opened from this already.", reason="spike_has_problem", problem=first.id)


def _living(running: Act, problem_id: int) -> ProblemRow:
    row = problems.get(running.tx, problem_id)
    if row.state is ProblemState.CLOSED:
        raise NotPossible("This problem is closed.", reason="problem_closed", problem=problem_id)
    return row


def _record(running: Act, problem_id: int, kind: str, **details: object) -> None:
    problems.record(running.tx, problem_id, kind, at=running.now, actor_id=running.user_id, **details)


def _record_cases(running: Act, case_ids: Sequence[int], kind: str, problem_id: int) -> None:
    by: dict[str, Any] = {"at": running.now, "actor_id": running.user_id}
    problem_cases.record(running.tx, case_ids, kind, problem_id=problem_id, **by)


def _seen(ctx: Context, running: Act, problem_id: int) -> ProblemView:
    row = problems.get(running.tx, problem_id)
    return view_of(running.tx, row, may_do(ctx, row))


def _title(words: str) -> str:
    said = one_line(clean(words), max_chars=TITLE_CHARS)
    if not said:
        raise Invalid("A problem needs a name.", reason="no_title")
    return said


def _about(words: str) -> str:
    said = clean(words)
    if len(said) > ABOUT_CHARS:
        raise Invalid(f"At most {ABOUT_CHARS} characters.", reason="text_long", max_chars=ABOUT_CHARS)
    return said
