"""Is it really this colleague, and is the session still good?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher

from domain.people import Member
from services.context import Context


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session. ``token`` goes into the cookie and is stored nowhere."""

    token: str
    expires_at: datetime
    member: Member
    must_change_password: bool


def sign_in(ctx: Context, login: str, password: str, *, address: str, hasher: PasswordHasher | None = None) -> SignedIn:
    """Open a session. Raises SignInRefused(reason="wrong" | "too_many", until=moment or None)."""
    raise NotImplementedError


def member_of(ctx: Context, token: str) -> Member | None:
    """Whose session this is; None when it is unknown, expired, revoked, or the colleague is no longer active."""
    raise NotImplementedError


def sign_out(ctx: Context, token: str) -> None:
    """End this session."""
    raise NotImplementedError


def sign_out_everywhere(ctx: Context, user_id: int | None = None) -> int:
    """End all sessions of the actor (or, with Right.TEAM, of ``user_id``); returns how many were open."""
    raise NotImplementedError
