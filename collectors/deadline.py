"""How does a request end in time, however slowly its answer trickles in? Its connection is cut at the deadline.

Time-outs of the libraries count from byte to byte: a server that sends one now and then would hold us for ever.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self


class Deadline:
    """Cuts the connection of one request at ``at_s`` (monotonic). ``trace`` is httpcore's extension of that name.

    ``is_over``: it was cut. What came until then may look like an end, and is none.
    """

    def __init__(self, at_s: float) -> None:
        self._at_s = at_s
        self._held: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self.is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.let_go()

    def has_passed(self) -> bool:
        """Whether there is no time left to begin anything."""
        return time.monotonic() >= self._at_s

    def trace(self, event: str, told: Mapping[str, Any]) -> None:
        """Take hold of the connection as soon as there is one, before anything is encrypted on it."""
        if event in ("connection.connect_tcp.complete", "socks.connect_tcp.complete"):
            self.hold(told["return_value"].get_extra_info("socket"))

    def hold(self, connection: socket.socket) -> None:
        """From now on it is this connection that is cut, and no other."""
        self.let_go()  # of one that stood, but on which nothing could be encrypted
        # A second handle on the same connection: the library puts TLS around its own.
        self._held = socket.socket(fileno=os.dup(connection.fileno()))
        if self.has_passed():
            self._cut()
            return
        self._timer = threading.Timer(self._at_s - time.monotonic(), self._cut)
        self._timer.daemon = True
        self._timer.start()

    def let_go(self) -> None:
        """Nothing is cut any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        if self._held is not None:
            self._held.close()

    def _cut(self) -> None:
        self.is_over = True
        if self._held is not None:
            try:
                self._held.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # It has ended by itself.


#: The deadline of the request that is under way in this thread.
_RUNNING: ContextVar[Deadline | None] = ContextVar("running", default=None)


@contextmanager
def within(total_s: float) -> Iterator[Deadline]:
    """Whatever is asked in this context has so long, if its connections are made by ``collectors.guarded``."""
    with Deadline(time.monotonic() + total_s) as limit:
        before = _RUNNING.set(limit)
        try:
            yield limit
        finally:
            _RUNNING.reset(before)


def running() -> Deadline | None:
    """The deadline of what is being asked; None where there is none."""
    return _RUNNING.get()
