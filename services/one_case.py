"""How do several open cases become one, and how does each become itself again? Inside other services' transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db import cases, changes, episodes, joined_cases, problem_cases, problems, promises
from db.cases import CaseRow
from db.joined_cases import JoinedCase, own_values
from domain.states import RANKED_STATES, CaseMove, CaseState, case_after
from services.problem_view import for_one, holds

#: How a case ended that is part of another one now.
JOINED = "joined"
_UNLOCKED: dict[str, Any] = {"lock_user_id": None, "lock_until": None}


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does it, and when."""

    tx: Connection
    now: datetime
    user_id: int | None


def stands_for_both(one: CaseRow, other: CaseRow, *, owner_id: int | None = None) -> CaseRow:
    """Which of two live cases goes on for both.

    The one of the owner who was chosen; else one that has an owner, the more urgent one, the one that has waited
    longer, the older one.
    """
    return min(one, other, key=lambda case: _before_others(case, owner_id))


def _before_others(case: CaseRow, owner_id: int | None) -> tuple[bool, bool, int, datetime, int]:
    chosen = owner_id is not None and case.owner_id == owner_id
    return not chosen, case.owner_id is None, -case.urgency_level, case.waiting_since, case.id


def pairs(live: list[CaseRow]) -> list[tuple[CaseRow, CaseRow]]:
    """Of these live cases of two customers those with one brand, two and two."""
    found: dict[int, list[CaseRow]] = {}
    for case in live:
        found.setdefault(case.brand_id, []).append(case)
    return [(both[0], both[1]) for both in found.values() if len(both) == 2]


def absorb(hand: Hand, kept: CaseRow, other: CaseRow) -> None:
    """All that is in ``other`` becomes part of ``kept``, which is as urgent and has waited as long as either."""
    tx, now = hand.tx, hand.now
    below = _put_below(tx, kept.id, other.id)
    joined_cases.move_rows(tx, other.id, to=kept.id)
    _remember(hand, kept, into=None)
    _remember(hand, other, into=kept.id)
    joined_cases.keep_below(tx, other.id, below)
    closed = {"closed_at": now, "resolution": JOINED, "snoozed_until": None, "check_back_at": None, **_UNLOCKED}
    version = cases.change(tx, other, state=case_after(other.state, CaseMove.JOIN), **closed)
    joined_cases.point(tx, other.id, into=kept.id, version=version)
    version = cases.change(tx, kept, **_of_both(kept, other))
    joined_cases.point(tx, kept.id, into=None, version=version)
    if kept.owner_id is not None:
        promises.move(tx, kept.id, to_user_id=kept.owner_id)
    cases.record(tx, other.id, "joined_into", at=now, actor_id=hand.user_id, case=kept.id)
    cases.record(tx, kept.id, "joined_with", at=now, actor_id=hand.user_id, case=other.id)
    changes.raise_version(tx, kept.brand_id)


def _remember(hand: Hand, case: CaseRow, *, into: int | None) -> None:
    """What it is by itself: as it was before the first join, unless somebody has worked on it since."""
    known = {each.case_id: each for each in joined_cases.group(hand.tx, case.id)}.get(case.id)
    if known is not None and known.version == case.version:
        return
    joined_cases.keep(hand.tx, case, into=into, version=case.version, at=hand.now)


def _of_both(kept: CaseRow, other: CaseRow) -> dict[str, Any]:
    turns = [case for case in (kept, other) if case.state in RANKED_STATES]
    state = kept.state
    if turns and kept.state not in RANKED_STATES:
        state = case_after(kept.state, CaseMove.CUSTOMER_WROTE)
    put_off = [case.snoozed_until for case in (kept, other) if case.snoozed_until is not None]
    return {
        "state": state,
        "opened_at": min(kept.opened_at, other.opened_at),
        "waiting_since": min(case.waiting_since for case in turns or [kept]),
        "last_reply_at": _extreme(max, kept.last_reply_at, other.last_reply_at),
        "hand_overs": kept.hand_overs + other.hand_overs,
        "snoozed_until": min(put_off) if len(put_off) == 2 else None,
        "check_back_at": _extreme(min, kept.check_back_at, other.check_back_at),
    }


