"""Who sent this, and is it what they sent? Signatures as the Standard Webhooks specification has them.

Three headers: ``webhook-id``, ``webhook-timestamp`` (seconds since 1970) and ``webhook-signature``: one or more of
``v1,BASE64`` with spaces between, each an HMAC-SHA256 over ``id.timestamp.body`` (standardwebhooks.com). Requests
without a body are signed over their path and query in its place, so that nobody can make another question of one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from domain.errors import Misconfigured, Unauthorized

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
#: What was signed longer ago, or is to be signed only in a while, is not listened to (the specification's advice).
TOLERANCE = timedelta(minutes=5)
#: A secret as the specification writes it; any other text counts as its own bytes.
PREFIX = "whsec_"
#: A key shorter than this can be guessed; the specification asks for 24 to 64 bytes.
SHORTEST_KEY_BYTES = 16
ID_CHARS = 200
#: So many signatures of one request are tried: secrets overlap while they change, and not for long.
MOST_SIGNATURES = 8


def keys_of(secret: str | None) -> tuple[bytes, ...]:
    """The keys in an account's secret, the newest first; several with spaces between while one replaces another.

    Raises Misconfigured where there is none, or none that deserves the name.
    """
    words = (secret or "").split()
    if not words:
        raise Misconfigured("The source has no signing secret.", field="secret_ref", what="secret")
    return tuple(map(_key, words))


def signed(keys: tuple[bytes, ...], *, message_id: str, at: datetime, content: bytes) -> dict[str, str]:
    """The three headers for ``content``, signed with every key so that either side may change first."""
    stamp = str(int(at.timestamp()))
    signatures = [f"v1,{_signature(key, message_id, stamp, content)}" for key in keys]
    return {ID: message_id, TIMESTAMP: stamp, SIGNATURE: " ".join(signatures)}


def require_signed(keys: tuple[bytes, ...], headers: Mapping[str, str], content: bytes, *, now: datetime) -> None:
    """Raises Unauthorized, with ``reason``, unless one of the keys signed this within the tolerance.

    The signature is compared first: whoever has no key learns nothing of our clock.
    """
    message_id, stamp, given = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not (message_id and stamp and given):
        raise Unauthorized("The request is not signed.", reason="not_signed")
    told = [each.removeprefix("v1,") for each in given.split()[:MOST_SIGNATURES] if each.startswith("v1,")]
    is_readable = len(message_id) <= ID_CHARS and message_id.isascii() and stamp.isascii() and stamp.isdigit()
    made = [_signature(key, message_id, stamp, content) for key in keys] if is_readable and len(stamp) <= 12 else []
    # Every pair is compared, and each in constant time: how long it took tells nothing.
    if not sum(hmac.compare_digest(one.encode(), other.encode("utf-8", "replace")) for one in made for other in told):
        raise Unauthorized("The signature does not fit the request.", reason="wrong_signature")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise Unauthorized("The request was not signed within the last minutes.", reason="wrong_time")


def signed_at(headers: Mapping[str, str]) -> datetime:
    """When a call that ``require_signed`` let through was signed."""
    return datetime.fromtimestamp(int(headers[TIMESTAMP]), UTC)


def named(headers: Mapping[str, str], content: bytes) -> str:
    """The name of such a call: the source's own for it, and what it says, should a source give all the same one."""
    return hashlib.sha256(b"\n".join((headers[ID].encode("ascii"), content))).hexdigest()[:24]


def _signature(key: bytes, message_id: str, stamp: str, content: bytes) -> str:
    words = b".".join((message_id.encode("ascii"), stamp.encode("ascii"), content))
    return base64.b64encode(hmac.new(key, words, hashlib.sha256).digest()).decode("ascii")


def _key(word: str) -> bytes:
    key = word.encode("utf-8", "surrogatepass")
    if word.startswith(PREFIX):
        try:
            key = base64.b64decode(word.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise Misconfigured(
                "The signing secret is not one: base64 follows whsec_.", field="secret_ref", what="secret"
            ) from None
    if len(key) < SHORTEST_KEY_BYTES:
        words = f"The signing secret is too short: it needs {SHORTEST_KEY_BYTES} bytes at least."
        raise Misconfigured(words, field="secret_ref", what="secret")
    return key
