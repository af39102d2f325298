"""How are passwords made, measured and checked?

Argon2id with the low-memory profile of RFC 9106 section 4 (3 passes over 64 MiB, 4 lanes), which are
argon2-cffi's defaults: about 0.1 s on a server core.
"""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from domain.errors import Invalid

MIN_PASSWORD_CHARS = 10
# Longer input only feeds the hash function; nobody types it.
MAX_PASSWORD_CHARS = 1000
# Without letters and digits that look alike: 16 of 31 characters are 79 bits.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


@cache
def strong_hasher() -> PasswordHasher:
    """The hasher of the desk."""
    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def generated() -> str:
    """A password that can be read out on the telephone, such as ``k7mp-x2fd-9qrt-hw4c``."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))


def check_new(password: str) -> str:
    """The password, if it may be used. Raises Invalid(reason="password_short" | "password_long")."""
    if len(password) < MIN_PASSWORD_CHARS:
        words = f"A password has at least {MIN_PASSWORD_CHARS} characters."
        raise Invalid(words, reason="password_short", min_chars=MIN_PASSWORD_CHARS)
    if len(password) > MAX_PASSWORD_CHARS:
        words = f"A password has at most {MAX_PASSWORD_CHARS} characters."
        raise Invalid(words, reason="password_long", max_chars=MAX_PASSWORD_CHARS)
    return password


def matches(hasher: PasswordHasher, stored: str, password: str) -> bool:
    """Whether the password is the one behind the stored hash. A damaged hash matches nothing."""
    try:
        return hasher.verify(stored, password[:MAX_PASSWORD_CHARS].encode("utf-8", "replace"))
    except (VerificationError, InvalidHashError):
        return False


@cache
def nobody_hash(hasher: PasswordHasher) -> str:
    """A hash no password fits: checking it costs what checking a real one does."""
    return hasher.hash(secrets.token_urlsafe(32))
