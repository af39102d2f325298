"""What came due: snoozes, check-backs, promises, locks, and cases whose owner is away?"""

from __future__ import annotations

from services.context import Context


def run_due(ctx: Context) -> int:
    """Do everything that is due now; returns how many cases it touched."""
    raise NotImplementedError
