"""What may this colleague do with this case now?"""

from __future__ import annotations

from db.cases import CaseRow
from db.replies import ReplyRow
from domain.people import Right
from domain.states import RANKED_STATES, CaseState, ReplyState
from services.context import Context
from services.one_case import JOINED

#: Everything that can be asked of a case.
ACTS = frozenset(
    {
        "claim",
        "take",
        "release",
        "reply",
        "draft",
        "note",
        "resolve",
        "snooze",
        "unsnooze",
        "check_back",
        "promise",
        "hand_over",
        "dismiss",
        "reopen",
        "correct",
    }
)
_CARRIED = (CaseState.OPEN, CaseState.WAITING)


def acts(
    ctx: Context, case: CaseRow, *, pending: ReplyRow | None, promised: bool, newer: bool = False
) -> frozenset[str]:
    """The names of the acts that would not be refused now.

    ``pending``: the reply under way, if any; ``promised``: a promise is open; ``newer``: the customer
    has another live case with this brand.
    """
    if ctx.actor.member is None:
        return frozenset()
    rights = ctx.actor.rights
    found = {"correct"} if Right.JUDGE in rights else set()
    if Right.WORK in rights:
        found |= {
            "note",
            "draft",
            *_by_state(case, newer=newer),
            *_by_ownership(ctx, case, pending=pending, promised=promised),
        }
    return frozenset(found)


def _by_state(case: CaseRow, *, newer: bool) -> set[str]:
    closed = case.state in (CaseState.RESOLVED, CaseState.DISMISSED) and case.resolution != JOINED
    return {"claim"} if case.state == CaseState.NEW else ({"reopen"} if closed and not newer else set())


def _by_ownership(ctx: Context, case: CaseRow, *, pending: ReplyRow | None, promised: bool) -> set[str]:
    mine = case.owner_id is not None and case.owner_id == ctx.actor.user_id
    carried, free = case.state in _CARRIED, case.state == CaseState.NEW
    decides = mine or Right.REASSIGN in ctx.actor.rights
    sending = pending is not None and pending.status == ReplyState.SENDING
    bound = pending is not None or promised
    rules = {
        "take": carried and not mine and not sending,
        "reply": carried and mine and pending is None,
        "promise": carried and mine,
        "resolve": carried and mine and not bound,
        "release": case.state == CaseState.OPEN and mine and not bound,
        "hand_over": (carried or free) and decides and not sending,
        "dismiss": free or (case.state == CaseState.OPEN and decides and not bound),
        "snooze": case.state in RANKED_STATES and (free or decides),
        "unsnooze": case.snoozed_until is not None and (free or decides),
        "check_back": case.state == CaseState.WAITING and mine,
    }
    return {name for name, holds in rules.items() if holds}
