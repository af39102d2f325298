"""How is a bookmark written down, and read again? As JSON beside its rows; what cannot be read begins anew."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from collectors.mastodon.bookmark import Bookmark, Place, Round, Seen, Trail
from collectors.protocol import Cursor


def encode(bookmark: Bookmark) -> Cursor:
    """The cursor of a bookmark."""
    values: dict[str, Any] = {
        "trails": {
            name: [_written(trail.heard_at), [[p.token, _written(p.since)] for p in trail.places]]
            for name, trail in bookmark.trails
        },
        "deep_at": _written(bookmark.deep_at),
        "recent": [[s.native_id, s.wording, int(s.to_us), int(s.at.timestamp())] for s in bookmark.recent],
        "checked": bookmark.checked,
        "aside": list(bookmark.aside),
    }
    if bookmark.round is not None:
        values["round"] = _of_round(bookmark.round)
    return Cursor(json.dumps(values, separators=(",", ":"), ensure_ascii=False))


def decode(cursor: Cursor | None) -> Bookmark:
    """The bookmark of a cursor. One that cannot be read begins anew, which is harmless: everything may arrive twice."""
    try:
        values = json.loads(cursor or "{}")
        told = values.get("round")
        return Bookmark(
            trails=tuple((str(name), _trail(*trail)) for name, trail in values.get("trails", {}).items()),
            deep_at=_perhaps(values.get("deep_at")),
            recent=tuple(
                Seen(str(native_id), str(wording), bool(to_us), datetime.fromtimestamp(at, UTC))
                for native_id, wording, to_us, at in values.get("recent", ())
            ),
            checked=int(values.get("checked", 0)),
            aside=tuple(map(str, values.get("aside", ()))),
            round=None if told is None else _round(told),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError):
        return Bookmark()


def _of_round(known: Round) -> dict[str, Any]:
    return {
        "began_at": _written(known.began_at),
        "todo": list(known.todo),
        "deep": known.deep,
        "token": known.token,
        "newest": known.newest,
        "asked_at": _written(known.asked_at),
        "heard_at": _written(known.heard_at),
        "is_dated": known.is_dated,
    }


def _round(told: dict[str, Any]) -> Round:
    if not told["todo"]:
        raise ValueError("a round without a source")
    return Round(
        began_at=_read(told["began_at"]),
        todo=tuple(map(str, told["todo"])),
        deep=bool(told["deep"]),
        token=_text(told["token"]),
        newest=_text(told["newest"]),
        asked_at=_perhaps(told["asked_at"]),
        heard_at=_perhaps(told["heard_at"]),
        is_dated=bool(told["is_dated"]),
    )


def _trail(heard_at: str, places: list[list[str]]) -> Trail:
    return Trail(_read(heard_at), tuple(Place(str(token), _read(since)) for token, since in places))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _read(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(UTC)


def _perhaps(at: str | None) -> datetime | None:
    return None if at is None else _read(at)


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
