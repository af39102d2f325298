"""What does the model say about what came in, and what does a person say about the model?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from classifiers.protocol import Classifier
from db import changes, judged_before, judgements, mentions, standing
from db.mentions import Waiting
from domain.errors import NotFound
from domain.judgement import Correction, Judgement
from domain.people import Right
from services import episodes, first_reading, heads, readings
from services.act import act, acting_member
from services.context import Context
from services.storing import put_opinions

#: So many batches are looked at to find posts of like length.
LOOKED_AT_BATCHES = 8
#: A batch holds no more text: some 2,000 tokens, which one core reads in less than half a second.
BATCH_CHARS = 8_000
#: One round of looking back judges so many posts at most, some sixteen seconds of one core. Finding them costs as much
#: as judging some thirty where half a million are stored, so it is not done for each batch.
LOOK_BACK_POSTS = 2048
#: No model reads on behind so many characters.
READ_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Rejudged:
    """How many posts were judged again, and where the next call goes on (None: done)."""

    posts: int
    below_id: int | None


def judge_pending(ctx: Context, classifier: Classifier, *, posts: int) -> int:
    """Judge up to ``posts`` waiting posts, live work before history; returns how many were judged.

    Works in batches of ``judge_batch_posts``, each committed on its own, and looks for live posts anew
    before each. The store is not held while the model thinks. While open work is to be judged again, one batch
    of history is all that a call judges: somebody may wait there, and nobody waits here.
    """
    judged = 0
    while judged < posts:
        batch = min(ctx.settings.judge_batch_posts or 64, posts - judged)
        with ctx.store.read() as tx:
            waiting = mentions.waiting(tx, posts=batch * LOOKED_AT_BATCHES)
        pending = batch_of(waiting, most=batch)
        if not pending or (judged and pending[0].is_history and _looks_back(ctx, classifier)):
            break
        _judge(ctx, classifier, pending, again=False)
        judged += len(pending)
    return judged


def _looks_back(ctx: Context, classifier: Classifier) -> bool:
    """Whether open work is to be judged again by this one."""
    due = readings.due(ctx)
    return due is not None and readings.is_for(due, classifier.card)


def batch_of(waiting: Sequence[Waiting], *, most: int) -> list[Waiting]:
    """The posts to judge next, ``most`` at most: the first of ``waiting``, and those most like it in length.

    Texts of like length leave little of a batch empty. While a live post waits, no history is among them, and a
    batch of long texts is short, so that whoever comes next waits a fraction of a second.
    """
    live = [post for post in waiting if not post.is_history]
    open_to = live or list(waiting)
    lengths = {post.id: min(len(post.text), READ_CHARS) for post in open_to}
    order = (
        sorted(open_to, key=lambda post: abs(lengths[post.id] - lengths[open_to[0].id])) if open_to[most:] else open_to
    )
    found: list[Waiting] = []
    chars = 0
    for post in order[:most]:
        chars += lengths[post.id]
        if found and chars > BATCH_CHARS:
            break
        found.append(post)
    return found


def waiting_ids(ctx: Context, *, posts: int) -> list[int]:
    """The posts that wait for the model, live work before history, ``posts`` at most."""
    with ctx.store.read() as tx:
        return [waiting.id for waiting in mentions.waiting(tx, posts=posts)]


def judge_these(ctx: Context, classifier: Classifier, mention_ids: Sequence[int]) -> int:
    """Judge those of these posts that still wait; returns how many. Harmless when repeated."""
    with ctx.store.read() as tx:
        pending = mentions.waiting_among(tx, mention_ids)
    if pending:
        _judge(ctx, classifier, pending, again=False)
    return len(pending)


def rejudge(ctx: Context, classifier: Classifier, *, posts: int, below_id: int | None = None) -> Rejudged:
    """Judge up to ``posts`` posts that another model judged, or the same one by another reading, the newest first.

    Corrections stay. All get their labels; a case comes only of what was written in the last ``reopen_window_days``.
    """
    judges, done = _judges(ctx, classifier), 0
    while done < posts:
        batch = min(ctx.settings.judge_batch_posts or 64, posts - done)
        pending = _judged_otherwise(ctx, judges, below_id=below_id, posts=batch)
        if not pending:
            return Rejudged(done, None)
        _judge(ctx, classifier, pending, again=True)
        done += len(pending)
        below_id = pending[-1].id
    return Rejudged(done, below_id)


def rejudge_as_taught(ctx: Context, load: Callable[[], Classifier], *, posts: int) -> int:
    """After the heads have changed, judge again what other heads judged; returns how many posts.

    ``posts`` at a time, and live posts go first: while any waits, this stops and goes on at the next call.
    """
    place, total, below_id = heads.not_rejudged(ctx), 0, None
    while place is not None and not has_pending(ctx):
        done = rejudge(ctx, load(), posts=posts, below_id=below_id)
        total, below_id = total + done.posts, done.below_id
        if below_id is None:
            heads.rejudged(ctx, place)
            break
    return total


def rejudge_open(ctx: Context, load: Callable[[], Classifier], *, posts: int) -> int:
    """After a new model or a new way of reading has been met, judge by it what is work; returns how many posts.

    That are live cases, and of the last ``reopen_window_days`` what was not queued: a danger that an older model
    missed must not stay unseen (docs/decisions/0021). LOOK_BACK_POSTS in one call, ``posts`` at a time, and live posts
    go first: while any waits it stops, after the first ``posts``, so that it comes to an end however much is written.
    History waits meanwhile. Another process, of an older version, leaves it to the one that met it.

    It needs no place to go on from: whatever it has read is not found again, being judged by this one, waiting for the
    model because it was changed meanwhile, or gone. Only who writes again, or an older version that is told to judge
    everything again, adds to what is left.
    """
    due = readings.due(ctx)
    if due is None:
        return 0
    classifier = load()
    if not readings.is_for(due, classifier.card):
        return 0
    since = ctx.clock() - timedelta(days=ctx.settings.reopen_window_days)
    judges = _judges(ctx, classifier)
    found = _judged_otherwise(ctx, judges, work_since=since, posts=LOOK_BACK_POSTS)
    batch = min(ctx.settings.judge_batch_posts or posts, posts)
    for start in range(0, len(found), batch):
        if start and has_live_pending(ctx):
            return start
        _judge(ctx, classifier, found[start : start + batch], again=True)
    if len(found) < LOOK_BACK_POSTS:
        readings.done(ctx, due)
    return len(found)


def _judges(ctx: Context, classifier: Classifier) -> set[str]:
    """The names of what has judged as this one does; it is noted as one that was met."""
    with ctx.store.write() as tx:
        judges = {classifier.card.judge, *readings.note(tx, classifier.card)}
        heads.note_judging(tx, ctx, classifier)
    return judges


def _judged_otherwise(
    ctx: Context, judges: set[str], *, posts: int, below_id: int | None = None, work_since: datetime | None = None
) -> list[Waiting]:
    with ctx.store.read() as tx:
        return judged_before.judged_otherwise(tx, judges=judges, work_since=work_since, below_id=below_id, posts=posts)


def _judge(ctx: Context, classifier: Classifier, pending: Sequence[Waiting], *, again: bool) -> None:
    opinions = classifier.judge([w.text for w in pending])
    with ctx.store.write() as tx:
        same = mentions.still_the_same(tx, pending)
        if not again:  # Another worker may have been faster.
            same &= {w.id for w in mentions.waiting_among(tx, sorted(same))}
        current = [(w.id, o) for w, o in zip(pending, opinions, strict=True) if w.id in same]
        readings.note(tx, classifier.card)
        heads.note_judging(tx, ctx, classifier)
        first_reading.raise_dangers(tx, ctx, current, now=ctx.clock(), again=again)
        record(tx, ctx, current, judge=classifier.card.judge, now=ctx.clock(), again=again)


def record(
    tx: Connection,
    ctx: Context,
    opinions: Sequence[tuple[int, Judgement]],
    *,
    judge: str,
    now: datetime,
    again: bool = False,
) -> None:
    """Write a model's opinions down and rank what they touch; sure spam that nobody owns leaves the queue.

    What left it so and is spam no more comes back; when it is judged ``again``, only what left it lately.
    """
    put_opinions(tx, opinions, now=now, judged_by=judge)
    _rank_again(tx, ctx, [mention_id for mention_id, _ in opinions], now, however_old=not again)


def _rank_again(
    tx: Connection, ctx: Context, mention_ids: Sequence[int], now: datetime, *, however_old: bool = True
) -> None:
    touched = standing.cases_of_mentions(tx, mention_ids) if mention_ids else {}
    if not touched:
        return
    episodes.rerank_many(tx, ctx, sorted(touched), now)
    episodes.set_noise_aside(tx, sorted(touched), now)
    episodes.bring_back(tx, ctx, sorted(touched), now, however_old=however_old)
    for brand_id in sorted(set(touched.values())):
        changes.raise_version(tx, brand_id)


def correct(ctx: Context, mention_id: int, correction: Correction) -> None:
    """Record a person's labels for a post; they win over every model, for good. Needs Right.JUDGE.

    Raises NotFound for a post that does not exist or was deleted.
    """
    with act(ctx, "judgement.correct", "mention", mention_id, needs=Right.JUDGE) as running:
        user_id = acting_member(ctx).id
        if not mentions.is_there(running.tx, mention_id):
            raise NotFound(f"There is no post {mention_id}.", entity="mention", id=mention_id)
        judgements.add_correction(running.tx, mention_id, correction, user_id=user_id, at=running.now)
        said = judgements.corrections_of(running.tx, [mention_id])[mention_id]
        mentions.put_correction(running.tx, mention_id, said)
        named = [name for name in Correction.__slots__ if getattr(correction, name) is not None]
        running.details["labels"] = named
        _rank_again(running.tx, ctx, [mention_id], running.now)


def has_pending(ctx: Context) -> bool:
    """Whether any post waits for the model."""
    with ctx.store.read() as tx:
        return bool(mentions.waiting(tx, posts=1))


def has_live_pending(ctx: Context) -> bool:
    """Whether any post that is no history waits for the model."""
    with ctx.store.read() as tx:
        return bool(mentions.waiting(tx, posts=1, history=False))
