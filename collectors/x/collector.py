"""What is new on X since the cursor? What names us, what our words are found in, and what changed since.

A round reads one source after the other, one page a fetch, and then looks again at the posts handed over lately, for
edits and deletions, of which the network tells nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from collectors.fitting import fitting
from collectors.parts import in_parts
from collectors.protocol import BadItem, Cursor, Gap, GapReason, Kept, Page, Recheck
from collectors.rounds import Seen, name_of_bad
from collectors.x import query, snowflake
from collectors.x.bookmark import Bookmark, Here, decode
from collectors.x.client import LEAST_FOUND, LEAST_NAMED, Reply, XNetwork
from collectors.x.normalize import Included, normalize, raw_text, tombstone, versions
from collectors.x.paying import CeilingReached
from domain.brand import Watch
from domain.errors import Malformed, Misconfigured, Unavailable
from domain.mention import Mention

PAGE_ITEMS = 100
TO_US, QUOTES = "to us", "quotes of us"
#: The list of mentions ends at 800 posts. After so many its end may be that one: a search says what lies below it.
DOUBTED_END = 200
#: So far ahead of us the network's time is believed: a mark beyond hides what comes until then.
AHEAD = timedelta(minutes=10)
#: A post may show some seconds after its time.
LATE = timedelta(seconds=10)
#: Posts looked at again in one round, and how far up a talk is read; each post costs.
CHECKED_POSTS, ANCESTORS, AROUND_POSTS = 100, 4, 50
NOT_THERE = "resource-not-found"


@dataclass(frozen=True, slots=True)
class _Changes:
    """Posts handed over before that read otherwise by now, with what came along, and those that are gone."""

    views: tuple[Mapping[str, Any], ...] = ()
    included: Included = Included()
    gone: tuple[str, ...] = ()


class XCollector:
    """Listens with one account. A competitor's watch searches only: what addresses us is not about them."""

    def __init__(self, network: XNetwork, *, page_items: int = PAGE_ITEMS) -> None:
        self._network = network
        self._page_items = page_items

    def fetch(self, watch: Watch, cursor: Cursor | None) -> Page:
        """The next page; see ``collectors.protocol.Collector``."""
        if self._network.account is None:
            raise Misconfigured("X is heard through an account of ours; there is none.", field="account")
        now, bookmark, sources = self._network.clock(), decode(cursor), _sources(watch)
        if not sources:
            raise Misconfigured("A competitor's watch on X needs a word to search for.", field="terms")
        if not bookmark.goes_on(sources, now):
            bookmark = bookmark.begin(sources, now)
        source = bookmark.running.todo[0]
        told, bookmark, gaps = self._read(source, bookmark, now)
        reply = told or Reply({}, None)
        bookmark = bookmark.asked(min(reply.at or now, now + AHEAD))
        after = _after(bookmark, told)
        if bookmark.running.turns_back(reply.following):
            gaps = replace(bookmark, here=_here(bookmark, reply)).hidden(now, GapReason.CIRCLE)
        changes = _Changes()
        if after.round is None:
            changes = self._changes(after)
            # On to those that were not asked about.
            memory = after.memory.after_check(after.memory.to_check(CHECKED_POSTS))
            after = replace(after, memory=memory)
        page = self._page(reply, bookmark, after, changes, to_us=source == TO_US, now=now)
        return replace(page, gaps=gaps, first_read_at=bookmark.first_read_at(source))

    def _read(self, source: str, known: Bookmark, now: datetime) -> tuple[Reply | None, Bookmark, tuple[Gap, ...]]:
        """A page of as many posts as fit into an answer; None, with what that hides, where there is no way to one."""
        if source == QUOTES and known.rests(now):
            return None, known, ()
        least = LEAST_NAMED if source == TO_US and known.here.rest is None else LEAST_FOUND
        # Fewer than X hands out at least would be refused.
        of = max(least, known.running.page_of(self._page_items))
        try:
            fitted = fitting(lambda most: self._ask(source, known, most), of, least=least)
        except Misconfigured as error:
            # Not every plan knows that search; what names us and our words are heard without it.
            if source != QUOTES or error.values.get("status") not in (400, 403):
                raise
            return None, *known.refused(now)
        known = known.fitted(fitted.most, of=of)
        known = replace(known, refused_at=None) if source == QUOTES else known
        return fitted.answer, known, () if fitted.answer else known.hidden(now)

    def _ask(self, source: str, bookmark: Bookmark, most: int) -> Reply:
        known, since_id = bookmark.running, snowflake.id_at(bookmark.boundary(source))
        if source == TO_US and bookmark.here.rest is None:
            return self._network.mentions(since_id=since_id, token=known.token, most=most)
        assert self._network.account is not None
        ours = {TO_US: query.to_us, QUOTES: query.quotes_of_us}
        words = ours[source](self._network.account.handle) if source in ours else source
        return self._network.found(words, since_id=since_id, until_id=bookmark.here.rest, token=known.token, most=most)

    def _page(
        self, reply: Reply, known: Bookmark, after: Bookmark, changes: _Changes, *, to_us: bool, now: datetime
    ) -> Page:
        own_id, included, account = self._network.own_id, _included(reply), self._network.account
        assert account is not None
        items: list[Mention] = []
        bad: dict[str, BadItem] = {}
        told = [(view, included, to_us) for view in reply.posts[::-1]]
        for view, along, names_us in told + [(view, changes.included, False) for view in changes.views]:
            try:
                post = normalize(view, included=along, own_id=own_id, own_handle=account.handle, to_us=names_us)
                items.append(post)
            except Malformed as error:
                bad[_named(view)] = BadItem(raw_text(view), str(error))
        seen = tuple(Seen(post.native_id, post.version or "", post.published_at) for post in items)
        new = [post for post in items if not known.memory.has(post.native_id, post.version or "")]
        memory = after.memory.remember(seen, forget=changes.gone, now=known.running.here_at or now)
        return Page(
            items=(*items, *map(tombstone, changes.gone)),
            next_cursor=replace(after, memory=memory.put_aside(bad)).encode(),
            has_more=after.round is not None,
            complete_up_to=None if after.round is not None else known.running.heard_until(late=LATE),
            bad=tuple(item for name, item in bad.items() if name not in known.memory.aside),
            quota=reply.quota,
            around=self._around(new, included, own_id),
        )

    def _around(self, new: Sequence[Mention], included: Included, own_id: str) -> tuple[Mention, ...]:
        """What these posts answer, and what that answered, up to the root or as far as we pay for."""
        seen = {post.native_id for post in new}
        wanted = [post.parent_id for post in new if post.parent_id is not None]
        found: list[Mention] = []
        for _ in range(ANCESTORS):
            wanted = [each for each in dict.fromkeys(wanted) if each not in seen][: AROUND_POSTS - len(found)]
            missing = [each for each in wanted if each not in included.posts]
            if not wanted:
                break
            seen |= set(wanted)
            try:
                above = self._network.posts(missing)
                included = _joined(included, _included(above), above.posts)
            except (Unavailable, Malformed, CeilingReached):
                break  # What only stands beside a post never holds it back.
            posts = [post for each in wanted if (post := _readable(included, each, own_id)) is not None]
            found += posts
            wanted = [post.parent_id for post in posts if post.parent_id is not None]
        return tuple(found)

    def recheck(self, posts: Sequence[Kept]) -> Recheck:
        """Which of these are gone; see ``collectors.protocol.Rechecking``. Each costs as a post read does."""
        turn = posts[:CHECKED_POSTS]
        told = in_parts(lambda ids: _listed(self._network.there(ids)), [each.native_id for each in turn])
        lost = _not_there(told.answers)
        asked = tuple(each for each in turn if each.native_id in told.asked)
        return Recheck(asked, tuple(tombstone(each.native_id) for each in asked if each.native_id in lost))

    def _changes(self, after: Bookmark) -> _Changes:
        """At the end of a round: which of the posts handed over lately were edited or deleted since?"""
        turn = after.memory.to_check(CHECKED_POSTS)
        if not turn:
            return _Changes()
        try:
            return self._changes_of(turn)
        except (Unavailable, Malformed, CeilingReached):
            # A look that breaks, or is not paid for, would stop the round for ever: they come round again.
            return _Changes()

    def _changes_of(self, turn: Sequence[Seen]) -> _Changes:
        replies = in_parts(self._listed_posts, [seen.wording for seen in turn]).answers
        lost, views = _not_there(replies), [view for reply in replies for view in reply.posts]
        gone = tuple(seen.native_id for seen in turn if seen.wording in lost)
        history = {str(view.get("id")): newest for view in views if (newest := _newest(view)) is not None}
        stale = [history[seen.wording] for seen in turn if history.get(seen.wording, seen.wording) != seen.wording]
        included, now = Included(), self._as_they_read_now(stale)
        for reply in now:
            included = _joined(included, _included(reply), ())
        return _Changes(tuple(view for reply in now for view in reply.posts), included, gone)

    def _as_they_read_now(self, ids: Sequence[str]) -> tuple[Reply, ...]:
        try:
            return in_parts(self._listed_posts, ids).answers
        except (Unavailable, Malformed, CeilingReached):
            return ()  # What the look before was paid for is told all the same.

    def _listed_posts(self, ids: Sequence[str]) -> Reply:
        return _listed(self._network.posts(ids))


