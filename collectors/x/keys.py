"""With which keys does an account of ours sign in on X? Read from its secret, shown nowhere.

Four keys of the app and the account (OAuth 1.0a), which last until somebody revokes them: a JSON object, or the four
separated by spaces or lines. A single word is an access token of the account (OAuth 2.0), which lasts two hours.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from domain.errors import Misconfigured

NAMES = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")


@dataclass(frozen=True, slots=True)
class Keys:
    """What the library is given. ``token`` alone, or the four others."""

    token: str = field(default="", repr=False)
    four: tuple[str, ...] = field(default=(), repr=False)

    @property
    def own_id(self) -> str:
        """Our own account's id, where the keys tell: an access token of OAuth 1.0a begins with it."""
        head = self.four[2].partition("-")[0] if self.four else ""
        return head if head.isdigit() else ""

    @property
    def fingerprint(self) -> str:
        """Stands for these keys where they must not show."""
        return hashlib.sha256("\n".join((self.token, *self.four)).encode("utf-8", "replace")).hexdigest()


def read(secret: str | None) -> Keys | None:
    """The keys in a secret, None when there is no secret. Raises Misconfigured when it cannot be read as keys."""
    given = (secret or "").strip()
    if not given:
        return None
    if given.startswith("{"):
        try:
            told = json.loads(given)
            return Keys(four=tuple(_word(told[name]) for name in NAMES))
        except (ValueError, KeyError, TypeError):
            raise _unreadable() from None
    words = tuple(given.split())
    if len(words) == 1:
        return Keys(token=_word(words[0]))
    if len(words) == len(NAMES):
        return Keys(four=tuple(map(_word, words)))
    raise _unreadable()


def _word(value: object) -> str:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value or " " in value:
        raise _unreadable()
    return value


def _unreadable() -> Misconfigured:
    names = ", ".join(NAMES)
    return Misconfigured(f"The secret of an X account holds one access token, or {names}.", field="secret_ref")
