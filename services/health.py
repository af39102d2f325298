"""Is the desk well, and how complete is what it shows?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.context import Context


@dataclass(frozen=True, slots=True)
class ChannelCoverage:
    """How far one watch on one channel is complete, and what keeps it from being more so."""

    channel: str
    watch: str
    complete_up_to: datetime | None
    last_success_at: datetime | None
    failing_since: datetime | None
    error: str | None
    stopped: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``words`` says what was found and, when not ok, the way out."""

    name: str
    ok: bool
    words: str


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """All checks of one visit."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


def coverage(ctx: Context, brand_id: int) -> tuple[ChannelCoverage, ...]:
    """Every channel the brand listens on."""
    raise NotImplementedError


def doctor(ctx: Context) -> DoctorReport:
    """Look at store, schema, worker, model, disk and publishing."""
    raise NotImplementedError


def ready(ctx: Context) -> bool:
    """The store answers, its schema is current, and the worker lives."""
    raise NotImplementedError


def beat(ctx: Context, process: str) -> None:
    """A sign of life of ``process``."""
    raise NotImplementedError
