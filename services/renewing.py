"""Which sign-ins end soon, and who renews them? One worker at a time, and the new secret is kept before it is used.

What renews a sign-in may be taken once only (X). So it is handed in under a lease in the store, by whoever holds it,
and read again after the lease was won: two workers, or two threads of one, never hand in the same one.

Between the network's answer and the store a process can die, and the answer dies with it. So it is written down first
that the word is about to be handed in, which also shows that the store can write. Whoever comes after a process that
died hands the old word in once more: some networks still take it, or never took it before. When it is refused, the
account has to be connected again, and that is told once, while the token before still works for some minutes.
"""

from __future__ import annotations

import logging
import secrets as random
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection

from collectors.sign_in import Signed
from db import brands as brands_db
from db import leases, meta, notices, secrets, users
from db.secrets import SealedSecret
from domain.brand import Account
from domain.errors import DeskError, Fatal, Unauthorized, Unavailable
from domain.people import Right
from services import keyring, vault
from services.act import act
from services.context import SYSTEM, Context

#: So long before its end a sign-in is renewed; the network may be away for most of it.
AHEAD = timedelta(minutes=20)
#: So close to its end it is not used any more.
TOO_CLOSE = timedelta(seconds=30)
#: Longer than one question to a network can take.
LEASE = timedelta(seconds=120)
#: So often a new secret is offered to a store that does not answer; it waits ten seconds each time.
KEEP_TRIES = 4
#: The notice that an account's sign-in has ended for good.
CONNECT_AGAIN = "connect_again"
_LOG = logging.getLogger(__name__)


def renew_due(ctx: Context) -> int:
    """Renew what ends soon; returns how many were. What fails is tried again at the next call."""
    with ctx.store.read() as tx:
        due = [row.account_id for row in secrets.ending(tx, before=ctx.clock() + AHEAD)]
    renewed = 0
    for account_id in due:
        try:
            renewed += _renew(ctx, account_id, before=AHEAD)
        except DeskError as error:
            _LOG.warning("account %s could not be renewed: %s", account_id, error.key)
    return renewed


def fresh(ctx: Context, accounts: Sequence[Account]) -> None:
    """Before a network is asked: renew those of these accounts whose sign-in is over, or nearly.

    Raises Unavailable while another worker does it, and what the network's way in raises. Never call it inside a
    transaction: it asks the network.
    """
    if not accounts:
        return
    with ctx.store.read() as tx:
        ending = {row.account_id for row in secrets.ending(tx, before=ctx.clock() + TOO_CLOSE)}
    for account in accounts:
        if account.id in ending and not _renew(ctx, account.id, before=TOO_CLOSE):
            raise Unavailable("The sign-in is being renewed just now.", retry_after_s=5.0)


def _renew(ctx: Context, account_id: int, *, before: timedelta) -> bool:
    """Whether the sign-in is good now; False while somebody else is at it."""
    name, owner = _lease(account_id), random.token_hex(16)
    with ctx.store.write() as tx:
        now = ctx.clock()
        if leases.acquire(tx, name, owner=owner, now=now, until=now + LEASE) is None:
            return False
    try:
        with ctx.store.read() as tx:
            row, account = secrets.of(tx, account_id), brands_db.account(tx, account_id)
        if row is None or row.expires_at is None or row.expires_at > ctx.clock() + before:
            return True  # Somebody else has been faster.
        return _hand_in(ctx, account, row, owner=owner)
    finally:
        with ctx.store.write() as tx:
            leases.let_go(tx, name, owner=owner, now=ctx.clock())


def _hand_in(ctx: Context, account: Account, row: SealedSecret, *, owner: str) -> bool:
    """Ask the network once, and keep its answer on the disk before anybody uses it; False where another was faster."""
    ring = keyring.of(ctx.settings)
    old = vault.opened(ring, row)
    was_begun = _begin(ctx, row, owner=owner)
    if was_begun is None:
        return False
    try:
        signed = ctx.channels.sign_in(account.channel).renewed(old, base_url=account.base_url)
    except Fatal as error:
        if not _is_over(error):
            raise Unavailable("The sign-in could not be renewed; it is tried again.", retry_after_s=60.0) from None
        # It will never be taken again: nobody asks any more, and the channel says so when the token has ended.
        if not _keep(ctx, row, Signed(account.handle, account.base_url, old), done=False):
            return False  # This process slept for long, and another one was given a new sign-in for it.
        if was_begun:
            raise Unauthorized(
                "An answer of the network about this sign-in was lost, and it does not take the old one any more.",
                reason="renewal_lost",
            ) from None
        raise
    for tries_left in reversed(range(KEEP_TRIES)):
        try:
            return _keep(ctx, row, signed, done=True) or _keep_after_all(ctx, account, old, signed)
        except Unavailable:  # The store is away, and this is the only copy there is.
            if not tries_left:
                raise
    raise AssertionError("unreachable")


