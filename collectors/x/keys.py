"""With which keys does an account of ours sign in on X? Read from its secret, shown nowhere.

Four keys of the app and the account (OAuth 1.0a), which last until somebody revokes them: a JSON object, or the four
separated by spaces or lines. A single word is an access token of the account (OAuth 2.0), which lasts two hours. What
the desk was granted itself is an object with that token, the one that renews it, and the app both belong to.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from domain.errors import Misconfigured

NAMES = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")


@dataclass(frozen=True, slots=True)
class Keys:
    """What the library is given: ``token`` alone, or the four others. ``user_id``: whose token it is, where known."""

    token: str = field(default="", repr=False)
    four: tuple[str, ...] = field(default=(), repr=False)
    user_id: str = ""

    @property
    def own_id(self) -> str:
        """Our own account's id, where the keys tell: an access token of OAuth 1.0a begins with it."""
        head = self.four[2].partition("-")[0] if self.four else self.user_id
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
            if "refresh_token" in told:
                grant = granted(given)
                return Keys(token=grant.access_token, user_id=grant.user_id)
            return Keys(four=tuple(_word(told[name]) for name in NAMES))
        except (ValueError, KeyError, TypeError):
            raise _unreadable() from None
    words = tuple(given.split())
    if len(words) == 1:
        return Keys(token=_word(words[0]))
    if len(words) == len(NAMES):
        return Keys(four=tuple(map(_word, words)))
    raise _unreadable()


@dataclass(frozen=True, slots=True)
class Grant:
    """What the desk was granted by the account's owner: it is renewed every two hours, each time by another word."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    client_id: str
    client_secret: str = field(default="", repr=False)
    user_id: str = ""

    @property
    def secret(self) -> str:
        """As it is kept."""
        return json.dumps({name: getattr(self, name) for name in Grant.__slots__})


def granted(secret: str) -> Grant:
    """The grant in a secret. Raises Misconfigured when it holds none."""
    try:
        told = json.loads(secret)
        needed = {name: _word(told[name]) for name in ("access_token", "refresh_token", "client_id")}
        return Grant(**needed, client_secret=str(told.get("client_secret", "")), user_id=str(told.get("user_id", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _unreadable() from None


def _word(value: object) -> str:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value or " " in value:
        raise _unreadable()
    return value


def _unreadable() -> Misconfigured:
    names = ", ".join(NAMES)
    return Misconfigured(f"The secret of an X account holds one access token, or {names}.", field="secret_ref")
