"""How does a file of posts become work or history? Read, guess the columns, preview, store, count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Literal

from db import brands as brands_db
from db import imports
from domain.brand import Watch
from domain.errors import Invalid, Malformed, Refused
from domain.mention import Mention
from domain.people import Right
from domain.text import clean, one_line
from services.act import act, require
from services.context import Context
from services.import_columns import ColumnMap, guess, places
from services.import_files import ImportFile, Row, open_file
from services.import_rows import Reader, months_come_first
from services.storing import look_first, store_posts

__all__ = ["ColumnMap", "ImportPreview", "ImportResult", "Purpose", "Rejected", "read_preview", "run_import"]

Purpose = Literal["auto", "work", "history"]
PREVIEW_ROWS = 20
#: Rows of one transaction: the desk waits for at most this many.
BATCH_ROWS = 500
CELL_PREVIEW_CHARS = 300


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a file looks like before anything is stored. ``guessed`` is None when no text column was found."""

    columns: tuple[str, ...]
    guessed: ColumnMap | None
    rows: tuple[tuple[str, ...], ...]
    encoding: str
    delimiter: str
    total_rows_estimate: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that was not used: its line in the file (the header is line 1) and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The sums of one import; ``read`` = ``stored`` + ``duplicates`` + rejected rows."""

    read: int
    stored: int
    duplicates: int
    rejected: tuple[Rejected, ...]
    import_id: int


#: Told after every transaction: rows read so far, and how many there are.
Progress = Callable[[int, int], None]


def read_preview(ctx: Context, data: bytes | Path, file_name: str) -> ImportPreview:
    """Look at a file; Invalid with a clear sentence when it cannot be used. Needs Right.IMPORT. Stores nothing."""
    require(ctx, Right.IMPORT, action="import.preview", entity="import")
    file = open_file(data, max_mb=ctx.settings.import_max_mb)
    first = list(islice(file.rows(), PREVIEW_ROWS))
    guessed = guess(file.columns, first)
    problems = [f"Line {row.line}: {row.problem}." for row in first if row.problem]
    if guessed is None:
        problems.insert(0, "No column looks like the text of a post: choose it.")
    return ImportPreview(
        columns=file.columns,
        guessed=guessed,
        rows=tuple(tuple(one_line(clean(c), max_chars=CELL_PREVIEW_CHARS) for c in row.cells) for row in first),
        encoding=file.encoding,
        delimiter=file.delimiter,
        total_rows_estimate=sum(1 for _ in file.rows()),
        problems=tuple(problems),
    )


def run_import(
    ctx: Context,
    path: Path,
    *,
    file_name: str,
    brand_id: int,
    channel: str = "import",
    mapping: ColumnMap | None = None,
    purpose: Purpose = "auto",
    progress: Progress | None = None,
) -> ImportResult:
    """Store every usable row of a file as posts of a brand. Needs Right.IMPORT.

    ``purpose``: ``work`` makes cases, ``history`` none; ``auto`` decides row by row: older than
    ``history_after_days`` is history, newer and undated rows are work. The whole file is read once
    before anything is stored, so a file that cannot be read leaves nothing behind; single rows that
    cannot be used are rejected with their line and reason. The same file again stores nothing.
    Raises Invalid, and NotFound for an unknown brand or channel.
    """
    ctx.channels.manifest(channel)
    require(ctx, Right.IMPORT, action="import.run", entity="import")
    watch, file, reader, total = _looked_through(ctx, path, mapping, brand_id=brand_id, channel=channel)
    with act(ctx, "import.run", "import", needs=Right.IMPORT) as running:
        import_id = imports.begin(
            running.tx,
            brand_id=brand_id,
            file_name=one_line(clean(Path(file_name).name), max_chars=300),
            channel=channel,
            purpose=purpose,
            actor=ctx.actor.name,
            at=running.now,
        )
        running.entity_id, running.details["brand"] = import_id, brand_id
    result = ImportResult(0, 0, 0, (), import_id)
    for rows in _batches(file):
        result = _store(ctx, watch, reader, rows, purpose=purpose, so_far=result)
        if progress is not None:
            progress(result.read, total)
    return result


def _looked_through(
    ctx: Context, path: Path, mapping: ColumnMap | None, *, brand_id: int, channel: str
) -> tuple[Watch, ImportFile, Reader, int]:
    """The whole file read once, outside any transaction: a large one takes longer than writers may wait."""
    try:
        with ctx.store.read() as tx:
            brand, watch = brands_db.get(tx, brand_id), _watch(brands_db.watches_of(tx, brand_id))
        return watch, *_checked(ctx, path, mapping, channel=channel, timezone=brand.timezone)
    except Refused as why:
        with act(ctx, "import.run", "import", needs=Right.IMPORT):
            raise why


def _watch(watches: list[Watch]) -> Watch:
    """The watch imported posts count for: the brand's first own one."""
    own = [watch for watch in watches if not watch.is_competitor]
    if not own:
        raise Invalid("The brand has no watch of its own: add one first.", field="brand")
    return own[0]


