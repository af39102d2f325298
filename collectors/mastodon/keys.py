"""With which token does an account of ours sign in on Mastodon, and as which app? Read from its secret, shown nowhere.

A token typed by hand is a single word. One that the desk was granted stands with the app it was granted to, without
which the server would not take it back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Keys:
    """The token, and the app where it is known."""

    token: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)

    @property
    def secret(self) -> str:
        """As it is kept."""
        told = {"token": self.token, "client_id": self.client_id, "client_secret": self.client_secret}
        return json.dumps(told) if self.client_id else self.token


def read(secret: str | None) -> Keys:
    """The keys in a secret; what is no object is the token itself."""
    given = (secret or "").strip()
    if not given.startswith("{"):
        return Keys(given)
    try:
        told = json.loads(given)
        return Keys(*(str(told.get(name) or "") for name in ("token", "client_id", "client_secret")))
    except (ValueError, RecursionError):
        return Keys(given)
