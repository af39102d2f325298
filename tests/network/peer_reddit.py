"""How does the matrix play Reddit? As the contract tests do: no keys, and lists that follow behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from collectors import bounded
from domain.clock import utc_now
from tests.contract.harness_reddit import KEYS, POST, RedditHarness
from tests.contract.reddit_server import OUR_NAME
from tests.network.network import Quirk, Written

OWN = f"GET /user/{OUR_NAME}/comments"


class RedditPeer:
    """Reddit for one account of ours."""

    channel, handle, secret = "reddit", OUR_NAME, KEYS
    fixes_beforehand = True
    quirks = frozenset({Quirk.LATE})

    def __init__(self, folder: Path) -> None:
        self._harness = RedditHarness(folder, utc_now)
        self._harness.page_items = 100
        self._server = self._harness.server
        self.url = self._server.url
        self._unshown: set[str] = set()

    def ask(self, author: str, words: str) -> str:
        return self._harness.arrive(words, author=author)

    def out(self) -> list[Written]:
        own = [shown.view for shown in self._server.own()]
        return [Written(view["name"], view["parent_id"], view["body"], view["id"]) for view in own]

    def behave(self, quirk: Quirk | None) -> None:
        self._server.after = self._hide if quirk == Quirk.LATE else lambda call, answer: answer

    def _hide(self, call: str, answer: tuple[int, Any]) -> tuple[int, Any]:
        """What was just written stands nowhere the first time that somebody reads our own list."""
        status, body = answer
        if call == POST:
            self._unshown |= {thing["data"]["name"] for thing in body["json"]["data"]["things"]}
        elif call == OWN:
            self._drop_from(body)
            self._unshown.clear()
        elif call.startswith("GET /comments"):
            for listing in body:
                self._drop_from(listing)
        return status, body

    def _drop_from(self, listing: Any) -> None:
        """Take what does not show yet out of a listing and those below it."""
        if not isinstance(listing, dict):
            return
        data = listing["data"]
        data["children"] = [each for each in data["children"] if each["data"].get("name") not in self._unshown]
        for each in data["children"]:
            self._drop_from(each["data"].get("replies"))

    @staticmethod
    def writes(method: str, path: str) -> bool:
        return f"{method} {path.partition('?')[0].rstrip('/')}" == POST

    @staticmethod
    def hurry() -> None:
        bounded.ANSWER_S = 0.5
