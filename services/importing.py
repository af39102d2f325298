"""How does a file of posts become work or history? Read, guess the columns, preview, store, count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from services.context import Context

Purpose = Literal["auto", "work", "history"]


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column of the file holds what; None: the file has no such column."""

    text: str
    published_at: str | None = None
    native_id: str | None = None
    author_id: str | None = None
    author_handle: str | None = None
    author_name: str | None = None
    followers: str | None = None
    language: str | None = None
    url: str | None = None
    conversation_id: str | None = None
    parent_id: str | None = None


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


#: Told after every transaction: rows read so far, and the estimated total.
Progress = Callable[[int, int], None]


def read_preview(ctx: Context, data: bytes | Path, file_name: str) -> ImportPreview:
    """Read the beginning of a file; Invalid with a clear sentence when it cannot be used."""
    raise NotImplementedError


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
    """Store every usable row of a file. Needs Right.IMPORT."""
    raise NotImplementedError
