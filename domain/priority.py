"""Who needs us next: a pure function from what is known of a case to a rank with its reasons.

Points, chosen so that a level of urgency outweighs everything else together except a promise of ours; where the
model hesitates between two levels 20 points remain of the 100, which waiting and a promise may pass, and further posts
together with hand-overs; no reach does, not even beside as many further posts as count:

=====================  ==========================================================================
urgency                100 per level (the model's expectation moves it by up to 40 within a level)
waiting                up to 60, linear over 7 days, then it stays there
contacts               6 for each further post since our last answer, up to 18
promise                30 when one of ours falls due today, 70 when one was not kept
handed over            5 for each hand-over the customer felt, up to 15
was urgent             what lifts an answered case to one level below what it was (see ``floor_level``)
reach                  a quarter of log10(followers), up to 1.5: it breaks ties, it never outweighs trouble
=====================  ==========================================================================

``Ranked.key`` orders cases without knowing the time: two cases that wait grow alike, so the score at
any moment is ``key + WAITING_PER_S * (now - EPOCH)`` until the waiting saturates; cases that wait
longer than 7 days are ranked again every hour (``saturates_at``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain.judgement import Kind, ReasonCode, Sentiment, UrgencyLevel

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
WAITING_CAP = timedelta(days=7)
WAITING_POINTS = 60.0
WAITING_PER_S = WAITING_POINTS / WAITING_CAP.total_seconds()
LEVEL_POINTS = 100.0
EXPECTATION_POINTS = 40.0
CONTACT_POINTS, CONTACT_CAP = 6.0, 18.0
PROMISE_DUE_POINTS, PROMISE_BROKEN_POINTS = 30.0, 70.0
HAND_OVER_POINTS, HAND_OVER_CAP = 5.0, 15.0
#: For each tenfold. With CONTACT_CAP it stays below what parts two levels at their border: LEVEL_POINTS less twice
#: EXPECTATION_POINTS.
REACH_POINTS, REACH_CAP = 0.25, 1.5


class RankCode(StrEnum):
    """Reasons that come from the case rather than from the words of a post."""

    WAITING = "waiting"
    CONTACTS = "contacts"
    PROMISE_DUE = "promise_due"
    PROMISE_BROKEN = "promise_broken"
    HANDED_OVER = "handed_over"
    FOLLOWERS = "followers"
    NOT_ANSWERED = "not_answered"
    SAYS_SOLVED = "says_solved"
    ANSWERED = "answered"
    WAS_URGENT = "was_urgent"
    CORRECTED = "corrected"
    UNSURE = "unsure"
    UNJUDGED = "unjudged"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class RankReason:
    """One reason on the screen: its code, the points it gave, and a number to say (``n``) if any."""

    code: str
    points: float = 0.0
    n: int | None = None


@dataclass(frozen=True, slots=True)
class PostFacts:
    """What the judgement of one post of the customer says, corrections applied."""

    at: datetime
    sentiment: Sentiment
    kind: Kind
    urgency: float
    level: UrgencyLevel
    codes: tuple[ReasonCode, ...] = ()
    unsure: bool = False
    judged: bool = True
    corrected: bool = False
    says_solved: bool = False


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Everything the rank may look at. ``posts`` are those since our last reply, oldest first.

    ``before`` are the posts of this episode that came earlier, oldest first: since it was last resolved, if ever.
    """

    posts: Sequence[PostFacts]
    waiting_since: datetime
    before: Sequence[PostFacts] = ()
    answered_before: bool = False
    #: True for an ownerless case in which the customer has not written since our account answered elsewhere:
    #: ``posts`` is then the last one answered. (An owned one comes back at its check-back, as urgent as it was.)
    answered_last: bool = False
    followers: int | None = None
    promise_due_at: datetime | None = None
    promises_broken: int = 0
    hand_overs: int = 0


@dataclass(frozen=True, slots=True)
class Ranked:
    """The rank of a case: time-free ``key``, present ``score`` (the sum of the points), labels, reasons."""

    key: float
    score: float
    sentiment: Sentiment
    kind: Kind
    urgency: float
    level: UrgencyLevel
    unsure: bool
    judged: bool
    reasons: tuple[RankReason, ...]
    saturates_at: datetime


def leading_post(posts: Sequence[PostFacts]) -> PostFacts:
    """The post that speaks for the case: the latest correction, else the most urgent since a "solved, thanks".

    A word of thanks closes what came before it; when nothing followed, it speaks itself.
    Raises ValueError for an empty sequence.
    """
    if not posts:
        raise ValueError("a case has at least one post")
    corrected = [p for p in posts if p.corrected]
    if corrected:
        return corrected[-1]
    solved_at = max((n for n, p in enumerate(posts) if p.says_solved), default=-1)
    since = posts[solved_at + 1 :] or [posts[-1]]
    return max(since, key=lambda p: (p.level, p.urgency, p.at))


