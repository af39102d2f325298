"""How do posts come in within seconds? One listener per channel with a stream, beside the polls, under a lease.

Every batch is stored together with the stream's cursor, for each watch that it concerns. Polling goes on all the
while and brings whatever the stream missed, so a break costs seconds and never a post.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from collectors.protocol import Cursor, Listener, Page
from db import brands, imports, leases, mentions, streams
from db.mentions import mention_key
from domain.brand import Account, Watch
from domain.errors import DeskError, Fatal, RateLimited, Retriable, Unavailable
from domain.mention import Mention
from domain.text import search_form
from services import one_by_one
from services import watches as watches_service
from services.context import Context
from services.matching import matches
from services.noting import note_page
from services.storing import change_known, look_first, store_around, store_posts

log = logging.getLogger(__name__)

#: Another listener may take over when this one has not stored anything, not even an empty batch, for so long.
LEASE = timedelta(seconds=20)
#: Watches and accounts are read again this often while the stream runs.
REREAD_S = 5.0
#: The pause before the next connection grows up to this.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
PAUSE_STEP_S = 0.2


@dataclass(frozen=True, slots=True)
class Audience:
    """Who listens on a channel: its watches, and our accounts there by brand."""

    watches: tuple[Watch, ...]
    accounts: tuple[Account, ...]


def listen(ctx: Context, channel: str, *, worker: str, stopped: Callable[[], bool]) -> None:
    """Listen to a channel's stream until ``stopped``; returns at once when nobody wants it or another listens.

    A broken connection is written down and tried again after a growing pause.
    """
    pause_s = FIRST_PAUSE_S
    while not stopped():
        audience = _audience(ctx, channel)
        if not audience.watches or not _hold(ctx, channel, worker):
            return
        try:
            for _ in _batches(ctx, channel, audience, worker=worker, stopped=stopped):
                pause_s = FIRST_PAUSE_S
        except _Taken:
            return
        except DeskError as error:
            log.warning("stream broke channel=%s error=%s", channel, error.key)
            pause_s = _after(ctx, channel, error, pause_s, stopped)
        except Exception as error:
            log.error("stream broke channel=%s", channel, exc_info=error)
            words = f"It broke while listening ({type(error).__name__})."
            pause_s = _after(ctx, channel, Unavailable(words), pause_s, stopped)
    with ctx.store.write() as tx:
        leases.let_go(tx, _lease(channel), owner=worker, now=ctx.clock())


def listen_to_all(ctx: Context, *, worker: str, stopped: Callable[[], bool] = lambda: False) -> None:
    """Listen to every stream that somebody wants, each in a thread of its own, until all have ended."""
    names = [name for name in ctx.channels.names() if ctx.channels.manifest(name).streams]
    threads = [
        threading.Thread(target=listen, args=(ctx, name), kwargs={"worker": worker, "stopped": stopped}, daemon=True)
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def store_batch(ctx: Context, channel: str, audience: Audience, page: Page, *, worker: str) -> int:
    """Store one batch with the stream's cursor in one transaction; returns how many posts were new.

    When another worker has taken the stream over in the meantime nothing is stored, and the listener ends.
    """
    posts = [post for post in page.items if not post.deleted]
    with ctx.store.read() as tx:
        kept = _kept(tx, audience, posts) if posts else []
        known = set(mentions.find(tx, map(mention_key, posts))) if posts else set()
    heard = _Heard(page, kept, [p for p in page.items if p.deleted or mention_key(p) in known])
    try:
        return _store(ctx, channel, audience, heard, _store_whole(ctx, heard), worker=worker)
    except (_Taken, Retriable, Fatal):
        raise
    except Exception as error:  # noqa: BLE001 - one post must not hold up all that come after it
        log.error("batch cannot be stored whole channel=%s error=%s", channel, type(error).__name__)
        return _store(ctx, channel, audience, heard, _store_singly(ctx, channel, heard), worker=worker)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A batch: what each watch takes of it, and what changes or ends a post that may be known."""

    page: Page
    kept: list[tuple[Watch, list[Mention]]]
    changed: list[Mention]


#: Stores the posts of a batch inside a transaction; how many were new.
_Storing = Callable[[Connection, datetime], int]


def _store(ctx: Context, channel: str, audience: Audience, heard: _Heard, storing: _Storing, *, worker: str) -> int:
    page, taken = heard.page, {watch.id: posts for watch, posts in heard.kept}
    with ctx.store.write() as tx:
        now = ctx.clock()
        if leases.acquire(tx, _lease(channel), owner=worker, now=now, until=now + LEASE) is None:
            raise _Taken
        stored = storing(tx, now)
        imports.put_aside(tx, channel, [(b.raw, b.reason) for b in page.bad], at=now)
        for watch in audience.watches:
            told = replace(page, items=tuple(taken.get(watch.id, ())))
            note_page(tx, channel, watch=watch, page=told, holder=None, now=now, polled=False)
        moved: dict[str, object] = {"failing_since": None, "last_error": None}
        moved |= {"cursor": page.next_cursor} if page.next_cursor is not None else {}
        moved |= {"last_event_at": page.complete_up_to} if page.complete_up_to is not None else {}
        streams.change(tx, channel, **moved)
    return stored


