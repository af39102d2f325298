"""Who may take what away, and where do they find it? Exports asked for, watched, called off and fetched."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from db import audit
from db import brands as brands_db
from db import exports as exports_db
from db.exports import ExportRow
from domain.errors import Invalid, NotAllowed, NotFound, NotPossible
from domain.export import UNDER_WAY, ExportFormat, ExportOrder, ExportState, Subject
from domain.people import Right
from services.act import act, acting_member, require
from services.context import Context
from services.export_files.protocol import dictionary_beside
from services.export_orders import require_order, stored
from services.exporting import Progress, Written, write_file

#: So many exports of one colleague may wait at once: a held-down key fills no disk.
MOST_UNDER_WAY = 10
#: Parts asked for within this time after a download was recorded belong to that one.
DOWNLOAD_S = 3600
MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSONL: "application/jsonl; charset=utf-8",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class ExportView:
    """One export as its asker sees it. ``rows_total`` is None until it was counted."""

    export_id: int
    brand: str
    subject: Subject
    format: ExportFormat
    state: ExportState
    identified: bool
    purpose: str | None
    rows_done: int
    rows_total: int | None
    bytes: int | None
    file_name: str
    asked_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    is_stopping: bool
    by_schedule: bool
    has_dictionary: bool
    error: str | None

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY


@dataclass(frozen=True, slots=True)
class ReadyFile:
    """A file to hand out."""

    path: Path
    name: str
    media_type: str


def ask(ctx: Context, order: ExportOrder) -> ExportView:
    """Order an export; a worker makes it. Needs Right.EXPORT, and Right.IDENTIFY with a purpose for one with names.

    Raises NotAllowed, Invalid, NotPossible when too many of the asker's exports wait, NotFound for an unknown brand.
    """
    with act(ctx, "export.ask", "export", needs=Right.EXPORT, reason=order.purpose) as running:
        member, purpose = acting_member(ctx), require_order(ctx, order)
        brand = brands_db.get(running.tx, order.brand_id)
        if exports_db.under_way(running.tx, member.id) >= MOST_UNDER_WAY:
            raise NotPossible(reason="exports_waiting")
        running.entity_id = exports_db.add(
            running.tx,
            **stored(order, purpose=purpose),
            actor=ctx.actor.name,
            user_id=member.id,
            file_name=file_name(brand.slug, order, running.now),
            created_at=running.now,
        )
        running.details.update(_told(order))
        return view(exports_db.get(running.tx, running.entity_id))


def write_here(ctx: Context, order: ExportOrder, path: Path, *, progress: Progress | None = None) -> Written:
    """Write an export to a file of the asker's own choice, now; what stood there is replaced once the new one is whole.

    Rights as for ``ask``; recorded before it begins.
    """
    require_order(ctx, order)
    if path.is_dir() or not path.parent.is_dir():
        raise Invalid(f"{path} is no file that can be written.", field="file")
    with act(ctx, "export.write", "export", needs=Right.EXPORT, reason=order.purpose) as running:
        brands_db.get(running.tx, order.brand_id)
        running.details.update(_told(order))
    return write_file(ctx, order, path, progress=progress)


def mine(ctx: Context, *, before_id: int | None = None, rows: int = 20) -> list[ExportView]:
    """The exports of the one who asks, the newest first. Needs Right.EXPORT."""
    require(ctx, Right.EXPORT, action="export.read", entity="export")
    member = acting_member(ctx)
    with ctx.store.read() as tx:
        found = exports_db.page(tx, member.id, before_id=before_id, rows=rows)
    return [view(row) for row in found]


def cancel(ctx: Context, export_id: int) -> None:
    """Call an export off: one that waits ends at once, one under way within a second or two. NotFound for another's."""
    with act(ctx, "export.cancel", "export", export_id, needs=Right.EXPORT) as running:
        row = _own(ctx, exports_db.get(running.tx, export_id))
        if ExportState(row.state) not in UNDER_WAY:
            raise NotPossible(reason="export_over")
        exports_db.call_off(running.tx, export_id, at=running.now)


def remove(ctx: Context, export_id: int) -> None:
    """Delete the file of an export before its time. NotFound for another's."""
    with act(ctx, "export.remove", "export", export_id, needs=Right.EXPORT) as running:
        _own(ctx, exports_db.get(running.tx, export_id))
        names = exports_db.expire(running.tx, now=running.now, export_id=export_id)
    for name in names:
        delete_file(folder_of(ctx) / name)


