"""How does a burst hit a channel? Posts, edits, deletions and faults drawn by seed while the desk polls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select

from collectors.protocol import Collector, Cursor, Gap, Kept, Listener, Manifest, Page, Publisher, Recheck
from collectors.reddit import collector as reddit
from db.tables import mentions
from domain.brand import Account, Watch
from domain.errors import Unavailable
from domain.mention import Mention
from services import brands, intake
from services.context import Context
from tests.contract.harness import Trouble
from tests.contract.harness_bluesky import BlueskyHarness
from tests.contract.harness_feeds import FeedsHarness
from tests.contract.harness_http_connector import HttpConnectorHarness
from tests.contract.harness_mastodon import MastodonHarness
from tests.contract.harness_memory import MemoryHarness
from tests.contract.harness_reddit import RedditHarness
from tests.contract.harness_sample import SampleHarness
from tests.contract.harness_x import XHarness
from tests.fakes import MovableClock
from tests.peers.web_server import Told
from tests.scenarios.daily_look import look_at_everything

Network = (
    MemoryHarness
    | SampleHarness
    | BlueskyHarness
    | FeedsHarness
    | HttpConnectorHarness
    | MastodonHarness
    | RedditHarness
    | XHarness
)
NETWORKS: dict[str, type[Network]] = {
    "memory": MemoryHarness,
    "sample": SampleHarness,
    "bluesky": BlueskyHarness,
    "http_connector": HttpConnectorHarness,
    "mastodon": MastodonHarness,
    "reddit": RedditHarness,
    "x": XHarness,
    "feeds": FeedsHarness,
}
#: What a network may do wrong while it is asked, once in so many pages.
FAULT_SHARE = 0.25
LATEST_S = 40.0
#: Rounds of Reddit look at a third of the newest each; what came with the last page has its turn in a fourth.
QUIET_ROUNDS = {"reddit": 4}
#: Networks of ours that everything kept is asked about again: X charges for it, and asks about a few a day.
LOOKED_AT = ("bluesky", "mastodon", "reddit")


class Killed(BaseException):
    """The worker dies between reading a page and storing it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a burst. ``lost`` are posts that are neither stored nor within a recorded gap.

    What the rounds left is counted after the daily look at everything kept, on networks that have one for nothing
    (``LOOKED_AT``). ``late``: edits that it alone found, each pushed out of what a round on Reddit looks at again; any
    other that the rounds did not find counts as wrong words, whoever found it later. ``unburied``: deleted posts whose
    words are still there. Feeds tell of no deletion, and X charges for asking; there the number is only counted.
    """

    network: str
    seed: int
    page_items: int
    posted: int
    stored: int
    lost: int
    in_gaps: int
    gaps: int
    invented: int
    wrong_words: int
    unburied: int
    rounds: int
    faults: Counter[str]
    late: int = 0

    @property
    def holds(self) -> bool:
        told = self.unburied if self.network in ("memory", "sample", "http_connector", *LOOKED_AT) else 0
        return not (self.lost or self.invented or self.wrong_words or told)


@dataclass
class Post:
    """One post as the public knows it."""

    at: datetime
    arrived_at: datetime
    text: str
    deleted: bool = False


@dataclass
class Storm:
    """Plays one network and everything that goes wrong around it; the door and the collector of the desk."""

    harness: Network
    clock: MovableClock
    random: Random
    to_come: int
    word: str = ""
    posts: dict[str, Post] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    handed: list[Mention] = field(default_factory=list)

    # As ``Context.channels``.

    def names(self) -> tuple[str, ...]:
        return (self.harness.name,)

    def manifest(self, name: str) -> Manifest:
        return self.harness.manifest

    def collector(self, name: str, account: Account | None = None, *, accounts: tuple[Account, ...] = ()) -> Collector:
        return self

    def publisher(self, name: str, account: Account | None = None) -> Publisher:
        return self.harness.publisher()

    def listener(self, name: str, account: Account | None = None, *, accounts: tuple[Account, ...] = ()) -> Listener:
        raise NotImplementedError

    def restart(self, name: str) -> None:
        raise NotImplementedError

    # As ``Collector``; the channel is built anew for every page, as after a restart.

    def fetch(self, watch: Watch, cursor: Cursor | None) -> Page:
        self._blow()
        if self.to_come and self.random.random() < FAULT_SHARE:
            return self._faulty(watch, cursor)
        return self._mixed_up(self.harness.collector().fetch(watch, cursor))

    def recheck(self, posts: Sequence[Kept]) -> Recheck:
        """As ``Rechecking``, where the network has it."""
        built: Any = self.harness.collector()
        return built.recheck(posts)

    def _blow(self) -> None:
        """People write, edit and delete; some posts reach the network later than they were written."""
        if not self.to_come:
            return
        self.clock.move(seconds=self.random.uniform(0.05, 0.5))
        for _ in range(min(self.to_come, self.random.choice((0, 1, 5, 20, 60)))):
            self._post()
        for _ in range(self.random.randint(0, 2)):
            self._change()

    def _post(self) -> None:
        now = self.clock()
        late = timedelta(seconds=self.random.choice((0, 0, 0, self.random.uniform(0, LATEST_S))))
        self.clock.now = now - late
        text = f"post {len(self.posts)} by number {self.word}".strip()
        name = self.harness.arrive(text, author=f"author{self.random.randint(1, 300)}")
        self.posts[name] = Post(self.clock(), now, text)
        self.clock.now = now
        self.to_come -= 1

    def _change(self) -> None:
        recent = [name for name in list(self.posts)[-40:] if not self.posts[name].deleted]
        if not recent:
            return
        self.clock.move(seconds=0.001)  # Nobody changes one post twice in one instant.
        name = self.random.choice(recent)
        if self.random.random() < 0.5:
            self.harness.delete(name)
            self.posts[name].deleted = True
            self.faults["deletion"] += 1
        elif not isinstance(self.harness, SampleHarness):
            self.posts[name].text = f"{self.posts[name].text}, edited"
            self.harness.edit(name, self.posts[name].text)
            self.faults["edit"] += 1

    def _faulty(self, watch: Watch, cursor: Cursor | None) -> Page:
        fault = self.random.choice(("down", "limited", "broken", "answer lost", "killed"))
        self.faults[fault] += 1
        if fault == "killed":
            self.harness.collector().fetch(watch, cursor)
            raise Killed
        if fault == "answer lost":
            self.harness.collector().fetch(watch, cursor)
            raise Unavailable("The answer was lost on its way.")
        with self._fault(fault):
            self.harness.collector().fetch(watch, cursor)
        raise AssertionError(f"{self.harness.name} went on although it was {fault}")

    @contextmanager
    def _fault(self, fault: str) -> Iterator[None]:
        harness = self.harness
        if fault == "broken" and isinstance(harness, FeedsHarness):
            harness.forum.trouble = self.random.choice((Told(500), Told(503), Told(200, b"<feed>", drop_after=3)))
            try:
                yield
            finally:
                harness.forum.trouble = None
        elif fault == "broken" and hasattr(harness, "server"):
            harness.server.before = lambda method: (500, {"error": "InternalServerError", "message": "Broken"})
            try:
                yield
            finally:
                harness.server.before = lambda method: None
        else:
            limited = fault == "limited" and not isinstance(harness, SampleHarness)
            # A harness resets itself only when its context ends well, as in a test that expects the error.
            caught: list[Exception] = []
            with harness.trouble(Trouble.LIMITED if limited else Trouble.DOWN):
                try:
                    yield
                except Exception as error:
                    caught.append(error)
            if caught:
                raise caught[0]

    def _mixed_up(self, page: Page) -> Page:
        """The page in any order, with posts that were handed over before."""
        items = list(page.items)
        if self.to_come:
            again = [post for post in self.handed[-50:] if self._stands(post)]
            items += self.random.sample(again, min(len(again), self.random.choice((0, 0, 3))))
            self.random.shuffle(items)
        self.handed += page.items
        return replace(page, items=tuple(items))

    def is_shown(self) -> bool:
        """Whether the network shows by now what was written last: a real one takes a moment."""
        look = getattr(self.harness, "shows", None)
        last = [name for name, post in list(self.posts.items())[-20:] if not post.deleted]
        return look is None or look(last)

    def _stands(self, post: Mention) -> bool:
        public = self.posts[post.native_id]
        return public.text == post.text and not public.deleted


def play(
    ctx: Context,
    clock: MovableClock,
    folder: Path,
    *,
    network: str,
    seed: int,
    posts: int,
    window: int | None = None,
    kind: Callable[[Path, MovableClock], Any] | None = None,
    word: str = "",
) -> Result:
    """One burst of ``posts`` posts on a network, polled until nothing new comes; ``window``: entries a feed
    shows, or comments a list of Reddit.

    ``kind``: another way to play this network, where every post holds ``word`` and is found by it.
    """
    random = Random(f"{network} {seed}")
    size = random.randint(20, 100)
    made: Any = kind or type("Played", (NETWORKS[network],), {"page_items": size})
    harness = made(folder, clock)
    harness.page_items = size
    if isinstance(harness, FeedsHarness):
        harness.forum.window = window or random.choice((30, 100, 400))
    if isinstance(harness, RedditHarness) and window:
        harness.server.window = window
    storm = Storm(harness, clock, random, posts, word=word)
    desk = replace(ctx, channels=storm)
    brand = brands.add_brand(desk, f"Burst {network} {seed}")
    terms = (word,) if word else ()
    watch = brands.add_watch(desk, brand.id, name="all", terms=terms, channels=(harness.name,))
    try:
        if isinstance(harness, FeedsHarness):
            # Nobody can tell what a feed had shown and dropped before it was read for the first time.
            storm.to_come = 0
            intake.poll(desk, harness.name, watch.id)
            storm.to_come = posts
        rounds, gaps = _poll_until_calm(desk, storm, watch)
        left = _compared(desk, storm, network, seed, size, rounds, gaps)
        if network not in LOOKED_AT or not (left.wrong_words or left.unburied):
            return left
        late, unseen = _reworded(desk, storm)
        look_at_everything(desk, clock, brand.id, harness.name)
        after = _compared(desk, storm, network, seed, size, rounds, gaps)
        still = set().union(*_reworded(desk, storm))
        return replace(after, late=len(late - still), wrong_words=len(unseen | still))
    finally:
        getattr(harness, "close", lambda: None)()


def _reworded(desk: Context, storm: Storm) -> tuple[set[str], set[str]]:
    """The posts with old words: those that no round looks at any more, and those that one should have found."""
    with desk.store.read() as tx:
        rows = tx.execute(select(mentions).where(mentions.c.channel == storm.harness.name)).all()
    public = storm.posts
    shown = {row.native_id: row.text for row in rows if row.native_id in public and not public[row.native_id].deleted}
    old = {name for name, text in shown.items() if public[name].text != text}
    by_age = [row.native_id for row in sorted(rows, key=lambda row: (row.published_at, row.native_id))]
    out = old & set(by_age[: -reddit.RECENT_POSTS]) if storm.harness.name == "reddit" else set()
    return out, old - out


def _poll_until_calm(desk: Context, storm: Storm, watch: Watch) -> tuple[int, tuple[Gap, ...]]:
    quiet = rounds = 0
    gaps: tuple[Gap, ...] = ()
    while quiet < QUIET_ROUNDS.get(storm.harness.name, 3):
        rounds += 1
        assert rounds < 2000, "the burst does not end"
        try:
            outcome = intake.poll(desk, storm.harness.name, watch.id)
        except Killed:
            storm.clock.move(minutes=3)  # Its lease ends.
            continue
        gaps = outcome.gaps
        if not storm.to_come:
            assert outcome.error is None, outcome.error
            quiet += storm.is_shown()
        storm.clock.move(seconds=storm.random.uniform(1, 20))
    return rounds, gaps


def _lies_in(post: Post, gap: Gap) -> bool:
    """Whether the gap tells of this post: of when it was written, or of when it came."""
    return gap.from_at <= post.at <= gap.to_at or gap.from_at <= post.arrived_at <= gap.to_at


def _compared(
    desk: Context, storm: Storm, network: str, seed: int, size: int, rounds: int, gaps: tuple[Gap, ...]
) -> Result:
    """The store against what was posted."""
    with desk.store.read() as tx:
        rows = {
            row.native_id: row for row in tx.execute(select(mentions).where(mentions.c.channel == storm.harness.name))
        }
    missing = {name: post for name, post in storm.posts.items() if name not in rows}
    # What was deleted before anybody read it cannot be had, and nobody may want it.
    missing = {name: post for name, post in missing.items() if not post.deleted}
    excused = [name for name, post in missing.items() if any(_lies_in(post, gap) for gap in gaps)]
    shown = set(rows)
    if isinstance(storm.harness, FeedsHarness):  # What it would say of an entry that has left it nobody knows.
        shown = {p.native_id for p in storm.harness.forum.posts[-storm.harness.forum.window :]}
    known = [(storm.posts[name], row) for name, row in rows.items() if name in shown]
    return Result(
        network=network,
        seed=seed,
        page_items=size,
        posted=len(storm.posts),
        stored=len(rows),
        lost=len(missing) - len(excused),
        in_gaps=len(excused),
        gaps=len(gaps),
        invented=len(rows.keys() - storm.posts.keys()),
        wrong_words=sum(post.text != row.text for post, row in known if not post.deleted),
        unburied=sum(row.deleted_at is None for post, row in known if post.deleted),
        rounds=rounds,
        faults=storm.faults,
    )
