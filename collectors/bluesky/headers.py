"""What does an answer say beside its content? What time it is there, and what we may still ask."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from collectors.protocol import Quota


def date(headers: Mapping[str, str]) -> datetime | None:
    """When the answer was written, by the network's own clock (RFC 9110, 6.6.1); None when it does not say."""
    try:
        at = parsedate_to_datetime(headers["date"])
        # Without a zone (``-0000``) it is UTC (RFC 5322, 3.3), and not our own time.
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def quota(headers: Mapping[str, str]) -> Quota | None:
    """Headers as the IETF draft has them: ratelimit-remaining, -limit, and -reset in seconds since 1970."""
    try:
        resets_at = datetime.fromtimestamp(int(headers["ratelimit-reset"]), UTC)
        return Quota(int(headers["ratelimit-remaining"]), int(headers["ratelimit-limit"]), resets_at)
    except (KeyError, ValueError, OverflowError, OSError):
        return None
