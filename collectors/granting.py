"""What does a network answer where sign-ins are granted? One form or one question each (OAuth 2.0, RFC 6749), in JSON.

Of an error only the network's stable word is handed on: its sentence may quote what was sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from collectors.exchange import Exchange, Said
from collectors.http import USER_AGENT, Bounds, retry_after, translated
from domain.clock import Clock
from domain.errors import (
    DeskError,
    Misconfigured,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unauthorized,
    Unavailable,
)

#: A sign-in is a matter of seconds: whoever waits for it sits before the screen.
BOUNDS = Bounds(connect_s=5.0, read_s=15.0, total_s=25.0, max_bytes=500_000)
_WORD = re.compile(r"[a-z][a-z_]{2,40}")
#: RFC 6749, 5.2: it is about the app, and not about the code or token.
_ABOUT_THE_APP = ("invalid_client", "unauthorized_client")


@dataclass(frozen=True, slots=True)
class Grants:
    """Where one network grants sign-ins. ``network`` is its name for people."""

    network: str
    clock: Clock
    private: bool = False

    def form(
        self, url: str, given: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """The answer to a form, sent once.

        Raises Unauthorized when what was handed in is not taken, Misconfigured (with ``what="app_unknown"``) when
        the network does not know this desk, Unavailable or RateLimited when it cannot say.
        """
        sent = {"content-type": "application/x-www-form-urlencoded", **self._headers(headers)}
        return self._read(self._asked("POST", url, sent, urlencode(given).encode("ascii")))

    def document(self, url: str, given: Mapping[str, str]) -> Mapping[str, Any]:
        """The answer to a JSON document, sent once; raises as ``form``."""
        sent = {"content-type": "application/json", **self._headers(None)}
        return self._read(self._asked("POST", url, sent, json.dumps(given).encode()))

    def question(self, url: str, *, token: str = "", headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """The answer to a question; raises as ``form``."""
        bearer = {"authorization": f"Bearer {token}"} if token else {}
        return self._read(self._asked("GET", url, {**self._headers(headers), **bearer}, None))

    def _headers(self, more: Mapping[str, str] | None) -> dict[str, str]:
        return {"accept": "application/json", "user-agent": USER_AGENT, **(more or {})}

    def _asked(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Said:
        try:
            return Exchange(private=self.private, bounds=BOUNDS).ask(method, url, headers=headers, body=body)
        except OutcomeUnknown:
            host = urlsplit(url).hostname
            raise Unavailable(f"{self.network} gave no clear answer; begin again.", host=host) from None

    def _read(self, said: Said) -> Mapping[str, Any]:
        told = _object(said.body)
        if said.status == 204:
            return {}
        if 200 <= said.status < 300 and told is not None and "error" not in told:
            return told
        if 200 <= said.status < 300 and told is not None:
            # Reddit says no to a code with a 200.
            raise self._meaning(Said(400, said.headers, said.body), told)
        if 200 <= said.status < 300:
            raise Unavailable(f"{self.network} answered with something that cannot be read.")
        raise self._meaning(said, told or {})

    def _meaning(self, said: Said, told: Mapping[str, Any]) -> DeskError:
        word = told.get("error")
        word = word if isinstance(word, str) and _WORD.fullmatch(word) else str(said.status)
        if said.status == 429:
            wait_s = retry_after(said.headers, self.clock) or 60.0  # type: ignore[arg-type]
            return RateLimited(f"{self.network} asks us to slow down.", retry_after_s=wait_s)
        if said.status >= 500 or said.status in (408, 425):
            return Unavailable(f"{self.network} cannot answer now ({said.status}).")
        if word in _ABOUT_THE_APP:
            return Misconfigured(f"{self.network} does not know this desk's app ({word}).", what="app_unknown")
        if said.status in (400, 401, 403) and (told or said.status == 401):
            return Unauthorized(f"{self.network} does not take this sign-in ({word}).", word=word)
        return translated(said.status, self.network)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def word_in(told: Mapping[str, Any], name: str, *, network: str) -> str:
    """A token, or another single word, of an answer. Raises Unavailable when there is none."""
    value = told.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable() or " " in value:
        raise Unavailable(f"{network} answered without {name.replace('_', ' ')}.")
    return value


def ends_at(told: Mapping[str, Any], now: datetime) -> datetime | None:
    """When the network stops to take a token; None when it does not say."""
    lasts_s = told.get("expires_in")
    if not isinstance(lasts_s, (int, float)) or isinstance(lasts_s, bool) or not 0 < lasts_s < 10 * 365 * 86_400:
        return None
    return now + timedelta(seconds=lasts_s)


def require_scopes(told: Mapping[str, Any], needed: Sequence[str], *, network: str) -> None:
    """Refused(reason="wrong_scope") when less was granted than the desk needs; nothing said means all."""
    said = told.get("scope")
    if not isinstance(said, str):
        return
    granted = set(said.replace(",", " ").split())
    if "*" in granted:  # Reddit's word for everything
        return
    if missing := [name for name in needed if name not in granted and name.split(":")[0] not in granted]:
        names = ", ".join(missing)
        raise Refused(f"{network} grants less than the desk needs: {names} is missing.", reason="wrong_scope")


def server_typed(typed: str, *, network: str) -> str:
    """The address of a server from what a person typed: an address, a bare name, or a handle that ends with it."""
    given = typed.strip().rstrip("/")
    if "://" not in given:
        given = f"https://{given.rpartition('@')[2]}"
    try:
        parts = urlsplit(given)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.username is not None or " " in given or "." not in f"{parts.hostname}".replace(":", "."):
        raise Misconfigured(
            f"Which server of {network}? Write it as mastodon.example.", field="base_url", what="server"
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"
