"""Is it really this colleague, and is the session still good?"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from sqlalchemy import Connection

from db import audit, sessions, users
from domain.errors import SignInRefused
from domain.people import Member, Right
from domain.text import clean
from services import passwords
from services.act import act, acting_member, write_refusal
from services.context import Actor, Context, colleague

#: An office shares one address: it may be wrong as often as this many names together.
NAMES_AN_ADDRESS = 4
_NOBODY = Actor(name="nobody", rights=frozenset())


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session. ``token`` goes into the cookie and is stored nowhere."""

    token: str
    expires_at: datetime
    member: Member
    must_change_password: bool


def sign_in(ctx: Context, login: str, password: str, *, address: str, hasher: PasswordHasher | None = None) -> SignedIn:
    """Open a session. Raises SignInRefused(reason="wrong" | "too_many", until=moment or None).

    An attempt counts as wrong before the password is checked and is forgotten when it was right, so
    that many at once cannot slip past the limit. A name nobody has costs the same work.
    """
    hasher = hasher or passwords.strong_hasher()
    login = normal_login(login)[:80]
    with ctx.store.write() as tx:
        until = _blocked_until(tx, ctx, login=login, address=address[:60])
        known = users.credentials(tx, login)
        if until is None:
            sessions.add_attempt(tx, login=login, address=address[:60], at=ctx.clock())
    if until is not None:
        _refuse(ctx, known, "too_many", address)
        words = f"Too many attempts; try again after {until:%H:%M:%S} UTC."
        raise SignInRefused(words, reason="too_many", until=until)
    right = passwords.matches(hasher, known.password_hash if known else passwords.nobody_hash(hasher), password)
    if known is None or not right or not known.active:
        _refuse(ctx, known, "wrong", address)
        raise SignInRefused("Name or password is wrong.", reason="wrong", until=None)
    return _open(ctx, known, login, password, hasher)


def member_of(ctx: Context, token: str) -> Member | None:
    """Whose session this is; None when it is unknown, expired, revoked, or the colleague is no longer active."""
    with ctx.store.read() as tx:
        member = users.of_session(tx, _hash(token), ctx.clock())
        return member if member is not None and member.active else None


def sign_out(ctx: Context, token: str) -> None:
    """End this session."""
    with ctx.store.write() as tx:
        user_id = sessions.user_of(tx, _hash(token), ctx.clock())
        if sessions.revoke(tx, _hash(token), at=ctx.clock()) and user_id is not None:
            _note(tx, ctx, user_id, action="sign_out")


def sign_out_everywhere(ctx: Context, user_id: int | None = None) -> int:
    """End all sessions of the actor (or, with Right.TEAM, of ``user_id``); returns how many were open."""
    own = user_id is None or user_id == ctx.actor.user_id
    with act(ctx, "sign_out_everywhere", "user", user_id, needs=Right.READ if own else Right.TEAM) as running:
        running.entity_id = acting_member(ctx).id if user_id is None else user_id
        ended = sessions.revoke_all(running.tx, running.entity_id, at=running.now)
        running.details["sessions"] = ended
        return ended


def refuse_form(ctx: Context, action: str, *, address: str, member: Member | None) -> None:
    """A form came that was not sent from our own page: a line of it, if not too many come from there."""
    visitor = Actor(name="visitor", rights=frozenset())
    write_refusal(
        ctx.acting_as(colleague(member) if member else visitor),
        action,
        "form",
        None,
        error="not_our_form",
        address=address,
    )


def normal_login(login: str) -> str:
    """The one spelling of a sign-in name: cleaned and in lower case."""
    return clean(login, max_chars=200).lower()


def token_hash(token: str) -> str:
    """What is stored of a token: its SHA-256. The token has 256 random bits, so no salt is needed."""
    return _hash(token)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _blocked_until(tx: Connection, ctx: Context, *, login: str, address: str) -> datetime | None:
    """When the next attempt is allowed, or None for now."""
    window = timedelta(seconds=ctx.settings.sign_in_window_s)
    allowed = max(1, ctx.settings.sign_in_attempts)
    now = ctx.clock()
    since = now - window
    sessions.forget_old_attempts(tx, before=since)
    seen = (
        (sessions.attempts_of_login(tx, login, since=since), allowed),
        (sessions.attempts_from_address(tx, address, since=since), allowed * NAMES_AN_ADDRESS),
    )
    # An attempt in a time to come was made before the clock was set back: it must not lock people out.
    past = (([at for at in times if at <= now], most) for times, most in seen)
    # With exactly ``most`` attempts in the window, the oldest of them has to leave it first.
    return max((times[most - 1] + window for times, most in past if len(times) >= most), default=None)


def _open(ctx: Context, known: users.Credentials, login: str, password: str, hasher: PasswordHasher) -> SignedIn:
    token, now = secrets.token_urlsafe(32), ctx.clock()
    expires_at = now + timedelta(hours=ctx.settings.session_h)
    stronger = hasher.hash(password) if hasher.check_needs_rehash(known.password_hash) else None
    with ctx.store.write() as tx:
        member = users.get(tx, known.user_id)
        if not member.active:
            raise SignInRefused("Name or password is wrong.", reason="wrong", until=None)
        sessions.forget_attempts(tx, login=login)
        sessions.forget_expired(tx, before=now - timedelta(days=30))
        sessions.open_one(tx, _hash(token), known.user_id, at=now, expires_at=expires_at)
        if stronger is not None:
            users.change(tx, known.user_id, password_hash=stronger)
        _note(tx, ctx, known.user_id)
    return SignedIn(token, expires_at, member, known.must_change_password)


def _refuse(ctx: Context, known: users.Credentials | None, error: str, address: str) -> None:
    user_id = known.user_id if known else None
    write_refusal(ctx.acting_as(_NOBODY), "sign_in", "user", user_id, error=error, address=address)


def _note(tx: Connection, ctx: Context, user_id: int, *, action: str = "sign_in") -> None:
    audit.append(
        tx, at=ctx.clock(), actor=f"user:{user_id}", user_id=user_id, action=action, entity="user", entity_id=user_id
    )