def has_ended(tx: Connection, row: SealedSecret) -> bool:
    """Whether the network takes this sign-in no more, so that somebody has to connect the account again."""
    return meta.read(tx, secrets.ended_mark(row.account_id)) == str(row.version)


def _is_over(error: Fatal) -> bool:
    """Only the network's own word is final (RFC 6749, 5.2): a gateway's 403 or 404 is nobody's word."""
    return str(error.values.get("word", "")).startswith("invalid_") or error.values.get("what") == "app_unknown"


def _lease(account_id: int) -> str:
    return f"renew {account_id}"


def _begin(ctx: Context, row: SealedSecret, *, owner: str) -> bool | None:
    """On the disk before the network is asked; whether that stood there already: then no answer was ever kept.

    None for who has slept until the lease was over: another process is at it, or has been. It lasts from here on.
    """
    name, mark = secrets.renewing_mark(row.account_id), str(row.version)
    with ctx.store.write(durable=True) as tx:
        now = ctx.clock()
        if leases.acquire(tx, _lease(row.account_id), owner=owner, now=now, until=now + LEASE) is None:
            return None
        if secrets.of(tx, row.account_id) != row:
            return None
        was_begun = meta.read(tx, name) == mark
        if not was_begun:
            meta.keep(tx, name, mark)
    return was_begun


def _about(account: Account) -> dict[str, object]:
    return {"channel": account.channel, "account": account.id}


def _tell(tx: Connection, account: Account, now: datetime) -> None:
    """Whoever can connect it again learns of it now, and not when the token before has ended."""
    for member in users.everybody(tx):
        if member.active and Right.SETUP in member.rights:
            notices.add(tx, user_id=member.id, kind=CONNECT_AGAIN, case_id=None, at=now, details=_about(account))


class _NotKept(Exception):
    """Somebody has kept another one: nothing is changed, and no line written of it."""


def _keep(ctx: Context, row: SealedSecret, signed: Signed, *, done: bool) -> bool:
    """Whether it was kept: nobody kept another one meanwhile."""
    system = ctx.acting_as(SYSTEM)
    with (
        suppress(_NotKept),
        act(system, "account.renew", "account", row.account_id, needs=Right.SETUP, durable=True) as running,
    ):
        running.details["renewed"] = done
        # Inside: a change of the key is over, or has not begun.
        sealed = vault.sealed_for(keyring.of(ctx.settings), row.account_id, signed.secret)
        kept = secrets.replace(running.tx, row, sealed, expires_at=signed.expires_at, at=running.now)
        if not kept:
            raise _NotKept
        if not done:
            meta.keep(running.tx, secrets.ended_mark(row.account_id), str(row.version + 1))
            _tell(running.tx, brands_db.account(running.tx, row.account_id), running.now)
        return True
    return False


def _keep_after_all(ctx: Context, account: Account, old: str, signed: Signed) -> bool:
    """The same where another process handed in the same word after us, was refused, and took the sign-in for over.

    It was refused because the network had answered us: what we hold is the only copy of what is good now.
    """
    system = ctx.acting_as(SYSTEM)
    with (
        suppress(_NotKept),
        act(system, "account.renew", "account", account.id, needs=Right.SETUP, durable=True) as running,
    ):
        ring, ended = keyring.of(ctx.settings), secrets.of(running.tx, account.id)
        if ended is None or not has_ended(running.tx, ended) or vault.opened(ring, ended) != old:
            raise _NotKept
        sealed = vault.sealed_for(ring, account.id, signed.secret)
        if not secrets.replace(running.tx, ended, sealed, expires_at=signed.expires_at, at=running.now):
            raise _NotKept
        running.details["renewed"] = True
        meta.drop(running.tx, secrets.ended_mark(account.id))
        notices.withdraw(running.tx, kind=CONNECT_AGAIN, details=_about(account))
        return True
    return False