def _after(bookmark: Bookmark, reply: Reply | None) -> Bookmark:
    """Where reading goes on behind this page, or behind one that could not be had."""
    if reply is None:
        is_refused = bookmark.running.todo[0] == QUOTES and bookmark.refused_at is not None
        return bookmark.passed_over() if is_refused else bookmark.done()
    here = _here(bookmark, reply)
    if reply.following is not None and not bookmark.running.turns_back(reply.following):
        return bookmark.turn(reply.following, here)
    is_doubted = bookmark.running.todo[0] == TO_US and here.rest is None and here.posts >= DOUBTED_END
    if reply.following is None and is_doubted and here.lowest is not None:
        return bookmark.below(here.lowest)
    return bookmark.done()


def _here(bookmark: Bookmark, reply: Reply) -> Here:
    """How far its source is read with this page."""
    here = bookmark.here
    ids = [each for view in reply.posts if (each := _number(view)) is not None]
    ids += [int(here.lowest)] if here.lowest is not None else []
    return replace(here, posts=here.posts + len(reply.posts), lowest=str(min(ids)) if ids else None)


def _number(view: Mapping[str, Any]) -> int | None:
    try:
        return snowflake.parsed(str(view.get("id")))
    except ValueError:
        return None


def _newest(view: Mapping[str, Any]) -> str | None:
    """The id of the present wording; None for a post that does not tell."""
    try:
        return versions(view)[-1]
    except Malformed:
        return None


