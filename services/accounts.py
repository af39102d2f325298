"""With which voice do we answer, and may it be heard? Accounts and their publishing switch."""

from __future__ import annotations

from collectors import addresses
from db import brands as brands_db
from db import changes, polls, secrets
from domain.brand import Account
from domain.errors import Invalid, Misconfigured, NotFound
from domain.people import Right
from domain.text import clean, one_line
from services import keyring, vault, watches
from services.act import Act, act, require
from services.context import Context


def list_accounts(ctx: Context, brand_id: int | None = None) -> list[Account]:
    """Our accounts, active ones only. Needs Right.READ."""
    require(ctx, Right.READ, action="account.read", entity="account")
    with ctx.store.read() as tx:
        return brands_db.accounts_of(tx, brand_id)


def add_account(
    ctx: Context,
    brand_id: int,
    *,
    channel: str,
    handle: str,
    base_url: str | None = None,
    secret_ref: str | None = None,
    secret: str | None = None,
) -> Account:
    """Our own voice on a channel, silent until publishing is switched on. Needs Right.SETUP.

    On a channel that only listens it is an address to read: ``base_url``, under the name ``handle``.
    ``secret_ref`` names an environment variable or a file; ``secret`` is the secret itself, and is kept sealed.
    Raises NotFound for an unknown channel, Invalid when it neither answers nor listens, for an address that cannot be
    read, and when the account is there already.
    """
    with act(ctx, "account.add", "account", needs=Right.SETUP) as running:
        manifest = ctx.channels.manifest(channel)
        if not (manifest.answers or manifest.listens):
            raise Invalid(f"Nothing can be published on {channel}.", field="channel", channel=channel)
        if not manifest.answers:
            base_url = _address(ctx, base_url)
        handle = named(handle)
        brands_db.get(running.tx, brand_id)
        if any((a.channel, a.handle) == (channel, handle) for a in brands_db.accounts_of(running.tx, brand_id)):
            raise Invalid(f"The account {handle} on {channel} is there already.", field="handle", what="account_there")
        account = keep(running, ctx, brand_id, channel, handle=handle, base_url=base_url, secret_ref=secret_ref)
        if secret:
            vault.put(running.tx, keyring.of(ctx.settings), account.id, secret, at=running.now)
        return account


def named(handle: str) -> str:
    """The name of an account as it is kept. Raises Invalid for an empty one."""
    handle = one_line(clean(handle), max_chars=200).lstrip("@")
    if not handle:
        raise Invalid("An account needs its name on the network.", field="handle", what="account_name")
    return handle


def keep(
    running: Act,
    ctx: Context,
    brand_id: int,
    channel: str,
    *,
    handle: str,
    base_url: str | None,
    secret_ref: str | None = None,
) -> Account:
    """Inside an act: the account of that name, made or brought back (silent) or given its new place; polled at once."""
    tx = running.tx
    values: dict[str, object] = {"base_url": base_url, "secret_ref": secret_ref}
    voices = (a for a in brands_db.accounts_of(tx, brand_id) if (a.channel, a.handle) == (channel, handle))
    there = next(voices, None)
    account_id: int | None
    if there is not None:
        account_id = there.id
        brands_db.change_account(tx, account_id, **values, **silent_elsewhere(there, base_url))
    elif (account_id := brands_db.inactive_account(tx, brand_id, channel=channel, handle=handle)) is not None:
        brands_db.change_account(tx, account_id, active=True, publishing=False, **values)
    else:
        placed = {"brand_id": brand_id, "channel": channel, "handle": handle, "created_at": running.now}
        account_id = brands_db.add_account(tx, {**placed, **values})
    running.entity_id = account_id
    watches.settle_polls(tx, ctx, brand_id, running.now)
    polls.begin_again(tx, channel, brand_id=brand_id, now=running.now)
    changes.raise_version(tx, brand_id)
    return brands_db.account(tx, account_id)


def silent_elsewhere(account: Account, base_url: str | None) -> dict[str, object]:
    """A server says itself whose names it bears: an account in a new place is silent first."""
    return {} if account.base_url == base_url else {"publishing": False}


def _address(ctx: Context, url: str | None) -> str:
    """The address a channel that only listens will read. Names are looked up when it is read, not here."""
    if not url:
        raise Invalid("A feed needs its address: --base-url https://example.org/feed.xml.", field="base_url")
    try:
        return addresses.typed(url, private=ctx.settings.private_addresses == "allow").url
    except Misconfigured as error:
        raise Invalid(str(error), field="base_url") from None


def remove_account(ctx: Context, account_id: int) -> None:
    """Silence and hide an account, and forget its secret; what it sent stays. Needs Right.SETUP."""
    with act(ctx, "account.remove", "account", account_id, needs=Right.SETUP) as running:
        account = active(brands_db.account(running.tx, account_id))
        secrets.forget(running.tx, account_id)
        brands_db.change_account(running.tx, account_id, active=False, publishing=False)
        watches.settle_polls(running.tx, ctx, account.brand_id, running.now)
        changes.raise_version(running.tx, account.brand_id)


def set_publishing(ctx: Context, account_id: int, *, on: bool) -> None:
    """Turn an account's own switch. Needs Right.SETUP; the desk as a whole has to be live too."""
    action = "publishing.on" if on else "publishing.off"
    with act(ctx, action, "account", account_id, needs=Right.SETUP) as running:
        account = active(brands_db.account(running.tx, account_id))
        if on and not ctx.channels.manifest(account.channel).answers:
            raise Invalid(f"Nothing can be published on {account.channel}.", field="channel", channel=account.channel)
        brands_db.change_account(running.tx, account_id, publishing=on)
        changes.raise_version(running.tx, account.brand_id)


def active(account: Account) -> Account:
    """The account; NotFound for one that was removed."""
    if not account.active:
        raise NotFound(f"The account {account.handle} was removed.", entity="account", id=account.id)
    return account


def publishing_allowed(ctx: Context, account: Account) -> bool:
    """Whether a reply through this account may go out: the desk is live and its switch is on, or nobody hears it."""
    if not account.active:
        return False
    if ctx.channels.manifest(account.channel).exempt_from_publish_switch:
        return True
    return ctx.settings.publishing_live and account.publishing
