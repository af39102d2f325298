"""How does an account of ours sign in on a network, and out again? What every network's way in keeps, and its words.

A network that can send a person back with a code (OAuth) does it in three steps: ``app`` (how it knows this desk),
``address`` (where the account's owner agrees), ``signed`` (what the code is worth). Secrets travel between them and
the store, and show in no repr, error or log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Way(StrEnum):
    """How an account is connected. A manifest names its ways, the best one first."""

    CODE = "code"  # its owner agrees on the network, which sends them back with a code
    SECRET = "secret"  # a password, token or keys that somebody types
    ADDRESS = "address"  # nothing but an address to read


@dataclass(frozen=True, slots=True)
class App:
    """How a network knows this desk. ``server`` is where it stands, empty for the network's own place."""

    server: str
    client_id: str
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Signed:
    """An account signed in. ``secret`` is what the channel is then built with, and what is kept sealed.

    ``base_url``: where the account speaks, None for the network's own place. ``expires_at``: when the network stops
    to take the secret unless it is renewed; None: it lasts until it is revoked.
    """

    handle: str
    base_url: str | None
    secret: str = field(repr=False)
    expires_at: datetime | None = None


class SignIn(Protocol):
    """One network's way in. Every method asks the network once, in bounded time, and repeats nothing.

    All raise Unavailable or RateLimited when the network cannot say now, Unauthorized when it says no for good,
    Misconfigured when something was set up or typed wrongly, and Refused(reason="wrong_scope") when it grants
    less than the desk needs.
    """

    def server(self, typed: str) -> str:
        """The place meant by what a person typed, such as a handle or a server; asks nobody."""
        ...

    def for_pasting(self) -> str:
        """The address to come back to with which the network shows the code instead; empty where there is none."""
        ...

    def app(self, server: str, *, redirect_uri: str) -> App:
        """Make this desk known there. Misconfigured where only a person can do that, on the network's own pages."""
        ...

    def address(self, app: App, *, redirect_uri: str, state: str, challenge: str) -> str:
        """Where the account's owner agrees; asks nobody. ``challenge`` is the SHA-256 of the verifier (RFC 7636)."""
        ...

    def signed(self, app: App, *, code: str, redirect_uri: str, verifier: str) -> Signed:
        """What a code is worth. Unauthorized when the network does not take it."""
        ...

    def checked(self, handle: str, secret: str, *, base_url: str | None) -> Signed:
        """A typed secret, as the channel takes it, after asking the network whose it is where that costs nothing."""
        ...

    def renewed(self, secret: str, *, base_url: str | None) -> Signed:
        """A new secret for one that ends. A network may take the old one once only: keep the new one before its use."""
        ...

    def revoked(self, secret: str, *, base_url: str | None) -> bool:
        """Make the network forget it. False where it offers no such thing: a person does it on its own pages."""
        ...
