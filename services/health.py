"""Is the desk well, and how complete is what it shows?"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from db import mentions, meta, schema, secrets
from domain.errors import DeskError
from domain.hearing import Blindness
from services import keyring
from services.context import Context
from services.coverage import WORKER_SILENT, ChannelCoverage, coverage, everywhere, worker_life

__all__ = ["ChannelCoverage", "Check", "DoctorReport", "beat", "coverage", "doctor", "ready"]

DISK_LOW_MB = 200


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


def doctor(ctx: Context) -> DoctorReport:
    """Look at store, schema, worker, backlog, channels, disk and publishing. Never raises for what it finds."""
    looks: dict[str, Callable[[Context], tuple[bool, str]]] = {
        "store": _store,
        "schema": _schema,
        "worker": _worker,
        "backlog": _backlog,
        "channels": _channels,
        "secrets": _secrets,
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
    life = worker_life(ctx)
    if life.seen_at is None:
        return False, "The worker has never run: start the desk with `./sportello run`."
    if not life.lives:
        return False, f"The worker was last seen at {life.seen_at:%Y-%m-%d %H:%M:%S} UTC: start the desk."
    return True, "The worker lives."


def _backlog(ctx: Context) -> tuple[bool, str]:
    with ctx.store.read() as tx:
        waiting = mentions.count_waiting(tx)
    return True, f"{waiting} posts wait for the model." if waiting else "Every post has been judged."


def _channels(ctx: Context) -> tuple[bool, str]:
    """The same truth as the *Channels* page: what fails now, and what is not heard for whatever reason."""
    ailing = [each for each in everywhere(ctx) if each.failing_since is not None or each.blind is not None]
    return not ailing, "; ".join(dict.fromkeys(map(_ailment, ailing))) or "Every channel answers."


def _ailment(each: ChannelCoverage) -> str:
    if each.blind is Blindness.NOT_POLLED:
        return f"{each.channel}: nobody asks it{_since(each.heard_until)}"
    if each.blind is Blindness.SILENT:
        return f"{each.channel}: no post{_since(each.last_post_at)}, which is not like it"
    return f"{each.channel}: {each.error}" + (" (stopped)" if each.stopped else "")


def _since(moment: datetime | None) -> str:
    return f" since {moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _secrets(ctx: Context) -> tuple[bool, str]:
    """Whether the key opens every sealed secret, and who else may read it."""
    ring, opened = keyring.of(ctx.settings), 0
    with ctx.store.read() as tx:
        for purpose, number, sealed in secrets.sealed_rows(tx):
            ring.open(sealed, purpose=f"{purpose} {number}")
            opened += 1
    if ring.is_file and ring.file.exists() and ring.file.stat().st_mode & 0o077:
        return False, f"Others on this machine can read the key: chmod 600 {ring.file}"
    return True, f"The key opens all {opened} sealed secrets." if opened else "No secret is kept here."


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
    with ctx.store.write(beside=True) as tx:
        meta.beat(tx, process, at=ctx.clock(), silent=WORKER_SILENT)
