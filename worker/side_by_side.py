"""How does one piece of work that hangs keep no other waiting? Each has a thread of its own, and one at most."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable, Mapping

log = logging.getLogger("worker")


class SideBySide:
    """Runs pieces of work at the same time. ``wait_s``: how long ``run`` waits for them.

    What takes longer goes on by itself, and is not begun again before it has come to its end.
    """

    def __init__(self, *, wait_s: float) -> None:
        self._wait_s = wait_s
        self._busy: set[Hashable] = set()
        self._lock = threading.Lock()

    def run(self, works: Mapping[Hashable, Callable[[], object]]) -> None:
        """Begin all that is not under way, and wait a moment. Raises what one of them raised in that time."""
        errors: list[Exception] = []
        threads = [
            threading.Thread(target=self._do, args=(name, work, errors), name=str(name), daemon=True)
            for name, work in works.items()
            if self._begin(name)
        ]
        for thread in threads:
            thread.start()
        until = time.monotonic() + self._wait_s
        for thread in threads:
            thread.join(timeout=max(0.0, until - time.monotonic()))
        if errors:
            raise errors[0]

    def _begin(self, name: Hashable) -> bool:
        with self._lock:
            is_free = name not in self._busy
            self._busy.add(name)
        return is_free

    def _do(self, name: Hashable, work: Callable[[], object], errors: list[Exception]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - it is raised where it was begun, if somebody still waits there
            log.warning("broke beside others name=%s error=%s", name, type(error).__name__)
            errors.append(error)
        finally:
            with self._lock:
                self._busy.discard(name)
