"""Is the desk well, and how complete is what it shows?"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from db import mentions, meta, polls, schema
from domain.errors import DeskError
from domain.people import Right
from services.act import require
from services.context import Context

#: The worker gives a sign of life every few seconds; after this long it counts as gone.
WORKER_SILENT = timedelta(seconds=30)
DISK_LOW_MB = 200


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
    """Every channel the brand listens on. Needs Right.READ."""
    require(ctx, Right.READ, action="coverage.read", entity="brand")
    with ctx.store.read() as tx:
        rows = polls.of_brand(tx, brand_id)
    return tuple(
        ChannelCoverage(
            channel=row.channel,
            watch=watch,
            complete_up_to=row.complete_up_to,
            last_success_at=row.last_success_at,
            failing_since=row.failing_since,
            error=row.last_error,
            stopped=row.stopped,
        )
        for row, watch in rows
    )


def doctor(ctx: Context) -> DoctorReport:
    """Look at store, schema, worker, backlog, channels, disk and publishing. Never raises for what it finds."""
    looks: dict[str, Callable[[Context], tuple[bool, str]]] = {
        "store": _store,
        "schema": _schema,
        "worker": _worker,
        "backlog": _backlog,
        "channels": _channels,
        "disk": _disk,
        "publishing": _publishing,
    }
    return DoctorReport(tuple(_looked(name, look, ctx) for name, look in looks.items()))


def _looked(name: str, look: Callable[[Context], tuple[bool, str]], ctx: Context) -> Check:
    try:
        return Check(name, *look(ctx))
    except (DeskError, OSError) as err:
        return Check(name, False, str(err))


def _store(ctx: Context) -> tuple[bool, str]:
    with ctx.store.write() as tx:
        meta.keep(tx, "doctor_was_here", ctx.clock().isoformat())
    return True, "The store can be read and written."


def _schema(ctx: Context) -> tuple[bool, str]:
    schema.require_current(ctx.store)
    return True, f"The schema is current ({schema.head()})."


def _worker(ctx: Context) -> tuple[bool, str]:
    with ctx.store.read() as tx:
        seen = meta.last_beat(tx, "worker")
    if seen is None:
        return False, "The worker has never run: start the desk with `./sportello run`."
    if abs(ctx.clock() - seen) > WORKER_SILENT:  # a beat to come is from before the clock was set back
        return False, f"The worker was last seen at {seen:%Y-%m-%d %H:%M:%S} UTC: start the desk."
    return True, "The worker lives."


def _backlog(ctx: Context) -> tuple[bool, str]:
    with ctx.store.read() as tx:
        waiting = mentions.count_waiting(tx)
    return True, f"{waiting} posts wait for the model." if waiting else "Every post has been judged."


def _channels(ctx: Context) -> tuple[bool, str]:
    with ctx.store.read() as tx:
        ailing = polls.failing(tx)
    words = "; ".join(f"{p.channel}: {p.last_error}" + (" (stopped)" if p.stopped else "") for p in ailing)
    return not ailing, words or "Every channel answers."


def _disk(ctx: Context) -> tuple[bool, str]:
    folder = ctx.settings.data_path
    if not os.access(folder, os.W_OK):
        return False, f"{folder} cannot be written."
    free_mb = shutil.disk_usage(folder).free // 2**20
    words = f"{free_mb} MB free in {folder}."
    return free_mb >= DISK_LOW_MB, words if free_mb >= DISK_LOW_MB else words + " Make room soon."


def _publishing(ctx: Context) -> tuple[bool, str]:
    if ctx.settings.publishing_live:
        return True, "Accounts that are switched on publish."
    return True, "Nothing is published (publish is not 'live'); the sample answers into its own log."


def ready(ctx: Context) -> bool:
    """The store answers, its schema is current, and the worker lives."""
    try:
        schema.require_current(ctx.store)
        return _worker(ctx)[0]
    except DeskError:
        return False


def beat(ctx: Context, process: str) -> None:
    """A sign of life of ``process``."""
    with ctx.store.write() as tx:
        meta.beat(tx, process, at=ctx.clock())
