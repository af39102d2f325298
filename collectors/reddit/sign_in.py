"""How does an account sign in on Reddit? Its owner agrees (OAuth 2.0), through an app of the firm that Reddit approved.

github.com/reddit-archive/reddit/wiki/OAuth2: a grant asked for as permanent comes with a token that does not end.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from collectors.granting import Grants, require_scopes, word_in
from collectors.reddit import keys
from collectors.reddit.places import SERVERS, servers_of
from collectors.sign_in import App, Signed
from domain.brand import Account
from domain.clock import Clock
from domain.errors import DeskError, Misconfigured, Unauthorized

NETWORK = "Reddit"
#: Who we are, what is written, what came in for us, and answering.
SCOPES = ("identity", "read", "history", "privatemessages", "submit")


class RedditSignIn:
    """The way in to Reddit."""

    def __init__(self, clock: Clock, *, private: bool = False) -> None:
        self._grants = Grants(NETWORK, clock, private)

    def server(self, typed: str) -> str:
        """Reddit has one place; an address stands for another one, as tests have it."""
        return _servers(typed)[0] if typed else ""

    def for_pasting(self) -> str:
        return ""

    def app(self, server: str, *, redirect_uri: str) -> App:
        raise Misconfigured(
            "Reddit makes apps known only on its own pages, after it has approved them: type the app's client id.",
            what="app_by_hand",
        )

    def address(self, app: App, *, redirect_uri: str, state: str, challenge: str) -> str:
        asked = {
            "client_id": app.client_id,
            "response_type": "code",
            "state": state,
            "redirect_uri": redirect_uri,
            "duration": "permanent",
            "scope": " ".join(SCOPES),
        }
        return f"{_servers(app.server)[0]}/api/v1/authorize?{urlencode(asked)}"

    def signed(self, app: App, *, code: str, redirect_uri: str, verifier: str) -> Signed:
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        told = self._exchanged(app, "access_token", given)
        refresh = word_in(told, "refresh_token", network=NETWORK)
        found = keys.Keys(app.client_id, app.client_secret, refresh)
        try:
            require_scopes(told, SCOPES, network=NETWORK)
            name = self._who(app.server, word_in(told, "access_token", network=NETWORK))
        except DeskError:
            self._take_back(app, refresh)
            raise
        return Signed(name, app.server or None, found.secret)

    def checked(self, handle: str, secret: str, *, base_url: str | None) -> Signed:
        """Keys typed by hand; Reddit says whose they are."""
        found, server = keys.read(secret), self.server(base_url or "")
        app = App(server, found.client_id, found.client_secret)
        grant = {"grant_type": "refresh_token", "refresh_token": found.refresh_token}
        script = {"grant_type": "password", "username": found.username, "password": found.password}
        told = self._exchanged(app, "access_token", grant if found.refresh_token else script)
        return Signed(self._who(server, word_in(told, "access_token", network=NETWORK)), base_url or None, found.secret)

    def renewed(self, secret: str, *, base_url: str | None) -> Signed:
        raise Misconfigured("What Reddit grants for good does not end.")

    def revoked(self, secret: str, *, base_url: str | None) -> bool:
        found = keys.read(secret)
        if not found.refresh_token:
            return False  # A password is changed where it was chosen.
        app = App(self.server(base_url or ""), found.client_id, found.client_secret)
        try:
            self._revoke(app, found.refresh_token)
        except Unauthorized:
            pass  # It was taken back already.
        return True

    def _take_back(self, app: App, token: str) -> None:
        try:
            self._revoke(app, token)
        except DeskError:
            pass

    def _revoke(self, app: App, token: str) -> None:
        self._exchanged(app, "revoke_token", {"token": token, "token_type_hint": "refresh_token"})

    def _exchanged(self, app: App, what: str, given: Mapping[str, str]) -> Mapping[str, Any]:
        pair = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode("ascii")
        shown = {"authorization": f"Basic {pair}"}
        return self._grants.form(f"{_servers(app.server)[0]}/api/v1/{what}", given, headers=shown)

    def _who(self, server: str, token: str) -> str:
        told = self._grants.question(f"{_servers(server)[1]}/api/v1/me", token=token)
        return word_in(told, "name", network=NETWORK)


def _servers(server: str) -> tuple[str, str]:
    return servers_of(Account(0, 0, "reddit", "-", base_url=server)) if server else SERVERS
