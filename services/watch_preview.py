"""What would a watch catch? Tried before it is saved, on stored posts and on what the networks show now."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass, replace
from datetime import datetime

from collectors.protocol import Cursor
from db import brands as brands_db
from db import watched
from domain.brand import Account, Watch
from domain.errors import DeskError, Unavailable
from domain.people import Right
from services import renewing, watches
from services.act import require
from services.context import Context
from services.match_marks import look

#: Stored posts a watch is tried on; reading and matching them takes a tenth of a second.
STORED_POSTS = 2_000
EXAMPLES = 5
EXAMPLE_CHARS = 280
#: What one channel is asked for at most, so that trying costs little of its quota and of anybody's time.
LIVE_PAGES, LIVE_S = 3, 20.0


@dataclass(frozen=True, slots=True)
class Example:
    """A post and the words that decided, ``marks`` as ``[start, end)`` in code points of ``text``."""

    channel: str
    author: str
    at: datetime
    text: str
    marks: tuple[tuple[int, int], ...]
    excluded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a watch made of the posts it was tried on. ``excluded``: which exclusion kept out how many."""

    looked_at: int
    matched: int
    excluded: tuple[tuple[str, int], ...] = ()
    other_language: int = 0
    examples: tuple[Example, ...] = ()
    excluded_examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class LivePreview:
    """The same for what one channel shows now; ``error`` when it could not be asked, or not to the end."""

    channel: str
    preview: Preview
    error: DeskError | None = None


def preview(ctx: Context, watch: Watch) -> Preview:
    """Try a watch on the newest stored posts of its channels. Needs Right.READ: it shows their words.

    The sample's posts are tried for the sample brand alone. Raises Invalid for terms that cannot be searched for.
    """
    require(ctx, Right.READ, action="watch.preview", entity="watch")
    watch = _tidy(watch)
    with ctx.store.read() as tx:
        is_sample = bool(watch.brand_id) and brands_db.get(tx, watch.brand_id).is_sample
        channels = (watches.SAMPLE_CHANNEL,) if is_sample else watch.channels
        posts = watched.newest(
            tx, rows=STORED_POSTS, channels=channels, but=() if is_sample else (watches.SAMPLE_CHANNEL,)
        )
    return _tried(watch, ((p.channel, p.author, p.published_at, p.text, p.language) for p in posts))


def preview_live(ctx: Context, watch: Watch) -> tuple[LivePreview, ...]:
    """Try a watch on what each of its channels shows now; stores nothing. Needs Right.SETUP: it spends quota.

    All channels at once, three pages and twenty seconds each; what goes wrong on one stands in its ``error``.
    """
    require(ctx, Right.SETUP, action="watch.preview", entity="watch")
    watch = _tidy(watch)
    with ctx.store.read() as tx:
        names = watches.channels_of(tx, ctx, watch)
        voices = {name: brands_db.accounts_on(tx, watch.brand_id, channel=name) for name in names}
    pool = ThreadPoolExecutor(max(1, len(names)), thread_name_prefix="watch-preview")
    try:
        until = time.monotonic() + LIVE_S
        asked = {name: pool.submit(_ask, ctx, watch, name, voices[name]) for name in names}
        done: list[LivePreview] = []
        for name, answer in asked.items():
            try:
                done.append(answer.result(timeout=max(0.0, until - time.monotonic())))
            except TooSlow:
                done.append(LivePreview(name, Preview(0, 0), Unavailable(f"{name} did not answer in time.")))
        return tuple(done)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # a network that hangs must not hold the page


def _ask(ctx: Context, watch: Watch, channel: str, voices: tuple[Account, ...]) -> LivePreview:
    posts: list[tuple[str, str, datetime, str, str | None]] = []
    error: DeskError | None = None
    until = time.monotonic() + LIVE_S
    try:
        renewing.fresh(ctx, voices)
        collector = ctx.channels.collector(channel, next(iter(voices), None), accounts=voices)
        cursor: Cursor | None = None
        for _ in range(LIVE_PAGES):
            page = collector.fetch(watch, cursor)
            living = [post for post in page.items if not (post.deleted or post.is_own or post.is_repost)]
            posts += [(p.channel, p.author.handle, p.published_at, p.text, p.language) for p in living]
            if not page.has_more or page.next_cursor in (None, cursor) or time.monotonic() > until:
                break
            cursor = page.next_cursor
    except DeskError as err:
        error = err
    except Exception as err:  # noqa: BLE001 - an answer nobody foresaw on one channel leaves the others standing
        error = Unavailable(f"{channel} could not be read ({type(err).__name__}).")
    return LivePreview(channel, _tried(watch, sorted(posts, key=lambda post: post[2], reverse=True)), error)


def _tidy(watch: Watch) -> Watch:
    terms, exclusions = watches.words(watch.terms), watches.words(watch.exclusions)
    return replace(watch, terms=tuple(terms), exclusions=tuple(exclusions))


def _tried(watch: Watch, posts: Iterable[tuple[str, str, datetime, str, str | None]]) -> Preview:
    looked_at, matched, other_language = 0, 0, 0
    excluded: Counter[str] = Counter()
    examples: list[Example] = []
    kept_out: dict[str, Example] = {}
    for channel, author, at, text, language in posts:
        looked_at += 1
        seen = look(watch, text, language=language)
        matched += seen.matched
        other_language += seen.other_language
        if seen.matched and len(examples) < EXAMPLES:
            examples.append(_example(channel, author, at, text, seen.marks))
        if seen.excluded_by is not None:
            excluded[seen.excluded_by] += 1
            if seen.excluded_by not in kept_out and len(kept_out) < EXAMPLES:
                kept_out[seen.excluded_by] = _example(channel, author, at, text, seen.marks, seen.excluded_by)
    return Preview(
        looked_at, matched, tuple(excluded.most_common()), other_language, tuple(examples), tuple(kept_out.values())
    )


def _example(
    channel: str,
    author: str,
    at: datetime,
    text: str,
    marks: tuple[tuple[int, int], ...],
    excluded_by: str | None = None,
) -> Example:
    """The part of the post around its first mark, one line, its marks moved along."""
    flat = "".join(" " if char.isspace() else char for char in text)
    start = max(0, marks[0][0] - EXAMPLE_CHARS // 3) if marks and len(flat) > EXAMPLE_CHARS else 0
    start = min(start, max(0, len(flat) - EXAMPLE_CHARS))
    part = flat[start : start + EXAMPLE_CHARS]
    lead, tail = "…" if start else "", "…" if start + EXAMPLE_CHARS < len(flat) else ""
    moved = [(max(0, a - start) + len(lead), min(len(part), b - start) + len(lead)) for a, b in marks]
    inside = tuple((a, b) for a, b in moved if len(lead) <= a < b)
    return Example(channel, author, at, f"{lead}{part}{tail}", inside, excluded_by)
