"""What does every kind of export file do? Take batches of columns, and end as a whole file with its dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from domain.export import Meaning, Style
from services.export_columns import Column


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a file is written: its columns, the style, the clock of the brand, and what its columns mean.

    ``title`` names the sheet of a workbook, ``dictionary_title`` the one that explains the columns.
    """

    columns: tuple[Column, ...]
    style: Style
    timezone: ZoneInfo
    title: str
    dictionary_title: str = "Columns"


class ExportFile(Protocol):
    """A file being written. Nothing of it may be used before ``close``; ``abandon`` lets go of what was opened."""

    def write(self, columns: Sequence[Sequence[Any]]) -> None:
        """Add rows, given as one list of cells for each column."""
        ...

    def close(self, about: Sequence[Meaning]) -> None:
        """End the file. ``about``: what the dictionary says, line by line."""
        ...

    def abandon(self) -> None:
        """Give up: the half file is the caller's to remove."""
        ...


def dictionary_beside(path: Path) -> Path:
    """Where the dictionary of a file lies that cannot hold one: ``posts.csv`` has ``posts.dictionary.csv``."""
    return path.with_name(f"{path.stem}.dictionary.csv")
