"""How does the matrix play a firm's own source? As the contract tests do: a list of replies under each item."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from collectors.http_connector import client
from domain.clock import utc_now
from tests.contract.harness import SECRET
from tests.contract.harness_http_connector import POST, HttpConnectorHarness
from tests.network.network import Quirk, Written

LIST = "GET /replies"


class HttpConnectorPeer:
    """A source that is asked and takes replies; some keep no keys."""

    channel, handle, secret = "http_connector", "reviews", SECRET
    fixes_beforehand = True
    quirks = frozenset({Quirk.KEYLESS, Quirk.LATE})

    def __init__(self, folder: Path) -> None:
        self._harness = HttpConnectorHarness(folder, utc_now)
        self._source = self._harness.server
        self._source.page_items = 50
        self.url = self._harness.url
        self._unshown: set[str] = set()

    def ask(self, author: str, words: str) -> str:
        return self._harness.arrive(words, author=author)

    def out(self) -> list[Written]:
        """The desk has one account, whose number stands before the names of its replies."""
        replies = self._source.replies
        return [Written(f"account-1/{r['id']}", r["item_id"], r["text"], r["url"]) for r in replies]

    def behave(self, quirk: Quirk | None) -> None:
        self._source.keeps_keys = quirk is None
        self._source.after = self._hide if quirk == Quirk.LATE else lambda method, answer: answer

    def _hide(self, method: str, answer: tuple[int, Any]) -> tuple[int, Any]:
        """What was just taken is not listed the first time that somebody reads the list of its item."""
        status, body = answer
        if method == POST and status == 201:
            self._unshown.add(body["id"])
        if method == LIST and status == 200:
            shown = [reply for reply in body["replies"] if reply["id"] not in self._unshown]
            self._unshown -= {reply["id"] for reply in body["replies"]}
            return status, body | {"replies": shown}
        return answer

    @staticmethod
    def writes(method: str, path: str) -> bool:
        return method == "POST" and path.endswith("/replies")

    @staticmethod
    def hurry() -> None:
        client.BOUNDS = replace(client.BOUNDS, read_s=0.5)
