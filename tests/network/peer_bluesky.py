"""How does the matrix play Bluesky without its software? As the contract tests do: a record under a key of ours."""

from __future__ import annotations

from pathlib import Path

from collectors.bluesky import client
from domain.clock import utc_now
from tests.contract.bluesky_server import COLLECTION, OUR_DID, OUR_HANDLE
from tests.contract.harness import SECRET
from tests.contract.harness_bluesky import BlueskyHarness
from tests.network.network import Quirk, Written
from tests.peers.faulty_way import bluesky_writes


class BlueskyPeer:
    """Bluesky for one account of ours. Whatever it is told, it has one record under one key."""

    channel, handle, secret = "bluesky", OUR_HANDLE, SECRET
    fixes_beforehand = True
    quirks: frozenset[Quirk] = frozenset()

    def __init__(self, folder: Path) -> None:
        self._harness = BlueskyHarness(folder, utc_now)
        self._server = self._harness.server
        self._server.page_items = 50
        self.url = self._server.url

    def ask(self, author: str, words: str) -> str:
        return self._harness.arrive(words, author=author)

    def out(self) -> list[Written]:
        return [
            Written(f"at://{OUR_DID}/{COLLECTION}/{rkey}", record["reply"]["parent"]["uri"], record["text"], rkey)
            for rkey, record in self._server.records.items()
        ]

    def behave(self, quirk: Quirk | None) -> None:
        assert quirk is None

    @staticmethod
    def writes(method: str, path: str) -> bool:
        return bluesky_writes(method, path)

    @staticmethod
    def hurry() -> None:
        client.ANSWER_S = 0.5
