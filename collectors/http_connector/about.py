"""What can a source do, and how long may an answer there be? Asked once a day and kept: counting asks nobody."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from collectors.http_connector import fields
from domain.brand import Account
from domain.errors import Malformed, Misconfigured

#: The version of the contract that this desk speaks (``openapi.json``).
CONTRACT = 1
GOOD_FOR = timedelta(days=1)
#: What is assumed of a source until it was asked, and the most that is believed.
DEFAULT_CHARS, MOST_CHARS = 2000, 100_000
UNITS = ("codepoints", "graphemes")


@dataclass(frozen=True, slots=True)
class About:
    """``has_items``: it can be asked for items. ``takes_replies``: and takes answers of at most ``max_chars``."""

    base_url: str
    has_items: bool = True
    takes_replies: bool = True
    max_chars: int = DEFAULT_CHARS
    unit: str = UNITS[0]
    read_at: datetime = datetime.fromtimestamp(0, UTC)

    def is_good(self, base_url: str, now: datetime) -> bool:
        """Whether it is about this address, and young enough to listen with."""
        return self.base_url == base_url and timedelta(0) <= now - self.read_at <= GOOD_FOR


def about(told: Mapping[str, Any], base_url: str, *, now: datetime) -> About:
    """What a source says of itself. Raises Misconfigured where that is no description of one."""
    try:
        if fields.count(told, "contract") != CONTRACT:
            raise fields.wrong("contract", f"{CONTRACT}")
        replies = None if told.get("replies") is None else fields.inside(told, "replies")
        unit = fields.text(replies or {}, "unit") or UNITS[0]
        most = fields.count(replies or {}, "max_chars")
        if unit not in UNITS:
            raise fields.wrong("unit", " or ".join(UNITS))
        return About(
            base_url,
            has_items=fields.flag(told, "items", True),
            takes_replies=replies is not None,
            max_chars=min(max(1, most or DEFAULT_CHARS), MOST_CHARS),
            unit=unit,
            read_at=now,
        )
    except Malformed as error:
        raise Misconfigured(f"The source does not say what it is: {error}", field="base_url") from None


class AboutFile:
    """Where that is kept: a file of its own in the data folder. It holds no secret."""

    def __init__(self, data_dir: str, account: Account) -> None:
        self._path = Path(data_dir) / "http_connector" / f"about-{account.id}.json"

    def read(self) -> About | None:
        """What was kept; None when there is nothing that can be read."""
        try:
            told = json.loads(self._path.read_text("utf-8"))
            return About(
                base_url=str(told["base_url"]),
                has_items=bool(told["has_items"]),
                takes_replies=bool(told["takes_replies"]),
                max_chars=int(told["max_chars"]),
                unit=UNITS[UNITS.index(told["unit"])],
                read_at=datetime.fromisoformat(told["read_at"]).astimezone(UTC),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, found: About) -> None:
        """Keep it, whole or not at all. A folder that cannot be written costs one question more, no more."""
        aside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            aside.write_text(json.dumps(asdict(found) | {"read_at": found.read_at.isoformat()}), "utf-8")
            os.replace(aside, self._path)
        except OSError:
            with suppress(OSError):
                aside.unlink()
