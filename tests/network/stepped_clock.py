"""What time is it for a desk and all its worker processes, when a test may set the clock of all of them at once?"""

from __future__ import annotations

from datetime import datetime, timedelta
from multiprocessing import RawValue

from domain.clock import utc_now


class SteppedClock:
    """Real time, moved by a step that processes forked from here share: it jumps for all of them, at any moment."""

    def __init__(self) -> None:
        self._ahead_s = RawValue("d", 0.0)

    def __call__(self) -> datetime:
        return utc_now() + timedelta(seconds=self._ahead_s.value)

    def set_right(self) -> None:
        """Real time again."""
        self._ahead_s.value = 0.0

    def move(self, **by: float) -> datetime:
        """Set the clock on, or back, by ``timedelta(**by)``."""
        self._ahead_s.value += timedelta(**by).total_seconds()
        return self()