def open_file(ctx: Context, export_id: int, *, dictionary: bool = False, is_first: bool = True) -> ReadyFile:
    """The file of an export, for whoever asked for it alone; recorded in the audit.

    Not ``is_first``: a part is asked for. It belongs to the download recorded within DOWNLOAD_S, else it is one itself.
    Raises NotFound for another's export and for a file that is not there (any more).
    """
    if not is_first or dictionary:
        require(ctx, Right.EXPORT, action="export.download", entity="export")
        with ctx.store.read() as tx:
            row = _open_to(ctx, exports_db.get(tx, export_id))
            # What is asked for says little about what is handed out: a part can be the whole but for one byte.
            told = audit.is_there(
                tx,
                action="export.download",
                entity="export",
                entity_id=export_id,
                user_id=ctx.actor.user_id,
                since=ctx.clock() - timedelta(seconds=DOWNLOAD_S),
            )
            if dictionary or told:
                return ready_file(ctx, row, dictionary=dictionary)
    with act(ctx, "export.download", "export", export_id, needs=Right.EXPORT) as running:
        row = _open_to(ctx, exports_db.get(running.tx, export_id))
        running.details.update({"format": row.format, "identified": row.identified})
        return ready_file(ctx, row, dictionary=False)


def _open_to(ctx: Context, row: ExportRow) -> ExportRow:
    """One's own, and with names only while one may still have them."""
    if _own(ctx, row).identified and Right.IDENTIFY not in ctx.actor.rights:
        raise NotAllowed(action="export.download", needs=str(Right.IDENTIFY))
    return row


def folder_of(ctx: Context) -> Path:
    """Where the files of exports lie; nobody else on this machine looks in."""
    folder = ctx.settings.data_path / "exports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def delete_file(path: Path) -> None:
    """Remove a file with its dictionary."""
    path.unlink(missing_ok=True)
    dictionary_beside(path).unlink(missing_ok=True)


def file_name(slug: str, order: ExportOrder, at: datetime) -> str:
    """``aurora-mentions-2026-03-02-0900.csv``: letters that every system takes."""
    plain = unicodedata.normalize("NFKD", slug).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9-]+", "-", plain.lower()).strip("-") or "brand"
    return f"{name}-{order.subject}-{at:%Y-%m-%d-%H%M}.{order.format}"


def view(row: ExportRow) -> ExportView:
    """An export as its asker sees it."""
    form = ExportFormat(row.format)
    return ExportView(
        export_id=row.id,
        brand=row.brand,
        subject=Subject(row.subject),
        format=form,
        state=ExportState(row.state),
        identified=row.identified,
        purpose=row.purpose,
        rows_done=row.rows_done,
        rows_total=row.rows_total,
        bytes=row.bytes,
        file_name=row.file_name,
        asked_at=row.created_at,
        finished_at=row.finished_at,
        expires_at=row.expires_at,
        is_stopping=row.cancel_asked_at is not None,
        by_schedule=row.schedule_id is not None,
        has_dictionary=form is not ExportFormat.XLSX,
        error=row.error_key,
    )


def _told(order: ExportOrder) -> dict[str, object]:
    """What the audit keeps: codes and ids, no words of a search."""
    return {
        "brand": order.brand_id,
        "rows_of": str(order.subject),
        "format": str(order.format),
        "identified": order.identified,
    }


def _own(ctx: Context, row: ExportRow) -> ExportRow:
    """The export, when the one who acts asked for it: to everybody else it is not there."""
    if ctx.actor.user_id is None or row.user_id != ctx.actor.user_id:
        raise NotFound(f"There is no export {row.id}.", entity="export", id=row.id)
    return row


def ready_file(ctx: Context, row: ExportRow, *, dictionary: bool = False) -> ReadyFile:
    """The file of an export that somebody may have; NotFound when it is not there (any more)."""
    path = folder_of(ctx) / (row.stored_name or "-")
    name, kind = row.file_name, MEDIA_TYPES[ExportFormat(row.format)]
    if dictionary:
        path, name = dictionary_beside(path), dictionary_beside(Path(name)).name
        kind = MEDIA_TYPES[ExportFormat.CSV]
    if row.state != ExportState.DONE or not path.is_file():
        raise NotFound("The file is not there (any more): ask for the export again.", entity="export_file", id=row.id)
    return ReadyFile(path, name, kind)
