"""How does a post get from a network into the store? Poll, store with its cursor, attach to its case."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from collectors.protocol import Collector, Cursor, Gap, Page
from db import brands as brands_db
from db import gaps as gaps_db
from db import imports, mentions, polls
from db.mentions import mention_key
from db.polls import PollRow
from domain.brand import Account, Watch
from domain.errors import DeskError, Fatal, Misconfigured, Retriable, Unavailable
from domain.mention import Mention
from services import one_by_one, watches
from services.context import Context
from services.matching import matches
from services.noting import learn_silence, missed, note_page, with_missed
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
    """What one round over one watch on one channel brought; ``gaps`` are all that are still open there."""

    channel: str
    watch_id: int
    fetched: int
    stored: int
    duplicates: int
    quarantined: int
    complete_up_to: datetime | None
    gaps: tuple[Gap, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class StoreOutcome:
    """What one page brought. Posts that neither match nor go on a known talk are in none of the sums."""

    stored: int
    duplicates: int
    quarantined: int


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
    batch = look_first(ctx, found.ours)
    with ctx.store.write() as tx:
        now = ctx.clock()
        placed = store_posts(tx, ctx, watch, batch, now=now)
        changed = change_known(tx, ctx, found.others, now=now)
        store_around(tx, ctx, page.around, now=now)
        _note(tx, watch, page, channel=channel, holder=holder, now=now)
    return StoreOutcome(placed.stored, placed.duplicates + changed, len(page.bad))


def _store_singly(
    ctx: Context, watch: Watch, page: Page, found: _Sorted, *, channel: str | None, holder: str | None
) -> StoreOutcome:
    with ctx.store.write() as tx:
        now = ctx.clock()
        done = one_by_one.store_singly(tx, ctx, watch, found.ours, now=now)
        one_by_one.do_singly(tx, ctx, change_known, found.others, now=now)
        one_by_one.do_singly(tx, ctx, store_around, page.around, now=now)
        one_by_one.put_aside(tx, channel or "unknown", done.aside, at=now)
        _note(tx, watch, page, channel=channel, holder=holder, now=now)
    return StoreOutcome(done.stored, done.duplicates + len(found.others), len(page.bad) + len(done.aside))


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
        fits |= mentions.known_talks(tx, watch.brand_id, others)
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

    def add(self, page: Page, outcome: StoreOutcome) -> None:
        self.fetched += len(page.items) + len(page.bad)
        self.stored += outcome.stored
        self.duplicates += outcome.duplicates
        self.quarantined += outcome.quarantined


def fits(ctx: Context, watch: Watch, channel: str) -> bool:
    """Whether this watch is to be polled on this channel: the sample's story is the sample brand's alone."""
    with ctx.store.read() as tx:
        return watch.active and channel in watches.channels_of(tx, ctx, watch)


def poll(ctx: Context, channel: str, watch_id: int) -> PollOutcome:
    """Fetch and store every page the channel has for this watch now, whether due or not.

    Errors of the network do not raise: they stand in ``error`` and in the poll's row. Raises NotFound
    for an unknown channel or watch.
    """
    ctx.channels.manifest(channel)
    with ctx.store.write() as tx:
        watch = brands_db.watch(tx, watch_id)
        polls.ensure(tx, channel, watch_id=watch_id, now=ctx.clock())
        row = polls.get(tx, channel, watch_id=watch_id)
        assert row is not None
        now, owner = ctx.clock(), f"once:{uuid4()}"
        mine = polls.lease(tx, row.id, owner=owner, now=now, until=now + LEASE)
    if not mine:
        return PollOutcome(channel, watch_id, 0, 0, 0, 0, row.complete_up_to, error="busy")
    return _poll_leased(ctx, watch, row, owner=owner)


def due_channels(ctx: Context) -> list[str]:
    """The channels on which something is due."""
    now = ctx.clock()
    with ctx.store.read() as tx:
        return polls.due_channels(tx, now=now, until=now + LEASE)


def poll_due(ctx: Context, *, worker: str, channel: str | None = None) -> list[PollOutcome]:
    """Poll whatever is due (on ``channel``, or anywhere), the longest due first; one poller a channel by lease."""
    outcomes: list[PollOutcome] = []
    for _ in range(MAX_POLLS_A_ROUND):
        now = ctx.clock()
        with ctx.store.write() as tx:
            row = polls.lease_next(tx, owner=worker, now=now, until=now + LEASE, channel=channel)
            watch = None if row is None else brands_db.watch(tx, row.watch_id)
        if row is None or watch is None:
            break
        outcomes.append(_poll_leased(ctx, watch, row, owner=worker))
    return outcomes


def _poll_leased(ctx: Context, watch: Watch, row: PollRow, *, owner: str) -> PollOutcome:
    done = _Round()
    error: DeskError | None = None
    try:
        _fetch_all(ctx, watch, row, done, owner=owner)
    except (Retriable, Fatal) as err:
        error = err
        _log_once(row, err)
    except Exception as err:  # noqa: BLE001 - the lease is given back and the next try waits, whatever it was
        error = _unexpected(row, err)
        _log_once(row, error)
    learned = learn_silence(ctx, row, now=ctx.clock())
    with ctx.store.write() as tx:
        _write_down(tx, ctx, row, error, owner=owner, learned=learned)
        after = polls.get(tx, row.channel, watch_id=watch.id)
        holes = gaps_db.of_poll(tx, row.channel, watch_id=watch.id)
    complete = after.complete_up_to if after else None
    sums = (done.fetched, done.stored, done.duplicates, done.quarantined)
    missing = tuple(Gap(hole.from_at, hole.to_at, hole.reason) for hole in holes)
    return PollOutcome(row.channel, watch.id, *sums, complete, missing, None if error is None else str(error))


def _fetch_all(ctx: Context, watch: Watch, row: PollRow, done: _Round, *, owner: str) -> None:
    """Page after page while there is more; the network is asked outside any transaction."""
    voices = _accounts(ctx, watch, row.channel)
    collector: Collector = ctx.channels.collector(row.channel, next(iter(voices), None), accounts=voices)
    cursor = None if row.cursor is None else Cursor(row.cursor)
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


def _accounts(ctx: Context, watch: Watch, channel: str) -> tuple[Account, ...]:
    with ctx.store.read() as tx:
        return brands_db.accounts_on(tx, watch.brand_id, channel=channel)


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


def _write_down(
    tx: Connection, ctx: Context, row: PollRow, error: DeskError | None, *, owner: str, learned: dict[str, object]
) -> None:
    """When to poll again, and what a person should know about the last time."""
    now = ctx.clock()
    pause = timedelta(seconds=ctx.channels.manifest(row.channel).poll_interval_s)
    values: dict[str, object] = {"lease_owner": None, "lease_until": None, "last_poll_at": now, **learned}
    if error is None:
        values |= {"last_success_at": now, "failing_since": None, "stopped": False}
        values |= {"last_error": None, "error_key": None}
    else:
        values |= {"failing_since": row.failing_since or now}
        values |= {"last_error": str(error)[:500], "error_key": error.key}
        values["stopped"] = isinstance(error, Fatal)
        if isinstance(error, Retriable):
            pause = max(pause, timedelta(seconds=error.retry_after_s))
    polls.change(tx, row.channel, watch_id=row.watch_id, holder=owner, next_poll_at=now + pause, **values)
