"""Where is a sign-in kept, so that it is used again? In a file of its own that only this user can read.

Bluesky lets an account sign in 30 times in 5 minutes and 300 times a day (docs.bsky.app, rate limits), fewer than
a desk with several processes restarts and polls. The file holds what the network issued, never the password.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class SessionFile:
    """The kept sign-in of one account at one server."""

    def __init__(self, data_dir: str, *, server: str, handle: str, secret: str) -> None:
        # Another password or server is another sign-in; the name tells nobody which.
        name = hashlib.sha256(f"{server}\n{handle}\n{secret}".encode()).hexdigest()[:32]
        self._path = Path(data_dir) / "bluesky" / f"session-{name}"

    def read(self) -> str | None:
        """What was kept, None when there is nothing that can be read."""
        try:
            return self._path.read_text("utf-8") or None
        except (OSError, UnicodeDecodeError):
            return None

    def write(self, session: str) -> None:
        """Keep it, whole or not at all. A folder that cannot be written costs a sign-in at the next start, no more."""
        aside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(session)
            os.replace(aside, self._path)
        except OSError:
            aside.unlink(missing_ok=True)

    def forget(self) -> None:
        """The network no longer takes it."""
        self._path.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process at a time signs in: the others find its sign-in when they come."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = open(self._path.with_name(f"{self._path.name}.lock"), "w")  # noqa: SIM115 - closed below
        except OSError:
            yield
            return
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
