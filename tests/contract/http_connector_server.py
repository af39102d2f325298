"""How does a firm's own source answer? A server on this machine that speaks its contract and checks who asks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.contract.scripted import Answer, Asked, Scripted

ROOT = "/desk"
MOST_CHARS = 2000


def signature(secret: str, headers: Mapping[str, str], content: bytes) -> str:
    """What a Standard Webhooks library makes of it, worked out without the code that signs."""
    words = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + content
    return "v1," + base64.b64encode(hmac.new(secret.encode(), words, hashlib.sha256).digest()).decode()


@dataclass
class Source(Scripted):
    """Keeps a log of changes: each page goes on from the place in it that the cursor names.

    ``keeps_keys``: False for one that makes of each request another reply and knows no keys. ``more`` stands in
    every page beside its items.
    """

    secret: str = ""
    page_items: int = 100
    log: list[Any] = field(default_factory=list)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    replies: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=lambda: {"contract": 1, "replies": {"max_chars": MOST_CHARS}})
    asked: list[Asked] = field(default_factory=list)
    stuck: bool = False
    keeps_keys: bool = True

    def behave(self) -> None:
        super().behave()
        self.stuck = False

    def now(self) -> str:
        return self.clock().isoformat().replace("+00:00", "Z")

    def add(self, text: str, *, author: str = "mara", **more: object) -> str:
        native_id = str(more.get("id", f"r{len(self.log) + 1:03}"))
        person = hashlib.sha256(author.encode()).hexdigest()[:8]
        self.items[native_id] = {
            "id": native_id,
            "text": text,
            "author": {"id": person, "name": author.title(), "handle": author},
            "published_at": self.now(),
            "url": f"https://reviews.example/r/{native_id}",
            "version": 1,
            **more,
        }
        self.log.append(self.items[native_id])
        return native_id

    def edit(self, native_id: str, text: str) -> None:
        old = self.items[native_id]
        new = old | {"text": text, "version": old["version"] + 1, "edited_at": self.now()}
        self.items[native_id] = new
        self.log.append(new)

    def delete(self, native_id: str) -> None:
        del self.items[native_id]
        self.log.append({"id": native_id, "deleted": True})

    def calls(self) -> list[str]:
        return [self.call_of(asked) for asked in self.asked]

    # As ``Scripted``.

    def call_of(self, asked: Asked) -> str:
        return f"{asked.verb} {asked.path.removeprefix(ROOT)}"

    def noted(self, call: str, asked: Asked) -> None:
        self.asked.append(asked)

    def refused(self, call: str, asked: Asked) -> Answer | None:
        target = asked.path + (f"?{urlencode(asked.given)}" if asked.query else "")
        content = asked.content if asked.verb == "POST" else target.encode()
        headers = {name.lower(): value for name, value in asked.headers.items()}
        if signature(self.secret, headers, content) in headers.get("webhook-signature", "").split():
            return None
        return 401, {"error": {"code": "wrong_signature", "message": "Who are you?"}}

    def answered(self, call: str, asked: Asked) -> Answer:
        if call == "GET ":
            return 200, self.about
        if call == "GET /items":
            return 200, self._page(asked.given)
        if call == "GET /replies":
            item_id = asked.given["item_id"]
            return 200, {"item_id": item_id, "replies": [r for r in self.replies if r["item_id"] == item_id]}
        return self._taken(asked.json, asked.headers["Idempotency-Key"])

    def _page(self, asked: Mapping[str, str]) -> dict[str, Any]:
        start = 0 if self.stuck else int(asked.get("cursor", 0))
        end = min(start + min(self.page_items, int(asked["limit"])), len(self.log))
        page = {"items": self.log[start:end], "next_cursor": str(end), "has_more": self.stuck or end < len(self.log)}
        return page | self.more

    def _taken(self, told: dict[str, Any], key: str) -> Answer:
        assert told["key"] == key
        known = next((each for each in self.replies if each.get("key") == key), None)
        if known is not None and self.keeps_keys:
            return 200, known
        if told["item_id"] not in self.items:
            return 404, {"error": {"code": "item_gone", "message": "There is no such review."}}
        number = str(len(self.replies) + 1)
        url = f"https://reviews.example/a/{number}"
        made = {"id": number, "item_id": told["item_id"], "text": told["text"], "url": url, "published_at": self.now()}
        self.replies.append(made | ({"key": key} if self.keeps_keys else {}))
        return 201, self.replies[-1]
