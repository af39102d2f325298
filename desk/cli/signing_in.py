"""How does an account get its secret at the command line? Typed, named, or agreed to on the network and pasted."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from desk.cli import output
from desk.cli.arguments import Parser
from desk.cli.session import UsageProblem
from domain.errors import Invalid

if TYPE_CHECKING:
    from domain.brand import Account
    from services.context import Context

CALLBACK_PATH = "/auth/callback"


def with_secret(parser: Parser) -> None:
    """Let a command take a secret: by the name of where it lies, typed, or granted by the network."""
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--secret-ref", metavar="NAME", help="environment variable or file that holds the secret")
    given.add_argument("--secret", action="store_true", help="ask for the secret (or read it from stdin) and seal it")
    given.add_argument("--connect", action="store_true", help="agree on the network, then paste what it shows")
    parser.add_argument("--client-id", metavar="ID", default="", help="with --connect: your own app's id (X, Reddit)")
    parser.add_argument("--client-secret", action="store_true", help="with --connect: ask for your app's secret")


def typed_secret(label: str) -> str:
    """A secret from the keyboard, which shows nothing, or the first line of stdin."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{label}: ", stream=sys.stderr)
    return sys.stdin.readline().strip()


def agreed(
    ctx: Context, args: argparse.Namespace, brand_id: int, channel: str, *, server: str, account_id: int | None = None
) -> Account:
    """Send the person to the network, take what they bring back, and connect the account."""
    from services import connecting

    if args.client_secret and not args.client_id:
        raise UsageProblem("--client-secret goes with --client-id")
    app = (args.client_id, typed_secret("Client secret of your app") if args.client_secret else "")
    wanted = connecting.Wanted(brand_id, channel, server, *app, account_id=account_id)
    way_back = ctx.channels.sign_in(channel).for_pasting() or _callback(ctx)
    address = connecting.begin(ctx, wanted, redirect_uri=way_back, session=ctx.actor.name)
    state = parse_qs(urlsplit(address).query).get("state", [""])[0]
    print(f"Open this address, and agree as the account you want to connect:\n\n  {address}\n", file=sys.stderr)
    if not way_back.startswith("urn:"):
        print(f"You are then sent to {way_back}…: whatever it shows, copy its whole address.", file=sys.stderr)
    print("Paste the code, or that address, here: ", end="", file=sys.stderr, flush=True)
    code, error = _pasted(sys.stdin.readline().strip(), state)
    return connecting.finish(ctx, state=state, code=code, error=error, session=ctx.actor.name)


def _pasted(words: str, state: str) -> tuple[str, str]:
    """The code in what was pasted, and the network's word for a no."""
    if "://" not in words:
        return words, ""
    told = parse_qs(urlsplit(words).query)
    if told.get("state", [state])[0] != state:
        raise Invalid("That is the address of another attempt: begin again.", field="state")
    return told.get("code", [""])[0], told.get("error", [""])[0]


def _callback(ctx: Context) -> str:
    settings = ctx.settings
    return (settings.desk_url.rstrip("/") or f"http://{settings.host}:{settings.port}") + CALLBACK_PATH


def tell_connected(account: Account) -> None:
    """Said of an account that is connected now."""
    output.say(f"{account.handle} on {account.channel} is connected; it stays silent until publishing is on.")
