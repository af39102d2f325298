"""How does a command speak? JSON or plain lines on stdout, one sentence on stderr, never a raw control character.

Names and texts come from strangers. A terminal obeys escape sequences, so nothing from a post reaches it unescaped.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from domain.text import clean, one_line

# Allowed raw in JSON, yet a terminal may obey or reorder by them: DEL, C1 controls, direction overrides, surrogates.
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def prepare_streams() -> None:
    """Both streams speak UTF-8 whatever the locale says; what cannot be encoded is escaped, never fatal.

    A stream that was closed before the start (``>&-``) becomes one that keeps nothing.
    """
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 (for as long as the program runs)
    # Print would take an absent one for the other, and complain amid the JSON.
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def safe(text: str, *, max_chars: int = 400) -> str:
    """One line that a terminal shows and does not obey."""
    return one_line(clean(text), max_chars=max_chars)


def document(value: object) -> str:
    """``value`` as one JSON document on one line; moments as ISO 8601 in UTC."""
    text = json.dumps(value, ensure_ascii=False, default=_moment, separators=(", ", ": "))
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def say_json(value: object) -> None:
    """Write one JSON document to stdout."""
    print(document(value))


def say(sentence: str) -> None:
    """Write one line to stdout."""
    print(safe(sentence))


def complain(sentence: str) -> None:
    """Write one sentence to stderr."""
    print(f"sportello: {safe(sentence, max_chars=2000)}", file=sys.stderr, flush=True)


def table(rows: Iterable[Sequence[object]], *, headings: Sequence[str]) -> None:
    """Write rows under their headings, columns aligned; the last column takes what is left of an 200-character line."""
    cells = [[str(h) for h in headings]] + [["" if c is None else safe(str(c), max_chars=120) for c in r] for r in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings) - 1)]
    for row in cells:
        line = "  ".join([c.ljust(w) for c, w in zip(row, widths, strict=False)] + [row[-1]])
        print(line.rstrip()[:200])


def silence_stdout() -> None:
    """After a broken pipe: let the interpreter flush its buffer into nothing instead of complaining."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def hand_over() -> None:
    """Write out what stdout still holds; if nobody takes it (a stopped pipeline, a full disk), it is forgotten.

    Left to the interpreter, this would end a command that was told to stop with a trace of its own.
    """
    try:
        sys.stdout.flush()
    except (OSError, ValueError, KeyboardInterrupt):
        silence_stdout()


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
