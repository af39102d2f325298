"""How is a burst played on the real Bluesky? By three accounts of the public, through a line that can be made bad."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from collectors.bluesky.collector import BlueskyCollector
from collectors.protocol import ChannelSetup, Collector
from collectors.registry import channel, manifest
from domain.brand import Account
from tests.contract.harness import Trouble
from tests.fakes import MovableClock
from tests.network.own_desk import CUSTOMERS, somebody
from tests.network.people import Somebody
from tests.peers import bluesky
from tests.peers.bluesky import Bluesky
from tests.peers.faulty_way import Fault, FaultyWay


class RealBlueskyHarness:
    """Plays the public of one brand, whose ``word`` stands in every post."""

    name = "bluesky"
    page_items = 50

    def __init__(self, folder: Path, clock: MovableClock, network: Bluesky, word: str) -> None:
        self.word, self.way = word, FaultyWay(network.pds)
        self.manifest = manifest("bluesky")
        self._folder, self._clock = folder, clock
        self._people = [somebody(network, folder / "public", name) for name in CUSTOMERS]
        self._posts: dict[str, tuple[Somebody, dict[str, Any]]] = {}
        self._account = Account(1, 1, "bluesky", network.account(word), base_url=self.way.url)

    def close(self) -> None:
        self.way.close()

    def arrive(self, text: str, *, author: str = "mara", own: bool = False, repost: bool = False) -> str:
        who = self._people[sum(map(ord, author)) % len(self._people)]
        post = who.post(text, createdAt=self._clock().isoformat())
        self._posts[post["uri"]] = who, post
        return str(post["uri"])

    def edit(self, native_id: str, text: str) -> None:
        who, post = self._posts[native_id]
        who.edit(post, text)

    def delete(self, native_id: str) -> None:
        who, post = self._posts[native_id]
        who.delete(post)

    def shows(self, native_ids: list[str]) -> bool:
        """Whether the network shows these posts by now."""
        return len(self._people[0].network.posts(native_ids)) == len(native_ids)

    def collector(self) -> Collector:
        setup = ChannelSetup(
            account=self._account, data_dir=str(self._folder), clock=self._clock, secret=bluesky.PASSWORD
        )
        built = channel("bluesky").collector(setup)
        assert isinstance(built, BlueskyCollector)
        built._page_items = self.page_items
        return built

    @contextmanager
    def trouble(self, kind: Trouble) -> Iterator[None]:
        self.way.reading = {Trouble.DOWN: Fault.LOST_BEFORE, Trouble.LIMITED: Fault.LIMITED}[kind]
        try:
            yield
        finally:
            self.way.reading = None
