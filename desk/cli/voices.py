"""With which voice does the desk answer? account and publishing."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from desk.cli import output
from desk.cli.arguments import Commands, command, group, with_brand
from desk.cli.session import opened
from domain.errors import Invalid, NotFound

if TYPE_CHECKING:
    from domain.brand import Account
    from services.context import Context


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    _declare_account(group(commands, "account", help="your own voices on the networks"))
    parser = command(commands, "publishing", publishing, help="let an account publish, or silence it")
    parser.add_argument("switch", choices=("on", "off"), help="on: replies go out through it; off: nothing does")
    parser.add_argument("account", metavar="ACCOUNT", help="its handle, CHANNEL:HANDLE, or number")


def _declare_account(actions: Commands) -> None:
    parser = with_brand(command(actions, "add", add_account, help="add an account; it starts silent", json=True))
    parser.add_argument("channel", metavar="CHANNEL", help="the network, as `sportello channels` names it")
    named = parser.add_mutually_exclusive_group(required=True)
    named.add_argument("handle", metavar="HANDLE", nargs="?", help="its name on the network")
    named.add_argument("--handle", dest="called", metavar="NAME", help="the same; for a feed, what you call it")
    parser.add_argument("--base-url", metavar="URL", help="the address of a feed, or of another server")
    parser.add_argument("--secret-ref", metavar="NAME", help="environment variable or file that holds the secret")
    with_brand(command(actions, "list", list_accounts, help="list the accounts", json=True))
    parser = command(actions, "remove", remove_account, help="silence and hide an account; what it sent stays")
    parser.add_argument("account", metavar="ACCOUNT", help="its handle, CHANNEL:HANDLE, or number")


def add_account(args: argparse.Namespace) -> None:
    """Our own voice on a channel, silent at first."""
    from services import brands

    with opened(args) as session:
        account = brands.add_account(
            session.ctx,
            brands.resolve_brand(session.ctx, args.brand).id,
            channel=args.channel,
            handle=args.called or args.handle,
            base_url=args.base_url,
            secret_ref=args.secret_ref,
        )
        is_read = not session.ctx.channels.manifest(account.channel).answers
    if args.json:
        output.say_json(_account_fields(account))
    elif is_read:
        output.say(f"{account.handle} on {account.channel} added; it is read from now on.")
    else:
        output.say(f"Account {account.handle} on {account.channel} added; it stays silent until publishing is on.")


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
