"""What if the way to a server is bad? A server in between that passes everything on, and loses what a test says.

Writes are the interesting ones: a request that never arrives, an answer that never comes back, an error in place of a
success.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NoReturn

import httpx

from collectors.http import trusted

#: Nobody has to wait longer for an answer that is held back.
PATIENCE_S = 15.0
PUT = "com.atproto.repo.putRecord"
#: What belongs to one stretch of the way, and not to the message.
_OF_THE_WAY = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "content-encoding"}

Answer = tuple[int, dict[str, str], bytes]


def bluesky_writes(method: str, path: str) -> bool:
    """Whether this request writes a post on Bluesky."""
    return PUT in path


class Fault(StrEnum):
    """What becomes of the next write."""

    LOST_BEFORE = "the connection ends before the server has it"
    LOST_AFTER = "the server takes it, and the connection ends"
    ERROR_AFTER = "the server takes it, and a 500 comes back"
    LIMITED = "somebody in between asks to slow down"
    SILENT_BEFORE = "the server never has it, and nobody answers in time"
    SILENT_AFTER = "the server takes it, and does not answer in time"


#: Those that take no longer than the network itself.
QUICK = (Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.ERROR_AFTER, Fault.LIMITED)
_BEFORE, _AFTER = (Fault.LOST_BEFORE, Fault.SILENT_BEFORE), (Fault.LOST_AFTER, Fault.SILENT_AFTER)
SILENT = (Fault.SILENT_BEFORE, Fault.SILENT_AFTER)


class FaultyWay:
    """Listens on this machine, passes on to ``server``. ``faults`` are used up by the next writes, in order.

    ``reading`` is what becomes of every question while it is set. ``meanwhile`` happens once, after the server took
    the next write and before its answer goes on. ``silence_s``: longer than anybody waits for an answer. ``hold``: the
    answer to that question from now on (1: the next) waits for ``go``; ``held`` says that it does.
    """

    def __init__(self, server: str, *, writes: Callable[[str, str], bool] = bluesky_writes) -> None:
        self.server, self.is_write = server, writes
        self.silence_s = 1.0
        self.faults: list[Fault] = []
        self.reading: Fault | None = None
        self.meanwhile: Callable[[], None] | None = None
        self.writes = 0
        self.hold = 0
        self.held, self.go = threading.Event(), threading.Event()
        self._client = httpx.Client(timeout=60, trust_env=False, verify=trusted())
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def pass_on(
        self, method: str, path: str, headers: dict[str, str], content: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """The server's answer; raises ConnectionError where the connection is to end instead."""
        fault = self.reading if method == "GET" else None
        is_write = self.is_write(method, path)
        if is_write:
            self.writes += 1
            fault = self.faults.pop(0) if self.faults else None
        if fault in _BEFORE:
            self._end(fault)
        if fault == Fault.LIMITED:
            return 429, {"retry-after": "1"}, b'{"error":"RateLimitExceeded","message":"slow down"}'
        answer = self._client.request(method, self.server + path, headers=_kept(headers), content=content)
        if is_write and self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        if fault in _AFTER:
            self._end(fault)
        if not is_write:
            self._keep_waiting()
        if fault == Fault.ERROR_AFTER:
            return 500, {}, b'{"error":"InternalServerError","message":"oops"}'
        return answer.status_code, _kept(answer.headers), answer.content

    def hold_back(self, number: int) -> None:
        """The answer to that question from now on waits until it is let go."""
        self.held.clear()
        self.go.clear()
        self.hold = number

    def _keep_waiting(self) -> None:
        self.hold -= 1
        if self.hold == 0:
            self.held.set()
            self.go.wait(PATIENCE_S)

    def _end(self, fault: Fault | None) -> NoReturn:
        """The connection ends, at once or after all patience."""
        if fault in SILENT:
            time.sleep(self.silence_s)
        raise ConnectionError

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._client.close()


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OF_THE_WAY}


def _handler(way: FaultyWay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve(b"")

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers.get("content-length") or 0)))

        def _serve(self, content: bytes) -> None:
            try:
                status, told, body = way.pass_on(self.command, self.path, dict(self.headers), content)
            except (ConnectionError, httpx.TransportError):
                self.close_connection = True
                return
            # Not Python's own headers: the server's date is the network's.
            self.send_response_only(status)
            for name, value in {"content-type": "application/json", **told}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            try:
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # Who asked was killed meanwhile.

        def log_message(self, *_: object) -> None:
            pass

    return Handler
