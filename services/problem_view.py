"""How does a shared problem look: its people, who waits, what each was told, and what happened?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from db import problem_cases, problems, users
from db.problem_cases import PersonRow, Told
from db.problems import ProblemRow
from domain.people import Right
from domain.problem import Outcome, ProblemState
from domain.states import CaseState
from domain.text import clean
from services import problem_messages
from services.context import Context

#: In a message, in either language: who reads it.
NAMES = ("{name}", "{nome}")
_LIVE = (CaseState.NEW, CaseState.OPEN, CaseState.WAITING)


class Telling(StrEnum):
    """How far one person is from hearing that the problem is solved."""

    NOT_YET = "not_yet"  # there is nothing to tell
    NO_OWNER = "no_owner"  # somebody has to take the case first
    TO_WRITE = "to_write"  # the owner has a draft of their own, or none
    PREPARED = "prepared"  # the message stands as a draft on the case
    UNDER_WAY = "under_way"
    TOLD = "told"
    CLOSED = "closed"  # the case is closed, and they were not told since


@dataclass(frozen=True, slots=True)
class Affected:
    """One person of a problem, on their case."""

    case_id: int
    customer_id: int
    name: str
    channel: str
    state: CaseState
    owner_id: int | None
    owner_name: str | None
    text: str
    language: str | None
    waiting_since: datetime
    telling: Telling


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A problem in a list. ``cases`` are those it groups; ``waiting``: of these, the people not told yet."""

    problem_id: int
    brand_id: int
    title: str
    state: ProblemState
    spike_id: int | None
    opened_at: datetime
    solved_at: datetime | None
    closed_at: datetime | None
    outcome: Outcome | None
    cases: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ProblemEvent:
    """One line of a problem's history: codes and ids, and the name of who acted."""

    at: datetime
    kind: str
    actor_name: str | None
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ProblemView:
    """One problem with its people, those who wait longest first. ``may`` names the acts that would not be refused."""

    line: ProblemLine
    about: str
    message: str | None
    reason: str | None
    version: int
    opened_by: str | None
    solved_by: str | None
    closed_by: str | None
    people: tuple[Affected, ...]
    events: tuple[ProblemEvent, ...]
    may: frozenset[str]

    @property
    def untold(self) -> tuple[Affected, ...]:
        """Those with a live case who were not told yet."""
        return tuple(each for each in self.people if is_untold(each))


def is_untold(person: Affected) -> bool:
    """Whether this person has a live case and has not heard yet."""
    return person.telling not in (Telling.TOLD, Telling.CLOSED)


def view_of(tx: Connection, row: ProblemRow, may: frozenset[str]) -> ProblemView:
    """The problem as the desk shows it."""
    people = people_of(tx, [row])[row.id]
    names = users.names(tx, {row.opened_by_id, row.solved_by_id, row.closed_by_id})
    return ProblemView(
        line=_line(row, len(people), sum(map(is_untold, people))),
        about=row.about,
        message=row.message,
        reason=row.reason,
        version=row.version,
        opened_by=names.get(row.opened_by_id or 0),
        solved_by=names.get(row.solved_by_id or 0),
        closed_by=names.get(row.closed_by_id or 0),
        people=people,
        events=tuple(ProblemEvent(e.at, e.kind, e.actor_name, e.details) for e in problems.events(tx, row.id)),
        may=may,
    )


def lines_of(tx: Connection, rows: Sequence[ProblemRow]) -> tuple[ProblemLine, ...]:
    """Problems in a list: their cases are counted, nothing that anybody wrote is read."""
    standing = problems.standing(tx, [row.id for row in rows])
    live = {row.id: [n for n, state in standing[row.id].items() if state in _LIVE] for row in rows}
    solved = [row for row in rows if row.solved_at is not None]
    past = {n: row for row in _with_past(tx, solved) for n in live[row.id]}
    untrue = _untrue(tx, past, {p.case_id: p for p in problem_cases.people(tx, list(past))}) if past else None
    told = problem_cases.told(tx, [n for row in solved for n in live[row.id]], untrue=untrue)
    return tuple(
        _line(row, len(standing[row.id]), sum(not has_heard(told.get(n, Told()), row) for n in live[row.id]))
        for row in rows
    )


def people_of(tx: Connection, rows: Sequence[ProblemRow]) -> dict[int, tuple[Affected, ...]]:
    """The people of each problem, those who wait longest first."""
    grouped = {row.id: problems.case_ids(tx, row.id) for row in rows}
    every = [case_id for ids in grouped.values() for case_id in ids]
    found = {person.case_id: person for person in problem_cases.people(tx, every)}
    told = told_truly(tx, {n: row for row in rows for n in grouped[row.id]}, found)
    return {
        row.id: tuple(
            sorted(
                (_affected(found[n], told.get(n, Told()), row) for n in grouped[row.id] if n in found),
                key=lambda each: (not is_untold(each), each.waiting_since, each.case_id),
            )
        )
        for row in rows
    }


