"""The problem is solved: how does everybody hear of it? One message, a draft for each owner, sent by people alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from db import changes, problem_cases, problems, replies
from db.problem_cases import PersonRow, Told
from db.problems import ProblemRow
from domain.errors import Invalid, NotPossible, StaleVersion
from domain.people import Right
from domain.problem import REASON_CHARS, Left, Outcome, ProblemMove, ProblemState, problem_after
from domain.states import CaseState, IllegalMove
from domain.text import MAX_TEXT_CHARS, clean, one_line
from services import problem_messages
from services.act import Act, act, acting_member
from services.context import Context
from services.moves import new_key
from services.problem_untrue import NOT_THEIRS, RETURNED, tell, warn
from services.problem_view import (
    ProblemView,
    for_each,
    for_one,
    has_heard,
    is_untold,
    may_do,
    people_of,
    told_truly,
    view_of,
)
from services.reply_view import DraftView, draft_view

SOLVED_NOTICE = "problem_solved"
_CARRIED = (CaseState.OPEN, CaseState.WAITING)


def solve(ctx: Context, problem_id: int, *, message: str, version: int) -> ProblemView:
    """Say that a problem is solved, with one message that each owner makes their own. Needs Right.PROBLEMS.

    Every carried case gets the message as a draft of its owner, unless they are writing there already: what is typed
    is never touched; an earlier message that stands there as it was prepared gives way to this one. ``{name}``
    becomes the customer's name. Nothing is sent: owners send, under the rules for any reply. Called again, it rewords
    the message and prepares it where it is missing. Raises Invalid for an empty or
    too long message, NotPossible for a closed problem, StaleVersion when it changed since ``version``.
    """
    with act(ctx, "problem.solve", "problem", problem_id, needs=Right.PROBLEMS) as running:
        row, words = problems.get(running.tx, problem_id), _message(message)
        move = ProblemMove.REWORD if row.state is ProblemState.SOLVED else ProblemMove.SOLVE
        _require_move(row, move)
        _require_seen(row, version)
        problem_messages.keep(running.tx, row, words, is_solved_now=move is ProblemMove.SOLVE)
        solved = {} if move is ProblemMove.REWORD else {"solved_at": running.now, "solved_by_id": running.user_id}
        row = _move(running, row, move, message=words, **solved)
        prepared = _prepare(running, row, words)
        _record(running, problem_id, "solved" if solved else "reworded", prepared=len(prepared))
        running.details["prepared"] = len(prepared)
        return _seen(ctx, running, row)


def take_message(ctx: Context, case_id: int) -> DraftView:
    """Put the message of its problem into the acting colleague's draft of a case, below what stands there.

    For whoever took a case later, or was writing when the message came. Needs Right.WORK; NotPossible where there
    is no message (reason=no_message).
    """
    with act(ctx, "problem.take_message", "case", case_id, needs=Right.WORK) as running:
        member, row = acting_member(ctx), problems.of_case(running.tx, case_id)
        if row is None or row.state is not ProblemState.SOLVED or not row.message:
            raise NotPossible("There is nothing to tell here yet.", reason="no_message", case=case_id)
        (person,) = problem_cases.people(running.tx, [case_id])
        words = for_one(row.message, person)
        draft = replies.draft_of(running.tx, case_id, member.id)
        running.details["problem"] = row.id
        if draft is None:
            _add_drafts(running, [(person, member.id, words)], row.id)
            draft = replies.draft_of(running.tx, case_id, member.id)
            if draft is None:
                raise NotPossible("The post answered is no longer there.", reason="parent_deleted", case=case_id)
        elif words not in draft.text:
            text = f"{draft.text}\n\n{words}" if draft.text else words
            draft = replies.change(running.tx, draft, text=text, updated_at=running.now)
        changes.raise_version(running.tx, row.brand_id)
        return draft_view(draft)


def give_back(ctx: Context, problem_id: int, *, reason: str, version: int) -> ProblemView:
    """It was not solved after all, or it came back: the problem is open again.

    What was prepared stays where it is, and whoever has it before them is told that it is not true any more. A reply
    with the message that has not begun to go out is a draft again; of one that has, its author is told. Needs
    Right.PROBLEMS and words (NotPossible without). NotPossible for one that is open or closed, StaleVersion when it
    changed since ``version``.
    """
    with act(ctx, "problem.return", "problem", problem_id, needs=Right.PROBLEMS, reason=_reason(reason)) as running:
        row = problems.get(running.tx, problem_id)
        if not _reason(reason):
            raise NotPossible("Say in a few words why.", reason="no_reason", problem=problem_id)
        _require_move(row, ProblemMove.RETURN)
        _require_seen(row, version)
        warn(running, row, RETURNED, why=_reason(reason))
        row = _move(running, row, ProblemMove.RETURN, solved_at=None, solved_by_id=None, reason=_reason(reason))
        _record(running, problem_id, "returned")
        return _seen(ctx, running, row)


def close(ctx: Context, problem_id: int, *, outcome: Outcome, version: int, reason: str = "") -> ProblemView:
    """Close a problem: its cases go on by themselves. Needs Right.PROBLEMS.

    ``outcome`` SOLVED or EXPLAINED asks for a message first. While somebody with a live case was not told, words are
    needed (NotPossible, reason=not_told, with their number): nobody is forgotten silently. With NO_PROBLEM replies with
    its message that have not begun to go out are drafts again, and who has it before them is told. NotPossible for a
    closed one, StaleVersion when it changed since ``version``.
    """
    words = _reason(reason)
    with act(ctx, "problem.close", "problem", problem_id, needs=Right.PROBLEMS, reason=words) as running:
        row = problems.get(running.tx, problem_id)
        _require_move(row, ProblemMove.CLOSE)
        _require_seen(row, version)
        if outcome is not Outcome.NO_PROBLEM and row.state is ProblemState.OPEN:
            raise NotPossible("Write first what people are to hear.", reason="no_message", problem=problem_id)
        untold = sum(map(is_untold, people_of(running.tx, [row])[row.id]))
        if untold and not words and outcome is not Outcome.NO_PROBLEM:
            raise NotPossible(
                f"{untold} people were not told yet: say why it ends all the same.", reason="not_told", n=untold
            )
        if outcome is Outcome.NO_PROBLEM and row.state is ProblemState.SOLVED:
            warn(running, row, NOT_THEIRS, why=words)
        by = {"closed_at": running.now, "closed_by_id": running.user_id, "outcome": outcome, "reason": words}
        row = _move(running, row, ProblemMove.CLOSE, **by)
        acted: dict[str, Any] = {"by_id": running.user_id, "at": running.now}
        left = problems.let_go(running.tx, problem_id, None, why=Left.CLOSED, **acted)
        event: dict[str, Any] = {"at": running.now, "actor_id": running.user_id, "problem_id": problem_id}
        problem_cases.record(running.tx, left, "problem_closed", **event)
        _record(running, problem_id, "closed", outcome=str(outcome), untold=untold)
        running.details |= {"outcome": str(outcome), "untold": untold}
        return _seen(ctx, running, row)


def _prepare(running: Act, row: ProblemRow, words: str) -> list[PersonRow]:
    """A draft for each owner who is not writing to that person already; each owner is told once."""
    ids = problems.case_ids(running.tx, row.id)
    everybody = problem_cases.people(running.tx, ids)
    told = told_truly(running.tx, dict.fromkeys(ids, row), {p.case_id: p for p in everybody})
    carried = [p for p in everybody if p.state in _CARRIED and p.owner_id is not None]
    before = problem_messages.kept(running.tx, [row])[row.id].every
    replaced = [p for p in carried if _replace(running, p, told.get(p.case_id, Told()), row, before)]
    free = [p for p in carried if not _is_busy(p, told.get(p.case_id, Told()), row)]
    drafts = [(p, p.owner_id, for_one(words, p)) for p in free if p.owner_id is not None and p.owner_active]
    done = _add_drafts(running, drafts, row.id)
    tell(running, row, [p.owner_id for p in carried if p.owner_id is not None and p.owner_active], SOLVED_NOTICE)
    return [*replaced, *done]


def _replace(running: Act, person: PersonRow, told: Told, row: ProblemRow, messages: Sequence[str]) -> bool:
    """Put the message where an earlier one stands that its owner has not touched; whether it was so."""
    text = told.drafts.get(person.owner_id or 0)
    if not text or text not in for_each(messages, person):
        return False
    draft = replies.draft_of(running.tx, person.case_id, person.owner_id or 0)
    words = for_one(row.message or "", person)
    if draft is None or words == draft.text:
        return False
    replies.change(running.tx, draft, text=words, updated_at=running.now, return_reason=None, return_note=None)
    event: dict[str, Any] = {"at": running.now, "actor_id": running.user_id, "problem_id": row.id}
    problem_cases.record(running.tx, [person.case_id], "problem_told", **event)
    return True


def _is_busy(person: PersonRow, told: Told, row: ProblemRow) -> bool:
    return has_heard(told, row) or told.under_way is not None or person.owner_id in told.drafts


def _add_drafts(running: Act, wanted: list[tuple[PersonRow, int, str]], problem_id: int) -> list[PersonRow]:
    posts = problem_cases.newest_posts(running.tx, [person.case_id for person, _, _ in wanted])
    rows, done = [], []
    for person, author_id, words in wanted:
        if person.case_id not in posts:
            continue  # All they wrote was deleted: there is nothing to answer.
        mention_id, channel = posts[person.case_id]
        about = {"case_id": person.case_id, "mention_id": mention_id, "channel": channel, "author_id": author_id}
        rows.append({**about, "text": words, "idempotency_key": new_key()})
        done.append(person)
    problem_cases.add_drafts(running.tx, rows, at=running.now)
    event: dict[str, Any] = {"at": running.now, "actor_id": running.user_id, "problem_id": problem_id}
    problem_cases.record(running.tx, [person.case_id for person in done], "problem_told", **event)
    return done


def _require_seen(row: ProblemRow, version: int) -> None:
    if row.version != version:
        raise StaleVersion("Somebody changed this problem in the meantime.", problem=row.id)


def _require_move(row: ProblemRow, move: ProblemMove) -> ProblemState:
    try:
        return problem_after(row.state, move)
    except IllegalMove:
        raise NotPossible(f"This problem is {row.state}.", reason=f"problem_{row.state}", problem=row.id) from None


def _move(running: Act, row: ProblemRow, move: ProblemMove, **values: Any) -> ProblemRow:
    state = _require_move(row, move)
    changes.raise_version(running.tx, row.brand_id)
    return problems.change(running.tx, row, state=state, **values)


def _record(running: Act, problem_id: int, kind: str, **details: object) -> None:
    problems.record(running.tx, problem_id, kind, at=running.now, actor_id=running.user_id, **details)


def _seen(ctx: Context, running: Act, row: ProblemRow) -> ProblemView:
    return view_of(running.tx, row, may_do(ctx, row))


def _message(words: str) -> str:
    said = clean(words)
    if not said:
        raise Invalid("The message is empty.", reason="empty")
    if len(said) > MAX_TEXT_CHARS:
        raise Invalid(f"At most {MAX_TEXT_CHARS} characters.", reason="text_long", max_chars=MAX_TEXT_CHARS)
    return said


def _reason(words: str) -> str | None:
    return one_line(clean(words), max_chars=REASON_CHARS) or None
