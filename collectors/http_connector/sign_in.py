"""How is a source connected? With a secret that both sides know, and by asking it once what it is."""

from __future__ import annotations

from collectors import addresses
from collectors.http_connector.client import SourceClient
from collectors.http_connector.normalize import CHANNEL
from collectors.http_connector.signing import keys_of
from collectors.sign_in import App, Signed
from domain.brand import Account
from domain.clock import Clock
from domain.errors import Misconfigured


class HttpSignIn:
    """The way in to a source of the firm's own."""

    def __init__(self, clock: Clock, *, private: bool = False) -> None:
        self._clock, self._private = clock, private

    def server(self, typed: str) -> str:
        """The address as it was typed; empty for a source that only calls us."""
        return addresses.typed(typed, private=self._private).url.rstrip("/") if typed.strip() else ""

    def app(self, server: str, *, redirect_uri: str) -> App:
        """Never asked for: the firm's own source knows nobody but whoever has the secret."""
        raise Misconfigured("A source is connected with its signing secret.", what="app_by_hand")

    def address(self, app: App, *, redirect_uri: str, state: str, challenge: str) -> str:
        """Never asked for."""
        raise Misconfigured("A source is connected with its signing secret.", what="app_by_hand")

    def signed(self, app: App, *, code: str, redirect_uri: str, verifier: str) -> Signed:
        """Never asked for."""
        raise Misconfigured("A source is connected with its signing secret.", what="app_by_hand")

    def checked(self, handle: str, secret: str, *, base_url: str | None) -> Signed:
        """The secret, once the source has answered a question signed with it; one that only calls us is believed."""
        keys_of(secret)
        server = self.server(base_url or "")
        if server:
            account = Account(0, 0, CHANNEL, handle, base_url=server)
            SourceClient(account, "", self._clock, secret=secret, private=self._private).asked()
        return Signed(handle.strip(), server or None, " ".join(secret.split()))

    def renewed(self, secret: str, *, base_url: str | None) -> Signed:
        """Never asked for: a signing secret lasts until somebody changes it."""
        raise Misconfigured("A signing secret does not end.")

    def revoked(self, secret: str, *, base_url: str | None) -> bool:
        """The firm takes it out of its own program."""
        return False
