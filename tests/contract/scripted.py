"""How does a network played on this machine speak HTTP, and fail as a test says? One server, for every JSON."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from domain.clock import Clock
from tests.contract.harness import Trouble

#: A status and a body: JSON, or bytes as they are.
Answer = tuple[int, Any]
#: Nobody listens there.
CLOSED = "http://127.0.0.1:9"


class Drop(Exception):
    """The connection ends without an answer."""


@dataclass(frozen=True)
class Asked:
    """One request. Header names as the library sent them, read in any case."""

    verb: str
    path: str
    query: Mapping[str, list[str]]
    content: bytes
    headers: Any

    @property
    def given(self) -> dict[str, str]:
        """The first value of every parameter."""
        return {name: values[0] for name, values in self.query.items()}

    @property
    def form(self) -> dict[str, list[str]]:
        """What a form holds."""
        return parse_qs(self.content.decode(), keep_blank_values=True)

    @property
    def json(self) -> dict[str, Any]:
        """What a JSON body holds; nothing for an empty one."""
        return dict(json.loads(self.content or b"{}"))


@dataclass
class Scripted:
    """A server on a free port of this machine; each network says what it answers.

    ``before`` and ``after`` are given the name of a call: they may answer in its place, or raise Drop. The answer to a
    call in ``trickling`` comes byte by byte and without end: its "headers", or its "body". ``trickles``: one of those
    is on its way; ``held``: somebody listened to one for seconds.
    """

    clock: Clock
    before: Callable[[str], Answer | None] = field(init=False)
    after: Callable[[str, Answer], Answer] = field(init=False)
    headers: dict[str, str] = field(init=False)
    trickling: dict[str, str] = field(init=False)
    trickles: threading.Event = field(default_factory=threading.Event, init=False)
    held: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.behave()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.origin = f"127.0.0.1:{self._http.server_address[1]}"
        self.url = f"http://{self.origin}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def behave(self) -> None:
        """No trouble any more."""
        self.before, self.after, self.headers = lambda call: None, lambda call, answer: answer, {}
        self.trickling = {}
        self.trickles.clear()

    def call_of(self, asked: Asked) -> str:
        """The name of a call, as ``before`` and ``after`` are given it."""
        return f"{asked.verb} {asked.path}"

    def noted(self, call: str, asked: Asked) -> None:
        """A request has come, whatever becomes of it."""

    def refused(self, call: str, asked: Asked) -> Answer | None:
        """The answer to who has not signed in."""
        return None

    def answered(self, call: str, asked: Asked) -> Answer:
        """What the network says when nothing goes wrong."""
        raise NotImplementedError

    def beside(self, asked: Asked) -> dict[str, str]:
        """Headers of the answer that was just made."""
        return {}

    @contextmanager
    def trouble(self, kind: Trouble, writes: str, scripts: Mapping[Trouble, Callable[[], None]]) -> Iterator[None]:
        """The network behaves like that until the context ends. ``writes``: the call that publishes.

        ``scripts``: what it does in its own words. Whoever builds the channel sends it to CLOSED while it is DOWN.
        """

        def drop(call: str) -> None:
            if call == writes:
                raise Drop

        def lose(call: str, answer: Answer) -> Answer:
            drop(call)
            return answer

        if kind in scripts:
            scripts[kind]()
        elif kind == Trouble.VANISHED:
            self.before = drop
        elif kind == Trouble.LOST:
            self.after = lose
        try:
            yield
        finally:
            self.behave()


class Troubled:
    """A harness whose network is a Scripted server: it behaves as a test says for a while, or is not there at all.

    ``writes``: the call that publishes; ``path``: what stands behind the server's address. The channel is built with
    ``url``. How the network limits, refuses and repeats itself each harness says in the network's own words.
    """

    server: Scripted
    url: str
    writes: str
    path: str = ""

    @contextmanager
    def trouble(self, kind: Trouble) -> Iterator[None]:
        """Until the context ends."""
        scripts = {
            Trouble.LIMITED: self._limit,
            Trouble.SIGN_IN: self._refuse_sign_in,
            Trouble.NO: self._refuse_reply,
            Trouble.SAME_PAGE: self._repeat_page,
        }
        self.url = CLOSED if kind == Trouble.DOWN else self.url
        try:
            with self.server.trouble(kind, self.writes, scripts):
                yield
        finally:
            self.url = self.server.url + self.path

    def _limit(self) -> None:
        raise NotImplementedError

    def _refuse_sign_in(self) -> None:
        raise NotImplementedError

    def _refuse_reply(self) -> None:
        raise NotImplementedError

    def _repeat_page(self) -> None:
        raise NotImplementedError


def _handler(server: Scripted) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            asked = Asked(self.command, parts.path, parse_qs(parts.query), content, self.headers)
            call = server.call_of(asked)
            server.noted(call, asked)
            try:
                told = server.before(call) or server.refused(call, asked)
                told = told or server.after(call, server.answered(call, asked))
                if call in server.trickling:
                    self._trickle(server.trickling[call])
                else:
                    self._tell(told, asked)
            except Drop:
                self.close_connection = True

        def _trickle(self, part: str) -> None:
            """Faster than any time-out between two bytes, and for as long as anybody listens."""
            self.close_connection = True
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-slow: ")
            self.wfile.write(b"\r\n\r\n" if part == "body" else b"")
            server.trickles.set()
            with suppress(OSError):
                for _ in range(500):
                    self.wfile.write(b" ")
                    time.sleep(0.01)
                server.held = True

        def _tell(self, answer: Answer, asked: Asked) -> None:
            status, body = answer
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            # Not Python's own headers: the server's date is that of the test.
            self.send_response_only(status)
            shown = {"content-type": "application/json", "date": format_datetime(server.clock(), usegmt=True)}
            for name, value in {**shown, **server.beside(asked), **server.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
