"""How does a post get from a network into the store? Poll, store with its cursor, attach to its case."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from collectors.protocol import Collector, Cursor, Gap, Page, Resting
from db import brands as brands_db
from db import gaps as gaps_db
from db import imports, mentions, polls
from db.mentions import mention_key
from db.polls import PollRow
from domain.brand import Watch
from domain.errors import DeskError, Fatal, Misconfigured, Retriable, Unavailable
from domain.mention import Mention
from services import one_by_one, watches
from services.collecting import Collectors
from services.context import Context
from services.first_reading import older_than
from services.matching import matches
from services.noting import learn_silence, missed, note_page, note_round, with_missed
from services.storing import change_known, look_first, store_around, store_posts

log = logging.getLogger(__name__)

#: How long one poller keeps a channel to itself without finishing a page.
LEASE = timedelta(minutes=2)
#: A channel that always says "there is more" is left after so many pages; the next round goes on.
MAX_PAGES = 200
MAX_POLLS_A_ROUND = 50
#: What to wait after an error that no network should cause.
UNEXPECTED_S = 60.0


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What one round over one watch on one channel brought; ``gaps`` are all that are still open there.

    ``older`` of those stored were written before anybody listened, and are not queued.
    """

    channel: str
    watch_id: int
    fetched: int
    stored: int
    duplicates: int
    quarantined: int
    complete_up_to: datetime | None
    gaps: tuple[Gap, ...] = ()
    error: str | None = None
    older: int = 0


@dataclass(frozen=True, slots=True)
class StoreOutcome:
    """What one page brought. Posts that neither match nor go on a known talk are in none of the sums."""

    stored: int
    duplicates: int
    quarantined: int
    older: int = 0


