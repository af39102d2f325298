"""How is an export written as Parquet? Typed columns, compressed, each with its meaning in the schema."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from domain.export import Meaning
from services.export_columns import Column, Holds
from services.export_files.arrow_cells import array_of
from services.export_files.csv_file import write_dictionary
from services.export_files.protocol import Sheet, dictionary_beside

#: Rows of one group: what a reader skips at once, and what is held in memory while it is written.
GROUP_ROWS = 20_000
#: Columns with few different values are stored as numbers into a list of them.
_FEW = (Holds.WORD, Holds.FLAG, Holds.WHOLE, Holds.DECIMAL)


class ParquetFile:
    """Moments are timestamps in UTC, numbers are numbers, nothing is defused."""

    def __init__(self, path: Path, sheet: Sheet) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        self._pa, self._sheet, self._path = pa, sheet, path
        self._types = [_type(pa, column) for column in sheet.columns]
        meanings = {column.name: str(column.holds) for column in sheet.columns}
        fields = [
            pa.field(column.name, kind, metadata={"holds": meanings[column.name]})
            for column, kind in zip(sheet.columns, self._types, strict=True)
        ]
        self._schema = pa.schema(fields)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        self._writer = parquet.ParquetWriter(str(path), self._schema, compression="zstd", use_dictionary=self._listed())
        self._waiting: list[Any] = []
        self._rows = 0

    def write(self, columns: Sequence[Sequence[Any]]) -> None:
        pa = self._pa
        arrays = [self._array(cells, kind) for cells, kind in zip(columns, self._types, strict=True)]
        self._waiting.append(pa.record_batch(arrays, schema=self._schema))
        self._rows += len(columns[0])
        if self._rows >= GROUP_ROWS:
            self._flush()

    def close(self, about: Sequence[Meaning]) -> None:
        self._flush()
        self._writer.add_key_value_metadata({line.column: line.words for line in about})
        self._writer.close()
        write_dictionary(dictionary_beside(self._path), about, self._sheet.style)

    def abandon(self) -> None:
        self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            table = self._pa.Table.from_batches(self._waiting)
            self._writer.write_table(table, row_group_size=GROUP_ROWS * 2)
        self._waiting, self._rows = [], 0

    def _array(self, cells: Sequence[Any], kind: Any) -> Any:
        pa = self._pa
        if pa.types.is_timestamp(kind):
            return array_of(pa, cells, pa.string()).cast(kind)
        return array_of(pa, cells, kind)

    def _listed(self) -> list[str]:
        """A pseudonym in each row is no list; codes are."""
        unique = ("post", "case", "reply", "author", "customer", "conversation", "url")
        return [c.name for c in self._sheet.columns if c.holds in _FEW and c.name not in unique]


def _type(pa: Any, column: Column) -> Any:
    return {
        Holds.TEXT: pa.string(),
        Holds.WORD: pa.string(),
        Holds.WHOLE: pa.int64(),
        Holds.DECIMAL: pa.float64(),
        Holds.FLAG: pa.bool_(),
        Holds.MOMENT: pa.timestamp("s", tz="UTC"),
    }[column.holds]
