"""How does the Mastodon server of the tests speak HTTP? Paths, Link headers, the test's date, and drops."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from domain.clock import Clock

Answer = tuple[int, Any]
Given = dict[str, list[str]]


class Drop(Exception):
    """The connection ends without an answer."""


class Speaking(Protocol):
    """What the speaking needs of a server. ``paged``: the numbers of the items on the page it has just made."""

    clock: Clock
    token: str
    url: str
    asked: list[str]
    paged: list[tuple[int, Any]]
    before: Callable[[str], Answer | None]
    after: Callable[[str, Answer], Answer]
    headers: dict[str, str]

    def answer(self, method: str, name: str, given: Given, key: str) -> Answer: ...


def _named(path: str) -> tuple[str, str]:
    """A path with its id as a word, and the id."""
    parts = path.rstrip("/").split("/")
    if parts[3:4] == ["statuses"] and len(parts) > 4:
        return "/".join([*parts[:4], ":id", *parts[5:]]), parts[4]
    if parts[3:5] == ["timelines", "tag"]:
        return "/".join([*parts[:5], ":name"]), unquote(parts[5])
    if parts[3:4] == ["accounts"] and len(parts) == 6:
        return "/".join([*parts[:4], ":id", parts[5]]), parts[4]
    return "/".join(parts), ""


def handler(server: Speaking) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve(parse_qs(urlsplit(self.path).query))

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            self._serve(parse_qs(content.decode(), keep_blank_values=True))

        def _serve(self, given: Given) -> None:
            path, name = _named(urlsplit(self.path).path)
            method = f"{self.command} {path}"
            server.asked.append(method)
            server.paged = []
            try:
                told = server.before(method)
                if told is None and self.headers.get("authorization") != f"Bearer {server.token}":
                    told = 401, {"error": "The access token is invalid"}
                key = self.headers.get("idempotency-key", "")
                status, body = told or server.after(method, server.answer(method, name, given, key))
            except Drop:
                self.close_connection = True
                return
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            # Not Python's own headers: the server's date is that of the test.
            self.send_response_only(status)
            date = format_datetime(server.clock(), usegmt=True)
            shown = {"content-type": "application/json", "date": date, **self._links(path), **server.headers}
            for header, value in shown.items():
                self.send_header(header, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _links(self, path: str) -> dict[str, str]:
            if not server.paged:
                return {}
            newest, oldest = server.paged[0][0], server.paged[-1][0]
            base = f"{server.url}{urlsplit(self.path).path}?limit=40"
            return {"link": f'<{base}&max_id={oldest}>; rel="next", <{base}&min_id={newest}>; rel="prev"'}

        def log_message(self, *_: object) -> None:
            pass

    return Handler