def told_truly(
    tx: Connection, problem_of: Mapping[int, ProblemRow], people: Mapping[int, PersonRow]
) -> dict[int, Told]:
    """What became of the replies of these cases, but for those that told of an end that was none."""
    is_past = {row.id for row in _with_past(tx, list({row.id: row for row in problem_of.values()}.values()))}
    past = {n: row for n, row in problem_of.items() if row.id in is_past}
    return problem_cases.told(tx, list(problem_of), untrue=_untrue(tx, past, people) if past else None)


def _with_past(tx: Connection, rows: Sequence[ProblemRow]) -> list[ProblemRow]:
    """Those of these problems that were said to be solved, and were not, before."""
    messages = problem_messages.kept(tx, rows) if rows else {}
    return [row for row in rows if messages[row.id].past]


def _untrue(
    tx: Connection, problem_of: Mapping[int, ProblemRow], people: Mapping[int, PersonRow]
) -> Callable[[int, str], bool]:
    """Whether a reply of a case tells of an end that was none, and not of that which is told now."""
    messages = problem_messages.kept(tx, list({row.id: row for row in problem_of.values()}.values()))

    def is_untrue(case_id: int, text: str) -> bool:
        person = people.get(case_id)
        if person is None or case_id not in problem_of:
            return False
        found = messages[problem_of[case_id].id]
        now, past = for_each(found.since, person), for_each(found.past, person)
        return any(holds(text, each) for each in past) and not any(holds(text, each) for each in now)

    return is_untrue


def _line(row: ProblemRow, n: int, waiting: int) -> ProblemLine:
    return ProblemLine(
        problem_id=row.id,
        brand_id=row.brand_id,
        title=row.title,
        state=row.state,
        spike_id=row.spike_id,
        opened_at=row.opened_at,
        solved_at=row.solved_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
        cases=n,
        waiting=waiting,
    )


def _affected(person: PersonRow, told: Told, row: ProblemRow) -> Affected:
    return Affected(
        case_id=person.case_id,
        customer_id=person.customer_id,
        name=person.name,
        channel=person.channel,
        state=person.state,
        owner_id=person.owner_id,
        owner_name=person.owner_name,
        text=person.text,
        language=person.language,
        waiting_since=person.waiting_since,
        telling=_telling(person, told, row),
    )


def _telling(person: PersonRow, told: Told, row: ProblemRow) -> Telling:
    if has_heard(told, row):
        return Telling.TOLD
    if person.state not in _LIVE:
        return Telling.CLOSED
    if row.solved_at is None or row.state is ProblemState.OPEN:
        return Telling.NOT_YET
    if told.under_way is not None and told.under_way >= row.solved_at:
        return Telling.UNDER_WAY
    if person.owner_id is None:
        return Telling.NO_OWNER
    has_it = holds(told.drafts.get(person.owner_id, ""), for_one(row.message or "", person))
    return Telling.PREPARED if has_it else Telling.TO_WRITE


def for_one(words: str, person: PersonRow) -> str:
    """The message as this person reads it."""
    for place in NAMES:
        words = words.replace(place, person.name)
    return clean(words)


def for_each(messages: Iterable[str], person: PersonRow) -> list[str]:
    """Messages as this person reads them."""
    return [for_one(message, person) for message in messages]


def holds(draft: str, words: str) -> bool:
    """Whether the message, as one person reads it, stands in a draft to them."""
    return bool(words) and words in draft


def has_heard(told: Told, row: ProblemRow) -> bool:
    """Whether a reply went out that was handed in since the problem is solved: one from before says nothing of it."""
    return row.solved_at is not None and told.sent is not None and told.sent >= row.solved_at


def may_do(ctx: Context, row: ProblemRow) -> frozenset[str]:
    """The acts that would not be refused now, by the rights of who asks and the state of the problem."""
    works, decides = Right.WORK in ctx.actor.rights, Right.PROBLEMS in ctx.actor.rights
    lives = row.state is not ProblemState.CLOSED
    solved = row.state is ProblemState.SOLVED
    rules = {"edit": works and lives, "add": works and lives, "remove": works and lives}
    rules |= {"solve": decides and lives, "return": decides and solved, "close": decides and lives}
    return frozenset(name for name, holds in rules.items() if holds)
