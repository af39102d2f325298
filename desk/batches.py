"""How does a drawn page reach the browser? In batches: Streamlit wakes its event loop for each element drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Lock
from typing import TypeAlias

from streamlit.runtime.app_session import AppSession

Callback: TypeAlias = Callable[[], None]
HandOver: TypeAlias = Callable[[AppSession, Callback], None]

#: Streamlit itself sends to the browser every 10 ms; what is drawn within half of that goes together.
WAIT_S = 0.005
_NAME, _KEPT = "_call_soon_on_event_loop", "_sportello_batch"


def hand_over_in_batches() -> None:
    """Wake the event loop once for all that a page draws within ``WAIT_S``, in the order it was drawn.

    A third of what a click cost went into waking it for every single element, and into two threads taking
    turns. Nothing happens where Streamlit keeps no such method any longer.
    """
    hand_over: HandOver | None = getattr(AppSession, _NAME, None)
    if hand_over is not None and hand_over.__module__ != __name__:
        setattr(AppSession, _NAME, batched(hand_over))


def batched(hand_over: HandOver) -> HandOver:
    """The same as ``hand_over``, called once for everything that comes until the loop has time for it."""

    def collect(session: AppSession, callback: Callback) -> None:
        batch: Batch = session.__dict__.setdefault(_KEPT, Batch())
        if batch.holds(callback):
            hand_over(session, batch.wait)

    return collect


class Batch:
    """What waits for the event loop of one session; filled by its script's thread, emptied on the loop."""

    __slots__ = ("_callbacks", "_is_asked", "_turn")

    def __init__(self) -> None:
        self._callbacks: list[Callback] = []
        self._is_asked = False
        # Asking and coming must not overlap: a batch that believes it has asked, and has not, is never drawn.
        self._turn = Lock()

    def holds(self, callback: Callback) -> bool:
        """Add one; True when nobody has asked the loop yet to come for them."""
        with self._turn:
            self._callbacks.append(callback)
            is_first, self._is_asked = not self._is_asked, True
        return is_first

    def wait(self) -> None:
        """On the loop: come back for all of them in a moment."""
        asyncio.get_running_loop().call_later(WAIT_S, self.run)

    def run(self) -> None:
        """On the loop: run them in their order. What is added from here on asks again, so nothing is left behind."""
        with self._turn:
            waiting, self._callbacks, self._is_asked = self._callbacks, [], False
        loop = asyncio.get_running_loop()
        for callback in waiting:
            loop.call_soon(callback)