def _put_below(tx: Connection, kept_id: int, other_id: int) -> list[int]:
    """Who has a draft in both has one with the words of both; returns whose words were put below the others."""
    drafts, below = joined_cases.drafts_of(tx, kept_id), []
    for author_id, (_, text) in joined_cases.drafts_of(tx, other_id).items():
        if author_id in drafts and text and not _says_it_already(tx, (kept_id, drafts[author_id][1]), (other_id, text)):
            reply_id, before = drafts[author_id]
            joined_cases.write_draft(tx, reply_id, f"{before}\n\n{text}" if before else text)
            below.append(author_id)
    return below


def _says_it_already(tx: Connection, kept: tuple[int, str], other: tuple[int, str]) -> bool:
    """Whether two drafts were prepared by the same problem: one person is told of it once, by one name."""
    row = problems.of_case(tx, other[0])
    if row is None or not row.message or row != problems.of_case(tx, kept[0]):
        return False
    words = {person.case_id: for_one(row.message, person) for person in problem_cases.people(tx, [kept[0], other[0]])}
    return other[1] == words[other[0]] and holds(kept[1], words[kept[0]])


def _extreme(which: Callable[..., datetime | None], *moments: datetime | None) -> datetime | None:
    return which((moment for moment in moments if moment is not None), default=None)


def dissolve(hand: Hand, case_id: int) -> list[JoinedCase]:
    """Each of the cases that are one with this one has its own again; the one that stood for them first.

    The others still have to be revived, or made part of another one.
    """
    tx, together = hand.tx, joined_cases.group(hand.tx, case_id)
    if not together:
        return []
    head = together[0]
    for other in together[1:]:
        joined_cases.move_home(tx, head.case_id, home=other.case_id)
        # What has answered their posts since goes with those.
        joined_cases.move_posts(tx, head.case_id, joined_cases.posts_in(tx, other.case_id), to=other.case_id)
        _mend_drafts(tx, head.case_id, other)
    case = cases.get(tx, head.case_id)
    values = dict(head.own) if case.version == head.version else _worked_on(tx, case, head)
    cases.change(tx, case, **values)
    cases.record(tx, case.id, "separated", at=hand.now, actor_id=hand.user_id)
    changes.raise_version(tx, case.brand_id)
    joined_cases.forget(tx, [each.case_id for each in together])
    if case.state not in cases.LIVE_STATES:
        # Ended as one, they ended for each.
        ended = {"state": case.state, "closed_at": case.closed_at, "resolution": case.resolution}
        together = [replace(each, own={**each.own, **ended}) for each in together]
    return together


def _worked_on(tx: Connection, case: CaseRow, head: JoinedCase) -> dict[str, Any]:
    """Somebody has worked on it since: what they did stays, and only what came from the others goes."""
    ours = _extreme(max, joined_cases.last_reply_at(tx, case.id), head.own["last_reply_at"])
    values: dict[str, Any] = {"last_reply_at": ours, "opened_at": head.own["opened_at"]}
    newest = joined_cases.newest_post(tx, case.id)
    if newest is not None:
        values |= dict(zip(("last_mention_id", "last_mention_at", "channel"), newest, strict=True))
    if ours is None or ours <= head.own["waiting_since"]:
        values["waiting_since"] = head.own["waiting_since"]
    return values | _our_turn(case.state, newest, ours)


def _our_turn(state: CaseState, newest: tuple[int, datetime, str] | None, ours: datetime | None) -> dict[str, Any]:
    """A case that waited for an answer to what only somebody else had been told."""
    if state is not CaseState.WAITING or newest is None or (ours is not None and newest[1] <= ours):
        return {}
    return {"state": case_after(state, CaseMove.CUSTOMER_WROTE), "check_back_at": None}


def _mend_drafts(tx: Connection, head_id: int, other: JoinedCase) -> None:
    """What was put below a draft because two became one is taken off again, if it still stands there."""
    drafts = joined_cases.drafts_of(tx, head_id)
    for author_id, (_, text) in joined_cases.drafts_of(tx, other.case_id).items():
        if other.below is not None and author_id not in other.below:
            continue
        reply_id, whole = drafts.get(author_id, (0, ""))
        if text and reply_id and (whole == text or whole.endswith(f"\n\n{text}")):
            joined_cases.write_draft(tx, reply_id, whole.removesuffix(text).removesuffix("\n\n"))


