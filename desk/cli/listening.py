"""For whom does the desk listen? brand, sample."""

from __future__ import annotations

import argparse

from desk.cli import output
from desk.cli.arguments import Commands, command, group
from desk.cli.session import opened


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    _declare_brand(group(commands, "brand", help="the brands you listen for"))
    parser = command(commands, "sample", sample, help="the invented brand that comes with the desk")
    parser.add_argument("action", choices=("reset", "remove"), help="reset: its story begins again; remove: it goes")


def _declare_brand(actions: Commands) -> None:
    parser = command(actions, "add", add_brand, help="add a brand and a watch for its name", json=True)
    parser.add_argument("name", metavar="NAME", help="as people write it: posts with it are heard")
    parser.add_argument("--timezone", metavar="ZONE", help="IANA name, such as Europe/Rome")
    command(actions, "list", list_brands, help="list the brands", json=True)


def add_brand(args: argparse.Namespace) -> None:
    """A new brand with a watch for its name."""
    from services import brands

    with opened(args) as session:
        brand = brands.add_brand(session.ctx, args.name, timezone=args.timezone)
    if args.json:
        output.say_json({"brand": brand.id, "name": brand.name, "slug": brand.slug, "timezone": brand.timezone})
    else:
        output.say(f"Brand {brand.name} added; it listens for its own name.")


def list_brands(args: argparse.Namespace) -> None:
    """All brands."""
    from services import brands

    with opened(args) as session:
        found = brands.list_brands(session.ctx)
    if args.json:
        fields = ("id", "name", "slug", "timezone", "is_sample")
        output.say_json([{("brand" if f == "id" else f): getattr(b, f) for f in fields} for b in found])
    else:
        rows = [(b.name, b.slug, b.timezone, "sample" if b.is_sample else "") for b in found]
        output.table(rows, headings=("NAME", "SLUG", "TIMEZONE", ""))


def sample(args: argparse.Namespace) -> None:
    """Start the sample's story again, or take it away."""
    from services import sample as sample_brand

    with opened(args) as session:
        if args.action == "reset":
            brand = sample_brand.reset(session.ctx)
            output.say(f"{brand.name} starts again.")
        else:
            sample_brand.remove(session.ctx)
            output.say("The sample is gone, with everything heard for it.")
