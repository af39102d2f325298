"""Sessions by the hash of their token, and the wrong passwords of the last minutes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from db.tables import sessions, sign_in_attempts


def open_one(tx: Connection, token_hash: str, user_id: int, *, at: datetime, expires_at: datetime) -> None:
    """Store a new session."""
    tx.execute(insert(sessions).values(token_hash=token_hash, user_id=user_id, created_at=at, expires_at=expires_at))


def user_of(tx: Connection, token_hash: str, now: datetime) -> int | None:
    """Whose session this is, unless it has expired or was revoked."""
    query = select(sessions.c.user_id).where(
        sessions.c.token_hash == token_hash, sessions.c.expires_at > now, sessions.c.revoked_at.is_(None)
    )
    return tx.execute(query).scalar_one_or_none()


def revoke(tx: Connection, token_hash: str, *, at: datetime) -> bool:
    """End one session; False when it was not open."""
    statement = update(sessions).where(sessions.c.token_hash == token_hash, sessions.c.revoked_at.is_(None))
    return tx.execute(statement.values(revoked_at=at)).rowcount == 1


def revoke_all(tx: Connection, user_id: int, *, at: datetime, keep_hash: str | None = None) -> int:
    """End every open session of a colleague (but ``keep_hash``); returns how many."""
    statement = update(sessions).where(
        sessions.c.user_id == user_id, sessions.c.revoked_at.is_(None), sessions.c.expires_at > at
    )
    if keep_hash is not None:
        statement = statement.where(sessions.c.token_hash != keep_hash)
    return tx.execute(statement.values(revoked_at=at)).rowcount


def forget_expired(tx: Connection, *, before: datetime) -> int:
    """Delete sessions that ended before this moment."""
    return tx.execute(delete(sessions).where(sessions.c.expires_at < before)).rowcount


def attempts_of_login(tx: Connection, login: str, *, since: datetime) -> list[datetime]:
    """When wrong passwords were given for this name, the newest first."""
    query = select(sign_in_attempts.c.at).where(sign_in_attempts.c.login == login, sign_in_attempts.c.at > since)
    return list(tx.execute(query.order_by(sign_in_attempts.c.at.desc())).scalars())


def attempts_from_address(tx: Connection, address: str, *, since: datetime) -> list[datetime]:
    """When wrong passwords were given from this address, the newest first."""
    query = select(sign_in_attempts.c.at).where(sign_in_attempts.c.address == address, sign_in_attempts.c.at > since)
    return list(tx.execute(query.order_by(sign_in_attempts.c.at.desc())).scalars())


def add_attempt(tx: Connection, *, login: str, address: str, at: datetime) -> int:
    """Count an attempt as wrong until it proves right; returns its id."""
    statement = insert(sign_in_attempts).values(login=login, address=address, at=at)
    return int(tx.execute(statement.returning(sign_in_attempts.c.id)).scalar_one())


def forget_attempts(tx: Connection, *, login: str) -> None:
    """The right password was given: the wrong ones for this name no longer count."""
    tx.execute(delete(sign_in_attempts).where(sign_in_attempts.c.login == login))


def forget_old_attempts(tx: Connection, *, before: datetime) -> None:
    """Delete attempts that no longer count."""
    tx.execute(delete(sign_in_attempts).where(sign_in_attempts.c.at < before))
