"""Which open cases are most like this one? The worker compares, the desk shows a few, a person decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db import alike, problem_cases, problems
from db import queue as queue_db
from db.cases import LIVE_STATES
from domain.people import Right
from services import problems as shared
from services.act import require
from services.context import Context
from services.problem_view import ProblemView
from services.queue import Order, Tab

#: So many are shown.
SHOWN = 5
#: So many are kept a case: some will be closed, or grouped with it, before anybody looks.
KEPT = 12
#: The newest open cases of a brand that are compared with one another; older ones are like none.
MOST_COMPARED = 3_000


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """An open case like the one that is looked at. ``problem_id``: that which it is part of now, if any."""

    case_id: int
    name: str
    channel: str
    text: str
    language: str | None
    waiting_since: datetime
    owner_id: int | None
    owner_name: str | None
    problem_id: int | None
    problem_title: str


@dataclass(frozen=True, slots=True)
class Around:
    """What a case may have in common with others: the problem it is part of, if any, and the cases most like it."""

    problem_id: int | None
    problem_title: str
    cases: tuple[SimilarCase, ...]


def around(ctx: Context, brand_id: int, case_id: int) -> Around:
    """The open cases of this brand most like this one, SHOWN at most, as the worker found them last.

    Needs Right.READ. None for a case that is not open, or whose latest post is deleted; left out are those with a
    deleted latest post, those in its problem already, and those of which somebody said that they are not part of it,
    or that it is not part of theirs.
    """
    require(ctx, Right.READ, action="queue.read", entity="case")
    with ctx.store.read() as tx:
        near = alike.near(tx, brand_id, case_id) if ctx.settings.topics_days else []
        if not near:
            return Around(None, "", ())
        want = open_cases(brand_id)
        rows = queue_db.page(tx, want, now=ctx.clock(), after=None, rows=KEPT + 1, among=[case_id, *near])
        found = {row.id: row for row, _ in rows if row.text.strip()}
        if case_id not in found:
            return Around(None, "", ())
        taken = problems.taken(tx, list(found))
        own = taken.get(case_id)
        settled = set(problems.case_ids(tx, own)) | problems.ever(tx, own) if own is not None else set()
        left = problems.left_by(tx, case_id) if taken else set()
        settled |= {each for each, problem_id in taken.items() if problem_id in left}
        titles = {each: problems.get(tx, each).title for each in set(taken.values())}
    others = [found[each] for each in dict.fromkeys(near) if each in found and each not in settled]
    cases = tuple(_similar(row, taken.get(row.id), titles) for row in others[:SHOWN])
    return Around(own, titles.get(own, "") if own is not None else "", cases)


@dataclass(frozen=True, slots=True)
class Together:
    """What cases have become. ``left_out``: those that were closed before the press, and are no part of it."""

    problem: ProblemView
    left_out: tuple[int, ...]


def put_together(
    ctx: Context, brand_id: int, case_id: int, others: Sequence[int], *, title: str = "", wanted: int | None = None
) -> Together:
    """Make this case and the others part of one problem: ``wanted``, or a new one named ``title``.

    Who chose them saw open cases: one that somebody has closed since is left out, and the others are joined.
    Needs Right.WORK. NotPossible when one of them is part of another by now (reason=in_a_problem), and when too few
    are still open (reason=few_open).
    """
    together = list(dict.fromkeys([case_id, *others]))
    if wanted is not None:
        view = shared.add_cases(ctx, wanted, together, open_only=True)
    else:
        view = shared.open_problem(ctx, brand_id, title=title, cases=together, open_only=True)
    joined = {person.case_id for person in view.people}
    return Together(view, tuple(each for each in together if each not in joined))


def closed_among(ctx: Context, case_ids: Sequence[int]) -> frozenset[int]:
    """Those of these cases that are closed by now. Needs Right.READ."""
    require(ctx, Right.READ, action="queue.read", entity="case")
    with ctx.store.read() as tx:
        people = problem_cases.people(tx, case_ids)
    return frozenset(each.case_id for each in people if each.state not in LIVE_STATES)


def keep(tx: Connection, brand_id: int, near: Mapping[int, Sequence[int]], *, pending: Collection[int] = ()) -> None:
    """Keep which cases are like which, numbers alone.

    Of those ``pending``, which could not be compared yet, what was found before still stands.
    """
    known, waiting = alike.all_near(tx, brand_id), set(pending)
    found = {case_id: known.get(case_id, []) for case_id in waiting}
    for case_id, ids in near.items():
        found[case_id] = [*ids, *(each for each in known.get(case_id, []) if each in waiting)][:KEPT]
    alike.keep_near(tx, brand_id, found)


def open_cases(brand_id: int) -> queue_db.Want:
    """Every open case of a brand, snoozed or not, whoever owns it."""
    return queue_db.Want(
        brand_id=brand_id,
        user_id=None,
        tab=Tab.ALL,
        order=Order.NEWEST,
        channels=(),
        levels=(),
        kinds=(),
        language=None,
        search="",
        include_snoozed=True,
    )


def _similar(row: Any, problem_id: int | None, titles: Mapping[int, str]) -> SimilarCase:
    return SimilarCase(
        case_id=row.id,
        name=row.author_name,
        channel=row.channel,
        text=row.text,
        language=row.language,
        waiting_since=row.waiting_since,
        owner_id=row.owner_id,
        owner_name=row.owner_name,
        problem_id=problem_id,
        problem_title=titles[problem_id] if problem_id is not None else "",
    )
