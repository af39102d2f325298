"""Where is the secret of an account? Sealed in the store, or where the account says: a variable, or a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from db import connections, secrets
from db.engine import Store
from domain.brand import Account
from domain.errors import Misconfigured
from services.keyring import Keyring


def reader(store: Store, ring: Keyring) -> Callable[[Account], str | None]:
    """Reads the secret of an account as it is now, None for one without.

    Raises Misconfigured when the variable, the file or the key it needs is not there.
    """

    def secret_of(account: Account) -> str | None:
        if account.secret_ref:
            return named(account.secret_ref)
        with store.read() as tx:
            return take(tx, ring, account.id)

    return secret_of


def named(ref: str) -> str:
    """The secret behind the name of an environment variable, or in a file (a name with a slash)."""
    if "/" not in ref:
        if ref in os.environ:
            return os.environ[ref]
        raise Misconfigured(f"The environment variable {ref} is not set; an account needs it.", secret_ref=ref)
    try:
        return Path(ref).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(f"The file {ref} cannot be read; an account needs it.", secret_ref=ref) from None


def put(
    tx: Connection, ring: Keyring, account_id: int, secret: str, *, at: datetime, expires_at: datetime | None = None
) -> None:
    """Seal the secret of an account; the very first one makes the key."""
    ready(tx, ring)
    secrets.put(tx, account_id, ring.seal(secret, purpose=_account(account_id)), expires_at=expires_at, at=at)


def take(tx: Connection, ring: Keyring, account_id: int) -> str | None:
    """The secret of an account, None when none is kept here."""
    row = secrets.of(tx, account_id)
    return None if row is None else opened(ring, row)


def opened(ring: Keyring, row: secrets.SealedSecret) -> str:
    """What a row holds. Raises Misconfigured when the key is missing or another one."""
    return ring.open(row.sealed, purpose=_account(row.account_id))


def sealed_for(ring: Keyring, account_id: int, secret: str) -> str:
    """The secret of an account, sealed."""
    return ring.seal(secret, purpose=_account(account_id))


def ready(tx: Connection, ring: Keyring) -> None:
    """Make the first key, before anything is sealed. A key that is lost is never replaced unasked."""
    if not ring.is_there and not secrets.is_anything_sealed(tx):
        ring.make()


def reseal(tx: Connection, ring: Keyring, *, forget_lost: bool = False) -> tuple[int, int]:
    """Seal everything with the first key; returns how many were sealed anew and how many no key opens any more.

    Raises Misconfigured at the first one that no key opens, unless ``forget_lost``: then those are deleted.
    """
    rows: list[tuple[str, int, str | None]] = []
    for purpose, number, sealed in secrets.sealed_rows(tx):
        name = f"{purpose} {number}"
        try:
            rows.append((purpose, number, ring.seal(ring.open(sealed, purpose=name), purpose=name)))
        except Misconfigured:
            if not forget_lost:
                raise
            rows.append((purpose, number, None))
    secrets.write_sealed(tx, rows)
    lost = sum(sealed is None for _, _, sealed in rows)
    return len(rows) - lost, lost


def put_app(
    tx: Connection, ring: Keyring, channel: str, text: str, *, server: str, redirect_uri: str, at: datetime
) -> None:
    """Seal how a server knows this desk."""
    ready(tx, ring)
    app_id = connections.add_app(tx, channel, server=server, redirect_uri=redirect_uri, at=at)
    connections.seal_app(tx, app_id, ring.seal(text, purpose=f"app {app_id}"))


def take_app(tx: Connection, ring: Keyring, channel: str, *, server: str, redirect_uri: str) -> str | None:
    """How that server knows this desk; None when it does not, or when no key opens it any more."""
    row = connections.app_of(tx, channel, server=server, redirect_uri=redirect_uri)
    try:
        return None if row is None else ring.open(row.sealed, purpose=f"app {row.id}")
    except Misconfigured:
        return None


def _account(account_id: int) -> str:
    return f"account {account_id}"
