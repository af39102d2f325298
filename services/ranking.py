"""How urgent is a case now? Reads the facts of many cases, ranks them by ``domain.priority``, writes the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db import standing
from db.standing import CaseStand, JoinedStand, PostStand, PromiseStand
from domain.judgement import Kind, ReasonCode, Sentiment, UrgencyLevel
from domain.priority import CaseFacts, PostFacts, Ranked, rank
from domain.solved import is_last_word
from domain.states import CaseState

#: A case that waits longer than the rank counts sinks against the others unless ranked again.
RERANK_SATURATED = timedelta(hours=1)
PROMISE_NEAR = timedelta(hours=12)
CHUNK_CASES = 500

_NO_PROMISE = PromiseStand(None, 0)


def rerank_many(tx: Connection, case_ids: Sequence[int], now: datetime) -> None:
    """Compute judgement, priority, reasons and waiting time of these cases anew; ``version`` stays."""
    for start in range(0, len(case_ids), CHUNK_CASES):
        chunk = case_ids[start : start + CHUNK_CASES]
        posts = standing.posts_of(tx, chunk)
        promises = standing.promises_of(tx, chunk, now=now)
        answered, settled = standing.answered_elsewhere(tx, chunk), standing.settled_at(tx, chunk)
        joined = standing.joined(tx, chunk)
        rows = [
            _ranked_row(
                _with_answer(case, answered),
                posts.get(case.id, []),
                promises.get(case.id, _NO_PROMISE),
                now,
                settled_at=settled.get(case.id),
                joined=joined.get(case.id),
            )
            for case in standing.of_cases(tx, chunk)
        ]
        standing.write_ranks(tx, rows)


def _with_answer(case: CaseStand, answered: Mapping[int, datetime]) -> CaseStand:
    """A reply of our account counts as ours, whether it left from this desk or not."""
    moments = [at for at in (case.last_reply_at, answered.get(case.id)) if at is not None]
    return replace(case, last_reply_at=max(moments, default=None))


def _is_answered(post: PostStand, case: CaseStand, joined: JoinedStand | None) -> bool:
    """Whether our last reply came after it. One from before two cases became one answered only its own posts."""
    replied_at = case.last_reply_at
    if joined is not None and (replied_at is None or replied_at <= joined.at):
        replied_at = joined.last_reply_at.get(post.home_case_id or case.id, replied_at)
    return replied_at is not None and post.at <= replied_at


def _ranked_row(
    case: CaseStand,
    posts: list[PostStand],
    promise: PromiseStand,
    now: datetime,
    *,
    settled_at: datetime | None,
    joined: JoinedStand | None = None,
) -> dict[str, Any]:
    living = [p for p in posts if not p.deleted]
    newest = living[-1] if living else None
    unanswered = [p for p in living if not _is_answered(p, case, joined)]
    # Those that speak come last, the oldest of them first.
    living = [p for p in living if _is_answered(p, case, joined)] + unanswered
    waiting_since = unanswered[0].at if unanswered else case.waiting_since
    answered = case.last_reply_at is not None
    said = [_fact(p, follows=answered or p is not living[0]) for p in living]
    speaking = len(unanswered) or 1
    facts = CaseFacts(
        posts=said[-speaking:] or [_silence(now)],
        before=[fact for fact in said[:-speaking] if settled_at is None or fact.at > settled_at],
        waiting_since=waiting_since,
        answered_before=answered,
        answered_last=case.state is CaseState.NEW and bool(living) and not unanswered,
        followers=max((p.followers for p in living if p.followers), default=None),
        promise_due_at=promise.due_at,
        promises_broken=promise.broken,
        hand_overs=case.hand_overs,
    )
    ranked = rank(facts, now)
    return {
        "b_id": case.id,
        **_labels(ranked),
        "rerank_at": _rerank_at(ranked, promise, now),
        "contacts": max(1, len(unanswered)),
        "waiting_since": waiting_since,
        "last_reply_at": case.last_reply_at,
        "last_mention_id": newest.mention_id if newest else case.last_mention_id,
        "last_mention_at": newest.at if newest else case.last_mention_at,
        "channel": newest.channel if newest else case.channel,
    }


def _labels(ranked: Ranked) -> dict[str, Any]:
    return {
        "sentiment": ranked.sentiment.value,
        "kind": ranked.kind.value,
        "urgency": ranked.urgency,
        "urgency_level": int(ranked.level),
        "unsure": ranked.unsure,
        "judged": ranked.judged,
        "priority": ranked.key,
        "reasons": [{"code": str(r.code), "points": round(r.points, 2), "n": r.n} for r in ranked.reasons],
    }


def _silence(now: datetime) -> PostFacts:
    """Stands for the posts of a case that are all gone."""
    return PostFacts(now, Sentiment.NEUTRAL, Kind.OTHER, 0.0, UrgencyLevel.NO_ACTION)


def _fact(post: PostStand, *, follows: bool) -> PostFacts:
    """One post; only a post that follows something can say that it is solved."""
    level = UrgencyLevel(post.urgency_level if post.urgency_level is not None else UrgencyLevel.NORMAL)
    codes = tuple(ReasonCode(r["code"]) for r in post.reasons or ()) if level else ()
    calm = level <= UrgencyLevel.NORMAL and post.sentiment != Sentiment.NEGATIVE
    return PostFacts(
        at=post.at,
        sentiment=Sentiment(post.sentiment or Sentiment.NEUTRAL),
        kind=Kind(post.kind or Kind.OTHER),
        urgency=float(level) if post.corrected or post.urgency is None else post.urgency,
        level=level,
        codes=tuple(dict.fromkeys(codes)),
        unsure=bool(post.unsure),
        judged=post.judged_by is not None,
        corrected=post.corrected,
        says_solved=follows and calm and is_last_word(post.text),
    )


def _rerank_at(ranked: Ranked, promise: PromiseStand, now: datetime) -> datetime:
    """When time alone will change the rank: waiting saturates, a promise comes near or falls due."""
    moments = [ranked.saturates_at if ranked.saturates_at > now else now + RERANK_SATURATED]
    if promise.due_at is not None:
        near = promise.due_at - PROMISE_NEAR
        moments.append(near if near > now else promise.due_at + timedelta(seconds=1))
    return min(moments)
