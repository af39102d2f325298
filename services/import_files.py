"""What stands in this file? CSV, XLSX or JSON lines as a header and rows of text, or one clear sentence why not."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Invalid
from domain.text import clean, one_line
from services.import_source import PEEK_BYTES, binary, cell_text, encoding_of, size_bytes
from services.import_workbooks import check_workbook, sheet_rows

MAX_COLUMNS = 500
MAX_CELL_CHARS = 1_000_000
#: Columns read beyond the header's, to tell a row that does not fit.
SPARE_COLUMNS = 20
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Row:
    """One row with the line it begins on (the first line of a file is 1). ``problem``: why it cannot be read."""

    line: int
    cells: tuple[str, ...]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ImportFile:
    """An opened file: its header, how it is written, and a way to read its rows again and again."""

    columns: tuple[str, ...]
    encoding: str
    delimiter: str
    _read: Callable[[], Iterator[Row]]

    def rows(self) -> Iterator[Row]:
        """Every row below the header that is not blank."""
        return self._read()


def open_file(source: bytes | Path, *, max_mb: int) -> ImportFile:
    """Look into a file and tell how to read it; nothing of it is kept in memory.

    Raises Invalid with a sentence for a person: not to be opened, too large, empty, not text, encoding
    unknown, no header.
    """
    size = size_bytes(source)
    if size > max_mb * 2**20:
        raise Invalid(f"The file has {size // 2**20} MB; an import accepts {max_mb} MB.", field="file")
    with binary(source) as handle:
        head = handle.read(PEEK_BYTES)
    if not head.strip():
        raise Invalid("The file is empty.", field="file")
    if head.startswith(b"PK\x03\x04"):
        return _open_xlsx(source, max_mb=max_mb)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid("This is an old Excel file (.xls): save it as .xlsx or CSV.", field="file")
    encoding = encoding_of(source, head)
    first = head.decode(encoding, errors="ignore").lstrip("\ufeff \t\r\n")[:1]
    if first == "[":
        raise Invalid("The file is one JSON list: save it with one JSON object per line.", field="file")
    return _open_jsonl(source, encoding) if first == "{" else _open_csv(source, encoding, head)


def _open_csv(source: bytes | Path, encoding: str, head: bytes) -> ImportFile:
    delimiter = _delimiter(head.decode(encoding, errors="ignore"))

    def records() -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(MAX_CELL_CHARS)
        with binary(source) as handle, io.TextIOWrapper(handle, encoding=encoding, newline="") as text:
            reader = csv.reader(text, delimiter=delimiter, strict=True)
            line = 1
            try:
                for record in reader:
                    yield line, record
                    line = reader.line_num + 1
            except csv.Error as err:
                raise Invalid(f"Line {line} cannot be read: {err}. Nothing was stored.", field="file") from err

    columns = _header(next((record for _, record in records() if any(record)), []))

    def rows() -> Iterator[Row]:
        below = False
        for line, record in records():
            if not any(cell.strip() for cell in record):
                continue
            if below:
                yield _row(line, record, len(columns))
            below = True

    return ImportFile(columns, encoding, delimiter, rows)


def _delimiter(head: str) -> str:
    """The separator that cuts the first lines into the most columns, equally often."""
    csv.field_size_limit(MAX_CELL_CHARS)
    lines = head.splitlines()[:20] or [""]

    def score(mark: str) -> tuple[int, int]:
        widths = [len(record) for record in csv.reader(lines, delimiter=mark)]
        return (widths[0] > 1) * sum(w == widths[0] for w in widths), widths[0]

    return max(_DELIMITERS, key=score)


def _header(names: Sequence[str]) -> tuple[str, ...]:
    """Column names, unique and not empty."""
    if len(names) > MAX_COLUMNS:
        raise Invalid(f"The file has {len(names)} columns; more than {MAX_COLUMNS} cannot be posts.", field="file")
    header: list[str] = []
    for number, raw in enumerate(names, start=1):
        name = one_line(clean(raw), max_chars=100) or f"column {number}"
        header.append(name if name not in header else f"{name} ({number})")
    if not header:
        raise Invalid("The file has no header line with the names of its columns.", field="file")
    return tuple(header)


def _row(line: int, cells: Sequence[str], width: int) -> Row:
    kept = list(cells)
    while len(kept) > width and not kept[-1].strip():
        kept.pop()
    problem = None if len(kept) == width else f"{len(kept)} columns, the header has {width}"
    return Row(line, tuple(kept), problem)


def _open_jsonl(source: bytes | Path, encoding: str) -> ImportFile:
    def lines() -> Iterator[tuple[int, str]]:
        with binary(source) as handle, io.TextIOWrapper(handle, encoding=encoding) as text:
            yield from ((number, line) for number, line in enumerate(text, start=1) if line.strip())

    names: dict[str, None] = {}
    for (_, line), _count in zip(lines(), range(200), strict=False):
        names |= dict.fromkeys(_flat(line) or {})
    keys = list(names)
    columns = _header(keys)

    def rows() -> Iterator[Row]:
        for number, line in lines():
            values = _flat(line)
            if values is None:
                yield Row(number, (), "not a JSON object")
            else:
                yield Row(number, tuple(values.get(key, "") for key in keys))

    return ImportFile(columns, encoding, "", rows)


def _flat(line: str) -> dict[str, str] | None:
    """A JSON object as text cells, inner objects one level deep as ``outer.inner``; None when it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    cells: dict[str, str] = {}
    for name, inner in value.items():
        deeper = {f"{name}.{k}": v for k, v in inner.items()} if isinstance(inner, dict) else {name: inner}
        cells |= {k: cell_text(v) for k, v in deeper.items()}
    return cells


def _open_xlsx(source: bytes | Path, *, max_mb: int) -> ImportFile:
    check_workbook(source, max_mb=max_mb)
    first = (cells for _, cells in sheet_rows(source, columns=MAX_COLUMNS + 1) if cells)
    columns = _header(next(first, []))

    def rows() -> Iterator[Row]:
        below = False
        for line, cells in sheet_rows(source, columns=len(columns) + SPARE_COLUMNS):
            if cells and below:
                yield _row(line, cells + [""] * (len(columns) - len(cells)), len(columns))
            below = below or bool(cells)

    return ImportFile(columns, "xlsx", "", rows)
