"""How does an account sign in on a Mastodon server? The desk makes itself known there, and its owner agrees.

docs.joinmastodon.org: methods/apps, methods/oauth, methods/accounts#verify_credentials. PKCE is taken since 4.3 and
ignored before.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from collectors.granting import Grants, require_scopes, server_typed, word_in
from collectors.mastodon import keys
from collectors.sign_in import App, Signed
from domain.clock import Clock
from domain.errors import DeskError, Misconfigured, Unauthorized

NETWORK = "Mastodon"
#: Everything that is read, and writing posts; nothing else can be done with the token.
SCOPES = ("read", "write:statuses")
#: For a code that the server shows, to be pasted.
SHOWN = "urn:ietf:wg:oauth:2.0:oob"
APP_NAME = "Sportello"


class MastodonSignIn:
    """The way in to any server that speaks as Mastodon does."""

    def __init__(self, clock: Clock, *, private: bool = False) -> None:
        self._grants = Grants(NETWORK, clock, private)

    def server(self, typed: str) -> str:
        return server_typed(typed, network=NETWORK)

    def for_pasting(self) -> str:
        return SHOWN

    def app(self, server: str, *, redirect_uri: str) -> App:
        """Anybody may make an app known to a Mastodon server."""
        given = {"client_name": APP_NAME, "redirect_uris": redirect_uri, "scopes": " ".join(SCOPES)}
        try:
            told = self._grants.form(f"{server}/api/v1/apps", given)
        except Unauthorized as error:
            raise Misconfigured(f"The server does not let the desk sign in ({error.values.get('word')}).") from None
        except Misconfigured:
            raise Misconfigured("At this address is no server that speaks Mastodon.", what="server") from None
        return App(server, word_in(told, "client_id", network=NETWORK), word_in(told, "client_secret", network=NETWORK))

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
        return f"{app.server}/oauth/authorize?{urlencode(asked)}"

    def signed(self, app: App, *, code: str, redirect_uri: str, verifier: str) -> Signed:
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        told = self._grants.form(f"{app.server}/oauth/token", given)
        found = keys.Keys(word_in(told, "access_token", network=NETWORK), app.client_id, app.client_secret)
        try:
            require_scopes(told, SCOPES, network=NETWORK)
            return self._signed(app.server, found)
        except DeskError:
            # Nobody will use it: the server need not keep it.
            self._take_back(found, app.server)
            raise

    def checked(self, handle: str, secret: str, *, base_url: str | None) -> Signed:
        """A token typed by hand; the server says whose it is."""
        found = keys.read(secret)
        if not found.token.isascii() or not found.token.isprintable() or not found.token or " " in found.token:
            raise Misconfigured("The access token for Mastodon is not one: it is a single word.", what="secret")
        return self._signed(self.server(base_url or handle), found)

    def renewed(self, secret: str, *, base_url: str | None) -> Signed:
        raise Misconfigured("A token of Mastodon does not end.")

    def revoked(self, secret: str, *, base_url: str | None) -> bool:
        found = keys.read(secret)
        if not found.client_id or not base_url:
            return False  # A token made by hand is taken back where it was made.
        given = {"client_id": found.client_id, "client_secret": found.client_secret, "token": found.token}
        try:
            self._grants.form(f"{self.server(base_url)}/oauth/revoke", given)
        except Unauthorized:
            pass  # It was taken back already.
        return True

    def _take_back(self, found: keys.Keys, server: str) -> None:
        try:
            self.revoked(found.secret, base_url=server)
        except DeskError:
            pass

    def _signed(self, server: str, found: keys.Keys) -> Signed:
        told = self._grants.question(f"{server}/api/v1/accounts/verify_credentials", token=found.token)
        name = word_in(told, "username", network=NETWORK)
        return Signed(f"{name}@{self._domain(server)}", server, found.secret)

    def _domain(self, server: str) -> str:
        """What the names of this server's accounts end with; many are reached under another address than that."""
        host = urlsplit(server).netloc
        try:
            told: Any = self._grants.question(f"{server}/api/v2/instance").get("domain")
        except DeskError:
            return host
        return told if isinstance(told, str) and "." in told and " " not in told and len(told) < 200 else host
