"""Whatever people, customers and networks do in whatever order: does every rule of a case still hold?"""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.errors import OutcomeUnknown, Refused, Unavailable
from domain.states import PENDING_REPLY_STATES, CaseState, ReplyState
from services import approvals, cases, claims, drafts, follow_up, outbox, promises

STEPS = 40


def reply(person, case_id: int, clock) -> None:
    view = cases.view(person, case_id)
    words = f"Answer at {clock():%d %H:%M:%S.%f}"
    draft = drafts.save(person, case_id, mention_id=view.route.mention_id, text=words)
    drafts.submit(person, draft.reply_id, undo_s=random.Random(clock().second).choice([0, 30]))


ACTS = {
    "claim": lambda p, c, clock, other: claims.claim(p, c),
    "take": lambda p, c, clock, other: claims.take(p, c, reason="my turn"),
    "release": lambda p, c, clock, other: claims.release(p, c),
    "hand_over": lambda p, c, clock, other: claims.hand_over(p, c, to_user_id=other, note="yours"),
    "note": lambda p, c, clock, other: cases.add_note(p, c, "seen"),
    "snooze": lambda p, c, clock, other: cases.snooze(p, c, until=clock() + timedelta(hours=1)),
    "unsnooze": lambda p, c, clock, other: cases.unsnooze(p, c),
    "resolve": lambda p, c, clock, other: cases.resolve(p, c, code=cases.ResolutionCode.ANSWERED),
    "dismiss": lambda p, c, clock, other: cases.dismiss(p, c, reason=cases.DismissReason.NOISE),
    "reopen": lambda p, c, clock, other: cases.reopen(p, c),
    "check_back": lambda p, c, clock, other: cases.set_check_back(p, c, at=clock() + timedelta(hours=9)),
    "promise": lambda p, c, clock, other: promises.add(p, c, text="call", due_at=clock() + timedelta(hours=3)),
    "reply": lambda p, c, clock, other: reply(p, c, clock),
}
#: Asked for twice, these do nothing instead of refusing.
HARMLESS_AGAIN = {"claim": "mine", "take": "mine", "unsnooze": "any"}


@pytest.fixture
def people(acting, account):
    """An operator, a trainee, a manager who answers, and somebody who only reads."""
    return [
        acting("giulia"),
        acting("nina", trained=()),
        acting("anna", roles=("manager",)),
        acting("marta", roles=("marketing",)),
    ]


def try_act(person, name: str, case_id: int, clock, other: int) -> None:
    """Do it, and hold the desk to what it said beforehand about whether it may be done."""
    view = cases.view(person, case_id)
    try:
        ACTS[name](person, case_id, clock, other)
        done = True
    except Refused:
        done = False
    said = name in view.may
    again = HARMLESS_AGAIN.get(name)
    mine = view.case.owner_id == person.actor.user_id
    if not said and done and (again == "any" or (again == "mine" and mine)):
        return
    assert done == said, f"{name} of {person.actor.name} in a case that is {view.case.state}"


def world_moves(dice: random.Random, ctx, people, say, network, clock, case_id: int) -> int:
    """Time passes, the customer writes, colleagues approve, the network does what networks do. The newest case."""
    clock.move(seconds=dice.choice([1, 40, 700, 20_000]))
    if dice.random() < 0.2:
        case_id = say(f"BAD {clock():%d %H:%M:%S}", at=clock())
    network.failures = dice.choice([[], [], [Unavailable()], [Refused("no")], [OutcomeUnknown()]])
    network.lose_receipts = dice.random() < 0.5 and bool(network.failures)
    network.lookup_failures = dice.choice([[], [], [ValueError("unreadable")]])
    outbox.deliver_due(ctx, worker="w1")
    outbox.reconcile(ctx, worker="w1")
    follow_up.run_due(ctx)
    for item in approvals.waiting(people[2]):
        if item.may_approve and dice.random() < 0.5:
            approvals.approve(people[2], item.reply.reply_id)
    for promise in [p for p in cases.view(ctx, case_id).promises if p.status == "open"]:
        if dice.random() < 0.5:
            promises.keep(people[2], promise.promise_id)
    return case_id


def require_sound(ctx, case_id: int, network) -> None:
    """What has to hold at every moment."""
    view = cases.view(ctx, case_id)
    replies = outbox.page(ctx, states=tuple(ReplyState), limit=500)
    under_way = Counter(r.case_id for r in replies if r.status in PENDING_REPLY_STATES)
    assert set(under_way.values()) <= {1}
    assert (view.case.state == CaseState.NEW) == (view.case.owner_id is None) or view.case.closed_at is not None
    closed = view.case.state in (CaseState.RESOLVED, CaseState.DISMISSED)
    assert not (closed and (view.under_way is not None and view.under_way.status in PENDING_REPLY_STATES))
    assert not (closed and any(p.status == "open" for p in view.promises))
    sent = [r.text for r in replies if r.status == ReplyState.SENT]
    assert len(set(network.texts)) == len(network.texts)
    assert set(sent) <= set(network.texts)


@pytest.mark.parametrize("seed", range(4))
def test_no_order_of_work_breaks_a_rule_and_the_desk_offers_what_it_grants(
    seed, ctx, people, say, network, clock
) -> None:
    dice = random.Random(seed)
    case_id = first = say("BAD parcel")
    for _ in range(STEPS):
        person = dice.choice(people)
        worked = dice.choice([first, case_id, case_id])
        owner_id = cases.view(ctx, worked).case.owner_id
        able = [p.actor.user_id for p in people[:3] if p.actor.user_id != owner_id]
        try_act(person, dice.choice(list(ACTS)), worked, clock, dice.choice(able))
        case_id = world_moves(dice, ctx, people, say, network, clock, case_id)
        require_sound(ctx, case_id, network)
    if ctx.store.is_sqlite:
        with ctx.store.read() as tx:
            assert tx.execute(text("PRAGMA foreign_key_check")).all() == []
            assert tx.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
