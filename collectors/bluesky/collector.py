"""What is new on Bluesky since the cursor? What addresses us, what our words are found in, and what changed since.

A round reads one source after the other, one page a fetch: notifications, a search for each term of the watch, and
then the posts handed over lately, for edits and deletions, of which the network tells nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from collectors.bluesky.client import BlueskyNetwork, Reply, listed
from collectors.bluesky.normalize import indexed_at, normalize, parents, raw_text, tombstone, wording
from collectors.fitting import TooLarge, fitting
from collectors.newest_first import Bookmark, Pace, decode
from collectors.parts import chosen, in_parts
from collectors.protocol import BadItem, Cursor, GapReason, Kept, Page, Quota, Recheck
from collectors.rounds import Seen, name_of_bad
from domain.brand import Watch
from domain.errors import Malformed, Misconfigured, NotFound, Unavailable
from domain.mention import Mention

PAGE_ITEMS = 50
NOTIFICATIONS, SEARCH = "to us", "search "
#: What addresses us, of all that the network notifies of.
REASONS = ("mention", "reply", "quote")
#: A post may be taken in late, now and then hours late; the first round reads a week.
PACE = Pace(
    overlap=timedelta(minutes=15),
    deep_overlap=timedelta(hours=6),
    first_look=timedelta(days=7),
    settled=timedelta(minutes=5),
)
#: The network may show a post some seconds after its time.
LATE = timedelta(seconds=5)
#: Posts looked at again in one round, deletions confirmed in one round, and how far up a talk is read.
CHECKED_POSTS, CONFIRMED_POSTS = 50, 10
ANCESTORS, AROUND_POSTS = 8, 50


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one page shows: posts of its source, posts that were edited since, posts that are gone."""

    views: tuple[Mapping[str, Any], ...]
    to_us: bool
    quota: Quota | None
    changed: tuple[Mapping[str, Any], ...] = field(default=())
    gone: tuple[Mention, ...] = field(default=())


