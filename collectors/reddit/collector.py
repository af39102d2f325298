"""What is new on Reddit since the cursor? What addresses us, what our words are found in, and what changed since.

A round reads one source after the other, one page a fetch, and then looks again at what was handed over lately, for
edits and deletions, of which the network tells nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from collectors.fitting import TooLarge, fitting
from collectors.newest_first import Bookmark, Pace, decode
from collectors.parts import in_parts
from collectors.protocol import BadItem, Cursor, Kept, Page, Quota, Recheck
from collectors.reddit import steps
from collectors.reddit.client import BATCH, RedditNetwork
from collectors.reddit.listings import following, listed
from collectors.reddit.meaning import Reply
from collectors.reddit.normalize import is_gone, name_of, normalize, parents, raw_text, written_at
from collectors.reddit.sources import Kind, Source, sources
from collectors.reddit.steps import Step, View
from collectors.rounds import Seen, name_of_bad
from domain.brand import Watch
from domain.errors import Malformed, Misconfigured, NotFound, Unavailable
from domain.mention import Mention

#: Something may be shown late, now and then hours late, when a moderator lets it through; the first round reads a week.
PACE = Pace(
    overlap=timedelta(minutes=15),
    deep_overlap=timedelta(hours=6),
    first_look=timedelta(days=7),
    settled=timedelta(minutes=5),
)
#: A new thing shows after seconds in a listing, and after minutes in a search.
LATE, LATE_FOUND = timedelta(seconds=10), timedelta(minutes=5)
#: So far ahead of us the network's time is believed: a mark beyond hides what comes until then.
AHEAD = timedelta(minutes=10)
#: How far up a talk is read, and profiles asked for with one page.
ANCESTORS, AROUND_POSTS, PROFILES = 8, 50, 10
#: What is looked at again: the newest things handed over, so many of them in one round, a hundred with one question. A
#: surge pushes a thing out of its list within minutes, and an edit is then seen nowhere else.
RECENT_POSTS, CHECKED_POSTS = 1_500, 500
#: With fewer questions left until Reddit counts anew, which is after ten minutes, a round looks again with one alone.
SPARED_QUOTA = 200


class RedditCollector:
    """Listens with one account. A competitor's watch searches only: what addresses us is not about them."""

    def __init__(self, network: RedditNetwork, *, page_items: int = BATCH) -> None:
        self._network = network
        self._page_items = page_items

    def fetch(self, watch: Watch, cursor: Cursor | None) -> Page:
        """The next page; see ``collectors.protocol.Collector``."""
        if self._network.account is None:
            raise Misconfigured("Reddit is heard through an account of ours; there is none.", field="account")
        now, bookmark = self._network.clock(), decode(cursor, PACE)
        wanted = {source.name: source for source in sources(watch)}
        if not bookmark.goes_on(tuple(wanted)):
            bookmark = bookmark.begin(tuple(wanted), now)
        source, of = wanted[bookmark.running.todo[0]], bookmark.running.page_of(self._page_items)
        token = bookmark.running.token
        fitted = fitting(lambda most: self._step(source, token, now, most), of)
        bookmark = bookmark.fitted(fitted.most, of=of)
        step = fitted.answer or Step(source, (), (), None, None, None, is_hidden=True)
        bookmark = bookmark.asked(step.at).saw([at for at in step.times if at is not None])
        boundary = bookmark.boundary(step.source.name)
        bookmark = steps.proved(step, bookmark, boundary)
        after, gaps = steps.after(step, bookmark, boundary, now=now)
        fresh = [view for view, at in zip(step.views, step.times, strict=True) if at is None or at >= boundary]
        known = _late_as(bookmark, wanted.values())
        return replace(
            self._page(step, fresh[::-1], bookmark, after, now),
            gaps=gaps,
            complete_up_to=known if after.round is None else None,
            complete_from=bookmark.running.complete_from if after.round is None else None,
            first_read_at=bookmark.first_read_at(step.source.name),
        )

    def _step(self, source: Source, token: str | None, now: datetime, most: int) -> Step:
        reply = self._listing(source, token, most)
        views = listed(reply)
        if source.kind == Kind.TO_US:
            # Private messages stand there too; they are nobody's public post.
            views = [view for view in views if view.get("kind") != "t4"]
        limit = now + AHEAD
        times = tuple(at if (at := _time(view)) is not None and at <= limit else None for view in views)
        at = None if reply.at is None else min(reply.at, limit)
        return Step(source, tuple(views), times, following(reply), reply.quota, at)

    def _listing(self, source: Source, token: str | None, most: int) -> Reply:
        try:
            return self._network.listing(source.path, source.given, after=token, most=most)
        except NotFound:
            raise Misconfigured(f"Reddit has nothing at {source.path!r}.", field="terms") from None

    def _page(self, step: Step, fresh: Sequence[View], known: Bookmark, after: Bookmark, now: datetime) -> Page:
        own_name, to_us = self._network.own_name, step.source.kind == Kind.TO_US
        views = self._as_they_are(fresh, known) if to_us else list(fresh)
        new = [view for view in views if not known.memory.has(_name(view), _version(view), to_us=to_us)]
        changed: list[View] = []
        if after.round is None:
            changed, after = self._changes(after, step.quota)
        profiles = self._profiles(new)
        items: list[Mention] = []
        bad: dict[str, BadItem] = {}
        for view, names_us in [(each, to_us) for each in views] + [(each, False) for each in changed]:
            try:
                profile = profiles.get(str(view.get("author")), {})
                items.append(normalize(view, own_name=own_name, profile=profile, to_us=names_us))
            except Malformed as error:
                bad[name_of_bad(f"{view.get('name')} {raw_text(view)}")] = BadItem(raw_text(view), str(error))
        seen = (Seen(p.native_id, p.version or "", p.published_at, p.to_us) for p in items if not p.deleted)
        gone = (post.native_id for post in items if post.deleted)
        memory = after.memory.remember(seen, forget=gone, now=step.at or now, posts=RECENT_POSTS)
        memory = memory.put_aside(bad)
        return Page(
            items=tuple(items),
            next_cursor=replace(after, memory=memory).encode(),
            has_more=after.round is not None,
            bad=tuple(item for name, item in bad.items() if name not in known.memory.aside),
            quota=step.quota,
            around=self._around(new, own_name),
        )

    def _as_they_are(self, told: Sequence[View], known: Bookmark) -> list[View]:
        """The comments and posts behind the notes of our inbox, as they stand: a note is how they stood.

        What was handed over lately is looked at again at the end of the round. A note that names nothing stands for
        itself; one whose post is not shown to us any more is left out.
        """
        had = {seen.native_id for seen in known.memory.recent if seen.to_us}
        wanted = list(dict.fromkeys(name for note in told if (name := _name(note)) and name not in had))
        posts: dict[str, View] = {}
        asked: set[str] = set()
        for start in range(0, len(wanted), BATCH):
            try:
                found = in_parts(self._network.things, wanted[start : start + BATCH])
            except TooLarge:
                continue  # These notes stand for themselves.
            posts |= {_name(view): view for views in found.answers for view in views}
            asked |= set(found.asked)
        known_gone = {*had, *asked} - posts.keys()
        return [posts.get(_name(note), note) for note in told if _name(note) not in known_gone]

    def recheck(self, posts: Sequence[Kept]) -> Recheck:
        """Which of these are gone or were edited; see ``collectors.protocol.Rechecking``.

        A round looks again at the newest posts alone; of the others, an edit is found here.
        """
        found = in_parts(self._network.things, [each.native_id for each in posts[:BATCH]])
        asked = tuple(each for each in posts[:BATCH] if each.native_id in found.asked)
        changed: list[Mention] = []
        for view in (view for views in found.answers for view in views):
            try:
                post = normalize(view)
            except Malformed:
                continue  # One that cannot be read now is asked about again another time.
            changed += [post] if post.deleted or post.edited_at is not None else []
        return Recheck(asked, tuple(changed))

    def _changes(self, after: Bookmark, quota: Quota | None) -> tuple[list[View], Bookmark]:
        """At the end of a round: which of those handed over lately read otherwise by now, or are gone?

        What is merely not shown may be in a subreddit that was closed: that is no deletion.
        """
        is_tight = quota is not None and quota.left < SPARED_QUOTA
        turn = after.memory.to_check(BATCH if is_tight else CHECKED_POSTS)
        views: dict[str, View] = {}
        for start in range(0, len(turn), BATCH):
            try:
                asked = self._network.things([seen.native_id for seen in turn[start : start + BATCH]])
            except (Unavailable, Malformed):
                continue  # A look that breaks on one of them would stop the round for ever.
            views |= {_name(view): view for view in asked}
        changed = [v for s in turn if (v := views.get(s.native_id)) is not None and _version(v) != s.wording]
        return changed, replace(after, memory=after.memory.after_check(turn))

    def _profiles(self, views: Iterable[View]) -> dict[str, View]:
        """What the authors of these show of themselves; of more than a few not all, as each is a question."""
        authors = dict.fromkeys(a for view in views if isinstance(a := view.get("author"), str) and not _is_gone(view))
        found: dict[str, View] = {}
        for author in list(authors)[:PROFILES]:
            try:
                found[author] = self._network.profile(author)
            except (Unavailable, Malformed):
                break  # Nobody is kept waiting for what only stands beside a post.
        return found

    def _around(self, new: Sequence[View], own_name: str) -> tuple[Mention, ...]:
        """What these answer, what that answered, and the post all of it stands under."""
        seen = {_name(view) for view in new}
        wanted = [name for view in new for name in parents(view)]
        found: list[Mention] = []
        for _ in range(ANCESTORS):
            wanted = [each for each in dict.fromkeys(wanted) if each not in seen][: AROUND_POSTS - len(found)]
            if not wanted:
                break
            seen |= set(wanted)
            try:
                above = self._network.things(wanted)
            except (Unavailable, Malformed):
                break
            found += _readable(above, own_name)
            wanted = [name for view in above for name in parents(view)]
        return tuple(found)


def _late_as(known: Bookmark, read: Iterable[Source]) -> datetime | None:
    """Up to when everything is handed over once this round has ended."""
    is_found = any(source.kind == Kind.SEARCH for source in read)
    return known.running.heard_until(late=LATE_FOUND if is_found else LATE)


def _readable(views: Sequence[View], own_name: str) -> list[Mention]:
    found: list[Mention] = []
    for view in views:
        try:
            post = normalize(view, own_name=own_name)
        except Malformed:
            continue  # What only stands beside a post is no loss to be told of.
        found += [] if post.deleted else [post]
    return found


def _name(view: View) -> str:
    try:
        return name_of(view)
    except Malformed:
        return ""


def _time(view: View) -> datetime | None:
    try:
        return written_at(view)
    except Malformed:
        return None


def _version(view: View) -> str:
    """The name of its wording; empty for what is gone or cannot be read."""
    try:
        return normalize(view).version or ""
    except Malformed:
        return ""


def _is_gone(view: View) -> bool:
    try:
        return is_gone(view)
    except KeyError:
        return True