def _checked(
    ctx: Context, path: Path, mapping: ColumnMap | None, *, channel: str, timezone: str
) -> tuple[ImportFile, Reader, int]:
    """The file read from end to end once, and a reader for its rows; Invalid when it cannot be imported."""
    file = open_file(path, max_mb=ctx.settings.import_max_mb)
    mapping = mapping or guess(file.columns, list(islice(file.rows(), PREVIEW_ROWS)))
    if mapping is None:
        raise Invalid(f"No column looks like the text of a post; there are: {', '.join(file.columns)}.", field="text")
    found = places(mapping, file.columns)
    reader = Reader(found, channel, timezone, ctx.clock())
    total, usable = 0, False
    dates: list[str] = []
    for row in file.rows():
        total += 1
        usable = usable or (row.problem is None and bool(row.cells[found["text"]].strip()))
        if row.problem is None and "published_at" in found and len(dates) < 100_000:
            dates.append(row.cells[found["published_at"]])
    if total and not usable:
        raise Invalid(f"No row has a text in the column {mapping.text!r}; choose another.", field="text")
    return file, replace(reader, month_first=months_come_first(dates)), total


def _batches(file: ImportFile) -> Iterator[list[Row]]:
    rows = file.rows()
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def _store(
    ctx: Context, watch: Watch, reader: Reader, rows: list[Row], *, purpose: Purpose, so_far: ImportResult
) -> ImportResult:
    """One transaction: these rows, their cases, and the sums of the import with them."""
    posts: dict[bool, list[Mention]] = {False: [], True: []}
    rejected: list[Rejected] = []
    for row in rows:
        try:
            post = reader.post(row)
        except Malformed as why:
            rejected.append(Rejected(row.line, str(why)))
        else:
            posts[_is_history(ctx, post, purpose)].append(post)
    batches = [look_first(ctx, some, is_history=history) for history, some in posts.items() if some]
    with ctx.store.write() as tx:
        placed = [store_posts(tx, ctx, watch, batch, now=ctx.clock()) for batch in batches]
        result = ImportResult(
            read=so_far.read + len(rows),
            stored=so_far.stored + sum(p.stored for p in placed),
            duplicates=so_far.duplicates + sum(p.duplicates for p in placed),
            rejected=so_far.rejected + tuple(rejected),
            import_id=so_far.import_id,
        )
        imports.reject(tx, result.import_id, [(r.line, r.reason) for r in rejected])
        imports.count(
            tx,
            result.import_id,
            read=result.read,
            stored=result.stored,
            duplicates=result.duplicates,
            rejected=len(result.rejected),
        )
    return result


def _is_history(ctx: Context, post: Mention, purpose: Purpose) -> bool:
    if purpose != "auto":
        return purpose == "history"
    return post.published_at < ctx.clock() - timedelta(days=ctx.settings.history_after_days)
