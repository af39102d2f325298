"""Who carries a case, who is on it right now, and how it changes hands?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from db import cases, changes, claims, notes, notices, presence, promises, replies, users
from db.cases import CaseRow
from domain.errors import Invalid, NotPossible
from domain.people import Member, Right
from domain.states import CaseMove, CaseState, ReplyMove, ReplyState, case_after
from domain.text import clean
from services import episodes
from services.act import Act, act, acting_member, require
from services.context import Context
from services.moves import (
    CASE_EVENTS,
    back_to_draft,
    change_case,
    held,
    may_reassign,
    move_case,
    require_nothing_owed,
    require_nothing_under_way,
    require_owner,
)

_CARRIED = (CaseState.OPEN, CaseState.WAITING)
_UNLOCKED: dict[str, Any] = {"lock_user_id": None, "lock_until": None}


@dataclass(frozen=True, slots=True)
class LockState:
    """Who is typing or sending in a case, and until when that holds without a sign of life.

    ``is_new``: this very call changed the holder, and so the desk's counter.
    """

    holder_id: int
    holder_name: str
    until: datetime
    mine: bool
    is_new: bool = False


def claim(ctx: Context, case_id: int) -> CaseRow:
    """Take an ownerless case; harmless when it is mine already.

    Raises AlreadyClaimed(by, since, by_id) when a colleague was first, NotPossible for a closed case.
    """
    with act(ctx, "case.claim", "case", case_id, needs=Right.WORK, beside=True) as running:
        member = acting_member(ctx)
        if not claims.claim(running.tx, case_id, member.id, at=running.now):
            case = cases.get(running.tx, case_id)
            if case.state not in _CARRIED:
                raise NotPossible(reason=f"case_{case.state}", case=case_id)
            if case.owner_id != member.id:
                raise held(running, case)
            return case
        case = cases.get(running.tx, case_id)
        cases.record(running.tx, case_id, CASE_EVENTS[CaseMove.CLAIM], at=running.now, actor_id=member.id)
        changes.raise_version(running.tx, case.brand_id)
        return case


def take(ctx: Context, case_id: int, *, reason: str) -> CaseRow:
    """Take a case from a colleague, who is told; the reason is kept as an internal note.

    A reply that waits to go out returns to its author's drafts. Raises Invalid without a reason,
    NotPossible(reply_pending) while one is being sent, NotPossible(not_claimed) when nobody has the case.
    """
    with act(ctx, "case.take", "case", case_id, needs=Right.WORK) as running:
        member, case = acting_member(ctx), cases.get(running.tx, case_id)
        words = _words(reason, "reason")
        if case.state not in _CARRIED or case.owner_id is None:
            raise NotPossible(reason="not_claimed" if case.state == CaseState.NEW else f"case_{case.state}")
        if case.owner_id == member.id:
            return case
        _stop_reply(running, case_id)
        return _pass_on(ctx, running, case, member.id, event="taken", words=words)


def release(ctx: Context, case_id: int) -> CaseRow:
    """Give a case back to everybody. Owner only; NotPossible(promise_open | reply_pending) while something is owed."""
    with act(ctx, "case.release", "case", case_id, needs=Right.WORK) as running:
        case = cases.get(running.tx, case_id)
        require_owner(running, case, acting_member(ctx))
        require_nothing_under_way(running, case)
        require_nothing_owed(running, case)
        free: dict[str, Any] = {"owner_id": None, "owned_since": None, **_UNLOCKED}
        return move_case(running, case, CaseMove.RELEASE, **free)


def hand_over(ctx: Context, case_id: int, *, to_user_id: int, note: str) -> CaseRow:
    """Move a case with a note to a colleague; its open promises go along. Owner, or Right.REASSIGN.

    A reply on its way stays on its way. Raises Invalid without a note or for a colleague who cannot
    take it (reason=colleague), NotPossible(reply_pending) while a reply is being sent.
    """
    with act(ctx, "case.hand_over", "case", case_id, needs=Right.WORK) as running:
        member, case = acting_member(ctx), cases.get(running.tx, case_id)
        words = _words(note, "note")
        if not may_reassign(ctx):
            require_owner(running, case, member)
        _require_able(users.get(running.tx, to_user_id), case)
        if case.state == CaseState.NEW:
            return _assign(running, case, to_user_id, words, member)
        if case.state not in _CARRIED:
            raise NotPossible(reason=f"case_{case.state}", case=case_id)
        pending = replies.under_way(running.tx, case_id)
        if pending is not None and pending.status == ReplyState.SENDING:
            raise NotPossible(reason="reply_pending", case=case_id, reply=pending.id)
        return _pass_on(ctx, running, case, to_user_id, event="handed_over", words=words)


def lock(ctx: Context, case_id: int) -> LockState:
    """Say "I am on it", or learn who is; renews the lease (setting ``lock_lease_s``) of whoever holds it.

    A heartbeat, so it leaves no audit line.
    """
    require(ctx, Right.WORK, action="case.lock", entity="case")
    member, now = acting_member(ctx), ctx.clock()
    until = now + timedelta(seconds=ctx.settings.lock_lease_s)
    with ctx.store.write(beside=True) as tx:
        before = cases.get(tx, case_id)
        if claims.hold_lock(tx, case_id, member.id, now=now, until=until):
            if before.lock_user_id != member.id:
                changes.raise_version(tx, before.brand_id)
            return LockState(member.id, member.name, until, mine=True, is_new=before.lock_user_id != member.id)
        holder = cases.get(tx, case_id)
        holder_id = holder.lock_user_id or 0
        return LockState(holder_id, users.names(tx, [holder_id]).get(holder_id, "?"), holder.lock_until or now, False)


def unlock(ctx: Context, case_id: int) -> bool:
    """Let go of the lock, if it is mine; whether it was."""
    with ctx.store.write(beside=True) as tx:
        was_mine = claims.drop_lock(tx, case_id, acting_member(ctx).id)
        if was_mine:
            changes.raise_version(tx, cases.get(tx, case_id).brand_id)
        return was_mine


def see(ctx: Context, case_id: int | None) -> None:
    """A sign of life: this colleague looks at this case (None: at no case)."""
    with ctx.store.write(beside=True) as tx:
        presence.see(tx, acting_member(ctx).id, case_id, at=ctx.clock())


def _words(text: str, what: str) -> str:
    words = clean(text, max_chars=2000)
    if not words:
        raise Invalid(f"This needs a {what}: a colleague will read it.", reason=what)
    return words


def _require_able(colleague: Member, case: CaseRow) -> None:
    able = colleague.active and not colleague.away and Right.WORK in colleague.rights
    if not able or colleague.id == case.owner_id:
        raise Invalid(f"{colleague.name} cannot take this case now.", reason="colleague", user=colleague.id)


def _stop_reply(running: Act, case_id: int) -> None:
    """The case changes hands against its owner's will: what waits to go out in their name goes back to them."""
    pending = replies.under_way(running.tx, case_id)
    if pending is None:
        return
    if pending.status == ReplyState.SENDING:
        raise NotPossible("A reply is being sent right now.", reason="reply_pending", case=case_id, reply=pending.id)
    if pending.status in (ReplyState.QUEUED, ReplyState.AWAITING_APPROVAL):
        back_to_draft(running, pending, ReplyMove.OVERTAKEN, reason="case_taken")


