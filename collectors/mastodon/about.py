"""Who are we on our server, and what does it allow? Asked once a day and kept, so that nobody has to ask to count."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

#: What a server that says nothing allows (docs.joinmastodon.org, entities/Instance).
DEFAULT_CHARS, DEFAULT_URL_CHARS = 500, 23
#: So long what was kept is good enough to listen with; before a reply it is asked anew.
GOOD_FOR = timedelta(days=1)
#: Since which version of the interface (api_versions.mastodon) posts can be asked for together, and people can quote.
TOGETHER_SINCE, QUOTES_SINCE = 2, 7
_MOST_CHARS = 1_000_000


@dataclass(frozen=True, slots=True)
class About:
    """Our account there, and the rules of the server. ``read_at`` is the server's time or ours, aware."""

    own_id: str
    max_chars: int = DEFAULT_CHARS
    url_chars: int = DEFAULT_URL_CHARS
    api_version: int = 0
    read_at: datetime = datetime.fromtimestamp(0, UTC)

    def is_good(self, now: datetime) -> bool:
        """Whether it is young enough to listen with."""
        return timedelta(0) <= now - self.read_at <= GOOD_FOR


def about(own_id: str, instance: Mapping[str, Any], *, now: datetime) -> About:
    """What /api/v2/instance says, or /api/v1/instance of an older server; defaults for what it does not say."""
    statuses = _inside(_inside(instance, "configuration"), "statuses")
    return About(
        own_id=own_id,
        max_chars=_count(statuses.get("max_characters"), DEFAULT_CHARS),
        url_chars=_count(statuses.get("characters_reserved_per_url"), DEFAULT_URL_CHARS),
        api_version=_count(_inside(instance, "api_versions").get("mastodon"), 0),
        read_at=now,
    )


class AboutFile:
    """Where that is kept: a file of its own in the data folder. It holds no secret."""

    def __init__(self, data_dir: str, *, server: str, secret: str) -> None:
        # Another token may be another account; the name tells nobody which.
        name = hashlib.sha256(f"{server}\n{secret}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self._path = Path(data_dir) / "mastodon" / f"about-{name}.json"

    def read(self) -> About | None:
        """What was kept; None when there is nothing that can be read."""
        try:
            told = json.loads(self._path.read_text("utf-8"))
            counts = {name: int(told[name]) for name in ("max_chars", "url_chars", "api_version")}
            at = datetime.fromisoformat(told["read_at"]).astimezone(UTC)
            return About(own_id=str(told["own_id"]), read_at=at, **counts)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, found: About) -> None:
        """Keep it, whole or not at all. A folder that cannot be written costs two questions more, no more."""
        aside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            aside.write_text(json.dumps(asdict(found) | {"read_at": found.read_at.isoformat()}), "utf-8")
            os.replace(aside, self._path)
        except OSError:
            aside.unlink(missing_ok=True)


def _inside(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def _count(value: object, default: int) -> int:
    plausible = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_CHARS
    return int(value) if isinstance(value, int) and plausible else default
