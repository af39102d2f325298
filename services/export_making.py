"""Who makes the exports that wait, and who clears up after them? Any worker, one at a time, under a lease.

A worker that dies leaves its row running; when the lease is over another begins that export anew, with a key of its
own, so that no file is ever made of two halves.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from db import export_schedules as schedules_db
from db import exports as exports_db
from db import users
from db.exports import ExportRow
from domain.errors import DeskError, Unavailable
from domain.export import ExportState
from domain.people import Right
from services import alert_files, exports
from services.context import Context
from services.export_files.protocol import dictionary_beside
from services.export_orders import is_own, read_filter, read_order
from services.exporting import write_file

_LOG = logging.getLogger(__name__)
#: Longer than it takes to close the largest workbook, during which nothing is told.
LEASE_S = 300
#: How often a file's progress is written down, and whether anybody still wants it.
TELL_S = 1.0
MOST_ATTEMPTS = 3
#: A file without a row this old was left by a process that died.
ORPHAN_S = 3600
#: What ended is listed for so long.
LISTED_DAYS = 90


@dataclass(slots=True)
class _Told:
    """Writes the progress down now and then; False as soon as nobody wants the file."""

    ctx: Context
    export_id: int
    worker: str
    _last_s: float = field(default=0.0)

    def __call__(self, done: int, total: int) -> bool:
        now_s = time.monotonic()
        if now_s - self._last_s < TELL_S:
            return True
        self._last_s = now_s
        until = self.ctx.clock() + timedelta(seconds=LEASE_S)
        with self.ctx.store.write(beside=True) as tx:
            return exports_db.advance(tx, self.export_id, self.worker, done=done, total=total, until=until)


def make_next(ctx: Context, *, worker: str) -> bool:
    """Make one export that waits; False when there is none."""
    now = ctx.clock()
    with ctx.store.write() as tx:
        row = exports_db.take(tx, worker, now=now, until=now + timedelta(seconds=LEASE_S))
    if row is None:
        return False
    refusal = _refusal(ctx, row)
    if refusal is not None:
        _end(ctx, row, worker, ExportState.FAILED, error_key=refusal)
        return True
    try:
        _make(ctx, row, worker)
    except DeskError as err:
        _LOG.warning("export=%s failed error=%s", row.id, err.key)
        _end(ctx, row, worker, ExportState.FAILED, error_key=err.key)
    return True


def clear_up(ctx: Context) -> None:
    """Delete files whose time is over, and what processes left that died."""
    now, folder = ctx.clock(), exports.folder_of(ctx)
    with ctx.store.write() as tx:
        over = exports_db.expire(tx, now=now)
        exports_db.forget(tx, before=now - timedelta(days=LISTED_DAYS))
    for name in over:
        exports.delete_file(folder / name)
    left = [path for path in folder.iterdir() if path.is_file() and time.time() - path.stat().st_mtime > ORPHAN_S]
    with ctx.store.read() as tx:
        known = exports_db.stored_names(tx, [path.name for path in left]) if left else set()
    kept = known | {dictionary_beside(Path(name)).name for name in known}
    for path in left:
        if path.name not in kept:
            path.unlink(missing_ok=True)


def _refusal(ctx: Context, row: ExportRow) -> str | None:
    """Why this must not be made (any more): its asker left, it is about a colleague, or it has ended three workers."""
    if row.attempts > MOST_ATTEMPTS:
        return "interrupted"
    if not is_own(read_filter(row.filter), row.user_id):
        return "not_allowed"
    if row.user_id is None:
        return None
    with ctx.store.read() as tx:
        member = users.get(tx, row.user_id)
    needed = {Right.EXPORT, Right.IDENTIFY} if row.identified else {Right.EXPORT}
    return None if member.active and needed <= member.rights else "not_allowed"


def _make(ctx: Context, row: ExportRow, worker: str) -> None:
    order = read_order(
        brand_id=row.brand_id,
        subject=row.subject,
        format=row.format,
        filter=row.filter,
        style=row.style,
        words=row.words,
        identified=row.identified,
        purpose=row.purpose,
    )
    stored_name = f"{row.id}-{secrets.token_hex(8)}.{row.format}"
    path = exports.folder_of(ctx) / stored_name
    written = write_file(ctx, order, path, progress=_Told(ctx, row.id, worker))
    if written.bytes is None:
        _end(ctx, row, worker, ExportState.CANCELLED)
        return
    if row.schedule_id is not None:
        try:
            _put_in_folder(ctx, row, path)
        except OSError as error:
            exports.delete_file(path)
            raise Unavailable(f"The folder cannot be written: {error.strerror}.", field="folder") from error
    expires_at = ctx.clock() + timedelta(days=ctx.settings.export_keep_days)
    values = {"rows_done": written.rows, "rows_total": written.rows, "bytes": written.bytes}
    if not _end(ctx, row, worker, ExportState.DONE, stored_name=stored_name, expires_at=expires_at, **values):
        exports.delete_file(path)


def _put_in_folder(ctx: Context, row: ExportRow, path: Path) -> None:
    """A copy for who fetches it there: whole or not at all."""
    with ctx.store.read() as tx:
        name = schedules_db.get(tx, row.schedule_id or 0).folder
    if not name:
        return  # It goes by mail alone.
    folder = ctx.settings.export_path / name
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    for source, name in (
        (path, row.file_name),
        (dictionary_beside(path), dictionary_beside(Path(row.file_name)).name),
    ):
        if source.exists():
            part = folder / f"{name}.part"
            try:
                part.unlink(missing_ok=True)
                part.touch(mode=0o640, exist_ok=False)
                shutil.copyfile(source, part)
                part.replace(folder / name)
            finally:
                part.unlink(missing_ok=True)


def _end(ctx: Context, row: ExportRow, worker: str, state: ExportState, **values: object) -> bool:
    with ctx.store.write() as tx:
        now = ctx.clock()
        ended = exports_db.finish(tx, row.id, worker, state, finished_at=now, **values)
        if ended and state is ExportState.DONE and row.schedule_id is not None:
            alert_files.announce(tx, row.schedule_id, row.id, brand_id=row.brand_id, at=now)
        return ended
