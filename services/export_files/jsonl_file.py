"""How is an export written as JSON lines? One object a row, in UTF-8, every value as it is stored."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

from domain.export import Meaning
from services.export_columns import Holds
from services.export_files.csv_file import write_dictionary
from services.export_files.protocol import Sheet, dictionary_beside

_FLAGS = {True: "true", False: "false", None: "null"}


class JsonlFile:
    """Nothing is defused: no program that reads JSON runs a text. Lines end with a line feed."""

    def __init__(self, path: Path, sheet: Sheet) -> None:
        self._sheet, self._path = sheet, path
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._handle = os.fdopen(number, "w", encoding="utf-8", newline="\n", buffering=1 << 20)
        names = [json.dumps(column.name).replace("%", "%%") for column in sheet.columns]
        self._line = "{" + ", ".join(f"{name}: %s" for name in names) + "}\n"
        self._turns = [_turn(column.holds) for column in sheet.columns]

    def write(self, columns: Sequence[Sequence[Any]]) -> None:
        turned = [turn(cells) for turn, cells in zip(self._turns, columns, strict=True)]
        line = self._line
        self._handle.writelines([line % row for row in zip(*turned, strict=True)])

    def close(self, about: Sequence[Meaning]) -> None:
        self._handle.close()
        write_dictionary(dictionary_beside(self._path), about, self._sheet.style)

    def abandon(self) -> None:
        self._handle.close()


def _turn(holds: Holds) -> Callable[[Sequence[Any]], list[str]]:
    if holds is Holds.FLAG:
        return lambda cells: [_FLAGS[cell] for cell in cells]
    if holds in (Holds.WHOLE, Holds.DECIMAL):
        return lambda cells: ["null" if cell is None else repr(cell) for cell in cells]
    return _strings


#: No text of the store holds this sign; in JSON it is written in six.
_BETWEEN, _BETWEEN_IN_JSON = "\0", "\\u0000"


def _strings(cells: Sequence[Any]) -> list[str]:
    """Each text as JSON; the many at once where none of them is missing, which takes a fraction of one by one."""
    if None not in cells:
        found = encode_basestring(_BETWEEN.join(cells)).replace(_BETWEEN_IN_JSON, f'"{_BETWEEN}"').split(_BETWEEN)
        if len(found) == len(cells):  # Else one of the texts holds the sign, or the way it is written.
            return found
    return ["null" if cell is None else encode_basestring(cell) for cell in cells]
