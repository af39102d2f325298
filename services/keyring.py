"""With which key are secrets sealed, and where is it? Outside the database: in a file, or in the environment.

Sealing is Fernet (AES-128-CBC with HMAC-SHA256, github.com/fernet/spec) from the library cryptography. Several keys may
be there at once: the first one seals, each of them opens. Every sealed text names what it was sealed for, so that a row
put in the place of another opens nothing.
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import Misconfigured
from settings import Settings

FILE_NAME = "secrets.key"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of one desk, read anew at each use: another process may have made a new one.

    ``given``: keys from the settings, separated by commas or spaces, the newest first; else those in ``file``.
    """

    given: str = field(repr=False)
    file: Path

    @property
    def is_file(self) -> bool:
        """Whether the desk keeps its key itself, in a file."""
        return not self.given

    @property
    def is_there(self) -> bool:
        """Whether there is any key."""
        return bool(self.given) or self.file.exists()

    def make(self) -> None:
        """Make the first key; the one another process has made a moment ago is as good."""
        aside = self._written([new_key()])
        try:
            os.link(aside, self.file)
        except FileExistsError:
            pass
        finally:
            aside.unlink(missing_ok=True)

    def add(self) -> None:
        """Put a new key before the others. Raises Misconfigured where the keys come from the settings."""
        if not self.is_file:
            raise Misconfigured("The key comes from the settings: put a new one before it there.", what="key_given")
        os.replace(self._written([new_key(), *(self._keys() if self.file.exists() else [])]), self.file)

    def drop_old(self) -> None:
        """Keep the first key alone: what only the others open is lost."""
        if self.is_file and self.file.exists():
            os.replace(self._written(self._keys()[:1]), self.file)

    def seal(self, text: str, *, purpose: str) -> str:
        """The text, readable only with the first key."""
        from cryptography.fernet import Fernet

        return Fernet(self._keys()[0]).encrypt(f"{purpose}\n{text}".encode()).decode("ascii")

    def open(self, sealed: str, *, purpose: str) -> str:
        """What was sealed for that purpose. Raises Misconfigured when no key is there, or none opens it."""
        from cryptography.fernet import Fernet, InvalidToken, MultiFernet

        try:
            text = (
                MultiFernet([Fernet(key) for key in self._keys()]).decrypt(sealed.encode("utf-8", "replace")).decode()
            )
        except InvalidToken:
            raise wrong_key(self) from None
        head, _, body = text.partition("\n")
        if head != purpose:
            raise wrong_key(self)
        return body

    def _keys(self) -> list[str]:
        if not self.is_there:
            raise missing_key(self)
        try:
            text = self.given or self.file.read_text("ascii")
        except (OSError, UnicodeDecodeError):
            raise Misconfigured(f"The key file {self.file} cannot be read.", what="key_missing") from None
        keys = [_key(word) for word in text.replace(",", " ").split()]
        if not keys:
            raise _unreadable()
        return keys

    def _written(self, keys: list[str]) -> Path:
        """The keys in a file of their own beside the real one, readable by nobody else, on the disk for good."""
        aside = self.file.with_name(f"{self.file.name}.{os.getpid()}.{new_key()[:8].replace('/', '_')}")
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        return aside


def of(settings: Settings) -> Keyring:
    """The keys of the desk of these settings."""
    file = Path(settings.secrets_key_file).expanduser() if settings.secrets_key_file else None
    return Keyring(settings.secrets_key.strip(), file or settings.data_path / FILE_NAME)


def new_key() -> str:
    """Thirty-two random bytes, as text."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode("ascii")


def missing_key(ring: Keyring) -> Misconfigured:
    """There is no key, and something is sealed."""
    return Misconfigured(
        f"The key to the accounts' secrets is missing: bring {ring.file} back, or begin with a new one "
        "(./sportello account rotate-key --lost) and connect the accounts again.",
        what="key_missing",
    )


def wrong_key(ring: Keyring) -> Misconfigured:
    """None of the keys opens what is sealed."""
    where = f"in {ring.file}" if ring.is_file else "in the setting secrets_key"
    return Misconfigured(
        f"The key {where} does not open this account's secret: bring the right one back, or connect the account again.",
        what="key_wrong",
    )


def _key(word: str) -> str:
    """A key in either alphabet of base64 (``openssl rand -base64 32`` writes the plain one)."""
    plain = word.replace("+", "-").replace("/", "_")
    try:
        if len(base64.urlsafe_b64decode(plain)) == KEY_BYTES:
            return plain
    except (binascii.Error, ValueError):
        pass
    raise _unreadable()


def _unreadable() -> Misconfigured:
    return Misconfigured(
        "The key to the accounts' secrets is not one: it is 32 bytes in base64 (openssl rand -base64 32).",
        what="key_wrong",
    )
