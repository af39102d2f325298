"""Which item of a source is larger than anybody reads, and when is it asked for again? Rarely, as it stays so large."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.brand import Account

#: So long it rests at first, and twice as long each time, until somebody at the source made it shorter.
FIRST_REST, LONGEST_REST = timedelta(minutes=10), timedelta(hours=1)


class TooLargeFile:
    """Behind which place in a source such an item stands: a file in the data folder. It holds no word of anybody."""

    def __init__(self, data_dir: str, account: Account) -> None:
        self._path = Path(data_dir) / "http_connector" / f"large-{account.id}.json"

    def rests(self, base_url: str, cursor: str | None, now: datetime) -> timedelta | None:
        """For how long the item behind that place is not asked for; zero once it is time, None where none is known."""
        place, until, rest = self._read()
        if place != _place(base_url, cursor):
            return None
        return min(max(until - now, timedelta(0)), rest)  # A clock that was set back keeps nothing for longer.

    def note(self, base_url: str, cursor: str | None, now: datetime) -> timedelta:
        """It was asked for alone and is too large; returns for how long it rests now."""
        place, _until, rest = self._read()
        again = place == _place(base_url, cursor)
        rest = min(2 * rest, LONGEST_REST) if again else FIRST_REST
        told = {"place": _place(base_url, cursor), "until": (now + rest).isoformat(), "rest_s": rest.total_seconds()}
        aside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            aside.write_text(json.dumps(told), "utf-8")
            os.replace(aside, self._path)
        except OSError:
            with suppress(OSError):
                aside.unlink()
        return rest

    def forget(self) -> None:
        """It can be read by now."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _read(self) -> tuple[str, datetime, timedelta]:
        try:
            told = json.loads(self._path.read_text("utf-8"))
            rest = min(timedelta(seconds=float(told["rest_s"])), LONGEST_REST)
            return str(told["place"]), datetime.fromisoformat(told["until"]).astimezone(UTC), rest
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            return "", datetime.fromtimestamp(0, UTC), FIRST_REST


def _place(base_url: str, cursor: str | None) -> str:
    return hashlib.sha256(json.dumps([base_url, cursor]).encode()).hexdigest()[:16]
