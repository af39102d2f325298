"""How does a firm's own source answer? A server on this machine that speaks its contract and checks who asks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes import MovableClock

Answer = tuple[int, object]
MOST_CHARS = 2000


class Drop(Exception):
    """The connection breaks."""


def nothing(method: str) -> Answer | None:
    return None


def as_it_is(method: str, answer: Answer) -> Answer:
    return answer


def fits(secret: str, headers: Mapping[str, str], content: bytes) -> bool:
    """Whether this was signed with that secret, worked out without the code that signs."""
    words = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + content
    made = base64.b64encode(hmac.new(secret.encode(), words, hashlib.sha256).digest()).decode()
    return f"v1,{made}" in headers.get("webhook-signature", "").split()


@dataclass
class Source:
    """Keeps a log of changes: each page goes on from the place in it that the cursor names.

    ``before`` may answer in place of the source, ``after`` change its answer; either may drop the connection.
    ``keeps_keys``: False for one that makes of each request another reply and knows no keys.
    """

    clock: MovableClock
    secret: str
    page_items: int = 100
    log: list[dict[str, Any]] = field(default_factory=list)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    replies: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[str], Answer | None] = nothing
    after: Callable[[str, Answer], Answer] = as_it_is
    headers: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=lambda: {"contract": 1, "replies": {"max_chars": MOST_CHARS}})
    asked: list[str] = field(default_factory=list)
    stuck: bool = False
    dated: bool = True
    keeps_keys: bool = True

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/desk"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def now(self) -> str:
        return self.clock().isoformat().replace("+00:00", "Z")

    def add(self, text: str, *, author: str = "mara", **more: object) -> str:
        native_id = str(more.pop("id", f"r{len(self.items) + 1:03}"))
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
        self.items.pop(native_id)
        self.log.append({"id": native_id, "deleted": True})

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(target)
        name = f"{method} {parts.path.removeprefix('/desk')}"
        self.asked.append(name)
        if not fits(self.secret, headers, body if method == "POST" else target.encode()):
            return 401, {"error": {"code": "wrong_signature", "message": "Who are you?"}}
        instead = self.before(name)
        if instead is not None:
            return instead
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        return self.after(name, self._plain(name, asked, headers, body))

    def _plain(self, name: str, asked: dict[str, str], headers: Mapping[str, str], body: bytes) -> Answer:
        if name == "GET ":
            return 200, self.about
        if name == "GET /items":
            return 200, self._page(asked)
        if name == "GET /replies":
            found = [each for each in self.replies if each["item_id"] == asked["item_id"]]
            return 200, {"item_id": asked["item_id"], "replies": found}
        return self._taken(json.loads(body), headers["idempotency-key"])

    def _page(self, asked: dict[str, str]) -> dict[str, Any]:
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
        made = {
            "id": number,
            "item_id": told["item_id"],
            "text": told["text"],
            "url": f"https://reviews.example/a/{number}",
            "published_at": self.now(),
        }
        self.replies.append(made | ({"key": key} if self.keeps_keys else {}))
        return 201, self.replies[-1]


def _handler(source: Source) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._do("GET")

        def do_POST(self) -> None:
            self._do("POST")

        def _do(self, method: str) -> None:
            self.close_connection = True
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                status, told = source.answer(method, self.path, headers, body)
            except Drop:
                return
            raw = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response_only(status)
            if source.dated:
                self.send_header("Date", format_datetime(source.clock(), usegmt=True))
            for name, value in source.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            try:
                self.wfile.write(raw)
            except OSError:
                pass  # The other side had enough.

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
