"""What came due: snoozes, check-backs, promises, locks, and cases whose owner is away?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from db import cases, changes, due, notices, promises, users
from db.cases import CaseRow
from db.promises import PromiseRow
from domain.errors import NotPossible, StaleVersion
from domain.people import Role
from domain.states import CaseMove
from services import episodes
from services.act import Act
from services.context import Context
from services.moves import change_case, move_case

#: A promise is announced this long before it falls due.
PROMISE_NEAR = timedelta(hours=12)
#: How often somebody is reminded of a case whose owner is away.
REMIND_AFTER = timedelta(hours=24)
_ROWS = 200


def run_due(ctx: Context) -> int:
    """Do everything that is due now; returns how many cases it touched. One transaction a case."""
    with ctx.store.read() as tx:
        now = ctx.clock()
        jobs: list[tuple[int, Callable[[Act, Context, CaseRow], bool]]] = [
            *((i, _end_snooze) for i in due.snoozes(tx, now, rows=_ROWS)),
            *((i, _check_back) for i in due.check_backs(tx, now, rows=_ROWS)),
            *((i, _end_lock) for i in due.locks(tx, now, rows=_ROWS)),
            *((i, _remind_of_promises) for i in _promised(promises.open_due_before(tx, now + PROMISE_NEAR))),
            *((i, _name_substitute) for i in due.without_present_owner(tx, now - REMIND_AFTER, rows=_ROWS)),
        ]
    return sum(_one(ctx, case_id, job) for case_id, job in jobs)


def _one(ctx: Context, case_id: int, job: Callable[[Act, Context, CaseRow], bool]) -> bool:
    """One case in its own transaction; what somebody changed just now is looked at again next time."""
    try:
        with ctx.store.write() as tx:
            return job(Act(tx, ctx.clock(), None, case_id), ctx, cases.get(tx, case_id))
    except (StaleVersion, NotPossible):
        return False


def _promised(rows: list[PromiseRow]) -> list[int]:
    return list(dict.fromkeys(row.case_id for row in rows))


def _end_snooze(running: Act, ctx: Context, case: CaseRow) -> bool:
    if case.snoozed_until is None or case.snoozed_until > running.now:
        return False
    change_case(running, case, "snooze_over", snoozed_until=None)
    _tell_owner(running, case, "snooze_over")
    episodes.rerank(running.tx, ctx, case.id, running.now)
    return True


def _check_back(running: Act, ctx: Context, case: CaseRow) -> bool:
    if case.check_back_at is None or case.check_back_at > running.now:
        return False
    # The wait that counts from here on is for our look, not for the answer the customer already has.
    move_case(running, case, CaseMove.CHECK_BACK_DUE, check_back_at=None, waiting_since=running.now)
    _tell_owner(running, case, "check_back_due")
    episodes.rerank(running.tx, ctx, case.id, running.now)
    return True


def _end_lock(running: Act, ctx: Context, case: CaseRow) -> bool:
    if case.lock_until is None or case.lock_until > running.now:
        return False
    due.clear_lock(running.tx, case.id, now=running.now)
    changes.raise_version(running.tx, case.brand_id)
    return True


def _remind_of_promises(running: Act, ctx: Context, case: CaseRow) -> bool:
    """Once when a promise comes near, once when its moment has passed."""
    said = due.promises_announced(running.tx, case.id)
    news = False
    for promise in promises.of_case(running.tx, case.id):
        kind = "promise_overdue" if promise.due_at <= running.now else "promise_due"
        near = promise.status == promises.OPEN and promise.due_at <= running.now + PROMISE_NEAR
        if not near or (kind, promise.id) in said:
            continue
        cases.record(running.tx, case.id, kind, at=running.now, promise=promise.id)
        details = {"promise": promise.id}
        notices.add(running.tx, user_id=promise.owner_id, kind=kind, case_id=case.id, at=running.now, details=details)
        news = True
    if news:
        changes.raise_version(running.tx, case.brand_id)
        episodes.rerank(running.tx, ctx, case.id, running.now)
    return news


def _name_substitute(running: Act, ctx: Context, case: CaseRow) -> bool:
    """The owner is away: the named substitute hears of it, else every manager, once a day."""
    if case.owner_id is None:
        return False
    owner = users.get(running.tx, case.owner_id)
    substitute = None if owner.substitute_id is None else users.get(running.tx, owner.substitute_id)
    there = substitute is not None and substitute.active and not substitute.away
    told = [substitute.id] if substitute is not None and there else _managers(running, owner.id)
    cases.record(running.tx, case.id, "needs_owner", at=running.now, owner=owner.id, told=told)
    for user_id in told:
        notices.add(
            running.tx,
            user_id=user_id,
            kind="needs_owner",
            case_id=case.id,
            at=running.now,
            details={"owner": owner.id},
        )
    changes.raise_version(running.tx, case.brand_id)
    return True


def _managers(running: Act, but: int) -> list[int]:
    return [m.id for m in users.with_role(running.tx, Role.MANAGER) if m.id != but and not m.away]


def _tell_owner(running: Act, case: CaseRow, kind: str) -> None:
    if case.owner_id is not None:
        notices.add(running.tx, user_id=case.owner_id, kind=kind, case_id=case.id, at=running.now)
