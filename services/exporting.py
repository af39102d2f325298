"""How does one export become a file? Rows read page by page, hidden behind pseudonyms, written as they come."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from db import brands as brands_db
from db import export_beside, export_rows
from db.export_rows import Wanted
from domain.brand import Brand
from domain.errors import Invalid, Unavailable
from domain.export import ExportFilter, ExportFormat, ExportOrder, Meaning, Subject
from domain.text import clean
from services.context import Context
from services.export_columns import columns_of
from services.export_files.protocol import ExportFile, Sheet, dictionary_beside
from services.export_reading import Batch, Reader
from services.pseudonyms import Pseudonyms, new_key
from services.scrubbing import Scrubber, named, parts_of

#: Told after every batch: rows written, and how many there are; False ends the work.
Progress = Callable[[int, int], bool]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an export: None in ``bytes`` when it was called off."""

    rows: int
    bytes: int | None


class CalledOff(Exception):
    """Somebody does not want the file any more."""


def write_file(
    ctx: Context, order: ExportOrder, path: Path, *, progress: Progress | None = None, key: bytes | None = None
) -> Written:
    """Write what was ordered to ``path``, with its dictionary; the file appears only when it is whole.

    Rights are the caller's to check. Memory does not grow with the rows. Raises Invalid for a path that cannot be
    written, Unavailable when the disk is full, NotFound for a brand that is gone.
    """
    part = path.with_name(path.name + ".part")
    try:
        rows = _write(ctx, order, part, progress or (lambda done, of: True), key or new_key())
        os.replace(part, path)
        with suppress(FileNotFoundError):
            os.replace(dictionary_beside(part), dictionary_beside(path))
    except CalledOff:
        return Written(0, None)
    except OSError as err:
        kind = Unavailable if err.errno in (28, 122) else Invalid
        raise kind(f"The file {path} cannot be written: {err.strerror}.", field="file") from err
    finally:
        for left in (part, dictionary_beside(part)):
            left.unlink(missing_ok=True)
    return Written(rows, path.stat().st_size)


def _write(ctx: Context, order: ExportOrder, part: Path, progress: Progress, key: bytes) -> int:
    with ctx.store.read() as tx:
        brand = brands_db.get(tx, order.brand_id)
    sheet = _sheet(order, brand)
    file = open_file(order.format, part, sheet)
    done = 0
    try:
        models: set[str] = set()
        for batch, total in batches(ctx, order, key=key, models=models):
            file.write(batch.columns)
            done += batch.rows
            if not progress(done, total):
                raise CalledOff
        file.close((*order.meanings, *_facts(order, brand, done, models)))
    except BaseException:
        with suppress(Exception):
            file.abandon()
        raise
    return done


def batches(ctx: Context, order: ExportOrder, *, key: bytes, models: set[str]) -> Iterator[tuple[Batch, int]]:
    """Every batch of an export with the number of rows there are; what comes in meanwhile is left to the next one."""
    if order.subject is Subject.TRENDS:
        from services import export_trends

        yield from export_trends.batches(ctx, order)
        return
    reader = reader_of(ctx, order, Pseudonyms(key), models=models)
    with ctx.store.read() as tx:
        upto = export_rows.last_id(tx, order.subject)
        total = export_rows.count(tx, order.subject, reader.want, upto=upto)
    after = 0
    while (batch := reader.batch(after=after, upto=upto)) is not None:
        after = batch.last_id
        yield batch, total


def reader_of(ctx: Context, order: ExportOrder, names: Pseudonyms, *, models: set[str] | None = None) -> Reader:
    """What reads the rows of this order, under these pseudonyms."""
    with ctx.store.read() as tx:
        watches = export_beside.watch_names(tx, order.brand_id)
        kept = frozenset(handle.lstrip("@").casefold() for handle in export_beside.our_handles(tx, order.brand_id))
        staff = export_beside.colleagues(tx)
        firm = parts_of(*export_beside.brand_words(tx, order.brand_id))

    def owners(channel: str, handles: Any) -> dict[str, int]:
        with ctx.store.read() as tx:
            return export_beside.owners_of_handles(tx, channel, handles)

    return Reader(
        ctx=ctx,
        subject=order.subject,
        want=wanted(ctx, order, tuple(watches)),
        names=names,
        scrubber=Scrubber(names, owners, kept, frozenset(firm)),
        watches=watches,
        identified=order.identified,
        colleagues=named("colleague", *staff),
        models=set() if models is None else models,
    )


def wanted(ctx: Context, order: ExportOrder, watch_ids: Sequence[int]) -> Wanted:
    """The filter in the words of the store; Invalid for a watch of another brand."""
    asked = order.filter
    if strange := set(asked.watches) - set(watch_ids):
        raise Invalid(f"This brand has no watch {min(strange)}.", field="watch")
    return Wanted(
        brand_id=order.brand_id,
        watch_ids=asked.watches or tuple(watch_ids),
        channels=asked.channels,
        since=asked.since,
        until=asked.until,
        kinds=asked.kinds,
        sentiments=asked.sentiments,
        levels=asked.levels,
        language=asked.language,
        languages=asked.languages,
        theme=asked.theme,
        search=clean(asked.search, max_chars=100),
        people=clean(asked.people, max_chars=100).lstrip("@"),
        states=asked.states,
        owner_id=asked.owner_id,
        promised=asked.promised,
        awake_at=None if asked.snoozed else ctx.clock(),
    )


def open_file(format: ExportFormat, path: Path, sheet: Sheet) -> ExportFile:
    """A file of this kind, open for writing."""
    if format is ExportFormat.CSV:
        from services.export_files.csv_file import CsvFile

        return CsvFile(path, sheet)
    if format is ExportFormat.JSONL:
        from services.export_files.jsonl_file import JsonlFile

        return JsonlFile(path, sheet)
    if format is ExportFormat.PARQUET:
        from services.export_files.parquet_file import ParquetFile

        return ParquetFile(path, sheet)
    from services.export_files.xlsx_file import XlsxFile

    return XlsxFile(path, sheet)


def _sheet(order: ExportOrder, brand: Brand) -> Sheet:
    titles = {"it": "Colonne", "en": "Columns"}
    columns = columns_of(order.subject, identified=order.identified)
    title = str(order.subject)
    return Sheet(columns, order.style, ZoneInfo(brand.timezone), title, titles.get(order.style.language, "Columns"))


def _facts(order: ExportOrder, brand: Brand, rows: int, models: set[str]) -> tuple[Meaning, ...]:
    """What this very file holds, under the columns' meanings: names of facts are codes, as those of columns are."""
    asked = order.filter
    known = {
        "brand": brand.name,
        "timezone": brand.timezone,
        "rows": str(rows),
        "since": _iso(asked.since),
        "until": _iso(asked.until),
        "filter": "; ".join(f"{name}={value}" for name, value in _chosen(asked)),
        "models": ", ".join(sorted(models)),
        "people": "identified" if order.identified else "pseudonyms",
        "purpose": order.purpose or "",
    }
    return tuple(Meaning(f"({name})", words) for name, words in known.items() if words)


def _chosen(asked: ExportFilter) -> Iterator[tuple[str, str]]:
    for name in ("channels", "watches", "kinds", "sentiments", "levels", "states"):
        if values := getattr(asked, name):
            yield name, ",".join(str(value) for value in values)
    if asked.language or asked.languages:
        yield "language", asked.language or ",".join(asked.languages)
    if asked.theme:
        yield "theme", asked.theme


def _iso(moment: Any) -> str:
    return "" if moment is None else moment.isoformat()
