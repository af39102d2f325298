"""How is an export written as a workbook: sheet after sheet, no formula, real numbers and dates, little memory?"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from domain.export import Meaning
from domain.spreadsheet import is_formula
from services.export_columns import Column, Holds
from services.export_files.moments import LocalMoments
from services.export_files.protocol import Sheet

#: What a sheet can hold, its heading included, and a cell (ECMA-376; Microsoft, "Excel specifications and limits").
SHEET_ROWS, CELL_CHARS = 1_048_576, 32_767
#: Excel refuses longer names.
TITLE_CHARS = 31
_WIDTHS = {Holds.TEXT: 40, Holds.MOMENT: 18, Holds.WORD: 16}
#: What an XML file cannot hold; the library escapes the rest.
_NO_CHARACTER = {0xFFFE: None, 0xFFFF: None}
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


class XlsxFile:
    """A workbook whose last sheet explains the columns; rows beyond what a sheet holds stand on further sheets."""

    def __init__(self, path: Path, sheet: Sheet, *, sheet_rows: int = SHEET_ROWS) -> None:
        import xlsxwriter

        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        # Its parts lie beside it until it is whole: not in a shared folder, and not on a smaller disk.
        self._book = xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": str(path.parent)})
        self._sheet, self._rows_of_a_sheet = sheet, sheet_rows
        self._moments = LocalMoments(sheet.timezone)
        self._bold = self._book.add_format({"bold": True})
        # What looks like a formula stays a text even when somebody edits the cell: a spreadsheet's own apostrophe.
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._date = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._sheets, self._row = 0, 0
        self._page: Any = None
        self._begin_sheet()

    def write(self, columns: Sequence[Sequence[Any]]) -> None:
        writers = [self._cell_writer(column) for column in self._sheet.columns]
        for row in zip(*columns, strict=True):
            if self._row == self._rows_of_a_sheet:
                self._begin_sheet()
                writers = [self._cell_writer(column) for column in self._sheet.columns]
            at = self._row
            for place, cell in enumerate(row):
                if cell is not None and cell != "":
                    writers[place](at, place, cell)
            self._row = at + 1

    def close(self, about: Sequence[Meaning]) -> None:
        page = self._book.add_worksheet(self._sheet.dictionary_title[:TITLE_CHARS])
        page.set_column(0, 0, 24)
        page.set_column(1, 1, 110)
        page.write_row(0, 0, ("column", "meaning"), self._bold)
        for at, line in enumerate(about, start=1):
            page.write_string(at, 0, line.column)
            page.write_string(at, 1, line.words)
        self._book.close()

    def abandon(self) -> None:
        for page in self._book.worksheets():
            page._opt_close()  # The library has no other way to let go of a half sheet.
            if os.path.exists(page.row_data_filename):
                os.remove(page.row_data_filename)

    def _begin_sheet(self) -> None:
        self._sheets += 1
        tail = f" {self._sheets}" if self._sheets > 1 else ""
        self._page = self._book.add_worksheet(self._sheet.title[: TITLE_CHARS - len(tail)] + tail)
        for place, column in enumerate(self._sheet.columns):
            self._page.set_column(place, place, _WIDTHS.get(column.holds, 11))
        self._page.freeze_panes(1, 0)
        self._page.write_row(0, 0, [column.name for column in self._sheet.columns], self._bold)
        self._row = 1

    def _cell_writer(self, column: Column) -> Any:
        page = self._page
        if column.holds in (Holds.WHOLE, Holds.DECIMAL):
            return page.write_number
        if column.holds is Holds.FLAG:
            return page.write_boolean
        if column.holds is Holds.MOMENT:
            return lambda row, place, cell: page.write_number(row, place, self._moments.day_number(cell), self._date)
        if column.holds is Holds.TEXT:
            return self._text_writer(page)
        return page.write_string

    def _text_writer(self, page: Any) -> Any:
        def write(row: int, place: int, cell: str) -> None:
            said = cell.translate(_NO_CHARACTER)[:CELL_CHARS]
            page.write_string(row, place, said, self._quoted if is_formula(said) else None)

        return write
