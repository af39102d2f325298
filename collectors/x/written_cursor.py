"""How does a bookmark lie beside the rows? As JSON of any length; one that cannot be read begins anew."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from collectors.protocol import Cursor
from collectors.x.bookmark import Bookmark, Round, Seen


def encode(bookmark: Bookmark) -> Cursor:
    """As it is stored."""
    values: dict[str, Any] = {
        "marks": {name: at.isoformat() for name, at in bookmark.marks},
        "deep_at": _written(bookmark.deep_at),
        "recent": [[seen.native_id, seen.version, int(seen.at.timestamp())] for seen in bookmark.recent],
        "checked": bookmark.checked,
        "aside": list(bookmark.aside),
    }
    known = bookmark.round
    if known is not None:
        values["round"] = {
            "began_at": known.began_at.isoformat(),
            "todo": list(known.todo),
            "deep": known.deep,
            "token": known.token,
            "heard_at": _written(known.heard_at),
            "here_at": _written(known.here_at),
            "posts": known.posts,
            "lowest": known.lowest,
            "rest": known.rest,
        }
    return Cursor(json.dumps(values, separators=(",", ":"), ensure_ascii=False))


def decode(cursor: Cursor | None) -> Bookmark:
    """The bookmark of a cursor. Beginning anew is harmless: everything may arrive twice."""
    try:
        values = json.loads(cursor or "{}")
        told = values.get("round")
        return Bookmark(
            marks=tuple((str(name), _read(at)) for name, at in values.get("marks", {}).items()),
            deep_at=_perhaps(values.get("deep_at")),
            recent=tuple(Seen(str(i), str(v), datetime.fromtimestamp(at, UTC)) for i, v, at in values["recent"])
            if "recent" in values
            else (),
            checked=int(values.get("checked", 0)),
            aside=tuple(values.get("aside", ())),
            round=None if told is None else _round(told),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return Bookmark()


def _round(told: dict[str, Any]) -> Round:
    if not told["todo"]:
        raise ValueError("a round without a source")
    return Round(
        began_at=_read(told["began_at"]),
        todo=tuple(told["todo"]),
        deep=bool(told["deep"]),
        token=told["token"],
        heard_at=_perhaps(told["heard_at"]),
        here_at=_perhaps(told["here_at"]),
        posts=int(told["posts"]),
        lowest=told["lowest"],
        rest=told["rest"],
    )


def _read(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(UTC)


def _perhaps(at: str | None) -> datetime | None:
    return None if at is None else _read(at)


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
