"""What stands in a workbook? The rows of its first sheet as text, whatever the file claims about its size."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from domain.errors import Invalid
from services.import_source import binary, cell_text

#: A workbook may not unpack to more than this many times the size an import accepts.
UNPACKED_TIMES = 10
#: Sheets are read row by row; every other part, the table of texts above all, is held in memory and may
#: not be larger than a file may be.
HELD_TIMES = 1
_SHEETS = "xl/worksheets/"
#: What a sheet may have (Microsoft, "Excel specifications and limits"); a row beyond is a trap.
MAX_SHEET_ROWS = 1_048_576


def check_workbook(source: bytes | Path, *, max_mb: int) -> None:
    """Raise Invalid for what is no workbook or unpacks to more than an import accepts; unpacks nothing."""
    try:
        with binary(source) as handle, zipfile.ZipFile(handle) as parts:
            sizes = [(part.filename, part.file_size) for part in parts.infolist()]
    except Invalid:
        raise
    except Exception as err:  # a damaged archive makes zipfile raise whatever its reader stumbles on
        raise _damaged() from err
    if not any(name.startswith("xl/") for name, _ in sizes):
        raise Invalid("This is a ZIP archive, no Excel workbook: unpack it first.", field="file")
    limit, unpacked = max_mb * 2**20, sum(size for _, size in sizes)
    held = sum(size for name, size in sizes if not name.startswith(_SHEETS))
    if unpacked > limit * UNPACKED_TIMES or held > limit * HELD_TIMES:
        raise Invalid("The workbook unpacks to far more than an import accepts.", field="file")


def sheet_rows(source: bytes | Path, *, columns: int) -> Iterator[tuple[int, list[str]]]:
    """The cells of the first sheet as text, ``columns`` at most; formulas as the value that was last computed.

    The size a sheet claims is not believed: some programs write a wrong one, and a small file may claim
    seventeen thousand million cells.
    """
    import openpyxl  # Half a second that only workbooks should cost.

    with binary(source) as handle:
        try:
            book = openpyxl.load_workbook(handle, read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_row=MAX_SHEET_ROWS, max_col=columns, values_only=True)
            for number, values in enumerate(rows, start=1):
                if any(value is not None for value in values):
                    yield number, trimmed([cell_text(value) for value in values])
        except Invalid:
            raise
        except Exception as err:  # openpyxl passes on what its XML, ZIP and number readers raise
            raise _damaged() from err


def trimmed(cells: list[str]) -> list[str]:
    """The cells without the empty ones at the end."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _damaged() -> Invalid:
    return Invalid("The workbook is damaged and cannot be read.", field="file")