def store(
    ctx: Context, watch: Watch, page: Page, *, channel: str | None = None, holder: str | None = None
) -> StoreOutcome:
    """Store one page and the cases of its posts in one transaction; with ``channel``, its cursor and gaps too.

    ``holder``: move the cursor only while this poller holds the lease.

    A page stored twice changes nothing the second time. When something in it cannot be stored, its posts are
    tried one by one, in one transaction still, and what fails is put aside.
    """
    with ctx.store.read() as tx:
        found = _sorted(tx, watch, page.items)
    try:
        return _store_whole(ctx, watch, page, found, channel=channel, holder=holder)
    except (Retriable, Fatal):
        raise
    except Exception as error:  # noqa: BLE001 - one post must not hold up all that come after it
        log.error("page cannot be stored whole channel=%s error=%s", channel, type(error).__name__)
        return _store_singly(ctx, watch, page, found, channel=channel, holder=holder)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The posts of a page: those for this watch, and those that only others have, to be brought up to date."""

    ours: list[Mention]
    others: list[Mention]


def _store_whole(
    ctx: Context, watch: Watch, page: Page, found: _Sorted, *, channel: str | None, holder: str | None
) -> StoreOutcome:
    batch = look_first(ctx, found.ours, older_than=older_than(ctx, page))
    with ctx.store.write() as tx:
        now = ctx.clock()
        placed = store_posts(tx, ctx, watch, batch, now=now)
        changed = change_known(tx, ctx, found.others, now=now)
        store_around(tx, ctx, page.around, now=now)
        _note(tx, watch, page, channel=channel, holder=holder, now=now)
    return StoreOutcome(placed.stored, placed.duplicates + changed, len(page.bad), placed.older)


def _store_singly(
    ctx: Context, watch: Watch, page: Page, found: _Sorted, *, channel: str | None, holder: str | None
) -> StoreOutcome:
    with ctx.store.write() as tx:
        now = ctx.clock()
        done = one_by_one.store_singly(tx, ctx, watch, found.ours, now=now, older_than=older_than(ctx, page))
        one_by_one.do_singly(tx, ctx, change_known, found.others, now=now)
        one_by_one.do_singly(tx, ctx, store_around, page.around, now=now)
        one_by_one.put_aside(tx, channel or "unknown", done.aside, at=now)
        _note(tx, watch, page, channel=channel, holder=holder, now=now)
    put_aside = len(page.bad) + len(done.aside)
    return StoreOutcome(done.stored, done.duplicates + len(found.others), put_aside, done.older)


def _note(tx: Connection, watch: Watch, page: Page, *, channel: str | None, holder: str | None, now: datetime) -> None:
    imports.put_aside(tx, channel or "unknown", [(b.raw, b.reason) for b in page.bad], at=now)
    if channel is not None:
        note_page(tx, channel, watch=watch, page=page, holder=holder, now=now)


def _sorted(tx: Connection, watch: Watch, posts: tuple[Mention, ...]) -> _Sorted:
    """Ours: posts to us, posts that match, that this watch has already, or that go on a talk we are in."""
    fits = {mention_key(p) for p in posts if p.to_us or matches(watch, p.text, channel=p.channel, language=p.language)}
    others = [p for p in posts if mention_key(p) not in fits]
    if not others:
        return _Sorted(list(posts), [])
    # Who goes on under their own post says the rest of it, though the name is not repeated.
    talks = {_talk(p) for p in posts if mention_key(p) in fits and not p.deleted}
    fits |= {mention_key(p) for p in others if _talk(p) in talks}
    known = mentions.find(tx, map(mention_key, others))
    mine = mentions.matched(tx, [stored.id for stored in known.values()], watch_id=watch.id)
    fits |= {key for key, stored in known.items() if stored.id in mine}
    if not watch.is_competitor:
        # What another watch has found is in a talk we are in because of itself: that is no reason to count it here.
        found = mentions.matched(tx, [stored.id for stored in known.values()], watch_id=None)
        unfound = [p for p in others if mention_key(p) not in known or known[mention_key(p)].id not in found]
        fits |= mentions.known_talks(tx, watch.brand_id, unfound)
    left = [p for p in others if mention_key(p) in known and mention_key(p) not in fits]
    return _Sorted([p for p in posts if mention_key(p) in fits], left)


def _talk(post: Mention) -> tuple[str, str, str, str]:
    """Who speaks, and under which post."""
    return post.channel, post.origin, post.author.native_id, post.conversation_id


@dataclass(slots=True)
class _Round:
    """The sums of one round while it runs."""

    fetched: int = 0
    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0
    older: int = 0

    def add(self, page: Page, outcome: StoreOutcome) -> None:
        self.fetched += len(page.items) + len(page.bad)
        self.stored += outcome.stored
        self.duplicates += outcome.duplicates
        self.quarantined += outcome.quarantined
        self.older += outcome.older


def fits(ctx: Context, watch: Watch, channel: str) -> bool:
    """Whether this watch is to be polled on this channel: the sample's story is the sample brand's alone."""
    with ctx.store.read() as tx:
        return watch.active and channel in watches.channels_of(tx, ctx, watch)


def poll(ctx: Context, channel: str, watch_id: int) -> PollOutcome:
    """Fetch and store every page the channel has for this watch now, whether due or not. Raises as ``poll_all``."""
    return poll_all(ctx, channel, [watch_id])[0]


def poll_all(ctx: Context, channel: str, watch_ids: Sequence[int]) -> list[PollOutcome]:
    """The same for several watches, which ask for each thing once. A person wants it: nothing rests.

    Errors of the network do not raise: they stand in ``error`` and in the poll's row. Raises NotFound
    for an unknown channel or watch.
    """
    ctx.channels.manifest(channel)
    collectors, asked_at = Collectors(ctx), ctx.clock()
    return [_poll_now(ctx, channel, watch_id, collectors, asked_at=asked_at) for watch_id in watch_ids]


def _poll_now(ctx: Context, channel: str, watch_id: int, collectors: Collectors, *, asked_at: datetime) -> PollOutcome:
    with ctx.store.write() as tx:
        watch = brands_db.watch(tx, watch_id)
        polls.ensure(tx, channel, watch_id=watch_id, now=ctx.clock())
        polls.change(tx, channel, watch_id=watch_id, holder=None, asked_at=asked_at)
        row = polls.get(tx, channel, watch_id=watch_id)
        assert row is not None
        now, owner = ctx.clock(), f"once:{uuid4()}"
        mine = polls.lease(tx, row.id, owner=owner, now=now, until=now + LEASE)
    if not mine:
        return PollOutcome(channel, watch_id, 0, 0, 0, 0, row.complete_up_to, error="busy")
    return _poll_leased(ctx, watch, row, collectors, owner=owner, due_at=asked_at)


def due_channels(ctx: Context) -> list[str]:
    """The channels on which something is due."""
    now = ctx.clock()
    with ctx.store.read() as tx:
        return polls.due_channels(tx, now=now, until=now + LEASE)


def poll_due(ctx: Context, *, worker: str, channel: str | None = None) -> list[PollOutcome]:
    """Poll whatever is due (on ``channel``, or anywhere), the longest due first; one poller a channel by lease."""
    outcomes: list[PollOutcome] = []
    collectors = Collectors(ctx)
    for _ in range(MAX_POLLS_A_ROUND):
        now = ctx.clock()
        with ctx.store.write() as tx:
            row = polls.lease_next(tx, owner=worker, now=now, until=now + LEASE, channel=channel)
            watch = None if row is None else brands_db.watch(tx, row.watch_id)
        if row is None or watch is None:
            break
        outcomes.append(_poll_leased(ctx, watch, row, collectors, owner=worker, due_at=row.next_poll_at))
    return outcomes


def _poll_leased(
    ctx: Context, watch: Watch, row: PollRow, collectors: Collectors, *, owner: str, due_at: datetime
) -> PollOutcome:
    done = _Round()
    error: DeskError | None = None
    try:
        _fetch_all(ctx, watch, row, done, collectors.of(watch, row.channel, due_at=due_at), owner=owner)
    except (Retriable, Fatal) as err:
        error = err
        _log_once(row, err)
    except Exception as err:  # noqa: BLE001 - the lease is given back and the next try waits, whatever it was
        error = _unexpected(row, err)
        _log_once(row, error)
    learned = learn_silence(ctx, row, now=ctx.clock())
    with ctx.store.write() as tx:
        note_round(tx, ctx, row, error, owner=owner, learned=learned)
        after = polls.get(tx, row.channel, watch_id=watch.id)
        holes = gaps_db.of_poll(tx, row.channel, watch_id=watch.id)
    complete = after.complete_up_to if after else None
    sums = (done.fetched, done.stored, done.duplicates, done.quarantined)
    missing = tuple(Gap(hole.from_at, hole.to_at, hole.reason) for hole in holes)
    said = None if error is None else str(error)
    return PollOutcome(row.channel, watch.id, *sums, complete, missing, said, done.older)


def _fetch_all(ctx: Context, watch: Watch, row: PollRow, done: _Round, collector: Collector, *, owner: str) -> None:
    """Page after page while there is more; the network is asked outside any transaction."""
    cursor = None if row.cursor is None else Cursor(row.cursor)
    if cursor is not None and row.asked_at is not None and isinstance(collector, Resting):
        cursor = collector.awake(cursor)
    lost = missed(ctx, row, now=ctx.clock())
    for _ in range(MAX_PAGES):
        page, lost = with_missed(collector.fetch(watch, cursor), lost), ()
        done.add(page, store(ctx, watch, page, channel=row.channel, holder=owner))
        if not page.has_more:
            return
        if page.next_cursor is None or page.next_cursor == cursor:
            raise Misconfigured(f"{row.channel} names the same page twice; the round was ended.", channel=row.channel)
        cursor = page.next_cursor
        now = ctx.clock()
        with ctx.store.write() as tx:
            if not polls.lease(tx, row.id, owner=owner, now=now, until=now + LEASE):
                return  # Too slow: another poller has taken over, and goes on from our cursor.


def _unexpected(row: PollRow, error: Exception) -> Unavailable:
    """An answer nobody can make sense of, or a mistake of ours: tried again, more slowly, and shown until it works."""
    words = str(error) if isinstance(error, DeskError) else f"It broke while reading ({type(error).__name__})."
    if not isinstance(error, DeskError) and row.last_error != words:
        log.error("poll broke channel=%s watch=%s", row.channel, row.watch_id, exc_info=error)
    return Unavailable(words, retry_after_s=UNEXPECTED_S)


def _log_once(row: PollRow, error: DeskError) -> None:
    """Lost once: the same error at every poll is one line."""
    if row.error_key != error.key:
        log.warning("poll failed channel=%s watch=%s error=%s", row.channel, row.watch_id, error.key)
