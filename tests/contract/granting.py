"""How do networks grant sign-ins? The servers of the contract tests, with the pages and forms of OAuth beside them.

As documented: docs.joinmastodon.org (methods/oauth, methods/apps), docs.x.com (oauth-2-0), and Reddit's OAuth2 wiki.
Codes are good once, the verifier has to fit, and what renews a sign-in on X is taken once only.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.contract import mastodon_server, reddit_server, x_server
from tests.contract.scripted import Answer, Asked

NO_CODE: Answer = (400, {"error": "invalid_grant", "error_description": "The provided authorization grant is invalid"})


@dataclass
class Granted:
    """A code that was handed out, and what has to come with it."""

    asked: dict[str, str]
    used: bool = False


def fits(asked: Mapping[str, str], verifier: str) -> bool:
    """Whether the verifier is the one whose hash was shown before (RFC 7636, 4.6)."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    return asked.get("code_challenge_method") == "S256" and digest == asked.get("code_challenge")


def agree(server: Any, address: str, **more: str) -> str:
    """The account's owner agrees at that address; returns where the network sends them. ``more`` is sent besides."""
    given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    code = f"code-{secrets.token_hex(8)}"
    server.codes[code] = Granted(given)
    return f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state'], **more})}"


def deny(address: str) -> str:
    """The account's owner does not agree."""
    given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    return f"{given['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': given['state']})}"


