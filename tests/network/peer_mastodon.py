"""How does the matrix play Mastodon? As the contract tests do, with a key that some servers take no notice of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from collectors import bounded
from domain.clock import utc_now
from tests.contract.harness import SECRET
from tests.contract.harness_mastodon import POST, MastodonHarness
from tests.contract.mastodon_server import OUR_NAME, Shown
from tests.network.network import Quirk, Written

OWN, TALK = "GET /api/v1/accounts/:id/statuses", "GET /api/v1/statuses/:id/context"


class MastodonPeer:
    """Mastodon for one account of ours."""

    channel, handle, secret = "mastodon", f"{OUR_NAME}@piazza.test", SECRET
    fixes_beforehand = True
    quirks = frozenset({Quirk.KEYLESS, Quirk.LATE})

    def __init__(self, folder: Path) -> None:
        self._harness = MastodonHarness(folder, utc_now)
        self._server = self._harness.server
        self._server.page_items = 40
        self.url = self._server.url
        self._unshown: set[str] = set()

    def ask(self, author: str, words: str) -> str:
        return self._harness.arrive(words, author=author)

    def out(self) -> list[Written]:
        return [self._written(post) for post in self._server.own()]

    def behave(self, quirk: Quirk | None) -> None:
        self._server.keeps_keys = quirk is None
        self._server.after = self._hide if quirk == Quirk.LATE else lambda method, answer: answer

    def _hide(self, method: str, answer: tuple[int, Any]) -> tuple[int, Any]:
        """What was just written stands nowhere the first time that somebody reads our own list."""
        status, body = answer
        if method == POST and status == 200:
            self._unshown.add(body["id"])
        elif method == TALK and status == 200:
            return status, body | {"descendants": self._shown(body["descendants"])}
        elif method == OWN and status == 200:
            shown = self._shown(body)
            self._unshown.clear()
            return status, shown
        return answer

    def _shown(self, views: list[dict[str, object]]) -> list[dict[str, object]]:
        return [view for view in views if view["id"] not in self._unshown]

    def _written(self, post: Shown) -> Written:
        """Without the name of who is answered, which the channel puts in front."""
        native_id, parent_id = str(post.view["id"]), str(post.view["in_reply_to_id"])
        parent = self._server.posts.get(parent_id)
        name = "" if parent is None else f"@{parent.view['account']['acct']} "
        return Written(native_id, parent_id, post.raw.removeprefix(name), native_id)

    @staticmethod
    def writes(method: str, path: str) -> bool:
        return f"{method} {path.partition('?')[0]}" == POST

    @staticmethod
    def hurry() -> None:
        bounded.ANSWER_S = 0.5
