"""How often may somebody knock at an address of ours? Counted by the minute, in memory, each process for itself."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

#: Where the source of an account calls us.
HOOK_PATH = "/hooks/{account}"
#: So many callers are counted within a minute. Further ones never wait: nobody is shut out by what strangers do.
CALLERS = 1000


@dataclass(slots=True)
class Pace:
    """At most ``most`` in a minute of each."""

    most: int
    _minute: datetime | None = None
    _counts: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def wait_s(self, who: str, *, now: datetime) -> int:
        """How long this one has to wait; 0 for not at all."""
        with self._lock:
            self._turn(now)
            if self._counts.get(who, 0) < self.most:
                return 0
        return max(1, 60 - now.second)

    def count(self, who: str, *, now: datetime) -> None:
        """Once more."""
        with self._lock:
            self._turn(now)
            if who in self._counts or len(self._counts) < CALLERS:
                self._counts[who] = self._counts.get(who, 0) + 1

    def _turn(self, now: datetime) -> None:
        minute = now.replace(second=0, microsecond=0)
        if self._minute is None or abs(minute - self._minute) >= timedelta(minutes=1):
            self._minute = minute
            self._counts.clear()