def _store_whole(ctx: Context, heard: _Heard) -> _Storing:
    def storing(tx: Connection, now: datetime) -> int:
        stored = sum(store_posts(tx, ctx, watch, batch, now=now).stored for watch, batch in batches)
        change_known(tx, ctx, heard.changed, now=now)
        if batches:
            store_around(tx, ctx, heard.page.around, now=now)
        return stored

    batches = [(watch, look_first(ctx, fitting)) for watch, fitting in heard.kept]
    return storing


def _store_singly(ctx: Context, channel: str, heard: _Heard) -> _Storing:
    def storing(tx: Connection, now: datetime) -> int:
        done = [one_by_one.store_singly(tx, ctx, watch, posts, now=now) for watch, posts in heard.kept]
        one_by_one.do_singly(tx, ctx, change_known, heard.changed, now=now)
        one_by_one.do_singly(tx, ctx, store_around, heard.page.around if done else (), now=now)
        one_by_one.put_aside(tx, channel, [item for each in done for item in each.aside], at=now)
        return sum(each.stored for each in done)

    return storing


class _Taken(Exception):
    """Another worker listens now."""


def _batches(
    ctx: Context, channel: str, audience: Audience, *, worker: str, stopped: Callable[[], bool]
) -> Iterator[int]:
    """One connection, until other watches or accounts are in force; how many posts of each batch were new."""
    listener: Listener = ctx.channels.listener(channel, next(iter(audience.accounts), None), accounts=audience.accounts)
    with ctx.store.write() as tx:
        told = streams.cursor(tx, channel)
        streams.change(tx, channel, connected_at=ctx.clock())
    look_again_at = time.monotonic() + REREAD_S
    cursor = None if told is None else Cursor(told)
    for page in listener.batches(audience.watches, cursor, stopped=stopped):
        yield store_batch(ctx, channel, audience, page, worker=worker)
        if time.monotonic() >= look_again_at:
            if _audience(ctx, channel) != audience:
                break
            look_again_at = time.monotonic() + REREAD_S


def _audience(ctx: Context, channel: str) -> Audience:
    with ctx.store.read() as tx:
        listening = [w for w in brands.watches_of(tx) if channel in watches_service.channels_of(tx, ctx, w)]
        return Audience(tuple(listening), tuple(a for a in brands.accounts_of(tx) if a.channel == channel))


def _kept(tx: Connection, audience: Audience, posts: Sequence[Mention]) -> list[tuple[Watch, list[Mention]]]:
    """What each watch takes: posts that match it; and for its first one, what else concerns the brand.

    That is: posts that name an account of the brand, and posts that go on a talk it is in. A watch without
    terms takes nothing else: a stream carries all that a network says.
    """
    folded = {mention_key(post): search_form(post.text) for post in posts}
    found: list[tuple[Watch, list[Mention]]] = []
    for brand_id in dict.fromkeys(watch.brand_id for watch in audience.watches):
        names = [f"@{a.handle.casefold()}" for a in audience.accounts if a.brand_id == brand_id]
        ours = mentions.known_talks(tx, brand_id, posts)
        ours |= {key for key, text in folded.items() if any(name in text for name in names)}
        for watch in (w for w in audience.watches if w.brand_id == brand_id):
            fits = [p for p in posts if watch.terms and _matches(watch, p)]
            if ours and not watch.is_competitor:
                fits += [p for p in posts if mention_key(p) in ours and p not in fits]
                ours = set()
            if fits:
                found.append((watch, fits))
    return found


def _matches(watch: Watch, post: Mention) -> bool:
    return matches(watch, post.text, channel=post.channel, language=post.language)


def _hold(ctx: Context, channel: str, worker: str) -> bool:
    with ctx.store.write() as tx:
        now = ctx.clock()
        return leases.acquire(tx, _lease(channel), owner=worker, now=now, until=now + LEASE) is not None


def _lease(channel: str) -> str:
    return f"listen:{channel}"


def _after(ctx: Context, channel: str, error: DeskError, pause_s: float, stopped: Callable[[], bool]) -> float:
    """Write down what broke, wait, and say how long to wait the next time. Who asks for patience gets it."""
    with ctx.store.write() as tx:
        streams.failed(tx, channel, str(error), at=ctx.clock())
    _pause(max(pause_s, error.retry_after_s) if isinstance(error, RateLimited) else pause_s, stopped)
    return min(LONGEST_PAUSE_S, pause_s * 2)


def _pause(pause_s: float, stopped: Callable[[], bool]) -> None:
    end = time.monotonic() + pause_s
    while time.monotonic() < end and not stopped():
        time.sleep(PAUSE_STEP_S)
