"""Which of the firm's own tools may read here? token add, list and revoke."""

from __future__ import annotations

import argparse

from desk.cli import output
from desk.cli.arguments import Commands, command, group, positive, words
from desk.cli.session import UsageProblem, opened
from domain.export import Scope

SCOPES = tuple(str(each) for each in Scope)


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    tokens = group(commands, "token", help="ways in for the firm's own tools, through /api/v1")
    parser = command(tokens, "add", add, help="make a token; it is shown once", json=True)
    parser.add_argument("name", metavar="NAME", help="the tool that will use it")
    parser.add_argument("--scopes", metavar="S,...", type=words, required=True, help=", ".join(SCOPES))
    parser.add_argument("--brand", metavar="B", help="this brand alone; default: every brand")
    parser.add_argument("--days", metavar="N", type=positive, help="for so many days; default: until it is revoked")
    parser.add_argument("--purpose", metavar="P", help="why names are needed, with the scope identified; recorded")
    command(tokens, "list", listed, help="every token, with its last use", json=True)
    parser = command(tokens, "revoke", revoke, help="end a token at once")
    parser.add_argument("token", metavar="TOKEN", type=positive, help="its number, as `token list` shows it")


def add(args: argparse.Namespace) -> None:
    """Make a token and say it once."""
    from services import brands, tokens

    if strange := [scope for scope in args.scopes if scope not in SCOPES]:
        raise UsageProblem(f"there is no scope {strange[0]}; there are: {', '.join(SCOPES)}")
    with opened(args) as session:
        brand_id = brands.resolve_brand(session.ctx, args.brand).id if args.brand else None
        made = tokens.add(
            session.ctx,
            name=args.name,
            scopes=[Scope(each) for each in args.scopes],
            brand_id=brand_id,
            purpose=args.purpose,
            days=args.days,
        )
    if args.json:
        output.say_json({"token": made.view.token_id, "secret": made.secret})
    else:
        output.say(f"Token {made.view.token_id}, shown only now: {made.secret}")


def listed(args: argparse.Namespace) -> None:
    """Every token; never the token itself."""
    from services import tokens

    with opened(args) as session:
        found = tokens.listed(session.ctx)
    fields = ("token_id", "name", "hint", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at")
    if args.json:
        output.say_json([{name: getattr(each, name) for name in fields} for each in found])
        return
    rows = [[", ".join(each.scopes) if f == "scopes" else getattr(each, f) for f in fields] for each in found]
    output.table(rows, headings=[f.upper() for f in fields])


def revoke(args: argparse.Namespace) -> None:
    """End a token."""
    from services import tokens

    with opened(args) as session:
        tokens.revoke(session.ctx, args.token)
    output.say(f"Token {args.token} opens nothing any more.")
