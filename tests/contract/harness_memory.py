"""How is the network in memory played, which stands in for networks in the tests of services?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from collectors.protocol import BadItem, Cursor, Page
from domain.errors import OutcomeUnknown, RateLimited, Refused, Unauthorized, Unavailable
from domain.mention import Author, Mention
from domain.reply import OutgoingReply
from tests.contract.harness import Trouble
from tests.fakes import FakeChannel, MovableClock, a_post

OFTEN = 9


class MemoryHarness:
    """Plays ``tests.fakes.FakeChannel``."""

    name = "fake"
    page_items = 3
    lengths = {"ciao": 4, "perché 👍🏽": 9, "a\nb": 3}

    def __init__(self, folder: Path, clock: MovableClock) -> None:
        self._network = FakeChannel(clock=clock)
        self._clock = clock
        self._fresh: list[Mention] = []
        self._bad: list[BadItem] = []
        self._known: dict[str, Mention] = {}
        self.manifest = self._network.manifest

    def arrive(self, text: str, *, author: str = "mara", own: bool = False, repost: bool = False) -> str:
        number = len(self._known) + 1
        writer = Author(f"author-{sum(map(ord, author))}", author, author.title())
        post = a_post(text, native_id=f"p{number:03}", at=self._clock(), is_own=own, is_repost=repost)
        return self._show(replace(post, author=writer))

    def arrive_unreadable(self) -> None:
        self._bad.append(BadItem("{", "no id"))

    def edit(self, native_id: str, text: str) -> None:
        self._show(replace(self._known[native_id], text=text, edited_at=self._clock()))

    def delete(self, native_id: str) -> None:
        gone = Author(self._known[native_id].author.native_id, "", "")
        self._show(replace(self._known[native_id], text="", author=gone, deleted=True))

    def collector(self) -> FakeChannel:
        self._flush()
        return self._network

    def publisher(self) -> FakeChannel:
        return self._network

    def reply(self, text: str) -> OutgoingReply:
        return OutgoingReply(7, "fake", "fake.invalid", "aurora", "p001", "p001", text, "it", self._clock())

    def published(self) -> list[str]:
        return list(self._network.texts)

    @contextmanager
    def trouble(self, kind: Trouble) -> Iterator[None]:
        network = self._network
        error = {
            Trouble.DOWN: Unavailable(),
            Trouble.LIMITED: RateLimited(retry_after_s=120.0),
            Trouble.SIGN_IN: Unauthorized(),
            Trouble.NO: Refused(),
            Trouble.SAME_PAGE: None,
        }.get(kind, OutcomeUnknown())
        network.lose_receipts = kind == Trouble.LOST
        network.failures = [error] * OFTEN if error else []
        if kind in (Trouble.DOWN, Trouble.LIMITED, Trouble.SIGN_IN):
            network.fetch_failures, network.lookup_failures = [error] * OFTEN, [error] * OFTEN
        if kind == Trouble.SAME_PAGE:
            self._flush()
            network.fetch = lambda watch, cursor: Page(network.pages[0].items, Cursor("1"), has_more=True)
        yield
        network.__dict__.pop("fetch", None)
        network.lose_receipts, network.failures = False, []
        network.fetch_failures, network.lookup_failures = [], []

    def _show(self, post: Mention) -> str:
        self._known[post.native_id] = post
        self._fresh.append(post)
        return post.native_id

    def _flush(self) -> None:
        """Make pages of what has arrived since the last look."""
        for start in range(0, len(self._fresh), self.page_items):
            self._network.pages.append(Page(tuple(self._fresh[start : start + self.page_items]), None))
        if self._bad:
            self._network.pages.append(Page((), None, bad=tuple(self._bad)))
        self._fresh, self._bad = [], []
