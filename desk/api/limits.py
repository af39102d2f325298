"""Has somebody asked too often this minute? Counted in memory, each process for itself."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

#: So many callers are told apart within a minute; further ones share one count.
MOST_CALLERS = 10_000
#: Wrong tokens of one address a minute before it has to wait: nobody types them by hand.
WRONG_TOKENS_MIN = 30
_THE_REST = "the rest"


@dataclass(slots=True)
class MinuteLimit:
    """Counts calls of the running minute."""

    _minute: datetime | None = None
    _counts: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, caller: str, *, now: datetime) -> int:
        """The how-maniest call of this minute it is."""
        with self._lock:
            self._turn_to(now)
            if caller not in self._counts and len(self._counts) >= MOST_CALLERS:
                caller = _THE_REST
            self._counts[caller] = n = self._counts.get(caller, 0) + 1
            return n

    def so_far(self, caller: str, *, now: datetime) -> int:
        """How many calls there were this minute."""
        with self._lock:
            self._turn_to(now)
            return self._counts.get(caller, 0)

    def _turn_to(self, now: datetime) -> None:
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()


def wait_s(now: datetime) -> int:
    """Until the next minute begins."""
    return 60 - now.second