def floor_level(facts: CaseFacts) -> UrgencyLevel:
    """The level below which our reply alone does not let a case fall: one less than what it was before.

    An answer is no proof that the harm is over, and "shall I call the fire brigade?" reads like a mere question.
    It ends when the customer says that the matter is settled, and when a colleague corrects a later post or resolves
    the case. A correction of an earlier post counts as what the case was.
    """
    if not facts.before or facts.answered_last or any(p.says_solved or p.corrected for p in facts.posts):
        return UrgencyLevel.NO_ACTION
    return UrgencyLevel(max(0, leading_post(facts.before).level - 1))


def rank(facts: CaseFacts, now: datetime) -> Ranked:
    """Rank one case at ``now``; every contribution is in ``reasons``, the largest first."""
    said = _answered(leading_post(facts.posts)) if facts.answered_last else leading_post(facts.posts)
    lead, lift = _lifted(said, floor_level(facts))
    waited = max(timedelta(), now - facts.waiting_since)
    parts = [*_urgency_parts(said), *lift, *_history_parts(facts, now), *_state_parts(lead, facts)]
    parts.append(RankReason(RankCode.WAITING, _waiting_points(waited), int(waited.total_seconds())))
    score = sum(p.points for p in parts)
    return Ranked(
        key=score - WAITING_PER_S * (now - EPOCH).total_seconds(),
        score=score,
        sentiment=lead.sentiment,
        kind=lead.kind,
        urgency=lead.urgency,
        level=lead.level,
        unsure=lead.unsure,
        judged=lead.judged,
        reasons=tuple(sorted(parts, key=lambda p: -p.points)),
        saturates_at=facts.waiting_since + WAITING_CAP,
    )


def _answered(lead: PostFacts) -> PostFacts:
    """What we have answered waits for the customer: it cannot be urgent until they write again."""
    if lead.corrected or lead.level <= UrgencyLevel.NORMAL:
        return lead
    return replace(lead, level=UrgencyLevel.NORMAL, urgency=1.0, codes=())


def _lifted(lead: PostFacts, floor: UrgencyLevel) -> tuple[PostFacts, list[RankReason]]:
    """The post that speaks for the case, raised to ``floor`` when it reads calmer, and the reason that says so."""
    if lead.level >= floor:
        return lead, []
    points = LEVEL_POINTS * floor - sum(part.points for part in _urgency_parts(lead))
    return replace(lead, level=floor, urgency=float(floor)), [RankReason(RankCode.WAS_URGENT, points, floor + 1)]


def score_at(key: float, now: datetime) -> float:
    """The score behind a stored key, at ``now``."""
    return key + WAITING_PER_S * (now - EPOCH).total_seconds()


def _waiting_points(waited: timedelta) -> float:
    return min(waited, WAITING_CAP).total_seconds() * WAITING_PER_S


def _urgency_parts(lead: PostFacts) -> list[RankReason]:
    shift = max(-0.5, min(0.5, lead.urgency - lead.level)) * 2 * EXPECTATION_POINTS
    total = LEVEL_POINTS * lead.level + shift
    if not lead.codes:
        return [RankReason(RankCode.KIND, total)]
    share = total / len(lead.codes)
    return [RankReason(code, share) for code in lead.codes]


def _history_parts(facts: CaseFacts, now: datetime) -> list[RankReason]:
    parts = []
    if (further := len(facts.posts) - 1) > 0:
        parts.append(RankReason(RankCode.CONTACTS, min(CONTACT_CAP, CONTACT_POINTS * further), further + 1))
    if facts.promises_broken:
        parts.append(RankReason(RankCode.PROMISE_BROKEN, PROMISE_BROKEN_POINTS, facts.promises_broken))
    elif facts.promise_due_at is not None and facts.promise_due_at - now <= timedelta(hours=12):
        parts.append(RankReason(RankCode.PROMISE_DUE, PROMISE_DUE_POINTS))
    if facts.hand_overs:
        points = min(HAND_OVER_CAP, HAND_OVER_POINTS * facts.hand_overs)
        parts.append(RankReason(RankCode.HANDED_OVER, points, facts.hand_overs))
    if facts.followers and facts.followers >= 1000:
        points = min(REACH_CAP, REACH_POINTS * math.log10(facts.followers))
        parts.append(RankReason(RankCode.FOLLOWERS, points, facts.followers))
    return parts


def _state_parts(lead: PostFacts, facts: CaseFacts) -> list[RankReason]:
    flags = [
        (any(p.says_solved for p in facts.posts) and not lead.corrected, RankCode.SAYS_SOLVED),
        (facts.answered_last, RankCode.ANSWERED),
        (lead.corrected, RankCode.CORRECTED),
        (lead.unsure and not lead.corrected, RankCode.UNSURE),
        (not lead.judged, RankCode.UNJUDGED),
        (not facts.answered_before, RankCode.NOT_ANSWERED),
    ]
    return [RankReason(code) for holds, code in flags if holds]
