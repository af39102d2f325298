"""How does the secret of an account change? Replaced, taken back, and all of them sealed with another key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from collectors.sign_in import Signed, SignIn
from db import brands as brands_db
from db import changes, polls, secrets
from domain.brand import Account
from domain.errors import Fatal, Invalid, NotPossible
from domain.people import Right
from services import keyring, renewing, vault
from services.accounts import active, add_account
from services.act import Act, act, require
from services.context import Context


@dataclass(frozen=True, slots=True)
class Kept:
    """What can be told of an account's secret without its key. ``named``: it lies where the account says.

    ``ended``: the network takes it no more, and only its owner can connect the account again.
    """

    named: bool
    expires_at: datetime | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many secrets were sealed anew, and how many no key opened any more."""

    sealed: int
    lost: int = field(default=0)


def kept(ctx: Context, accounts: tuple[Account, ...]) -> dict[int, Kept]:
    """Which of these accounts have a secret; those without are left out. Needs Right.READ."""
    require(ctx, Right.READ, action="account.read", entity="account")
    found = {each.id: Kept(named=True) for each in accounts if each.secret_ref}
    with ctx.store.read() as tx:
        rows = (secrets.of(tx, each.id) for each in accounts if each.id not in found)
        return found | {row.account_id: Kept(False, row.expires_at, renewing.has_ended(tx, row)) for row in rows if row}


def add_typed(
    ctx: Context, brand_id: int, *, channel: str, handle: str, secret: str, base_url: str | None = None
) -> Account:
    """An account with a secret that somebody typed: the network is asked whose it is, and it is kept sealed.

    Needs Right.SETUP. Raises what ``add_account`` and the network's way in raise; then nothing is kept.
    """
    require(ctx, Right.SETUP, action="account.add", entity="account")
    signed = _checked(ctx, channel, handle, secret, base_url=base_url)
    return add_account(
        ctx, brand_id, channel=channel, handle=signed.handle, base_url=signed.base_url, secret=signed.secret
    )


def replace(ctx: Context, account_id: int, *, secret: str | None = None, secret_ref: str | None = None) -> None:
    """Another secret in the place of the one before, for the same account. Needs Right.SETUP.

    ``secret`` is sealed, ``secret_ref`` names a variable or a file. NotPossible(reason="other_account") when the
    network says that it is somebody else's.
    """
    require(ctx, Right.SETUP, action="account.rotate", entity="account")
    account = _account(ctx, account_id)
    given = vault.named(secret_ref) if secret_ref else (secret or "").strip()
    if not given:
        raise Invalid("There is no secret in it.", field="secret", what="secret_empty")
    signed = _checked(ctx, account.channel, account.handle, given, base_url=account.base_url)
    with act(ctx, "account.rotate", "account", account_id, needs=Right.SETUP) as running:
        account = active(brands_db.account(running.tx, account_id))
        require_same(account, signed)
        put(running, ctx, account, signed, secret_ref=secret_ref)


def revoke(ctx: Context, account_id: int, *, only_here: bool = False) -> bool:
    """Make the network forget the sign-in of an account, then forget it here too; it falls silent. Needs Right.SETUP.

    False where the network did not take it back: it offers no such thing, or the secret cannot be read any more, or
    ``only_here`` was asked for. Raises Retriable when the network cannot be asked now; then nothing changes.
    """
    require(ctx, Right.SETUP, action="account.revoke", entity="account")
    account = _account(ctx, account_id)
    there = not only_here and _taken_back(ctx, account)
    with act(ctx, "account.revoke", "account", account_id, needs=Right.SETUP) as running:
        running.details["at_network"] = there
        secrets.forget(running.tx, account_id)
        brands_db.change_account(running.tx, account_id, secret_ref=None, publishing=False)
        changes.raise_version(running.tx, account.brand_id)
    return there


def rotate_key(ctx: Context, *, lost: bool = False, drop_old: bool = False) -> Resealed:
    """Seal every secret with a new key, in one transaction. Needs Right.SETUP.

    A key file gets the new key before the old ones, which still open what older backups hold, unless ``drop_old``. Keys
    from the settings have their new one first already. ``lost``: what no key opens any more is forgotten. Raises
    Misconfigured for a key that is missing or does not open everything; then nothing changes.
    """
    ring = keyring.of(ctx.settings)
    with act(ctx, "key.rotate", "key", needs=Right.SETUP) as running:
        if ring.is_file and ring.is_there:
            if not lost:
                _require_readable(running, ring)
            ring.add()
        elif ring.is_file:
            if secrets.is_anything_sealed(running.tx) and not lost:
                raise keyring.missing_key(ring)
            ring.make()
        sealed, gone = vault.reseal(running.tx, ring, forget_lost=lost)
        running.details.update(secrets=sealed, lost=gone)
    if drop_old:
        ring.drop_old()
    return Resealed(sealed, gone)


def put(running: Act, ctx: Context, account: Account, signed: Signed, *, secret_ref: str | None = None) -> None:
    """Inside an act: keep what the network granted, and ask the channel again at once."""
    if secret_ref:
        secrets.forget(running.tx, account.id)
    else:
        ring = keyring.of(ctx.settings)
        vault.put(running.tx, ring, account.id, signed.secret, at=running.now, expires_at=signed.expires_at)
    brands_db.change_account(running.tx, account.id, secret_ref=secret_ref)
    polls.begin_again(running.tx, account.channel, brand_id=account.brand_id, now=running.now)
    changes.raise_version(running.tx, account.brand_id)


def require_same(account: Account, signed: Signed) -> None:
    """NotPossible when this is the sign-in of another account. A name may have been typed without its server."""
    ours, theirs = account.handle.casefold().lstrip("@"), signed.handle.casefold()
    if ours != theirs and ours != theirs.partition("@")[0]:
        said = f"That is the sign-in of {signed.handle}; this account is {account.handle}."
        raise NotPossible(said, reason="other_account")


def _checked(ctx: Context, channel: str, handle: str, secret: str, *, base_url: str | None) -> Signed:
    """The secret as the channel takes it; where nobody can be asked it is believed."""
    way_in = _way_in(ctx, channel)
    if way_in is None:
        return Signed(handle, base_url, secret.strip())
    return way_in.checked(handle, secret, base_url=base_url)


def _taken_back(ctx: Context, account: Account) -> bool:
    way_in = _way_in(ctx, account.channel)
    if way_in is None:
        return False
    try:
        secret = vault.reader(ctx.store, keyring.of(ctx.settings))(account)
        return secret is not None and way_in.revoked(secret, base_url=account.base_url)
    except Fatal:
        return False  # Neither we nor the network can do anything with it.


def _way_in(ctx: Context, channel: str) -> SignIn | None:
    """None for a channel that has nobody to ask, such as a firm's own source."""
    try:
        return ctx.channels.sign_in(channel)
    except NotPossible:
        return None


def _account(ctx: Context, account_id: int) -> Account:
    with ctx.store.read() as tx:
        return active(brands_db.account(tx, account_id))


def _require_readable(running: Act, ring: keyring.Keyring) -> None:
    """Before a new key is made: the ones that are there open everything."""
    for purpose, number, sealed in secrets.sealed_rows(running.tx):
        ring.open(sealed, purpose=f"{purpose} {number}")
