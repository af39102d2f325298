"""Where is a sign-in kept, so that it is used again? In a file of its own that only this user can read.

Bluesky lets an account sign in 30 times in 5 minutes and 300 times a day (docs.bsky.app, rate limits), fewer than
a desk with several processes restarts and polls. The file holds what the network issued, never the password, and is
sealed with a key that only the password gives: whoever finds the file has nothing.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class SessionFile:
    """The kept sign-in of one account at one server."""

    def __init__(self, data_dir: str, *, server: str, handle: str, secret: str) -> None:
        self._given = (server, handle, secret)
        self._folder = Path(data_dir) / "bluesky"

    @property
    def _path(self) -> Path:
        # Another password or server is another sign-in; the name tells nobody which.
        return self._folder / f"sign-in-{_derived(*self._given)[:16].hex()}"

    def read(self) -> str | None:
        """What was kept, None when there is nothing that can be read."""
        from cryptography.fernet import InvalidToken

        try:
            return self._box().decrypt(self._path.read_bytes()).decode() or None
        except (OSError, UnicodeDecodeError, InvalidToken):
            return None

    def write(self, session: str) -> None:
        """Keep it, whole or not at all. A folder that cannot be written costs a sign-in at the next start, no more."""
        if self.read() == session:
            return  # Sealed anew it would read otherwise and say the same.
        aside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(self._box().encrypt(session.encode()))
            os.replace(aside, self._path)
            self._clear_unsealed()
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

    def _box(self) -> Fernet:
        from cryptography.fernet import Fernet

        return Fernet(base64.urlsafe_b64encode(_derived(*self._given)[16:]))

    def _clear_unsealed(self) -> None:
        """Versions before this one kept sign-ins as they were issued."""
        for path in self._folder.glob("session-*"):
            path.unlink(missing_ok=True)


@lru_cache(maxsize=32)
def _derived(server: str, handle: str, secret: str) -> bytes:
    """A name and a key from a password, made slow to guess (scrypt, RFC 7914, with 16 MB)."""
    salt = f"{server}\n{handle}".encode()
    return hashlib.scrypt(secret.encode("utf-8", "surrogatepass"), salt=salt, n=2**14, r=8, p=1, dklen=48)
