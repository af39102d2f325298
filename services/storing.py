"""How do posts become rows? New ones once, edits and deletions onto what is there, each with its case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db import changes, customers, judgements, mentions, past_wordings, standing
from db.mentions import MentionKey, Stored, mention_key
from domain.brand import Watch
from domain.judgement import Judgement, UrgencyLevel
from domain.mention import Mention
from domain.text import clean, one_line
from services import episodes, ranking, rewording
from services.context import Context
from services.rewording import Settled

#: After so long the network is first asked whether a post is still there; its channel's rounds look sooner.
FIRST_RECHECK = timedelta(days=1)

#: The wordings of each post on a page, in the order in which they came to be.
Wordings = Mapping[MentionKey, Sequence[Mention]]


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of a batch: ``stored`` + ``duplicates`` = posts given; edits and deletions are duplicates.

    ``older`` of those stored were found too old to be queued.
    """

    stored: int
    duplicates: int
    mention_ids: tuple[int, ...]
    older: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Posts ready to be stored: cleaned, with all their wordings, new and edited ones with the rules' first opinion.

    ``opinions``: by the post and the text that was read. ``older``: what a first reading found too old to be queued.
    """

    given: int
    wordings: Wordings
    opinions: Mapping[tuple[MentionKey, str], Judgement]
    is_history: bool
    older: frozenset[MentionKey] = frozenset()


def look_first(
    ctx: Context, posts: Sequence[Mention], *, is_history: bool = False, older_than: datetime | None = None
) -> Batch:
    """Clean posts and let the rules look at those that are new or edited.

    Comes before the write transaction: the store is not held while anybody thinks. History is left to
    the model; nobody waits for it. Posts from before ``older_than`` are not to be queued, but for those that
    the rules find dangerous.
    """
    wordings = _wordings(posts)
    if is_history or not wordings:
        return Batch(len(posts), wordings, {}, is_history)
    with ctx.store.read() as tx:
        known = rewording.known(tx, wordings)
    settled = _settled(wordings, known, ctx.clock())
    unread = [
        key
        for key, one in settled.items()
        if not (one.post.deleted or one.post.is_own) and (key not in known or one.is_edited)
    ]
    old = [key for key, one in settled.items() if older_than is not None and _is_old(one.post, older_than)]
    asked = list(dict.fromkeys([*unread, *old]))
    texts = [settled[key].row.text for key in asked]
    said = dict(zip(asked, ctx.rules.judge(texts) if asked else (), strict=True))
    calm = frozenset(key for key in old if said[key].urgency_level is not UrgencyLevel.ACT_NOW)
    opinions = {(key, settled[key].row.text): said[key] for key in unread}
    return Batch(len(posts), wordings, opinions, is_history, calm)


def _is_old(post: Mention, older_than: datetime) -> bool:
    """Older, or of an age that nobody knows. What is never queued keeps its own name: ours, a repost, a tombstone."""
    is_old = post.published_at < older_than or not post.is_dated
    return is_old and not (post.deleted or post.is_own or post.is_repost)


def store_posts(tx: Connection, ctx: Context, watch: Watch, batch: Batch, *, now: datetime) -> Placed:
    """Store posts that matched ``watch``, all or none; the same post twice gives one row.

    A post known from another watch is matched to this one as well. Competitors' posts are counted and
    make no case. Everything arrives with the opinion of the rules until the model has read it.
    """
    older, known = batch.older, rewording.known(tx, batch.wordings)
    settled = _settled(batch.wordings, known, now)
    fresh = {key: one for key, one in settled.items() if key not in known and not one.post.deleted}
    young = {key: one for key, one in fresh.items() if key not in older}
    old = {key: one for key, one in fresh.items() if key in older}
    added = _insert(tx, young, now=now, is_history=batch.is_history) | _insert(tx, old, now=now, is_history=True)
    edited, gone = _change(tx, settled, known, now)
    ids = added | {key: stored.id for key, stored in known.items() if stored.id in edited}
    read = {key: batch.opinions.get((key, settled[key].row.text)) for key in ids}
    put_opinions(tx, [(ids[key], said) for key, said in read.items() if said], now=now, judged_by=None)
    here = added | {key: stored.id for key, stored in known.items()}
    now_work = [mention_id for key, mention_id in here.items() if key not in older]
    if not batch.is_history:
        mentions.bring_forward(tx, [stored.id for key, stored in known.items() if key not in older])
    mentions.add_matches(tx, now_work, watch_id=watch.id, at=now)
    mentions.add_matches(tx, [here[key] for key in older & here.keys()], watch_id=watch.id, at=now, is_older=True)
    if not watch.is_competitor:
        episodes.attach_mentions(tx, ctx, now_work, watch.brand_id, now)
    answered = _answered(tx, [one.post for one in fresh.values()])
    _tell_cases(tx, [*edited, *gone, *answered], now)
    return Placed(len(added), batch.given - len(added), tuple(here.values()), len(old))


def store_around(tx: Connection, ctx: Context, posts: Sequence[Mention], *, now: datetime) -> None:
    """Keep the posts that make others understood: read beside them, counted nowhere, never a case of their own.

    One that matches a watch later becomes a mention like any other. Known ones are only brought up to date.
    """
    wordings = _wordings(posts)
    known = rewording.known(tx, wordings)
    settled = _settled(wordings, known, now)
    fresh = {key: one for key, one in settled.items() if key not in known and not one.post.deleted}
    _insert(tx, fresh, now=now, is_history=True)
    _change(tx, settled, known, now)


def change_known(tx: Connection, ctx: Context, posts: Sequence[Mention], *, now: datetime) -> int:
    """Apply edits and deletions to those of these posts that are stored, whichever watch they matched.

    Returns how many are known; the others are left alone.
    """
    wordings = _wordings(posts)
    known = rewording.known(tx, wordings)
    edited, gone = _change(tx, _settled(wordings, known, now), known, now)
    _tell_cases(tx, [*edited, *gone], now)
    return len(known)


def _settled(wordings: Wordings, known: Mapping[MentionKey, Stored], now: datetime) -> dict[MentionKey, Settled]:
    return {key: rewording.settle(posts, known.get(key), now) for key, posts in wordings.items()}


def _change(
    tx: Connection, settled: Mapping[MentionKey, Settled], known: Mapping[MentionKey, Stored], now: datetime
) -> tuple[list[int], list[int]]:
    """Change known posts; returns the ids of those that were edited, and of those that went away."""
    edited = [rewording.change(tx, settled[key], stored, now) for key, stored in known.items()]
    gone = [stored.id for key, stored in known.items() if settled[key].row.deleted_at != stored.deleted_at]
    return [mention_id for mention_id in edited if mention_id is not None], gone


def _answered(tx: Connection, fresh: Sequence[Mention]) -> list[int]:
    """The stored posts that our own new posts answer."""
    parents = [(p.channel, p.origin, p.parent_id) for p in fresh if p.is_own and p.parent_id]
    return [stored.id for stored in mentions.find(tx, parents).values()] if parents else []


def in_order(posts: Iterable[Mention]) -> list[Mention]:
    """Every wording from the first to the last, ends behind them. Pages need not be in order."""
    return sorted(posts, key=lambda post: (post.deleted, post.worded_at or post.edited_at or post.published_at))


def _wordings(posts: Sequence[Mention]) -> dict[MentionKey, list[Mention]]:
    found: dict[MentionKey, list[Mention]] = {}
    for post in in_order(posts):
        found.setdefault(mention_key(post), []).append(_cleaned(post))
    return found


def _cleaned(post: Mention) -> Mention:
    """The post with every text made safe to store and show."""
    author = replace(
        post.author,
        handle=one_line(clean(post.author.handle), max_chars=300),
        name=one_line(clean(post.author.name), max_chars=300),
        bio=clean(post.author.bio, max_chars=5000),
        location=one_line(clean(post.author.location)),
    )
    return replace(post, text=clean(post.text), author=author)


def _insert(
    tx: Connection, fresh: Mapping[MentionKey, Settled], *, now: datetime, is_history: bool
) -> dict[MentionKey, int]:
    if not fresh:
        return {}
    posts = [one.post for one in fresh.values()]
    authors = customers.remember(tx, posts, at=now)
    conversations = mentions.conversation_ids(tx, posts)
    ours = mentions.ours(tx, [(p.channel, p.native_id) for p in posts])
    own = {mention_key(p) for p in posts if p.is_own or p.native_id in ours}
    rows = [
        _row(
            post,
            author_id=authors[customers.author_key(post)].author_id,
            conversation_id=conversations[post.channel, post.origin, post.conversation_id],
            is_own=mention_key(post) in own,
        )
        | {"received_at": now, "is_history": is_history, "recheck_at": now + FIRST_RECHECK}
        for post in posts
    ]
    added = mentions.add_new(tx, rows)
    for key, mention_id in added.items():
        past_wordings.add(tx, mention_id, fresh[key].followed, at=now)
    return added


def _row(post: Mention, *, author_id: int, conversation_id: int, is_own: bool) -> dict[str, Any]:
    return {
        "channel": post.channel,
        "origin": post.origin[:200],
        "native_id": post.native_id[:300],
        "conversation_id": conversation_id,
        "parent_native_id": post.parent_id and post.parent_id[:300],
        "author_id": author_id,
        "text": post.text,
        "language": post.language and post.language[:12],
        "url": post.url and post.url[:2000],
        "version": post.version and post.version[:120],
        "reply_ref": post.reply_ref,
        "media": rewording.media_of(post),
        "published_at": post.published_at,
        "edited_at": post.edited_at,
        "is_own": is_own,
        "is_repost": post.is_repost,
        "audience": post.audience.value,
        "corrected": False,
        "judged_by": mentions.NOBODY if is_own else None,
    }


def put_opinions(
    tx: Connection, opinions: Sequence[tuple[int, Judgement]], *, now: datetime, judged_by: str | None
) -> None:
    """Record what a classifier said, and copy it onto the posts below any correction by a person."""
    if not opinions:
        return
    judgement_ids = judgements.append(tx, opinions, at=now)
    people = judgements.corrections_of(tx, [mention_id for mention_id, _ in opinions])
    rows = []
    for mention_id, opinion in opinions:
        said = people.get(mention_id)
        level = said.urgency_level if said and said.urgency_level is not None else opinion.urgency_level
        corrected_level = said is not None and said.urgency_level is not None
        rows.append(
            {
                "b_id": mention_id,
                "judgement_id": judgement_ids[mention_id],
                "sentiment": str((said and said.sentiment) or opinion.sentiment),
                "kind": str((said and said.kind) or opinion.kind),
                "urgency": float(level) if corrected_level else opinion.urgency,
                "urgency_level": int(level),
                "unsure": opinion.unsure and said is None,
                "judged_by": judged_by,
            }
        )
    mentions.fill_language(tx, [(i, o.language) for i, o in opinions if o.language and o.language != "und"])
    mentions.put_labels(tx, rows)


def _tell_cases(tx: Connection, mention_ids: Sequence[int], now: datetime) -> None:
    """Rank the cases of posts that changed, set aside those with nothing left, tell the desks."""
    touched = standing.cases_of_mentions(tx, mention_ids) if mention_ids else {}
    if touched:
        ranking.rerank_many(tx, sorted(touched), now)
        episodes.set_noise_aside(tx, sorted(touched), now)
        for brand_id in sorted(set(touched.values())):
            changes.raise_version(tx, brand_id)
