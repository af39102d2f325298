"""How is an export written as CSV: as programs read it, or as a spreadsheet of the house opens it by a double click?"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from domain.export import Meaning, Style
from domain.spreadsheet import GUARD, is_formula
from services.export_columns import Holds
from services.export_files.moments import LocalMoments
from services.export_files.protocol import Sheet, dictionary_beside

Turn = Callable[[Sequence[Any]], Sequence[Any]]
_FLAGS = {True: "true", False: "false", None: ""}
_LINE_END = "\r\n"


class CsvFile:
    """RFC 4180 in UTF-8, with the separator, decimal sign and byte-order mark of the style; formulas are defused."""

    def __init__(self, path: Path, sheet: Sheet) -> None:
        self._sheet, self._path = sheet, path
        self._handle = _opened(path, sheet.style)
        _writer(self._handle, sheet.style).writerow([column.name for column in sheet.columns])
        moments = LocalMoments(sheet.timezone)
        self._turns = [_turn(column.holds, sheet.style, moments) for column in sheet.columns]
        self._quote = _Quote(sheet.style.separator)

    def write(self, columns: Sequence[Sequence[Any]]) -> None:
        turned = [self._quote.column(turn(cells)) for turn, cells in zip(self._turns, columns, strict=True)]
        lines = map(self._sheet.style.separator.join, zip(*turned, strict=True))
        self._handle.write(_LINE_END.join([*lines, ""]))

    def close(self, about: Sequence[Meaning]) -> None:
        self._handle.close()
        write_dictionary(dictionary_beside(self._path), about, self._sheet.style)

    def abandon(self) -> None:
        self._handle.close()


class _Quote:
    """Quotes what RFC 4180 wants quoted, a column at a time: most columns hold nothing of the kind, which one look at
    all their cells together tells in a fraction of the time that a look at each cell takes.
    """

    def __init__(self, separator: str) -> None:
        self._separator = separator
        self._special = re.compile(f'["\r\n{separator}]').search

    def column(self, cells: Sequence[Any]) -> Sequence[str]:
        """The cells as they stand in the file; what is missing is empty."""
        if type(cells[0]) is not str or None in cells:
            cells = ["" if cell is None else cell if type(cell) is str else str(cell) for cell in cells]
        together = "\n".join(cells)
        plain = not ('"' in together or "\r" in together or self._separator in together)
        if plain and together.count("\n") == len(cells) - 1:
            return cells
        return [self._quoted(cell) if self._special(cell) else cell for cell in cells]

    @staticmethod
    def _quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'


def write_dictionary(path: Path, about: Sequence[Meaning], style: Style) -> None:
    """The dictionary as a small CSV file of its own."""
    with _opened(path, style) as handle:
        writer = _writer(handle, style)
        writer.writerow(("column", "meaning"))
        writer.writerows((_defused((line.column,))[0], _defused((line.words,))[0]) for line in about)


def _opened(path: Path, style: Style) -> IO[str]:
    """Readable by its owner alone from the first byte on."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(number, "w", encoding="utf-8-sig" if style.bom else "utf-8", newline="", buffering=1 << 20)


def _writer(handle: IO[str], style: Style) -> Any:
    return csv.writer(handle, delimiter=style.separator, lineterminator=_LINE_END)


def _turn(holds: Holds, style: Style, moments: LocalMoments) -> Turn:
    if holds is Holds.TEXT:
        return _defused
    if holds is Holds.FLAG:
        return lambda cells: [_FLAGS[cell] for cell in cells]
    if holds is Holds.DECIMAL and style.decimal != ".":
        return lambda cells: [None if cell is None else repr(cell).replace(".", style.decimal) for cell in cells]
    if holds is Holds.MOMENT and style.local_times:
        return lambda cells: [moments.words(cell) for cell in cells]
    return lambda cells: cells


def _defused(cells: Sequence[Any]) -> list[Any]:
    return [cell if not cell or cell[0].isalnum() or not is_formula(cell) else GUARD + cell for cell in cells]
