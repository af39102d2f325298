"""Which of the firm's own tools may read here, what, and until when? Tokens: shown once, kept as a hash, revocable."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from db import audit, users
from db import brands as brands_db
from db import tokens as tokens_db
from db.tokens import TokenRow
from domain.errors import Invalid, NotAllowed
from domain.export import Scope
from domain.people import Right
from domain.text import clean, one_line
from services.act import act, require
from services.context import Actor, Context
from services.export_orders import require_purpose
from services.sign_in import token_hash

#: So that a token that lies about is known for one, by people and by tools that search for secrets.
PREFIX = "sportello_"
HINT_CHARS = len(PREFIX) + 2
LONGEST_DAYS = 3650
#: Its use is noted so often at most: a busy tool writes no row a second.
NOTE_USE_EVERY = timedelta(minutes=1)
#: Reading with names is written into the audit so often at most.
NOTE_NAMES_EVERY = timedelta(hours=1)
_RIGHTS = {
    Scope.MENTIONS: Right.EXPORT,
    Scope.CASES: Right.EXPORT,
    Scope.TRENDS: Right.TRENDS,
    Scope.EXPORTS: Right.EXPORT,
    Scope.IDENTIFIED: Right.IDENTIFY,
}


@dataclass(frozen=True, slots=True)
class TokenView:
    """One token as administrators see it: never the token itself, but its first letters."""

    token_id: int
    name: str
    hint: str
    scopes: tuple[Scope, ...]
    brand_id: int | None
    purpose: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made. ``secret`` is shown once and stored nowhere."""

    view: TokenView
    secret: str

    def __repr__(self) -> str:
        return f"NewToken({self.view!r})"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who reads through the interface: what its token opens, and the key its pseudonyms are made with."""

    token_id: int
    scopes: frozenset[Scope]
    brand_id: int | None
    user_id: int | None
    purpose: str | None
    key: bytes

    def __repr__(self) -> str:
        return f"Bearer({self.token_id})"


def add(
    ctx: Context,
    *,
    name: str,
    scopes: Collection[Scope],
    brand_id: int | None = None,
    purpose: str | None = None,
    days: int | None = None,
) -> NewToken:
    """Make a token. Needs Right.TOKENS; names (Scope.IDENTIFIED) need Right.IDENTIFY and a purpose as well.

    ``brand_id`` None opens every brand, ``days`` None holds until it is revoked. Raises Invalid, NotFound.
    """
    with act(ctx, "token.add", "api_token", needs=Right.TOKENS, reason=purpose) as running:
        name = one_line(clean(name), max_chars=120)
        _require_sense(ctx, name, scopes, days)
        if brand_id is not None:
            brands_db.get(running.tx, brand_id)
        secret = PREFIX + secrets.token_urlsafe(32)
        running.entity_id = tokens_db.add(
            running.tx,
            name=name,
            brand_id=brand_id,
            user_id=ctx.actor.user_id,
            actor=ctx.actor.name,
            token_hash=token_hash(secret),
            hint=secret[:HINT_CHARS],
            scopes=sorted(str(scope) for scope in scopes),
            purpose=require_purpose(purpose) if Scope.IDENTIFIED in scopes else None,
            pseudonym_key=secrets.token_hex(32),
            created_at=running.now,
            expires_at=None if days is None else running.now + timedelta(days=days),
        )
        running.details["scopes"] = sorted(str(scope) for scope in scopes)
        return NewToken(_view(tokens_db.get(running.tx, running.entity_id)), secret)


def listed(ctx: Context) -> list[TokenView]:
    """Every token, the newest first. Needs Right.TOKENS."""
    require(ctx, Right.TOKENS, action="token.read", entity="api_token")
    with ctx.store.read() as tx:
        return [_view(row) for row in tokens_db.everyone(tx)]


def revoke(ctx: Context, token_id: int) -> None:
    """End a token at once. Needs Right.TOKENS; NotFound."""
    with act(ctx, "token.revoke", "api_token", token_id, needs=Right.TOKENS) as running:
        tokens_db.get(running.tx, token_id)
        tokens_db.revoke(running.tx, token_id, at=running.now)


def bearer_of(ctx: Context, secret: str) -> Bearer | None:
    """Whom this token stands for; None when there is none, or it is over or revoked. Its use is noted."""
    if not secret.startswith(PREFIX) or len(secret) > 200:
        return None
    now = ctx.clock()
    with ctx.store.read() as tx:
        row = tokens_db.of_hash(tx, token_hash(secret), now=now)
        maker = None if row is None or row.user_id is None else users.get(tx, row.user_id)
    if row is None:
        return None
    names = str(Scope.IDENTIFIED) in row.scopes
    if names and maker is not None and not (maker.active and Right.IDENTIFY in maker.rights):
        return None  # Nobody who may have names stands for it any more.
    if row.last_used_at is None or now - row.last_used_at >= NOTE_USE_EVERY:
        with ctx.store.write(beside=True) as tx:
            tokens_db.note(tx, row.id, last_used_at=now)
    return Bearer(
        token_id=row.id,
        scopes=frozenset(Scope(each) for each in row.scopes),
        brand_id=row.brand_id,
        user_id=row.user_id,
        purpose=row.purpose,
        key=bytes.fromhex(row.pseudonym_key),
    )


def note_names(ctx: Context, bearer: Bearer) -> None:
    """Write into the audit that names were read and for what, once an hour for each token."""
    now = ctx.clock()
    with ctx.store.write() as tx:
        known = tokens_db.get(tx, bearer.token_id)
        if known.noted_at is not None and timedelta() <= now - known.noted_at < NOTE_NAMES_EVERY:
            return  # One from times to come was noted before the clock was set back.
        tokens_db.note(tx, bearer.token_id, noted_at=now)
        audit.append(
            tx,
            at=now,
            actor=actor_of(bearer).name,
            user_id=None,
            action="api.read",
            entity="api_token",
            entity_id=bearer.token_id,
            reason=bearer.purpose,
            details={"identified": True},
        )


def actor_of(bearer: Bearer) -> Actor:
    """The actor behind a token, with the rights its scopes give and no other."""
    return Actor(f"token:{bearer.token_id}", frozenset(_RIGHTS[scope] for scope in bearer.scopes))


def _require_sense(ctx: Context, name: str, scopes: Collection[Scope], days: int | None) -> None:
    if not name:
        raise Invalid("A token needs a name: the tool that will use it.", field="token_name", what="token_name")
    if not set(scopes) - {Scope.IDENTIFIED}:
        raise Invalid("A token needs something to open.", field="scopes", what="scopes")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Invalid(f"A token holds for 1 to {LONGEST_DAYS} days.", field="days", what="days")
    if Scope.IDENTIFIED in scopes and Right.IDENTIFY not in ctx.actor.rights:
        raise NotAllowed(action="token.add", needs=str(Right.IDENTIFY))


def _view(row: TokenRow) -> TokenView:
    return TokenView(
        token_id=row.id,
        name=row.name,
        hint=row.hint,
        scopes=tuple(Scope(each) for each in row.scopes),
        brand_id=row.brand_id,
        purpose=row.purpose,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
