"""What is new on Mastodon since the cursor? What addresses us, what is tagged or found, and what changed since.

A round reads one source after the other, one page a fetch, and then the posts handed over lately, for edits and
deletions, of which a server tells nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from collectors.mastodon.bookmark import Bookmark, decode
from collectors.mastodon.client import MastodonNetwork
from collectors.mastodon.normalize import normalize, raw_text, tombstone, wording
from collectors.mastodon.pages import PAGE_ITEMS, Item, Shown, id_of, shown
from collectors.mastodon.sources import Kind, Source, sources
from collectors.mastodon.talks import Talks
from collectors.parts import chosen, in_parts
from collectors.protocol import BadItem, Cursor, Gap, GapReason, Kept, Page, Recheck
from collectors.rounds import Seen, name_of_bad
from domain.brand import Watch
from domain.errors import Malformed, Unavailable
from domain.mention import Mention

#: A server may show a post some seconds after its time.
LATE = timedelta(seconds=5)
#: Deletions confirmed in one round, by asking for each post alone.
CONFIRMED_POSTS = 10


@dataclass(frozen=True, slots=True)
class _Step:
    """One page read: what of it belongs here, oldest first, and the bookmark while it was read and after."""

    source: Source
    page: Shown
    items: tuple[Item, ...]
    during: Bookmark
    after: Bookmark
    gaps: tuple[Gap, ...] = field(default=())

    @property
    def to_us(self) -> bool:
        return self.source.kind == Kind.TO_US


@dataclass(frozen=True, slots=True)
class _Changes:
    """Posts handed over earlier that read otherwise now, and those that are gone."""

    views: tuple[Mapping[str, Any], ...] = ()
    gone: tuple[Mention, ...] = ()


class MastodonCollector:
    """Listens with one account. A competitor's watch searches only: what addresses us is not about them."""

    def __init__(self, network: MastodonNetwork) -> None:
        self._network = network

    def fetch(self, watch: Watch, cursor: Cursor | None) -> Page:
        """The next page; see ``collectors.protocol.Collector``."""
        wanted = {source.name: source for source in sources(watch)}
        bookmark = decode(cursor)
        if not bookmark.goes_on(tuple(wanted)):
            bookmark = bookmark.begin(tuple(wanted), self._network.clock())
        step = self._step(wanted[bookmark.running.todo[0]], bookmark)
        if step.after.round is not None:
            return self._page(step, _Changes(), step.after)
        changes, after = self._changes(step.after)
        return self._page(step, changes, after)

    def _step(self, source: Source, bookmark: Bookmark) -> _Step:
        back = source.reach.deep if bookmark.running.deep else source.reach.overlap
        trail = bookmark.trail(source.name)
        start = None if trail is None or source.kind == Kind.SEARCH else trail.start(back)
        return self._down(source, bookmark, back) if start is None else self._up(source, bookmark, start)

    def _up(self, source: Source, bookmark: Bookmark, start: str) -> _Step:
        """On from a place towards now; ``min_id`` hands out what follows right after it, so nothing is jumped."""
        token, newest = bookmark.running.token or start, bookmark.newest
        of = bookmark.running.page_of(PAGE_ITEMS)
        page = shown(self._network, source, newer_than=token, most=of)
        during = bookmark.fitted(page.most, of=of)
        if page.is_hidden:
            return _Step(source, page, (), during.asked(None), during.around(source.name))
        during = during.asked(page.reply.at)
        if page.newer == token or during.running.turns_back(page.newer):
            return _Step(source, page, page.items[::-1], during, during.around(source.name))
        if page.newer is None or (page.is_short and _is_end(self._beside(source, page, newer_than=page.newer))):
            after = _done(source, during, page.newer or newest)
        else:
            after = during.turn(page.newer, page.newer)
        return _Step(source, page, page.items[::-1], during, after)

    def _down(self, source: Source, bookmark: Bookmark, back: timedelta) -> _Step:
        """From the newest page back to a moment: at first, and always in a search, which knows no other way."""
        is_search, token = source.kind == Kind.SEARCH, bookmark.running.token
        of = bookmark.running.page_of(PAGE_ITEMS)
        page = shown(self._network, source, older_than=token, most=of)
        during = bookmark.fitted(page.most, of=of).asked(page.reply.at)
        boundary, newest = during.boundary(source.name, back), bookmark.newest or page.newer
        during = during.saw([item.at for item in page.items if item.at is not None], boundary)
        oldest_at = min((at for at in (page.oldest_at, bookmark.oldest_at) if at is not None), default=None)
        is_reached = page.is_before(boundary) and during.running.is_sure
        is_circle = during.running.turns_back(page.older) and not is_reached
        if (
            is_circle
            or is_reached
            or page.older is None
            or (page.is_short and _is_end(self._beside(source, page, older_than=page.older)))
        ):
            after = _done(source, during, None if is_search else newest)
        else:
            after = during.turn(page.older, newest, oldest_at=oldest_at)
        fresh = tuple(item for item in page.items[::-1] if item.at is None or item.at >= boundary)
        gaps: tuple[Gap, ...] = ()
        if is_search and is_circle:
            # This server finds posts and has no way to turn the page.
            gaps = _gap(boundary, oldest_at, GapReason.TOO_MANY)
        elif is_circle or page.is_hidden:
            reason = GapReason.CIRCLE if is_circle else GapReason.TOO_LARGE
            read = replace(during, oldest_at=oldest_at)
            gaps = _hidden(read, source, boundary, reason, now=self._network.clock())
        return _Step(source, page, fresh, during, after, gaps)

    def _beside(self, source: Source, page: Shown, **beside: str) -> Shown:
        """The page beside a short one, which is the last one only if nothing stands there."""
        return shown(self._network, source, most=page.most, **beside)

    def _page(self, step: _Step, changes: _Changes, after: Bookmark) -> Page:
        known, quota = step.during, step.page.reply.quota
        meant = [item for item in step.items if step.to_us or _is_public(item.view)]
        new = [item for item in meant if not known.memory.has(id_of(item.view), wording(item.view), to_us=step.to_us)]
        talks = Talks(self._network, [item.view for item in new])
        items: list[Mention] = []
        bad: dict[str, BadItem] = {}
        for item in (*new, *(Item(view, None, None) for view in changes.views)):
            try:
                items.append(self._read(item, step, talks if item in new else None))
            except Malformed as error:
                bad[_named(item.view)] = BadItem(raw_text(item.view), str(error))
        forget = tuple(post.native_id for post in changes.gone)
        now = step.page.reply.at or self._network.clock()
        memory = after.memory.remember(_seen(items), forget=forget, now=now).put_aside(bad)
        return Page(
            items=(*items, *changes.gone),
            next_cursor=replace(after, memory=memory).encode(),
            has_more=after.round is not None,
            complete_up_to=None if after.round is not None else known.running.heard_until(late=LATE),
            bad=tuple(item for name, item in bad.items() if name not in known.memory.aside),
            gaps=step.gaps,
            quota=quota,
            around=talks.around(own_id=self._network.about().own_id),
            first_read_at=known.first_read_at(step.source.name),
        )

    def _read(self, item: Item, step: _Step, talks: Talks | None) -> Mention:
        """``talks``: None for a post that is stored already; its talk is known."""
        there_at = step.page.reply.at
        taken_in = item.at if step.to_us and item.at is not None else there_at
        return normalize(
            item.view,
            origin=self._network.origin,
            own_id=self._network.about().own_id,
            root=None if talks is None else talks.root(item.view),
            to_us=step.to_us and talks is not None,
            heard_at=taken_in,
        )

    def recheck(self, posts: Sequence[Kept]) -> Recheck:
        """Which of these are gone; see ``collectors.protocol.Rechecking``. Other servers' ids mean nothing here."""
        origin = self._network.origin
        turn = [each for each in posts if each.origin == origin][: self._network.per_look]
        there, asked = self._shown([each.native_id for each in turn])
        missing = [each.native_id for each in turn if each.native_id in asked and each.native_id not in there]
        gone = chosen(self._is_gone, missing[:CONFIRMED_POSTS])
        sure = asked - set(missing) | set(gone.asked)
        buried = tuple(tombstone(native_id, origin=origin) for native_id in gone.those)
        return Recheck(tuple(each for each in turn if each.native_id in sure), buried)

    def _shown(self, ids: Sequence[str]) -> tuple[dict[str, Mapping[str, Any]], frozenset[str]]:
        """Those of these posts that the server shows us, by their id, and the ids that it answered about."""
        told = in_parts(self._network.posts, ids)
        return {id_of(view): view for views in told.answers for view in views}, frozenset(told.asked)

    def _is_gone(self, native_id: str) -> bool:
        return self._network.post(native_id) is None

    def _changes(self, after: Bookmark) -> tuple[_Changes, Bookmark]:
        """At the end of a round: which of the posts handed over lately were edited or deleted since?"""
        turn = after.memory.to_check(self._network.per_look)
        if not turn:
            return _Changes(), after
        try:
            return self._changes_of(turn, after)
        except (Unavailable, Malformed):
            # A server that breaks on one of them would stop the round for ever; they come round again.
            return _Changes(), replace(after, memory=after.memory.after_check(turn))

    def _changes_of(self, turn: tuple[Seen, ...], after: Bookmark) -> tuple[_Changes, Bookmark]:
        views, told_of = self._shown([seen.native_id for seen in turn])
        changed = tuple(v for s in turn if (v := views.get(s.native_id)) is not None and wording(v) != s.wording)
        missing = [seen.native_id for seen in turn if seen.native_id in told_of and seen.native_id not in views]
        gone = chosen(self._is_gone, missing[:CONFIRMED_POSTS]).those
        # On to the first that could not be asked about; those that are gone leave the list.
        left = missing[CONFIRMED_POSTS:]
        asked = [seen.native_id for seen in turn].index(left[0]) if left else len(turn)
        buried = tuple(tombstone(name, origin=self._network.origin) for name in gone)
        memory = after.memory.after_check(turn[: max(1, asked)])
        return _Changes(changed, buried), replace(after, memory=memory)


