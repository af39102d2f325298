"""Under which key does a reply of ours stand? A timestamp identifier made from the reply alone, the same at every try.

Form: 53 bits of microseconds and 10 bits of a clock's number in sortable base 32, 13 characters (atproto.com, record
keys, TID). The moment is the one the reply was handed in, its last second and the clock's number drawn from the
idempotency key: the same reply has the same key even on a desk restored from a backup, another reply another one.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
LENGTH_CHARS = 13
_CLOCK_BITS, _DRAWN_BITS = 10, 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def tid(at: datetime, key: str) -> str:
    """The record key for what was handed in at ``at`` under this idempotency key."""
    drawn = int.from_bytes(hashlib.sha256(key.encode("utf-8", "backslashreplace")).digest()[:8], "big")
    delta = at - _EPOCH
    moment_us = (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
    moment_us = (moment_us >> _DRAWN_BITS << _DRAWN_BITS) | (drawn & ((1 << _DRAWN_BITS) - 1))
    clock = drawn >> _DRAWN_BITS & ((1 << _CLOCK_BITS) - 1)
    number = (moment_us & ((1 << 53) - 1)) << _CLOCK_BITS | clock
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH_CHARS)))