def revive(hand: Hand, each: JoinedCase) -> None:
    """A case that was part of another one is itself again, or part of the live case its customer has by now."""
    case = cases.get(hand.tx, each.case_id)
    live = cases.live_of_customer(hand.tx, case.customer_id, brand_id=case.brand_id)
    own = {"closed_at": None, "resolution": None} | dict(each.own)
    own["last_reply_at"] = _extreme(max, own["last_reply_at"], joined_cases.last_reply_at(hand.tx, case.id))
    if live is None or own["state"] not in cases.LIVE_STATES:
        cases.change(hand.tx, case, **own)
        if case.owner_id is not None:
            promises.move(hand.tx, case.id, to_user_id=case.owner_id)
        cases.record(hand.tx, case.id, "separated", at=hand.now, actor_id=hand.user_id)
        changes.raise_version(hand.tx, case.brand_id)
        return
    # Two live cases of one customer cannot stand in the store at once: it is what it was for a moment in mind only.
    _absorb_again(hand, live, each)


def _absorb_again(hand: Hand, live: CaseRow, each: JoinedCase) -> None:
    tx, case = hand.tx, cases.get(hand.tx, each.case_id)
    joined_cases.move_rows(tx, case.id, to=live.id)
    _remember(hand, live, into=None)
    as_it_was = _with(case, each.own)
    joined_cases.keep(tx, as_it_was, into=live.id, version=case.version, at=hand.now)
    version = cases.change(tx, live, **_of_both(live, as_it_was))
    joined_cases.point(tx, live.id, into=None, version=version)
    cases.record(tx, live.id, "joined_with", at=hand.now, actor_id=hand.user_id, case=case.id)
    changes.raise_version(tx, live.brand_id)


def _with(case: CaseRow, own: Mapping[str, Any]) -> CaseRow:
    values = dict(own) | {"state": CaseState(own["state"])}
    return replace(case, **values)


def part(hand: Hand, case_id: int, mention_ids: Sequence[int], *, customer_id: int) -> int:
    """Posts of another customer leave this case for the live one of theirs, else for one just like this.

    Returns the case they are in now. Replies to them, and what those promised, go along.
    """
    tx, case = hand.tx, cases.get(hand.tx, case_id)
    live = cases.live_of_customer(tx, customer_id, brand_id=case.brand_id)
    is_live = case.state in cases.LIVE_STATES
    to = live.id if live is not None and is_live else _twin(hand, case, customer_id, mention_ids)
    before = joined_cases.last_reply_at(tx, case_id)
    joined_cases.move_posts(tx, case_id, mention_ids, to=to)
    ours = joined_cases.last_reply_at(tx, case_id)
    if ours != before and case.last_reply_at == before:
        left = cases.get(tx, case_id)
        turn = _our_turn(left.state, joined_cases.newest_post(tx, case_id), ours)
        cases.change(tx, left, last_reply_at=ours, **turn)
    if live is not None and is_live and live.state is CaseState.WAITING and case.state in RANKED_STATES:
        cases.change(tx, live, state=case_after(live.state, CaseMove.CUSTOMER_WROTE), check_back_at=None)
    return to


def _twin(hand: Hand, case: CaseRow, customer_id: int, mention_ids: Sequence[int]) -> int:
    values = own_values(case) | {
        name: getattr(case, name)
        for name in ("brand_id", "sentiment", "kind", "urgency", "urgency_level", "priority", "closed_at", "resolution")
    }
    values |= {"customer_id": customer_id, "last_mention_id": mention_ids[-1], "reasons": list(case.reasons)}
    [twin] = episodes.create_many(hand.tx, [values | {"arrived_version": changes.version(hand.tx, case.brand_id)}])
    cases.record(hand.tx, twin, "separated", at=hand.now, actor_id=hand.user_id, case=case.id)
    changes.raise_version(hand.tx, case.brand_id)
    return twin


def owners(tx: Connection, case_ids: Iterable[int]) -> dict[int, int]:
    """Who owns each of these cases that somebody owns."""
    found = ((case_id, cases.get(tx, case_id).owner_id) for case_id in case_ids)
    return {case_id: owner for case_id, owner in found if owner is not None}
