"""The tokens of the firm's own tools, by the hash of what the tool shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from db.tables import api_tokens
from domain.errors import NotFound

_FIELDS = (
    *("id", "brand_id", "user_id", "name", "hint", "scopes", "purpose", "pseudonym_key"),
    *("created_at", "expires_at", "last_used_at", "noted_at", "revoked_at"),
)
_READ = select(*(api_tokens.c[name] for name in _FIELDS))


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token. ``pseudonym_key`` never leaves the services."""

    id: int
    brand_id: int | None
    user_id: int | None
    name: str
    hint: str
    scopes: list[str]
    purpose: str | None
    pseudonym_key: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    noted_at: datetime | None
    revoked_at: datetime | None

    def __repr__(self) -> str:
        return f"TokenRow(id={self.id})"


def add(tx: Connection, **values: Any) -> int:
    """Store a token; returns its id."""
    return int(tx.execute(insert(api_tokens).values(**values).returning(api_tokens.c.id)).scalar_one())


def get(tx: Connection, token_id: int) -> TokenRow:
    """One token; NotFound."""
    row = tx.execute(_READ.where(api_tokens.c.id == token_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no token {token_id}.", entity="api_token", id=token_id)
    return TokenRow(**row._mapping)


def everyone(tx: Connection) -> list[TokenRow]:
    """All tokens, the newest first, revoked ones too."""
    return [TokenRow(**row._mapping) for row in tx.execute(_READ.order_by(api_tokens.c.id.desc()))]


def of_hash(tx: Connection, token_hash: str, *, now: datetime) -> TokenRow | None:
    """The token behind this hash, while it holds."""
    holds = or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > now)
    query = _READ.where(api_tokens.c.token_hash == token_hash, api_tokens.c.revoked_at.is_(None), holds)
    row = tx.execute(query).one_or_none()
    return None if row is None else TokenRow(**row._mapping)


def note(tx: Connection, token_id: int, **moments: datetime) -> None:
    """Keep when it was used, or when its use was written into the audit."""
    tx.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(**moments))


def revoke(tx: Connection, token_id: int, *, at: datetime) -> None:
    """End a token for good; one that is over stays so."""
    over = update(api_tokens).where(api_tokens.c.id == token_id, api_tokens.c.revoked_at.is_(None))
    tx.execute(over.values(revoked_at=at))
