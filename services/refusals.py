"""Which refusals are written down? Whoever hammers at a door gets a few lines and a count, not a line each time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

#: So many refusals of one person (or address) and act are written each by itself within a minute ...
EACH = 5
#: ... then the tenth, the hundredth and so on, as a count.
STEP = 10
#: So many persons and acts are told apart within a minute; all further ones count together.
KEYS = 200
_THE_REST = ("the rest", "")


@dataclass(slots=True)
class Tally:
    """Counts the refusals of the running minute, in memory.

    The audit gains at most ``KEYS`` times a dozen lines in a minute, whatever comes. Each process counts for itself.
    """

    _minute: datetime | None = None
    _counts: dict[tuple[str, str], int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, who: str, action: str, *, now: datetime) -> int | None:
        """The how-maniest refusal of this minute it is, when it is one to write down; else None.

        ``who`` names the one refused, an address for somebody without a name; it is forgotten with the minute.
        """
        minute = now.replace(second=0, microsecond=0)
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._counts.clear()
            key = (who, action)
            if key not in self._counts and len(self._counts) >= KEYS:
                key = _THE_REST
            self._counts[key] = n = self._counts.get(key, 0) + 1
        return n if n <= EACH or _is_power(n) else None


def _is_power(n: int) -> bool:
    while n % STEP == 0:
        n //= STEP
    return n == 1
