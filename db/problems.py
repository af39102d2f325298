"""Shared problems, the cases they group, and their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from db import meta
from db.conflicts import insert_new
from db.tables import cases, joined_cases, problem_cases, problem_events, problems, users
from db.tables import meta as meta_table
from domain.errors import NotFound, StaleVersion
from domain.problem import Left, Outcome, ProblemState
from domain.states import CaseState

__all__ = ["EventRow", "ProblemRow"]


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One problem as stored."""

    id: int
    brand_id: int
    spike_id: int | None
    title: str
    about: str
    state: ProblemState
    version: int
    opened_by_id: int | None
    opened_at: datetime
    message: str | None
    solved_by_id: int | None
    solved_at: datetime | None
    closed_by_id: int | None
    closed_at: datetime | None
    outcome: Outcome | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of a problem's history, with the name of who acted."""

    id: int
    at: datetime
    kind: str
    actor_id: int | None
    actor_name: str | None
    details: Mapping[str, Any]


_COLUMNS = [problems.c[name] for name in ProblemRow.__slots__]
_HERE = problem_cases.c.left_at.is_(None)
#: While cases are one, that which goes on stands for each that is part of it; parted, each is where it was.
_TOGETHER = problem_cases.outerjoin(joined_cases, joined_cases.c.case_id == problem_cases.c.case_id)
_STANDS = func.coalesce(joined_cases.c.into_case_id, problem_cases.c.case_id)


def _row(row: Row[Any]) -> ProblemRow:
    values = dict(row._mapping)
    values["state"] = ProblemState(values["state"])
    values["outcome"] = None if values["outcome"] is None else Outcome(values["outcome"])
    return ProblemRow(**values)


