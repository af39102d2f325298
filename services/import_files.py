"""What stands in this file? CSV, XLSX or JSON lines as a header and rows of text, or one clear sentence why not."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from charset_normalizer import from_bytes

from domain.errors import Invalid

PEEK_BYTES = 262_144
MAX_COLUMNS = 500
MAX_CELL_CHARS = 1_000_000
#: A workbook may not unpack to more than this many times the size an import accepts.
UNPACKED_TIMES = 10
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

    Raises Invalid with a sentence for a person: too large, empty, not text, encoding unknown, no header.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > max_mb * 2**20:
        raise Invalid(f"The file has {size // 2**20} MB; an import accepts {max_mb} MB.", field="file")
    with _binary(source) as handle:
        head = handle.read(PEEK_BYTES)
    if not head.strip():
        raise Invalid("The file is empty.", field="file")
    if head.startswith(b"PK\x03\x04"):
        return _open_xlsx(source, max_mb=max_mb)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid("This is an old Excel file (.xls): save it as .xlsx or CSV.", field="file")
    encoding = _encoding(source, head)
    first = head.decode(encoding, errors="ignore").lstrip("\ufeff \t\r\n")[:1]
    if first == "[":
        raise Invalid("The file is one JSON list: save it with one JSON object per line.", field="file")
    return _open_jsonl(source, encoding) if first == "{" else _open_csv(source, encoding, head)


def _binary(source: bytes | Path) -> Any:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _encoding(source: bytes | Path, head: bytes) -> str:
    """UTF-8 or UTF-16 when the file says or proves so, else the best guess that reads the whole file."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    elif b"\x00" in head:
        raise Invalid("The file contains NUL bytes: it is no text. Save it as CSV in UTF-8.", field="file")
    else:
        guess = from_bytes(head[:65_536]).best()
        candidates = ["utf-8-sig", *([guess.encoding] if guess else []), "cp1252"]
    for encoding in candidates:
        if _decodes(source, encoding):
            return encoding
    raise Invalid("The encoding of the file cannot be told: save it as CSV in UTF-8.", field="file")


def _decodes(source: bytes | Path, encoding: str) -> bool:
    try:
        with _binary(source) as handle, io.TextIOWrapper(handle, encoding=encoding, newline="") as text:
            while chunk := text.read(1_000_000):
                if "\x00" in chunk:
                    raise Invalid("The file contains NUL characters: it is no text.", field="file")
        return True
    except (UnicodeError, LookupError):
        return False


def _open_csv(source: bytes | Path, encoding: str, head: bytes) -> ImportFile:
    delimiter = _delimiter(head.decode(encoding, errors="ignore"))

    def records() -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(MAX_CELL_CHARS)
        with _binary(source) as handle, io.TextIOWrapper(handle, encoding=encoding, newline="") as text:
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
        name = " ".join(raw.split())[:100] or f"column {number}"
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
        with _binary(source) as handle, io.TextIOWrapper(handle, encoding=encoding) as text:
            yield from ((number, line) for number, line in enumerate(text, start=1) if line.strip())

    names: dict[str, None] = {}
    for (_, line), _count in zip(lines(), range(200), strict=False):
        names |= dict.fromkeys(_flat(line) or {})
    columns = _header(list(names))

    def rows() -> Iterator[Row]:
        for number, line in lines():
            values = _flat(line)
            if values is None:
                yield Row(number, (), "not a JSON object")
            else:
                yield Row(number, tuple(values.get(name, "") for name in columns))

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
        cells |= {k: _text(v) for k, v in deeper.items()}
    return cells


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _open_xlsx(source: bytes | Path, *, max_mb: int) -> ImportFile:
    try:
        with _binary(source) as handle, zipfile.ZipFile(handle) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
            known = any(name.startswith("xl/") for name in parts.namelist())
    except (zipfile.BadZipFile, OSError) as err:
        raise Invalid("The workbook is damaged and cannot be read.", field="file") from err
    if not known:
        raise Invalid("This is a ZIP archive, no Excel workbook: unpack it first.", field="file")
    if unpacked > max_mb * 2**20 * UNPACKED_TIMES:
        raise Invalid("The workbook unpacks to far more than an import accepts.", field="file")

    def records() -> Iterator[tuple[int, list[str]]]:
        yield from _sheet(source)

    columns = _header(_trimmed(next((cells for _, cells in records() if any(cells)), [])))

    def rows() -> Iterator[Row]:
        below = False
        for line, cells in records():
            if not any(cells):
                continue
            if below:
                trimmed = _trimmed(cells)
                yield _row(line, trimmed + [""] * (len(columns) - len(trimmed)), len(columns))
            below = True

    return ImportFile(columns, "xlsx", "", rows)


def _sheet(source: bytes | Path) -> Iterator[tuple[int, list[str]]]:
    """The cells of the first sheet as text; formulas as the value that was last computed."""
    import openpyxl  # Half a second that only workbooks should cost.

    with _binary(source) as handle:
        try:
            book = openpyxl.load_workbook(handle, read_only=True, data_only=True)
            for number, values in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
                yield number, [_text(value) for value in values]
        except (KeyError, ValueError, IndexError, TypeError, zipfile.BadZipFile, OSError, SyntaxError) as err:
            raise Invalid("The workbook is damaged and cannot be read.", field="file") from err


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells
