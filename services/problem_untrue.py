"""What a problem said is not to be told any more: who has it before them, and what is taken back in time?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db import notices, problem_cases, problems, replies
from db.problem_cases import Told
from db.problems import ProblemRow
from db.replies import ReplyRow
from domain.states import ReplyMove, ReplyState
from services import settling
from services.act import Act
from services.moves import back_to_draft
from services.problem_messages import kept
from services.problem_view import for_each, holds


@dataclass(frozen=True, slots=True)
class Notices:
    """The kinds of the notices for who has the message in a draft, in a reply taken back, and in one too far."""

    draft: str
    taken_back: str
    too_late: str


#: It is back, or was not solved.
RETURNED = Notices("problem_returned", "reply_taken_back", "reply_untrue")
#: There was no problem, or not with these cases.
NOT_THEIRS = Notices("message_void", "reply_taken_back_void", "reply_void")


def warn(
    running: Act, row: ProblemRow, kinds: Notices, *, why: str | None = None, only: Sequence[int] | None = None
) -> None:
    """Whoever has a message of it in a draft learns that it must not go out, and replies with one are taken back.

    Every message counts that the problem had: a reply may hold words from before they were changed.
    A reply that waits to be approved or to be sent is a draft again, with ``why``. One that may have reached the
    network, or that somebody posts by hand, is left as it is: its people are told.
    ``only``: of these cases of the problem alone.
    """
    ids = [n for n in problems.case_ids(running.tx, row.id) if only is None or n in only]
    under_way = replies.lock_under_way(running.tx, ids)
    told = problem_cases.told(running.tx, ids)
    messages = kept(running.tx, [row])[row.id].every
    ready: list[int] = []
    for person in problem_cases.people(running.tx, ids):
        words, theirs = for_each(messages, person), told.get(person.case_id, Told())
        ready += [author_id for author_id, text in theirs.drafts.items() if _holds_one(text, words)]
        reply = under_way.get(person.case_id)
        if reply is not None and _holds_one(reply.text, words):
            _take_back(running, reply, kinds, why)
    tell(running, row, ready, kinds.draft)


def tell(running: Act, row: ProblemRow, user_ids: Iterable[int], kind: str) -> None:
    """One notice for each of these colleagues but who acts, with the number of cases they were named for."""
    for user_id, n in Counter(user_ids).items():
        if user_id != running.user_id:
            about = {"problem": row.id, "cases": n} | _by(running)
            notices.add(running.tx, user_id=user_id, kind=kind, case_id=None, at=running.now, details=about)


def _take_back(running: Act, reply: ReplyRow, kinds: Notices, why: str | None) -> None:
    waits = reply.status is ReplyState.AWAITING_APPROVAL
    may_be_out = reply.absent_probes > 0 or reply.denied_once
    kind = kinds.too_late
    if waits or (reply.status is ReplyState.QUEUED and not may_be_out):
        back_to_draft(running, reply, ReplyMove.OVERTAKEN, reason=kinds.draft, note=why or None)
        kind = kinds.taken_back
    settling.tell(running, reply, kind, _by(running))
    if reply.approver_id is not None and reply.approver_id != running.user_id:
        about = {"reply": reply.id} | _by(running)
        notices.add(
            running.tx, user_id=reply.approver_id, kind=kind, case_id=reply.case_id, at=running.now, details=about
        )


def _holds_one(text: str, messages: Iterable[str]) -> bool:
    return any(holds(text, each) for each in messages)


def _by(running: Act) -> dict[str, object]:
    return {"by": running.user_id} if running.user_id else {}
