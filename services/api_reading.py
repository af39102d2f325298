"""What does a tool of the firm read, page by page? The rows of exports under the pseudonyms of its token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db import brands as brands_db
from db import export_rows, heard_posts
from db import exports as exports_db
from domain.brand import Brand
from domain.errors import Invalid, NotAllowed, NotFound
from domain.export import ExportFilter, ExportFormat, ExportOrder, Scope, Subject
from services import exports, tokens
from services.context import Context
from services.export_columns import columns_of
from services.exporting import batches, reader_of
from services.exports import ExportView, ReadyFile
from services.pseudonyms import Pseudonyms
from services.tokens import Bearer

MOST_ROWS = 1000
#: What was written since then stands at the end of all posts.
RECENT = timedelta(days=1)
#: Of a period with more posts nobody looks for the ends first: that would take as long as it spares.
MOST_LOOKED_UP = 100_000
#: What an integer of a database can hold.
LARGEST_NUMBER = 2**63 - 1
#: What a token needs for each kind of rows.
SCOPES = {Subject.MENTIONS: Scope.MENTIONS, Subject.CASES: Scope.CASES, Subject.TRENDS: Scope.TRENDS}


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page goes on: behind the row ``after`` (0: at the first), up to ``upto`` (None: to the last)."""

    after: int = 0
    upto: int | None = None

    def __str__(self) -> str:
        return str(self.after) if self.upto is None else f"{self.after}-{self.upto}"


def cursor_of(given: str | None) -> Cursor:
    """A cursor as a program gives it back; Invalid for what is none of ours."""
    parts = [] if given is None else given.split("-")
    whole = all(part.isascii() and part.isdigit() and len(part) <= 19 for part in parts)
    if len(parts) > 2 or not whole or any(int(part) > LARGEST_NUMBER for part in parts):
        raise Invalid("The parameter 'cursor' is the next_cursor of the page before.", field="cursor")
    return Cursor(*map(int, parts))


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, each a mapping from column to value; ``next_cursor`` is None at the end."""

    rows: tuple[Mapping[str, Any], ...]
    next_cursor: Cursor | None


def brand_for(ctx: Context, bearer: Bearer, slug: str | None) -> Brand:
    """The brand a tool asks for by its short name; without one the token's, else the first real one. NotFound."""
    with ctx.store.read() as tx:
        known = [b for b in brands_db.all_brands(tx) if bearer.brand_id in (None, b.id)]
    known.sort(key=lambda b: b.is_sample)
    found = next((b for b in known if slug in (None, b.slug)), None)
    if found is None:
        raise NotFound("There is no such brand, or this token does not open it.", entity="brand")
    return found


def page(
    ctx: Context, bearer: Bearer, subject: Subject, brand: Brand, filter: ExportFilter, *, cursor: Cursor, rows: int
) -> Page:
    """The rows from ``cursor`` on, at most MOST_ROWS. Raises NotAllowed without the scope, Invalid."""
    require_scope(bearer, SCOPES[subject])
    identified = Scope.IDENTIFIED in bearer.scopes
    if identified:
        tokens.note_names(ctx, bearer)
    order = ExportOrder(brand.id, subject, ExportFormat.JSONL, filter, identified=identified)
    reader = reader_of(ctx, order, Pseudonyms(bearer.key))
    rows = max(1, min(rows, MOST_ROWS))
    with ctx.store.read() as tx:
        last = export_rows.last_id(tx, subject)
        if subject is Subject.MENTIONS and filter.since is not None and not cursor.after:
            cursor = _narrowed(tx, filter.since, filter.until, last, now=ctx.clock())
    batch = reader.batch(after=cursor.after, upto=last if cursor.upto is None else cursor.upto, rows=rows)
    if batch is None:
        return Page((), None)
    names = [column.name for column in columns_of(subject, identified=identified)]
    found = tuple(dict(zip(names, row, strict=True)) for row in zip(*batch.columns, strict=True))
    return Page(found, Cursor(batch.last_id, cursor.upto) if batch.rows == rows else None)


def _narrowed(tx: Connection, since: datetime, until: datetime | None, last: int, *, now: datetime) -> Cursor:
    """Where the posts of a period stand, so that no page reads what was stored long before or after.

    Looked for once: the pages behind the first one find its end in their cursor. A period that reaches to these days
    ends with the last post, whichever that is by then.
    """
    between = heard_posts.ids_between(tx, since, until, most=MOST_LOOKED_UP)
    if between is None:
        return Cursor()
    if between.low > between.high:
        return Cursor(last, last)
    is_over = until is not None and until <= now - RECENT
    return Cursor(min(last, between.low - 1), between.high if is_over else None)


def trends(ctx: Context, bearer: Bearer, brand: Brand, filter: ExportFilter) -> Page:
    """The rows of the trends of a window, all of them. Raises NotAllowed without the scope, Invalid."""
    require_scope(bearer, Scope.TRENDS)
    order = ExportOrder(brand.id, Subject.TRENDS, ExportFormat.JSONL, filter)
    names = [column.name for column in columns_of(Subject.TRENDS, identified=False)]
    as_token = ctx.acting_as(tokens.actor_of(bearer))
    made = batches(as_token, order, key=bearer.key, models=set())
    rows = [row for batch, _ in made for row in zip(*batch.columns, strict=True)]
    return Page(tuple(dict(zip(names, row, strict=True)) for row in rows), None)


def listed(ctx: Context, bearer: Bearer, *, before: int | None, rows: int) -> list[ExportView]:
    """The exports a token may fetch, the newest first: its brand's by the calendar, without names unless it may."""
    require_scope(bearer, Scope.EXPORTS)
    with ctx.store.read() as tx:
        found = exports_db.by_calendar(
            tx, brand_id=bearer.brand_id, identified=Scope.IDENTIFIED in bearer.scopes, before_id=before, rows=rows
        )
    return [exports.view(row) for row in found]


def open_file(ctx: Context, bearer: Bearer, export_id: int) -> ReadyFile:
    """The file of one of these exports. Raises NotFound for any other, NotAllowed without the scope."""
    require_scope(bearer, Scope.EXPORTS)
    with ctx.store.read() as tx:
        found = exports_db.by_calendar(
            tx,
            brand_id=bearer.brand_id,
            identified=Scope.IDENTIFIED in bearer.scopes,
            before_id=min(export_id, LARGEST_NUMBER - 1) + 1,
            rows=1,
        )
    if not found or found[0].id != export_id:
        raise NotFound(f"There is no export {export_id}.", entity="export", id=export_id)
    if found[0].identified:
        tokens.note_names(ctx, bearer)
    return exports.ready_file(ctx, found[0])


def require_scope(bearer: Bearer, scope: Scope) -> None:
    """Refuse what this token does not open."""
    if scope not in bearer.scopes:
        raise NotAllowed(f"This token does not open {scope}.", action="api.read", needs=str(scope))
