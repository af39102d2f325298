"""How does an account sign in on Bluesky? By a password made for the desk alone; the server says whose it is."""

from __future__ import annotations

import re

from collectors.bluesky.places import DEFAULT_SERVER, require_stream
from collectors.granting import Grants, server_typed, word_in
from collectors.sign_in import App, Signed
from domain.clock import Clock
from domain.errors import Misconfigured, Unauthorized

NETWORK = "Bluesky"
#: What Bluesky makes: four groups of four (com.atproto.server.createAppPassword). An account's own password opens more.
_APP_PASSWORD = re.compile(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}")


class BlueskySignIn:
    """The way in to Bluesky, or to a server of one's own in its network."""

    def __init__(self, clock: Clock, *, private: bool = False) -> None:
        self._grants = Grants(NETWORK, clock, private)
        self._private = private

    def server(self, typed: str) -> str:
        """The network's own place unless an address is typed; what stands behind a question mark is kept."""
        if "?" in typed:
            require_stream(typed, private=self._private)
        address, mark, more = typed.partition("?")
        return server_typed(address, network=NETWORK) + mark + more if "://" in typed else ""

    def for_pasting(self) -> str:
        return ""

    def app(self, server: str, *, redirect_uri: str) -> App:
        raise Misconfigured("Bluesky is connected with an app password.", what="app_by_hand")

    def address(self, app: App, *, redirect_uri: str, state: str, challenge: str) -> str:
        raise Misconfigured("Bluesky is connected with an app password.", what="app_by_hand")

    def signed(self, app: App, *, code: str, redirect_uri: str, verifier: str) -> Signed:
        raise Misconfigured("Bluesky is connected with an app password.", what="app_by_hand")

    def checked(self, handle: str, secret: str, *, base_url: str | None) -> Signed:
        typed = (base_url or "").strip()
        typed = f"https://{typed}" if typed and "://" not in typed else typed
        password, server = secret.strip(), self.server(typed)
        if not server and not _APP_PASSWORD.fullmatch(password):
            raise Misconfigured(
                "That is no app password of Bluesky: it looks like abcd-efgh-ijkl-mnop.", what="app_password"
            )
        given = {"identifier": handle.strip().lstrip("@"), "password": password}
        place = server.partition("?")[0] or DEFAULT_SERVER
        try:
            told = self._grants.document(f"{place}/xrpc/com.atproto.server.createSession", given)
        except Unauthorized:
            raise Unauthorized("Bluesky does not take this handle with this app password.") from None
        return Signed(word_in(told, "handle", network=NETWORK), typed or None, password)

    def renewed(self, secret: str, *, base_url: str | None) -> Signed:
        raise Misconfigured("An app password of Bluesky does not end.")

    def revoked(self, secret: str, *, base_url: str | None) -> bool:
        return False  # Only the account's own password may take an app password back (com.atproto.server).