def _sources(watch: Watch) -> tuple[str, ...]:
    searches = query.queries(watch)
    return searches if watch.is_competitor else (TO_US, QUOTES, *searches)


def _included(reply: Reply) -> Included:
    return Included(reply.included("users", "id"), reply.included("tweets", "id"), reply.included("media", "media_key"))


def _joined(one: Included, other: Included, posts: Sequence[Mapping[str, Any]]) -> Included:
    asked = {str(view["id"]): view for view in posts if "id" in view}
    return Included({**one.users, **other.users}, {**one.posts, **other.posts, **asked}, {**one.media, **other.media})


def _readable(included: Included, native_id: str, own_id: str) -> Mention | None:
    view = included.posts.get(native_id)
    try:
        return None if view is None else normalize(view, included=included, own_id=own_id)
    except Malformed:
        return None  # What only stands beside a post is no loss to be told of.


def _listed(reply: Reply) -> Reply:
    """This answer; Malformed where it has no list of posts."""
    _ = reply.posts
    return reply


def _not_there(replies: Iterable[Reply]) -> set[str]:
    """The ids the network says it no longer has. Whom somebody keeps it from us, or is suspended, is no deletion."""
    errors = [reply.body.get("errors") for reply in replies]
    told = [each for some in errors if isinstance(some, list) for each in some if isinstance(each, dict)]
    return {str(each.get("resource_id")) for each in told if NOT_THERE in str(each.get("type"))}


def _named(view: Mapping[str, Any]) -> str:
    return name_of_bad(f"{view.get('id')} {raw_text(view)}")
