"""How is a set of posts read from its file? One JSON object a line; a damaged line is named, and ends the run."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

Row = dict[str, Any]
Made = TypeVar("Made")


def examples(path: Path, example: Callable[[Row], Made]) -> Iterator[Made]:
    """What ``example`` makes of each line of ``path``, gzipped or not.

    Raises SystemExit with file and line where one cannot be read, or lacks what ``example`` asks for.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _read(line, example, f"{path}, line {number}")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise SystemExit(f"{path} cannot be read to its end: {error}") from None


def _read(line: str, example: Callable[[Row], Made], place: str) -> Made:
    try:
        return example(json.loads(line))
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise SystemExit(f"{place} is damaged: {error!r}") from None