def came_back(address: str) -> dict[str, str]:
    """What the address somebody was sent back to carries."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@dataclass
class GrantingMastodon(mastodon_server.Server):
    """A Mastodon server that knows apps; ``token`` is what it grants."""

    apps: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, Granted] = field(default_factory=dict)
    revoked: list[str] = field(default_factory=list)
    scope: str = "read write:statuses"
    good: set[str] = field(default_factory=set)

    def refused(self, call: str, asked: Asked) -> Answer | None:
        if asked.path in ("/api/v1/apps", "/oauth/token", "/oauth/revoke", "/oauth/authorize", "/api/v2/instance"):
            return None
        return super().refused(call, asked)

    def answered(self, method: str, asked: Asked) -> Answer:
        given = {name: values[0] for name, values in asked.form.items()} if asked.verb == "POST" else asked.given
        if asked.path == "/api/v1/apps":
            return self._app(given)
        if asked.path == "/oauth/authorize":
            return 200, self._owners_page(given)
        if asked.path == "/oauth/token":
            return self._token(given)
        if asked.path == "/oauth/revoke":
            known = self.apps.get(given["client_id"], {}).get("client_secret")
            if known != given["client_secret"]:
                return 403, {"error": "unauthorized_client", "error_description": "You are not authorized"}
            self.revoked.append(given["token"])
            return 200, {}
        return super().answered(method, asked)

    def _app(self, given: Mapping[str, str]) -> Answer:
        number = str(len(self.apps) + 1)
        made = {"client_id": f"app-{number}", "client_secret": f"hush-app-{number}", **given}
        self.apps[made["client_id"]] = made
        told = {name: made[name] for name in ("client_id", "client_secret")}
        return 200, {"id": number, "name": given["client_name"], "redirect_uri": given["redirect_uris"], **told}

    def _owners_page(self, given: Mapping[str, str]) -> bytes:
        address = f"{self.url}/oauth/authorize?{urlencode(dict(given))}"
        yes, no = agree(self, address), deny(address)
        head = f"<!doctype html><meta charset=utf-8><title>Autorizza</title><p>Sportello: {given['scope']}</p>"
        links = (f'<a id={name} href="{escape(to)}">{name}</a> ' for name, to in (("yes", yes), ("no", no)))
        return (head + "".join(links)).encode()

    def _token(self, given: Mapping[str, str]) -> Answer:
        app = self.apps.get(given["client_id"])
        if app is None or app["client_secret"] != given["client_secret"]:
            return 401, {"error": "invalid_client", "error_description": "Client authentication failed"}
        code = self.codes.get(given["code"])
        if code is None or code.used or code.asked["redirect_uri"] != given["redirect_uri"]:
            return NO_CODE
        code.used = True
        if not fits(code.asked, given["code_verifier"]):
            return NO_CODE
        return 200, {"access_token": self.token, "token_type": "Bearer", "scope": self.scope, "created_at": 1}

    def beside(self, asked: Asked) -> dict[str, str]:
        if asked.path == "/oauth/authorize":
            return {"content-type": "text/html; charset=utf-8"}
        return super().beside(asked)


@dataclass
class GrantingX(x_server.Server):
    """X with its OAuth 2.0 beside the API; ``token`` is the one that is good now, ``refresh`` renews it, once."""

    codes: dict[str, Granted] = field(default_factory=dict)
    refresh: str = "hush-refresh-0"
    revoked: list[str] = field(default_factory=list)
    scope: str = "users.read tweet.read tweet.write offline.access"
    renewals: list[str] = field(default_factory=list)
    client_secret: str = ""

    def refused(self, call: str, asked: Asked) -> Answer | None:
        if not asked.path.startswith("/2/oauth2/"):
            return super().refused(call, asked)
        basic = asked.headers.get("authorization", "")
        wanted = base64.b64encode(f"app-x:{self.client_secret}".encode()).decode()
        if self.client_secret and basic != f"Basic {wanted}":
            return 401, {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}
        return None

    def noted(self, call: str, asked: Asked) -> None:
        if not asked.path.startswith("/2/oauth2/"):
            super().noted(call, asked)

    def answered(self, call: str, asked: Asked) -> Answer:
        given = {name: values[0] for name, values in asked.form.items()} if asked.verb == "POST" else {}
        if call == "POST /2/oauth2/token":
            return self._renewed(given) if given["grant_type"] == "refresh_token" else self._token(given)
        if call == "POST /2/oauth2/revoke":
            self.revoked.append(given["token"])
            return 200, {"revoked": True}
        return super().answered(call, asked)

    def _token(self, given: Mapping[str, str]) -> Answer:
        code = self.codes.get(given["code"])
        good = code is not None and not code.used and code.asked["redirect_uri"] == given["redirect_uri"]
        if not good or code is None or not fits(code.asked, given["code_verifier"]):
            said = "Value passed for the authorization code was invalid."
            return 400, {"error": "invalid_request", "error_description": said}
        code.used = True
        return 200, self._told()

    def _renewed(self, given: Mapping[str, str]) -> Answer:
        self.renewals.append(given["refresh_token"])
        if given["refresh_token"] != self.refresh:
            return 400, {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}
        number = len(self.renewals)
        self.token, self.refresh = f"hush-token-{number}", f"hush-refresh-{number}"
        return 200, self._told()

    def _told(self) -> dict[str, object]:
        told = {"token_type": "bearer", "expires_in": 7200, "access_token": self.token, "scope": self.scope}
        return told | ({"refresh_token": self.refresh} if "offline.access" in self.scope else {})


@dataclass
class GrantingReddit(reddit_server.Server):
    """Reddit with its own way of granting: an app shows its secret, a code that is no good is refused with a 200."""

    codes: dict[str, Granted] = field(default_factory=dict)
    revoked: list[str] = field(default_factory=list)
    granted: str = "identity read history privatemessages submit"

    def refused(self, call: str, asked: Asked) -> Answer | None:
        if call not in (reddit_server.TOKEN, "POST /api/v1/revoke_token"):
            return super().refused(call, asked)
        shown = base64.b64encode(b"app-r:hush-app-r").decode()
        if asked.headers.get("authorization") != f"Basic {shown}":
            return 401, {"message": "Unauthorized", "error": 401}
        return None

    def answered(self, call: str, asked: Asked) -> Answer:
        given = {name: values[0] for name, values in asked.form.items()} if asked.verb == "POST" else {}
        if call == "POST /api/v1/revoke_token":
            self.revoked.append(given["token"])
            return 204, b""
        if call != reddit_server.TOKEN:
            return super().answered(call, asked)
        told = {"access_token": self.token, "token_type": "bearer", "expires_in": 86400, "scope": self.granted}
        if given["grant_type"] == "refresh_token":
            return 200, told
        code = self.codes.get(given["code"])
        if code is None or code.used or code.asked["redirect_uri"] != given["redirect_uri"]:
            return 200, {"error": "invalid_grant"}
        code.used = True
        return 200, told | {"refresh_token": "hush-grant-r"}
