"""How is an account connected by its owner's word on the network? Begun here, agreed to there, finished here, once.

Whoever begins is sent away with a word that only their own browser brings back (RFC 6749, 10.12), and with the hash of
another one that never leaves the desk until the end (PKCE, RFC 7636). Nothing is published by any of it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets as random
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from collectors.sign_in import App, Signed, Way
from db import brands as brands_db
from db import connections
from db.connections import Begun
from domain.brand import Account
from domain.errors import DeskError, Invalid, Misconfigured, NotPossible
from domain.people import Right
from services import account_secrets, accounts, keyring, vault
from services.act import act, require, write_refusal
from services.context import Context

#: Whoever is sent to a network comes back within this time, or begins again.
GOOD_FOR = timedelta(minutes=15)
MOST_CODE_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to connect. ``server`` as typed (a handle will do); the app's id only where it is the firm's.

    ``account_id``: the account whose sign-in is renewed; None for a new one.
    """

    brand_id: int
    channel: str
    server: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the desk keeps to itself until they come back."""

    app: App
    redirect_uri: str
    verifier: str = field(repr=False)
    account_id: int | None = None


def begin(ctx: Context, wanted: Wanted, *, redirect_uri: str, session: str) -> str:
    """The address on the network where the account's owner agrees. Needs Right.SETUP.

    ``redirect_uri`` is where the network sends them, exactly; ``session`` names the browser (or the command line) that
    has to come back. Raises Invalid for what cannot be used as typed, and what the network's way in raises.
    """
    require(ctx, Right.SETUP, action="account.begin", entity="account")
    if Way.CODE not in ctx.channels.manifest(wanted.channel).ways:
        raise Invalid(f"{wanted.channel} is not connected that way.", field="channel", what="channel_way")
    way_in = ctx.channels.sign_in(wanted.channel)
    app = _app(ctx, wanted, way_in.server(wanted.server), redirect_uri=redirect_uri)
    state, verifier = random.token_urlsafe(32), random.token_urlsafe(48)
    kept = _Kept(app, redirect_uri, verifier, wanted.account_id)
    address = way_in.address(app, redirect_uri=redirect_uri, state=state, challenge=_challenge(verifier))
    with act(ctx, "account.begin", "account", wanted.account_id, needs=Right.SETUP) as running:
        brands_db.get(running.tx, wanted.brand_id)
        running.details["channel"] = wanted.channel
        ring = keyring.of(ctx.settings)
        vault.ready(running.tx, ring)
        sealed = ring.seal(json.dumps(asdict(kept)), purpose=f"connection {_hash(state)}")
        connections.forget_old(running.tx, before=running.now - GOOD_FOR)
        mine = (_hash(state), wanted.brand_id, wanted.channel, _hash(session), sealed)
        connections.begin(running.tx, Begun(*mine, begun_at=running.now, ends_at=running.now + GOOD_FOR))
    return address


def finish(ctx: Context, *, state: str, code: str, error: str, session: str) -> Account:
    """They are back: with a code, or with the network's word for what went wrong. Needs Right.SETUP.

    Whatever comes of it, the state is used up. Raises NotPossible with one of the reasons ``sign_in_unknown``,
    ``sign_in_elsewhere`` (another browser, which keeps its own chance), ``sign_in_used``, ``sign_in_late``,
    ``sign_in_denied``, ``sign_in_failed``, ``other_account``; Refused(reason="wrong_scope"); and what the network's way
    in raises; ``network`` in its values is the channel. Every end leaves a line in the audit.
    """
    require(ctx, Right.SETUP, action="account.connect", entity="account")
    channel = ""
    try:
        begun, kept = _used(ctx, state, session)
        channel = begun.channel
        if error or not code or len(code) > MOST_CODE_CHARS:
            reason = "sign_in_denied" if error == "access_denied" else "sign_in_failed"
            raise NotPossible("Nothing was connected: the network did not agree.", reason=reason)
        signed = _signed(ctx, begun, kept, code)
        if kept.account_id is not None:
            account_secrets.require_same(_account(ctx, kept.account_id), signed)
    except DeskError as failure:
        why = failure.values.get("reason") or failure.values.get("what")
        told = why if isinstance(why, str) else None
        write_refusal(ctx, "account.connect", "account", None, error=failure.key, why=told)
        failure.values.setdefault("network", channel)
        raise
    return _keep(ctx, begun, kept, signed)


def _keep(ctx: Context, begun: Begun, kept: _Kept, signed: Signed) -> Account:
    with act(ctx, "account.connect", "account", kept.account_id, needs=Right.SETUP) as running:
        running.details["channel"] = begun.channel
        if kept.account_id is not None:
            account = accounts.active(brands_db.account(running.tx, kept.account_id))
            silent = accounts.silent_elsewhere(account, signed.base_url)
            brands_db.change_account(running.tx, account.id, base_url=signed.base_url, **silent)
        else:
            brands_db.get(running.tx, begun.brand_id)
            handle = accounts.named(signed.handle)
            account = accounts.keep(
                running, ctx, begun.brand_id, begun.channel, handle=handle, base_url=signed.base_url
            )
        account_secrets.put(running, ctx, account, signed)
        return brands_db.account(running.tx, account.id)


def _used(ctx: Context, state: str, session: str) -> tuple[Begun, _Kept]:
    """What was begun under that word, used up by this call; only the browser that began it can."""
    with ctx.store.write(durable=True) as tx:
        begun = connections.of(tx, _hash(state))
        if begun is None:
            raise NotPossible("Nobody began this here.", reason="sign_in_unknown")
        if not random.compare_digest(begun.session_hash, _hash(session)):
            raise NotPossible("This was begun in another browser.", reason="sign_in_elsewhere")
        if begun.used_at is not None or not connections.use(tx, begun.state_hash, at=ctx.clock()):
            raise NotPossible("This was finished already.", reason="sign_in_used")
    # Used up all the same: whoever comes late begins again.
    if not begun.begun_at <= ctx.clock() < begun.ends_at:
        raise NotPossible("This was begun too long ago.", reason="sign_in_late")
    told = json.loads(keyring.of(ctx.settings).open(begun.sealed, purpose=f"connection {begun.state_hash}"))
    return begun, _Kept(App(**told.pop("app")), **told)


def _signed(ctx: Context, begun: Begun, kept: _Kept, code: str) -> Signed:
    way_in = ctx.channels.sign_in(begun.channel)
    try:
        return way_in.signed(kept.app, code=code, redirect_uri=kept.redirect_uri, verifier=kept.verifier)
    except Misconfigured as failure:
        if failure.values.get("what") == "app_unknown":
            with ctx.store.write() as tx:
                connections.forget_app(tx, begun.channel, server=kept.app.server, redirect_uri=kept.redirect_uri)
        raise


def _app(ctx: Context, wanted: Wanted, server: str, *, redirect_uri: str) -> App:
    """How the network knows this desk: as typed, as it is kept, or made known now."""
    if ctx.channels.manifest(wanted.channel).own_app:
        client_id, client_secret = wanted.client_id.strip(), wanted.client_secret.strip()
        if client_id:
            return App(server, client_id, client_secret)
        raise Invalid("The app's client id is missing.", field="client_id", what="client_id")
    ring = keyring.of(ctx.settings)
    with ctx.store.read() as tx:
        known = vault.take_app(tx, ring, wanted.channel, server=server, redirect_uri=redirect_uri)
    if known is not None:
        return App(**json.loads(known))
    made = ctx.channels.sign_in(wanted.channel).app(server, redirect_uri=redirect_uri)
    with ctx.store.write() as tx:
        text = json.dumps(asdict(made))
        vault.put_app(tx, ring, wanted.channel, text, server=server, redirect_uri=redirect_uri, at=ctx.clock())
    return made


def _account(ctx: Context, account_id: int) -> Account:
    with ctx.store.read() as tx:
        return accounts.active(brands_db.account(tx, account_id))


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _hash(word: str) -> str:
    return hashlib.sha256(word.encode("utf-8", "replace")).hexdigest()
