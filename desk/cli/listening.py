"""For whom does the desk listen? brand, watch, sample."""

from __future__ import annotations

import argparse

from desk.cli import output
from desk.cli.arguments import Commands, command, group, with_brand, words
from desk.cli.session import opened


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    _declare_brand(group(commands, "brand", help="the brands you listen for"))
    _declare_watch(group(commands, "watch", help="saved queries"))
    parser = command(commands, "sample", sample, help="the invented brand that comes with the desk")
    parser.add_argument("action", choices=("reset", "remove"))


def _declare_brand(actions: Commands) -> None:
    parser = command(actions, "add", add_brand, help="add a brand and a watch for its name", json=True)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--timezone", metavar="ZONE", help="IANA name, such as Europe/Rome")
    command(actions, "list", list_brands, help="list the brands", json=True)


def _declare_watch(actions: Commands) -> None:
    parser = with_brand(command(actions, "add", add_watch, help="add a saved query", json=True))
    parser.add_argument("name", metavar="NAME")
    _query_options(parser)
    parser.add_argument("--languages", metavar="L,...", type=words, default=(), help="only posts in these languages")
    parser.add_argument("--channels", metavar="C,...", type=words, default=(), help="only on these channels")
    parser.add_argument("--competitor", action="store_true", help="counted, never queued")
    with_brand(command(actions, "list", list_watches, help="list the saved queries", json=True))
    parser = command(actions, "preview", preview_watch, help="try a query on the posts already stored", json=True)
    _query_options(parser)


def _query_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--terms", metavar="T,...", type=words, required=True, help="any of these words or phrases")
    parser.add_argument("--without", metavar="T,...", type=words, default=(), help="and none of these")


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


def add_watch(args: argparse.Namespace) -> None:
    """A saved query for a brand."""
    from services import brands

    with opened(args) as session:
        watch = brands.add_watch(
            session.ctx,
            brands.resolve_brand(session.ctx, args.brand).id,
            name=args.name,
            terms=args.terms,
            exclusions=args.without,
            languages=args.languages,
            channels=args.channels,
            is_competitor=args.competitor,
        )
    if args.json:
        output.say_json({"watch": watch.id, "name": watch.name, "terms": watch.terms})
    else:
        output.say(f"Watch {watch.name} added.")


def list_watches(args: argparse.Namespace) -> None:
    """The saved queries of one brand, or of all."""
    from services import brands

    with opened(args) as session:
        brand_id = brands.resolve_brand(session.ctx, args.brand).id if args.brand else None
        found = brands.list_watches(session.ctx, brand_id)
        names = {b.id: b.name for b in brands.list_brands(session.ctx)}
    if args.json:
        fields = ("name", "terms", "exclusions", "languages", "channels", "is_competitor")
        output.say_json(
            [{"watch": w.id, "brand": names[w.brand_id]} | {f: getattr(w, f) for f in fields} for w in found]
        )
    else:
        rows = [(w.id, names[w.brand_id], w.name, ", ".join(w.terms) or "everything") for w in found]
        output.table(rows, headings=("WATCH", "BRAND", "NAME", "TERMS"))


def preview_watch(args: argparse.Namespace) -> None:
    """What a query would have matched among the stored posts."""
    from services import brands

    with opened(args) as session:
        preview = brands.preview_watch(session.ctx, args.terms, exclusions=args.without)
    if args.json:
        output.say_json(
            {"looked_at": preview.looked_at, "matched": preview.matched, "examples": list(preview.examples)}
        )
    else:
        output.say(f"{preview.matched} of the newest {preview.looked_at} posts match.")
        for example in preview.examples:
            output.say(f"  {example}")


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
