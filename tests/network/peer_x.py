"""How does the matrix play X? As the contract tests do: no keys, what we wrote only in our own list of posts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from collectors.x import transport
from domain.clock import utc_now
from tests.contract.harness import SECRET
from tests.contract.harness_x import POST, XHarness
from tests.contract.x_server import OUR_HANDLE, OUR_ID
from tests.network.network import Quirk, Written

OWN = f"GET /2/users/{OUR_ID}/tweets"


class XPeer:
    """X for one account of ours."""

    channel, handle, secret = "x", OUR_HANDLE, SECRET
    fixes_beforehand = True
    quirks = frozenset({Quirk.SAME_WORDS, Quirk.LATE})

    def __init__(self, folder: Path) -> None:
        self._harness = XHarness(folder, utc_now)
        self._harness.page_items = 50
        self._server = self._harness.server
        self.url = self._server.url

    def ask(self, author: str, words: str) -> str:
        return self._harness.arrive(words, author=author)

    def out(self) -> list[Written]:
        return [_written(post.view) for post in self._server.own()]

    def behave(self, quirk: Quirk | None) -> None:
        self._server.refuses_duplicates = quirk == Quirk.SAME_WORDS
        self._server.after = self._hide if quirk == Quirk.LATE else lambda call, answer: answer

    def _hide(self, call: str, answer: tuple[int, Any]) -> tuple[int, Any]:
        """What was just written does not stand in our own list when it is read for the first time."""
        if call == POST:
            self._server.unshown = 1
        elif call == OWN:
            self._server.unshown = 0
        return answer

    @staticmethod
    def writes(method: str, path: str) -> bool:
        return f"{method} {path.partition('?')[0]}" == POST

    @staticmethod
    def hurry() -> None:
        transport.ANSWER_S = 0.5


def _written(view: dict[str, Any]) -> Written:
    parent = view["referenced_tweets"][0]["id"]
    return Written(view["id"], parent, view["said"], view["id"])
