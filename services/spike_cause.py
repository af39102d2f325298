"""What is behind a spike? Its posts, the words that stand out, who wrote, where it began, and who of them waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import brands as brands_db
from db import problem_cases, spike_posts
from db import spikes as spikes_db
from db.problem_cases import PersonRow
from db.spike_posts import SpikePost
from db.spikes import SpikeRow
from domain.judgement import ReasonCode
from domain.people import Right
from domain.standing_out import Said, Word, standing_out
from domain.states import CaseState
from services.act import require
from services.context import Context
from services.spike_watch import sought_of

__all__ = ["Cause", "Spread", "Thread", "cause"]

#: So many posts of a spike, the newest, and of the days before it, are read for their words.
MOST_POSTS, DAYS_BEFORE, LISTED_POSTS, LISTED_ACCOUNTS = 2_000, 14, 25, 5
#: A conversation is told where it holds so many of the posts, and this share of them.
THREAD_POSTS, THREAD_SHARE = 5, 0.2


@dataclass(frozen=True, slots=True)
class Spread:
    """How a spike came to one channel: its first post there, how many there were, by how many people."""

    channel: str
    first_at: datetime
    posts: int
    people: int


@dataclass(frozen=True, slots=True)
class Account:
    """An account that wrote much of it."""

    handle: str
    name: str
    channel: str
    followers: int | None
    posts: int


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation that holds much of it. ``text`` None: the post it began with was not heard."""

    posts: int
    text: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Cause:
    """What is behind a spike. ``posts_read`` of its posts were looked at, the newest; ``people`` wrote them.

    ``words`` are told where as many people used them as any figure needs. ``first`` is the oldest post with such a
    word (the oldest of all without). ``posts``: those that hold most of these words first. ``waiting``: people whose
    case is new or open, those who wait longest first; ``cases``: all cases of these posts.
    """

    posts_read: int
    people: int
    words: tuple[Word, ...]
    first: SpikePost | None
    spread: tuple[Spread, ...]
    accounts: tuple[Account, ...]
    thread: Thread | None
    kinds: tuple[tuple[str, int], ...]
    reasons: tuple[tuple[str, int], ...]
    posts: tuple[SpikePost, ...]
    waiting: tuple[PersonRow, ...]
    cases: tuple[int, ...]
    is_enough: bool


def cause(ctx: Context, spike_id: int) -> Cause:
    """What is behind a spike, worked out from its posts as they are now; NotFound for none. Needs Right.READ."""
    require(ctx, Right.READ, action="spikes.read", entity="spike")
    least = ctx.settings.least_people
    with ctx.store.read() as tx:
        spike = spikes_db.get(tx, spike_id)
        here, before = _posts(tx, spike, spike.from_at, spike.to_at), _before(tx, spike)
        words = _words(tx, spike, here, before, least)
        case_ids = sorted({post.case_id for post in here if post.case_id is not None})
        people = problem_cases.people(tx, case_ids)
        waiting = [each for each in people if each.state in (CaseState.NEW, CaseState.OPEN)]
        is_enough = len({post.customer_id for post in here}) >= max(1, least)
        return Cause(
            posts_read=len(here),
            people=len({post.customer_id for post in here}),
            words=words,
            first=_first(here, words),
            spread=_spread(here),
            accounts=_accounts(here) if is_enough else (),
            thread=_thread(tx, here),
            kinds=tuple(Counter(post.kind or "unjudged" for post in here).most_common()),
            reasons=_reasons(tx, case_ids),
            posts=tuple(sorted(here, key=lambda post: (-_telling(post, words), post.published_at))[:LISTED_POSTS]),
            waiting=tuple(sorted(waiting, key=lambda each: each.waiting_since)),
            cases=tuple(case_ids),
            is_enough=is_enough,
        )


def case_ids_of(tx: Connection, spike: SpikeRow, *, least: int) -> list[int]:
    """The cases of a spike's posts as they are now: of those with a word that stands out, where any does.

    Who wrote of something else in the same hours is no part of it.
    """
    here = _posts(tx, spike, spike.from_at, spike.to_at)
    words = _words(tx, spike, here, _before(tx, spike), least)
    telling = [post for post in here if _telling(post, words)] or here
    return sorted({post.case_id for post in telling if post.case_id is not None})


def _posts(tx: Connection, spike: SpikeRow, from_at: datetime, to_at: datetime) -> list[SpikePost]:
    sought = sought_of(spike.brand_id, (spike.channel, spike.measure), from_at, to_at)
    return spike_posts.posts(tx, sought, rows=MOST_POSTS)


def _before(tx: Connection, spike: SpikeRow) -> list[SpikePost]:
    return _posts(tx, spike, spike.from_at - timedelta(days=DAYS_BEFORE), spike.from_at)


def _words(
    tx: Connection, spike: SpikeRow, here: Sequence[SpikePost], before: Sequence[SpikePost], least: int
) -> tuple[Word, ...]:
    """No word that is part of the name or handle of anybody who writes, nor of the brand."""
    names = {name for post in (*here, *before) for name in (post.author_name, post.handle.replace("_", " "))}
    names |= {brands_db.get(tx, spike.brand_id).name, *spike_posts.terms(tx, spike.brand_id)}
    said = [[Said(post.customer_id, post.text) for post in posts] for posts in (here, before)]
    return standing_out(*said, names=names, least=least)


def _telling(post: SpikePost, words: Sequence[Word]) -> int:
    text = post.text.casefold()
    return sum(word.word in text for word in words)


def _first(here: Sequence[SpikePost], words: Sequence[Word]) -> SpikePost | None:
    return next((post for post in here if _telling(post, words[:3])), here[0] if here else None)


def _spread(here: Sequence[SpikePost]) -> tuple[Spread, ...]:
    by_channel: dict[str, list[SpikePost]] = {}
    for post in here:
        by_channel.setdefault(post.channel, []).append(post)
    found = [
        Spread(name, posts[0].published_at, len(posts), len({post.customer_id for post in posts}))
        for name, posts in by_channel.items()
    ]
    return tuple(sorted(found, key=lambda each: each.first_at))


def _accounts(here: Sequence[SpikePost]) -> tuple[Account, ...]:
    """Who wrote most of it, by posts; those with one post are like all others."""
    by_author = Counter(post.author_id for post in here)
    one = {post.author_id: post for post in here}
    told = [(one[author], n) for author, n in by_author.most_common(LISTED_ACCOUNTS) if n > 1]
    return tuple(Account(post.handle, post.author_name, post.channel, post.followers, n) for post, n in told)


def _thread(tx: Connection, here: Sequence[SpikePost]) -> Thread | None:
    ((conversation_id, n),) = Counter(post.conversation_id for post in here).most_common(1) or [(0, 0)]
    if n < max(THREAD_POSTS, THREAD_SHARE * len(here)):
        return None
    root = spike_posts.root_of(tx, conversation_id)
    return Thread(n, None, None) if root is None else Thread(n, root[1], root[2])


def _reasons(tx: Connection, case_ids: Sequence[int]) -> tuple[tuple[str, int], ...]:
    codes = {str(code) for code in ReasonCode}
    told = Counter(code for each in spike_posts.reasons(tx, case_ids) for code in {r["code"] for r in each} & codes)
    return tuple(told.most_common())