class BlueskyCollector:
    """Listens with one account. A competitor's watch searches only: what addresses us is not about them."""

    def __init__(self, network: BlueskyNetwork, *, page_items: int = PAGE_ITEMS) -> None:
        self._network = network
        self._page_items = page_items

    def fetch(self, watch: Watch, cursor: Cursor | None) -> Page:
        """The next page; see ``collectors.protocol.Collector``."""
        if self._network.account is None:
            raise Misconfigured("Bluesky is heard through an account of ours; there is none.", field="account")
        now, bookmark, sources = self._network.clock(), decode(cursor, PACE), _sources(watch)
        if not sources:
            raise Misconfigured("A competitor's watch on Bluesky needs a word to search for.", field="terms")
        if not bookmark.goes_on(sources):
            bookmark = bookmark.begin(sources, now)
        source, token = bookmark.running.todo[0], bookmark.running.token
        of = bookmark.running.page_of(self._page_items)
        fitted = fitting(lambda most: self._ask(source, token, most), of)
        bookmark = bookmark.fitted(fitted.most, of=of)
        reply, shown = fitted.answer or (Reply({}, None), [])
        following = str(reply.body.get("cursor") or "")
        times = _times(shown)
        newest_at = max(times.values(), default=None)
        bookmark = bookmark.asked(reply.at or newest_at).saw(tuple(times.values()))
        boundary = bookmark.boundary(source)
        # One item alone may bear a wrong time; most of a page does not.
        reached = 2 * sum(at < boundary for at in times.values()) > len(times) and bookmark.running.is_sure
        is_circle = bookmark.running.turns_back(following) and not reached
        gaps = bookmark.hidden(now, GapReason.CIRCLE) if is_circle else () if fitted.answer else bookmark.hidden(now)
        if reached or is_circle or not following:
            after = bookmark.done(newest_at, there_at=reply.at)
        else:
            after = bookmark.turn(following, newest_at, there_at=reply.at)
        fresh = [view for view in shown if times.get(id(view), now) >= boundary][::-1]
        read = self._as_they_are(fresh) if source == NOTIFICATIONS else fresh
        page = _Reading(tuple(read), to_us=source == NOTIFICATIONS, quota=reply.quota)
        if after.round is None:
            page, after = self._with_changes(page, after)
        first_read_at = bookmark.first_read_at(source)
        return replace(self._page(page, after, known=bookmark, now=now), gaps=gaps, first_read_at=first_read_at)

    def _ask(self, source: str, token: str | None, most: int) -> tuple[Reply, list[Mapping[str, Any]]]:
        if source == NOTIFICATIONS:
            told = self._network.ask(
                "app.bsky.notification.listNotifications", limit=most, reasons=list(REASONS), cursor=token
            )
            return told, listed(told.body, "notifications")
        query = source.removeprefix(SEARCH)
        found = self._network.ask("app.bsky.feed.searchPosts", q=query, sort="latest", limit=most, cursor=token)
        return found, listed(found.body, "posts")

    def _as_they_are(self, told: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The posts behind notifications, in the same order, without those deleted meanwhile.

        A notification stands for itself that names no post, or one that the network breaks on or that is too large.
        """
        named = [str(n["uri"]) if isinstance(n.get("uri"), str) else None for n in told]
        try:
            posts, asked = self._shown(list(dict.fromkeys(filter(None, named))))
        except TooLarge:
            return list(told)
        return [
            n if uri is None or uri not in asked else posts[uri]
            for uri, n in zip(named, told, strict=True)
            if uri not in asked or uri in posts
        ]

    def _shown(self, uris: Sequence[str]) -> tuple[dict[str, Mapping[str, Any]], frozenset[str]]:
        """Those of these posts that the network shows us, by their URI, and the URIs that it answered about."""
        told = in_parts(self._network.posts, uris)
        return {str(view.get("uri")): view for views in told.answers for view in views}, frozenset(told.asked)

    def _page(self, reading: _Reading, after: Bookmark, *, known: Bookmark, now: datetime) -> Page:
        views, own_id = (*reading.views, *reading.changed), self._network.own_id
        new = [view for view in views if not known.memory.has(str(view.get("uri")), wording(view))]
        profiles = self._profiles(new)
        items: list[Mention] = []
        bad: dict[str, BadItem] = {}
        for view in views:
            try:
                items.append(normalize(view, own_id=own_id, profile=profiles.get(_author(view)), to_us=reading.to_us))
            except Malformed as error:
                bad[_named(view)] = BadItem(raw_text(view), str(error))
        memory = after.memory.remember(_seen(views, items), forget=(post.native_id for post in reading.gone), now=now)
        return Page(
            items=(*items, *reading.gone),
            next_cursor=replace(after, memory=memory.put_aside(bad)).encode(),
            has_more=after.round is not None,
            complete_up_to=None if after.round is not None else known.running.heard_until(late=LATE),
            bad=tuple(item for name, item in bad.items() if name not in known.memory.aside),
            quota=reading.quota,
            around=self._around(new, own_id),
        )

    def _profiles(self, views: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        """A profile only stands beside a post: one too large to be read holds nothing back."""
        authors = sorted({author for view in views if (author := _author(view))})
        try:
            told = in_parts(self._network.profiles, authors)
        except TooLarge:
            return {}
        return {author: profile for found in told.answers for author, profile in found.items()}

    def _around(self, views: Sequence[Mapping[str, Any]], own_id: str) -> tuple[Mention, ...]:
        """What these posts answer, and what that answered, up to the root."""
        seen = {str(view.get("uri")) for view in views}
        found: list[Mention] = []
        wanted = list(dict.fromkeys(uri for view in views for uri in parents(view) if uri not in seen))
        for _ in range(ANCESTORS):
            wanted = wanted[: AROUND_POSTS - len(found)]
            if not wanted:
                break
            seen |= set(wanted)
            try:
                above = [view for views in in_parts(self._network.posts, wanted).answers for view in views]
            except TooLarge:
                break  # What only stands beside a post never holds it back.
            found += _readable(above, own_id)
            wanted = list(dict.fromkeys(uri for view in above for uri in parents(view)[:1] if uri not in seen))
        return tuple(found)

    def _with_changes(self, reading: _Reading, after: Bookmark) -> tuple[_Reading, Bookmark]:
        """At the end of a round: which of the posts handed over lately were edited or deleted since?"""
        turn = after.memory.to_check(CHECKED_POSTS)
        try:
            views, told_of = self._shown([seen.native_id for seen in turn])
            missing = [seen.native_id for seen in turn if seen.native_id in told_of and seen.native_id not in views]
            buried = chosen(self._is_gone, missing[:CONFIRMED_POSTS]).those
        except (Unavailable, Malformed):
            # A network that breaks on one of them would stop the round for ever; they come round again.
            return reading, replace(after, memory=after.memory.after_check(turn))
        changed = tuple(v for s in turn if (v := views.get(s.native_id)) is not None and wording(v) != s.wording)
        gone = tuple(tombstone(uri) for uri in buried)
        # On to the first that could not be asked about. Who has blocked us is missing for ever, and must not be waited
        # for; those that are gone leave the list.
        left = missing[CONFIRMED_POSTS:]
        asked = [seen.native_id for seen in turn].index(left[0]) if left else len(turn)
        return replace(reading, changed=changed, gone=gone), replace(
            after, memory=after.memory.after_check(turn[: max(1, asked)])
        )

    def recheck(self, posts: Sequence[Kept]) -> Recheck:
        """Which of these are gone; see ``collectors.protocol.Rechecking``."""
        turn = posts[:CHECKED_POSTS]
        there, asked = self._shown([each.native_id for each in turn])
        missing = [each.native_id for each in turn if each.native_id in asked and each.native_id not in there]
        gone = chosen(self._is_gone, missing[:CONFIRMED_POSTS])
        sure = asked - set(missing) | set(gone.asked)
        return Recheck(tuple(each for each in turn if each.native_id in sure), tuple(map(tombstone, gone.those)))

    def _is_gone(self, uri: str) -> bool:
        """Whether the network says so. A post left out of a list may also be one whose author blocked us."""
        try:
            body = self._network.ask("app.bsky.feed.getPostThread", uri=uri, depth=0, parentHeight=0).body
        except NotFound:
            return True
        thread = body.get("thread")
        return isinstance(thread, dict) and thread.get("notFound") is True


def _sources(watch: Watch) -> tuple[str, ...]:
    searches = tuple(f"{SEARCH}{_query(term)}" for term in watch.terms if term.strip("@# "))
    return searches if watch.is_competitor else (NOTIFICATIONS, *searches)


def _query(term: str) -> str:
    """A phrase in quotation marks, a word as it is (docs.bsky.app, search)."""
    words = term.lstrip("@#").replace('"', " ").split()
    return words[0] if len(words) == 1 else f'"{" ".join(words)}"'


def _times(views: Sequence[Mapping[str, Any]]) -> dict[int, datetime]:
    """When the network took each item in; unreadable ones have no time and stop no round."""
    found: dict[int, datetime] = {}
    for view in views:
        try:
            found[id(view)] = indexed_at(view)
        except Malformed:
            continue
    return found


def _readable(views: Sequence[Mapping[str, Any]], own_id: str) -> list[Mention]:
    found: list[Mention] = []
    for view in views:
        try:
            found.append(normalize(view, own_id=own_id))
        except Malformed:
            continue  # What only stands beside a post is no loss to be told of.
    return found


def _seen(views: Sequence[Mapping[str, Any]], items: Sequence[Mention]) -> tuple[Seen, ...]:
    kept = {post.native_id for post in items if not post.deleted}
    times = _times(views)
    return tuple(
        Seen(str(view["uri"]), wording(view), times[id(view)])
        for view in views
        if view.get("uri") in kept and id(view) in times
    )


def _author(view: Mapping[str, Any]) -> str:
    author = view.get("author")
    did = author.get("did") if isinstance(author, dict) else None
    return did if isinstance(did, str) else ""


def _named(view: Mapping[str, Any]) -> str:
    return name_of_bad(f"{view.get('uri')} {view.get('cid') or raw_text(view)}")