def _done(source: Source, bookmark: Bookmark, newest: str | None) -> Bookmark:
    return bookmark.done(newest, spacing=source.reach.spacing, keep=source.reach.deep)


def _is_end(beside: Shown) -> bool:
    return not beside.items and not beside.is_hidden


def _gap(from_at: datetime, to_at: datetime | None, reason: GapReason) -> tuple[Gap, ...]:
    return () if to_at is None or to_at <= from_at else (Gap(from_at, to_at, reason),)


def _hidden(
    during: Bookmark, source: Source, boundary: datetime, reason: GapReason, *, now: datetime
) -> tuple[Gap, ...]:
    """What stands where there is no way to, below what was read, down to what earlier rounds have handed over."""
    trail = during.trail(source.name)
    from_at, to_at = boundary if trail is None else trail.heard_at, during.oldest_at or now
    if to_at < boundary and not during.running.older:
        to_at = now  # The oldest stood above newer ones: its time is wrong.
    return _gap(from_at, to_at, reason)


def _is_public(view: Mapping[str, Any]) -> bool:
    """A search also finds what only we, or our followers, were meant to see; who means us names us."""
    return view.get("visibility") not in ("private", "direct")


def _seen(items: list[Mention]) -> tuple[Seen, ...]:
    return tuple(
        Seen(post.native_id, "" if post.edited_at is None else post.version or "", post.published_at, post.to_us)
        for post in items
    )


def _named(view: Mapping[str, Any]) -> str:
    return name_of_bad(f"{view.get('id')} {raw_text(view)}")
