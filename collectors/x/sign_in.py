"""How does an account sign in on X? Its owner agrees (OAuth 2.0 with PKCE), through an app that belongs to the firm.

docs.x.com: fundamentals/authentication/oauth-2-0/{authorization-code,user-access-token}. The token lasts two hours;
what renews it is taken once, and its answer holds the next one.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from collectors import addresses
from collectors.granting import Grants, ends_at, require_scopes, word_in
from collectors.sign_in import App, Signed
from collectors.x import keys
from collectors.x.transport import SERVER, server_of
from domain.clock import Clock
from domain.errors import DeskError, Misconfigured, Unauthorized

NETWORK = "X"
#: Where people agree, and where codes and tokens are exchanged; both on the account's own address where it has one.
PEOPLE, MACHINES = "https://x.com", "https://api.x.com"
#: Without the last one there is nothing to renew the token with.
SCOPES = ("tweet.read", "tweet.write", "users.read", "offline.access")


class XSignIn:
    """The way in to X."""

    def __init__(self, clock: Clock, *, private: bool = False) -> None:
        self._clock = clock
        self._grants = Grants(NETWORK, clock, private)
        self._private = private

    def server(self, typed: str) -> str:
        """X has one place; an address stands for another one, as tests and gateways of firms have it."""
        return server_of(typed) if typed else ""

    def for_pasting(self) -> str:
        return ""

    def app(self, server: str, *, redirect_uri: str) -> App:
        raise Misconfigured(
            "X makes apps known only on its own pages: make one on console.x.com and type its client id.",
            what="app_by_hand",
        )

    def address(self, app: App, *, redirect_uri: str, state: str, challenge: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(SCOPES),
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{app.server or PEOPLE}/i/oauth2/authorize?{urlencode(asked, quote_via=quote)}"

    def signed(self, app: App, *, code: str, redirect_uri: str, verifier: str) -> Signed:
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        told = self._exchanged(app, "token", given)
        token = word_in(told, "access_token", network=NETWORK)
        try:
            require_scopes(told, SCOPES, network=NETWORK)
            refresh = word_in(told, "refresh_token", network=NETWORK)
            name, user_id = self._who(app.server, token)
        except DeskError:
            self._take_back(app, token)
            raise
        grant = keys.Grant(token, refresh, app.client_id, app.client_secret, user_id)
        return Signed(name, app.server or None, grant.secret, ends_at(told, self._clock()))

    def checked(self, handle: str, secret: str, *, base_url: str | None) -> Signed:
        """Keys typed by hand. Whose they are is not asked: X charges for it, and the first poll will tell."""
        if keys.read(secret) is None:
            raise Misconfigured("The account on X has no keys.", what="secret")
        server = self.server(base_url or "")
        if server and server != SERVER:
            address = addresses.read(server)
            addresses.reachable(address, private=self._private, loopback=address.is_loopback)
        return Signed(handle, server or None, secret.strip())

    def renewed(self, secret: str, *, base_url: str | None) -> Signed:
        grant = keys.granted(secret)
        app = App(self.server(base_url or ""), grant.client_id, grant.client_secret)
        given = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token}
        told = self._exchanged(app, "token", given)
        token = word_in(told, "access_token", network=NETWORK)
        # Where a server does not replace it, the one that we have goes on to be taken.
        refresh = word_in(told, "refresh_token", network=NETWORK) if "refresh_token" in told else grant.refresh_token
        new = keys.Grant(token, refresh, app.client_id, app.client_secret, grant.user_id)
        return Signed("", base_url, new.secret, ends_at(told, self._clock()))

    def revoked(self, secret: str, *, base_url: str | None) -> bool:
        try:
            grant = keys.granted(secret)
        except Misconfigured:
            return False  # Four keys are taken back where they were made.
        app = App(self.server(base_url or ""), grant.client_id, grant.client_secret)
        for token, kind in ((grant.refresh_token, "refresh_token"), (grant.access_token, "access_token")):
            try:
                self._exchanged(app, "revoke", {"token": token, "token_type_hint": kind})
            except Unauthorized:
                pass  # It was taken back already.
        return True

    def _take_back(self, app: App, token: str) -> None:
        try:
            self._exchanged(app, "revoke", {"token": token, "token_type_hint": "access_token"})
        except DeskError:
            pass

    def _exchanged(self, app: App, what: str, given: Mapping[str, str]) -> Mapping[str, Any]:
        """A form of X. An app with a secret shows it beside the form, one without names itself in it."""
        if not app.client_secret:
            return self._grants.form(_at(app.server, f"/2/oauth2/{what}"), {**given, "client_id": app.client_id})
        pair = f"{quote(app.client_id, safe='')}:{quote(app.client_secret, safe='')}".encode()
        shown = {"authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
        return self._grants.form(_at(app.server, f"/2/oauth2/{what}"), given, headers=shown)

    def _who(self, server: str, token: str) -> tuple[str, str]:
        told = self._grants.question(_at(server, "/2/users/me"), token=token).get("data")
        found = told if isinstance(told, dict) else {}
        return word_in(found, "username", network=NETWORK), word_in(found, "id", network=NETWORK)


def _at(server: str, path: str) -> str:
    return f"{server if server and server != SERVER else MACHINES}{path}"