def _pass_on(ctx: Context, running: Act, case: CaseRow, to_id: int, *, event: str, words: str) -> CaseRow:
    note_id = _note(running, case, words)
    about: dict[str, object] = {"from": case.owner_id, "to": to_id, "note": note_id}
    owned: dict[str, Any] = {"owner_id": to_id, "owned_since": running.now, "hand_overs": case.hand_overs + 1}
    change_case(running, case, event, note=about, **owned, **_UNLOCKED)
    promises.move(running.tx, case.id, to_user_id=to_id)
    told = {case.owner_id, to_id} - {running.user_id, None}
    for user_id in told:
        _tell(running, case.id, user_id or 0, f"case_{event}", about)
    episodes.rerank(running.tx, ctx, case.id, running.now)
    running.details.update(about)
    return cases.get(running.tx, case.id)


def _assign(running: Act, case: CaseRow, to_id: int, words: str, member: Member) -> CaseRow:
    """Give a case that nobody has to somebody: they did not claim it, and the customer felt no hand-over."""
    about: dict[str, object] = {"to": to_id, "note": _note(running, case, words)}
    owned: dict[str, Any] = {"owner_id": to_id, "owned_since": running.now}
    moved = change_case(running, case, "assigned", note=about, state=case_after(case.state, CaseMove.CLAIM), **owned)
    if to_id != member.id:
        _tell(running, case.id, to_id, "case_assigned", about)
    running.details.update(about)
    return moved


def _note(running: Act, case: CaseRow, words: str) -> int:
    author = running.user_id or 0
    return notes.add(
        running.tx, case_id=case.id, customer_id=case.customer_id, author_id=author, text=words, at=running.now
    )


def _tell(running: Act, case_id: int, user_id: int, kind: str, about: dict[str, object]) -> None:
    details = {"by": running.user_id, **about}
    notices.add(running.tx, user_id=user_id, kind=kind, case_id=case_id, at=running.now, details=details)