def get(tx: Connection, problem_id: int) -> ProblemRow:
    """The problem; NotFound when there is none."""
    row = tx.execute(select(*_COLUMNS).where(problems.c.id == problem_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no problem {problem_id}.", entity="problem", id=problem_id)
    return _row(row)


def create(tx: Connection, **values: Any) -> int:
    """Insert a problem; returns its id."""
    return int(tx.execute(insert(problems).values(**values).returning(problems.c.id)).scalar_one())


def change(tx: Connection, problem: ProblemRow, **values: Any) -> ProblemRow:
    """Change a problem that is still as ``problem`` was read. Raises StaleVersion when it is not."""
    statement = (
        update(problems)
        .where(problems.c.id == problem.id, problems.c.version == problem.version)
        .values(version=problem.version + 1, **values)
    )
    if tx.execute(statement).rowcount != 1:
        raise StaleVersion("Somebody changed this problem in the meantime.", problem=problem.id)
    return get(tx, problem.id)


def of_brand(tx: Connection, brand_id: int, *, states: Sequence[ProblemState], rows: int = 200) -> list[ProblemRow]:
    """The brand's problems in these states, the newest first."""
    query = select(*_COLUMNS).where(problems.c.brand_id == brand_id, problems.c.state.in_(states))
    return [_row(row) for row in tx.execute(query.order_by(problems.c.id.desc()).limit(rows))]


def of_spikes(tx: Connection, spike_ids: Sequence[int]) -> dict[int, ProblemRow]:
    """The newest problem that was opened from each of these spikes."""
    query = select(*_COLUMNS).where(problems.c.spike_id.in_(list(spike_ids))).order_by(problems.c.id)
    return {row.spike_id: _row(row) for row in tx.execute(query)}


def of_case(tx: Connection, case_id: int) -> ProblemRow | None:
    """The problem this case is part of now, by itself or for one that is part of it; None for none."""
    problem_id = taken(tx, [case_id]).get(case_id)
    return None if problem_id is None else get(tx, problem_id)


def taken(tx: Connection, case_ids: Sequence[int]) -> dict[int, int]:
    """Of these cases, those that are part of a problem now, with its id: their own, else that of one joined to them."""
    wanted = list(case_ids)
    query = select(problem_cases.c.case_id, problem_cases.c.problem_id, joined_cases.c.into_case_id)
    ours = problem_cases.c.case_id.in_(wanted) | joined_cases.c.into_case_id.in_(wanted)
    rows = tx.execute(query.select_from(_TOGETHER).where(ours, _HERE).order_by(problem_cases.c.id.desc())).all()
    through = {row.into_case_id: row.problem_id for row in rows}
    found = through | {row.case_id: row.problem_id for row in rows}
    return {case_id: found[case_id] for case_id in wanted if case_id in found}


def case_ids(tx: Connection, problem_id: int) -> list[int]:
    """The cases that belong to a problem, or did when it was closed; by their number. Joined ones are one."""
    here = _HERE | (problem_cases.c.left_why == Left.CLOSED)
    query = select(_STANDS).select_from(_TOGETHER).where(problem_cases.c.problem_id == problem_id, here)
    return sorted(set(tx.execute(query).scalars()))


def sizes(tx: Connection, problem_ids: Sequence[int]) -> dict[int, int]:
    """How many cases each of these problems groups, or did when it was closed."""
    here = _HERE | (problem_cases.c.left_why == Left.CLOSED)
    query = select(problem_cases.c.problem_id, func.count(_STANDS.distinct())).select_from(_TOGETHER)
    ours = query.where(problem_cases.c.problem_id.in_(list(problem_ids)), here)
    return {row[0]: row[1] for row in tx.execute(ours.group_by(problem_cases.c.problem_id))}


def standing(tx: Connection, problem_ids: Sequence[int]) -> dict[int, dict[int, CaseState]]:
    """How each case stands that belongs to these problems, as ``case_ids`` names them."""
    here = _HERE | (problem_cases.c.left_why == Left.CLOSED)
    together = _TOGETHER.join(cases, cases.c.id == _STANDS)
    query = select(problem_cases.c.problem_id, cases.c.id, cases.c.state).select_from(together)
    found: dict[int, dict[int, CaseState]] = {problem_id: {} for problem_id in problem_ids}
    for row in tx.execute(query.where(problem_cases.c.problem_id.in_(list(problem_ids)), here)):
        found[row.problem_id][row.id] = CaseState(row.state)
    return found


def ever(tx: Connection, problem_id: int) -> set[int]:
    """Every case that was ever part of a problem or refused for it: none of them is suggested again."""
    query = select(problem_cases.c.case_id).where(problem_cases.c.problem_id == problem_id)
    return set(tx.execute(query).scalars())


def left_by(tx: Connection, case_id: int) -> set[int]:
    """The problems that a case was taken out of, or was refused for."""
    query = select(problem_cases.c.problem_id).where(problem_cases.c.case_id == case_id, ~_HERE)
    return set(tx.execute(query).scalars())


def ever_of_case(tx: Connection, case_id: int) -> list[tuple[int, Left | None]]:
    """The problems that a case, or one joined to it, is part of or was, with why it left; refused ones are none."""
    query = select(problem_cases.c.problem_id, problem_cases.c.left_why).select_from(_TOGETHER)
    ours = (problem_cases.c.case_id == case_id) | (joined_cases.c.into_case_id == case_id)
    rows = tx.execute(
        query.where(ours, _HERE | (problem_cases.c.left_why != Left.REFUSED)).order_by(problem_cases.c.id)
    )
    return [(row.problem_id, None if row.left_why is None else Left(row.left_why)) for row in rows]


def messages(tx: Connection, problem_ids: Sequence[int]) -> dict[int, str]:
    """What ``keep_messages`` keeps of these problems."""
    names = {_messages_of(problem_id): problem_id for problem_id in problem_ids}
    query = select(meta_table.c.name, meta_table.c.value).where(meta_table.c.name.in_(list(names)))
    return {names[row.name]: row.value for row in tx.execute(query)}


def keep_messages(tx: Connection, problem_id: int, value: str) -> None:
    """Keep the messages that a problem had, beside the one in its row."""
    meta.keep(tx, _messages_of(problem_id), value)


def forget_messages(tx: Connection, brand_id: int) -> None:
    """Keep no messages of a brand's problems any more."""
    theirs = tx.execute(select(problems.c.id).where(problems.c.brand_id == brand_id)).scalars()
    meta.drop(tx, *(_messages_of(problem_id) for problem_id in theirs))


def _messages_of(problem_id: int) -> str:
    return f"problem {problem_id} messages"


def add(tx: Connection, problem_id: int, ids: Sequence[int], *, by_id: int | None, at: datetime) -> int:
    """Make these cases part of a problem; returns how many are new in it. One that had left comes back."""
    back = update(problem_cases).where(
        problem_cases.c.problem_id == problem_id, problem_cases.c.case_id.in_(list(ids)), ~_HERE
    )
    came_back = tx.execute(back.values(left_at=None, left_by_id=None, left_why=None)).rowcount
    rows = [{"problem_id": problem_id, "case_id": i, "added_at": at, "added_by_id": by_id} for i in ids]
    known = ever(tx, problem_id)
    new = [row for row in rows if row["case_id"] not in known]
    if new:
        tx.execute(insert(problem_cases), new)
    return came_back + len(new)


def let_go(
    tx: Connection, problem_id: int, ids: Sequence[int] | None, *, why: Left, by_id: int | None, at: datetime
) -> list[int]:
    """Take these cases (None: all) and those that are part of them out of a problem; returns which were in it."""
    leaving = update(problem_cases).where(problem_cases.c.problem_id == problem_id, _HERE)
    if ids is not None:
        parts = select(joined_cases.c.case_id).where(joined_cases.c.into_case_id.in_(list(ids)))
        leaving = leaving.where(problem_cases.c.case_id.in_(list(ids)) | problem_cases.c.case_id.in_(parts))
    leaving = leaving.values(left_at=at, left_by_id=by_id, left_why=why).returning(problem_cases.c.case_id)
    return sorted(tx.execute(leaving).scalars())


def refuse(tx: Connection, problem_id: int, ids: Sequence[int], *, by_id: int | None, at: datetime) -> None:
    """Remember that these cases, which were suggested, are not part of a problem."""
    row = {"problem_id": problem_id, "added_at": at, "added_by_id": by_id}
    left = {"left_at": at, "left_by_id": by_id, "left_why": Left.REFUSED}
    if ids:
        tx.execute(insert_new(tx, problem_cases), [{**row, **left, "case_id": case_id} for case_id in ids])


def record(
    tx: Connection, problem_id: int, kind: str, *, at: datetime, actor_id: int | None, **details: object
) -> None:
    """Append an event to a problem's history. ``details`` holds ids and codes, never text or names."""
    values = {"problem_id": problem_id, "at": at, "actor_id": actor_id, "kind": kind, "details": details}
    tx.execute(insert(problem_events).values(**values))


def events(tx: Connection, problem_id: int) -> list[EventRow]:
    """A problem's history, the oldest first."""
    table = problem_events
    query = (
        select(table.c.id, table.c.at, table.c.kind, table.c.actor_id, users.c.name, table.c.details)
        .select_from(table.outerjoin(users, users.c.id == table.c.actor_id))
        .where(table.c.problem_id == problem_id)
        .order_by(table.c.id)
    )
    return [EventRow(*row) for row in tx.execute(query)]
