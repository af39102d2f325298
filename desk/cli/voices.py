"""With which voice does the desk answer? account and publishing."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from desk.cli import output, signing_in
from desk.cli.arguments import Commands, command, group, with_brand
from desk.cli.session import UsageProblem, opened
from domain.errors import Invalid, NotFound

if TYPE_CHECKING:
    from domain.brand import Account
    from services.context import Context


_WHICH = "its handle, CHANNEL:HANDLE, or number"


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    _declare_account(group(commands, "account", help="your own voices on the networks"))
    parser = command(commands, "publishing", publishing, help="let an account publish, or silence it")
    parser.add_argument("switch", choices=("on", "off"), help="on: replies go out through it; off: nothing does")
    parser.add_argument("account", metavar="ACCOUNT", help=_WHICH)


def _declare_account(actions: Commands) -> None:
    parser = with_brand(command(actions, "add", add_account, help="add an account; it starts silent", json=True))
    parser.add_argument("channel", metavar="CHANNEL", help="the network, as `sportello channels` names it")
    named = parser.add_mutually_exclusive_group()
    named.add_argument("handle", metavar="HANDLE", nargs="?", help="its name on the network; not needed with --connect")
    named.add_argument("--handle", dest="called", metavar="NAME", help="the same; for a feed, what you call it")
    parser.add_argument("--base-url", metavar="URL", help="the address of a feed, or of another server")
    signing_in.with_secret(parser)
    with_brand(command(actions, "list", list_accounts, help="list the accounts", json=True))
    parser = command(actions, "remove", remove_account, help="silence and hide an account; what it sent stays")
    parser.add_argument("account", metavar="ACCOUNT", help=_WHICH)
    parser = command(actions, "rotate", rotate, help="give an account another secret; the old one is forgotten")
    parser.add_argument("account", metavar="ACCOUNT", help=_WHICH)
    signing_in.with_secret(parser)
    parser = command(actions, "revoke", revoke, help="take a sign-in back on the network, and forget it here")
    parser.add_argument("account", metavar="ACCOUNT", help=_WHICH)
    parser.add_argument("--only-here", action="store_true", help="forget it without telling the network")
    parser = command(actions, "rotate-key", rotate_key, help="seal all secrets with a new key", json=True)
    parser.add_argument("--lost", action="store_true", help="the old key is gone: forget what only it opens")
    parser.add_argument("--drop-old", action="store_true", help="forget the old keys; older backups then open nothing")


def add_account(args: argparse.Namespace) -> None:
    """Our own voice on a channel, silent at first."""
    from services import brands

    with opened(args) as session:
        brand_id = brands.resolve_brand(session.ctx, args.brand).id
        account = _added(session.ctx, args, brand_id)
        is_read = not session.ctx.channels.manifest(account.channel).answers
    if args.json:
        output.say_json(_account_fields(account))
    elif args.connect:
        signing_in.tell_connected(account)
    elif is_read:
        output.say(f"{account.handle} on {account.channel} added; it is read from now on.")
    else:
        output.say(f"Account {account.handle} on {account.channel} added; it stays silent until publishing is on.")


def _added(ctx: Context, args: argparse.Namespace, brand_id: int) -> Account:
    from services import account_secrets, brands

    name = args.called or args.handle
    if args.connect:
        return signing_in.agreed(ctx, args, brand_id, args.channel, server=args.base_url or name or "")
    if not name:
        raise UsageProblem("an account needs its HANDLE, or --connect")
    if args.secret:
        secret = signing_in.typed_secret("Secret")
        known = {"channel": args.channel, "handle": name, "secret": secret}
        return account_secrets.add_typed(ctx, brand_id, **known, base_url=args.base_url)
    ref: str | None = args.secret_ref
    return brands.add_account(ctx, brand_id, channel=args.channel, handle=name, base_url=args.base_url, secret_ref=ref)


def rotate(args: argparse.Namespace) -> None:
    """Another secret for the same account."""
    from services import account_secrets

    with opened(args) as session:
        account = _account(session.ctx, args.account)
        if args.connect:
            server = account.base_url or ("" if args.client_id else account.handle)
            signing_in.agreed(
                session.ctx, args, account.brand_id, account.channel, server=server, account_id=account.id
            )
        else:
            secret = None if args.secret_ref else signing_in.typed_secret("New secret")
            account_secrets.replace(session.ctx, account.id, secret=secret, secret_ref=args.secret_ref)
    output.say(f"Account {account.handle} on {account.channel} has a new secret; the old one is forgotten here.")


def revoke(args: argparse.Namespace) -> None:
    """Take a sign-in back."""
    from services import account_secrets

    with opened(args) as session:
        account = _account(session.ctx, args.account)
        there = account_secrets.revoke(session.ctx, account.id, only_here=args.only_here)
    output.say(f"The sign-in of {account.handle} on {account.channel} is forgotten here.")
    if there:
        output.say("The network has taken it back too.")
    else:
        output.complain("the network was not told: take it back there too, on its own pages")


def rotate_key(args: argparse.Namespace) -> None:
    """Seal all secrets with a new key."""
    from services import account_secrets

    with opened(args) as session:
        done = account_secrets.rotate_key(session.ctx, lost=args.lost, drop_old=args.drop_old)
    if args.json:
        output.say_json({"sealed": done.sealed, "lost": done.lost})
        return
    output.say(f"Sealed with the new key: {done.sealed}. Backups do not hold the key: keep a copy of it elsewhere.")
    if done.lost:
        output.complain(f"no key opens {done.lost} of them any more: connect those accounts again")


def list_accounts(args: argparse.Namespace) -> None:
    """The active accounts of one brand, or of all."""
    from services import brands

    with opened(args) as session:
        brand_id = brands.resolve_brand(session.ctx, args.brand).id if args.brand else None
        found = brands.list_accounts(session.ctx, brand_id)
    if args.json:
        output.say_json([_account_fields(a) for a in found])
    else:
        rows = [(a.id, a.channel, a.handle, "on" if a.publishing else "off") for a in found]
        output.table(rows, headings=("ACCOUNT", "CHANNEL", "HANDLE", "PUBLISHING"))


def remove_account(args: argparse.Namespace) -> None:
    """Silence and hide an account."""
    from services import brands

    with opened(args) as session:
        account = _account(session.ctx, args.account)
        brands.remove_account(session.ctx, account.id)
    output.say(f"Account {account.handle} on {account.channel} removed.")


def publishing(args: argparse.Namespace) -> None:
    """Turn an account's own switch."""
    from services import brands

    with opened(args) as session:
        account = _account(session.ctx, args.account)
        brands.set_publishing(session.ctx, account.id, on=args.switch == "on")
        live = session.ctx.settings.publishing_live
    output.say(f"Publishing is {args.switch} for {account.handle} on {account.channel}.")
    if args.switch == "on" and not live:
        output.complain("nothing goes out yet: the desk itself is silent until SPORTELLO_PUBLISH=live")


def _account(ctx: Context, words: str) -> Account:
    """The account by number, handle (with or without @) or CHANNEL:HANDLE."""
    from services import brands

    plain = words.removeprefix("@")
    found = [
        a
        for a in brands.list_accounts(ctx)
        if words == str(a.id) or plain in (a.handle.removeprefix("@"), f"{a.channel}:{a.handle.removeprefix('@')}")
    ]
    if not found:
        raise NotFound(f"There is no account called {words!r}; see: account list.", account=words)
    if len(found) > 1:
        raise Invalid(f"{words!r} names {len(found)} accounts; say CHANNEL:HANDLE or the number.", account=words)
    return found[0]


def _account_fields(account: Account) -> dict[str, object]:
    return {
        "account": account.id,
        "channel": account.channel,
        "handle": account.handle,
        "base_url": account.base_url,
        "publishing": account.publishing,
    }
