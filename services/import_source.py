"""How is a file opened, and in which letters is it written? The same for an upload and for a path."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from charset_normalizer import from_bytes

from domain.errors import Invalid

PEEK_BYTES = 262_144
#: What stands in an Italian or neighbouring file of Windows beyond ASCII. Few bytes are too few to guess
#: from: a short Italian list looks like Baltic or Cyrillic DOS to a detector, but never spells only these.
_WESTERN = frozenset("àèéìíîòóùúâêôûëïçñãõåäöüæøßÀÈÉÌÍÒÓÙÚÂÊÎÔÛÇÑÄÖÜÅÆØ€£§°ºª«»“”‘’„–—…•·´¿¡©®™²³½±×\xa0")


def binary(source: bytes | Path) -> Any:
    """The file as a stream of bytes; Invalid when it cannot be opened (gone, a folder, not ours to read)."""
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        return source.open("rb")
    except OSError as err:
        raise Invalid(f"The file cannot be opened: {err.strerror}.", field="file") from err


def size_bytes(source: bytes | Path) -> int:
    """How large it is; Invalid when that cannot be told."""
    if isinstance(source, bytes):
        return len(source)
    with binary(source) as handle:
        return int(handle.seek(0, io.SEEK_END))


def encoding_of(source: bytes | Path, head: bytes) -> str:
    """UTF-8 or UTF-16 when the file says or proves so, else the best guess that reads the whole file."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    elif b"\x00" in head:
        raise Invalid("The file contains NUL bytes: it is no text. Save it as CSV in UTF-8.", field="file")
    else:
        candidates = ["utf-8-sig", *_guesses(head[:65_536]), "cp1252"]
    for encoding in candidates:
        if _decodes(source, encoding):
            return encoding
    raise Invalid("The encoding of the file cannot be told: save it as CSV in UTF-8.", field="file")


def _guesses(head: bytes) -> list[str]:
    """Windows' western letters when they explain every byte, else what the letters look like."""
    western = head.decode("cp1252", errors="replace")
    if all(c.isascii() or c in _WESTERN for c in western):
        return ["cp1252"]
    guess = from_bytes(head).best()
    return [guess.encoding] if guess else []


def _decodes(source: bytes | Path, encoding: str) -> bool:
    try:
        with binary(source) as handle, io.TextIOWrapper(handle, encoding=encoding, newline="") as text:
            while chunk := text.read(1_000_000):
                if "\x00" in chunk:
                    raise Invalid("The file contains NUL characters: it is no text.", field="file")
        return True
    except (UnicodeError, LookupError):
        return False


def cell_text(value: object) -> str:
    """A value of a cell or a JSON field as text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
