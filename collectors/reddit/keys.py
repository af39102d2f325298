"""With which keys does an account of ours sign in on Reddit? Read from its secret, shown nowhere.

A JSON object, or its words separated by spaces or lines: an app and the token its owner granted it (client id, client
secret, refresh token), or an app of the kind "script" and the account itself (client id, client secret, name,
password).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from domain.errors import Misconfigured

APP = ("client_id", "client_secret")
GRANT, SCRIPT = (*APP, "refresh_token"), (*APP, "username", "password")


@dataclass(frozen=True, slots=True)
class Keys:
    """An app, and what lets it speak for an account. ``client_secret`` is empty for an installed app."""

    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def fingerprint(self) -> str:
        """Stands for these keys where they must not show."""
        parts = (self.client_id, self.client_secret, self.refresh_token, self.username, self.password)
        return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()

    @property
    def secret(self) -> str:
        """As it is kept."""
        names = GRANT if self.refresh_token else SCRIPT
        return json.dumps({name: getattr(self, name) for name in names})


def read(secret: str | None) -> Keys:
    """The keys in a secret. Raises Misconfigured when there are none, or they cannot be read."""
    given = (secret or "").strip()
    if not given:
        raise Misconfigured("The account on Reddit has no keys.", field="secret_ref")
    if given.startswith("{"):
        return _object(given)
    words = given.split()
    if len(words) not in (len(GRANT), len(SCRIPT)):
        raise _unreadable()
    return _checked(dict(zip(GRANT if len(words) == len(GRANT) else SCRIPT, words, strict=True)))


def _object(given: str) -> Keys:
    try:
        told = json.loads(given)
        names = GRANT if told.get("refresh_token") else SCRIPT
        return _checked({name: told[name] for name in names})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _unreadable() from None


def _checked(told: dict[str, object]) -> Keys:
    """Everything but a password becomes part of a header or a form as it is."""
    plain = {name: value for name, value in told.items() if isinstance(value, str)}
    single = [value for name, value in plain.items() if name not in ("password", "client_secret")]
    if len(plain) != len(told) or not all(v.isascii() and v.isprintable() and v and " " not in v for v in single):
        raise _unreadable()
    if not plain["client_secret"].isascii() or not plain.get("password", "-"):
        raise _unreadable()
    return Keys(**plain)


def _unreadable() -> Misconfigured:
    return Misconfigured(
        f"The secret of a Reddit account holds {', '.join(GRANT)}; or {', '.join(SCRIPT)}.", field="secret_ref"
    )
