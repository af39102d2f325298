"""With which searches does the desk listen? watch add, list, change, remove, restore, preview."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from desk.cli import output
from desk.cli.arguments import Commands, command, group, with_brand, words
from desk.cli.session import opened
from domain.brand import Watch
from domain.errors import NotFound

if TYPE_CHECKING:
    from services.context import Context
    from services.watch_preview import Preview

_EVERYTHING = "everything"


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    actions = group(commands, "watch", help="saved queries")
    parser = with_brand(command(actions, "add", add_watch, help="add a saved query", json=True))
    parser.add_argument("name", metavar="NAME")
    _query_options(parser)
    _reach_options(parser)
    parser.add_argument("--competitor", action="store_true", help="counted, never queued")
    parser = with_brand(command(actions, "list", list_watches, help="list the saved queries", json=True))
    parser.add_argument("--all", action="store_true", help="resting ones too")
    parser = with_brand(command(actions, "change", change_watch, help="change a saved query", json=True))
    parser.add_argument("watch", metavar="WATCH", help="its number or name")
    parser.add_argument("--name", metavar="NAME", help="a new name")
    _query_options(parser, optional=True)
    _reach_options(parser, optional=True)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--competitor", dest="competitor", action="store_true", default=None, help="counted from now on")
    kind.add_argument("--own", dest="competitor", action="store_false", default=None, help="queued from now on")
    for name, run, help in (
        ("remove", remove_watch, "let a saved query rest; what it matched stays"),
        ("restore", restore_watch, "wake a resting query"),
    ):
        parser = with_brand(command(actions, name, run, help=help))
        parser.add_argument("watch", metavar="WATCH", help="its number or name")
    help = "try a query before it is saved: on the posts already stored, and with --live on the networks"
    parser = with_brand(command(actions, "preview", preview_watch, help=help, json=True))
    _query_options(parser)
    _reach_options(parser)
    parser.add_argument("--live", action="store_true", help="ask the channels too; stores nothing")


def _query_options(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    terms: dict[str, object] = {"default": None} if optional else {"required": True}
    parser.add_argument("--terms", metavar="T,...", type=words, help="any of these words or phrases", **terms)  # type: ignore[arg-type]
    parser.add_argument(
        "--without", metavar="T,...", type=words, default=None if optional else (), help="and none of these"
    )


def _reach_options(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    none = None if optional else ()
    parser.add_argument("--languages", metavar="L,...", type=words, default=none, help="only posts in these languages")
    parser.add_argument("--channels", metavar="C,...", type=words, default=none, help="only on these channels")


def add_watch(args: argparse.Namespace) -> None:
    """A saved query for a brand."""
    from services import brands, watches

    with opened(args) as session:
        watch = watches.add_watch(
            session.ctx,
            brands.resolve_brand(session.ctx, args.brand).id,
            name=args.name,
            terms=args.terms,
            exclusions=args.without,
            languages=args.languages,
            channels=args.channels,
            is_competitor=args.competitor,
        )
    _say_watch(watch, f"Watch {watch.name} added.", json=args.json)


def change_watch(args: argparse.Namespace) -> None:
    """Change what was given, leave the rest."""
    from services import watches

    given = {
        "name": args.name,
        "terms": args.terms,
        "exclusions": args.without,
        "languages": args.languages,
        "channels": args.channels,
        "is_competitor": args.competitor,
    }
    with opened(args) as session:
        known = _named(session.ctx, args)
        wanted = replace(known, **{name: value for name, value in given.items() if value is not None})
        watch = watches.change_watch(session.ctx, wanted)
    _say_watch(watch, f"Watch {watch.name} changed.", json=args.json)


def remove_watch(args: argparse.Namespace) -> None:
    """Let a watch rest."""
    from services import watches

    with opened(args) as session:
        watch = _named(session.ctx, args)
        watches.remove_watch(session.ctx, watch.id, version=watch.version)
    output.say(f"Watch {watch.name} rests; what it matched stays.")


def restore_watch(args: argparse.Namespace) -> None:
    """Wake a resting watch."""
    from services import watches

    with opened(args) as session:
        watch = _named(session.ctx, args)
        watches.restore_watch(session.ctx, watch.id, version=watch.version)
    output.say(f"Watch {watch.name} listens again.")


def list_watches(args: argparse.Namespace) -> None:
    """The saved queries of one brand, or of all."""
    from services import brands, watches

    with opened(args) as session:
        brand_id = brands.resolve_brand(session.ctx, args.brand).id if args.brand else None
        found = watches.list_watches(session.ctx, brand_id, inactive=args.all)
        names = {b.id: b.name for b in brands.list_brands(session.ctx)}
    if args.json:
        output.say_json([_as_json(watch) | {"brand": names[watch.brand_id]} for watch in found])
    else:
        rows = [(w.id, names[w.brand_id], w.name, _state(w), ", ".join(w.terms) or _EVERYTHING) for w in found]
        output.table(rows, headings=("WATCH", "BRAND", "NAME", "STATE", "TERMS"))


def preview_watch(args: argparse.Namespace) -> int:
    """What a query would have matched among the stored posts, and with --live what the channels show now."""
    from services import brands, watch_preview

    with opened(args) as session:
        brand = brands.resolve_brand(session.ctx, args.brand)
        watch = Watch(0, brand.id, "", args.terms, args.without, args.languages, args.channels)
        stored = watch_preview.preview(session.ctx, watch)
        live = watch_preview.preview_live(session.ctx, watch) if args.live else ()
    if args.json:
        told: dict[str, object] = _preview_as_json(stored)
        if args.live:
            errors = {each.channel: each.error and str(each.error) for each in live}
            told["live"] = [
                {"channel": each.channel, "error": errors[each.channel]} | _preview_as_json(each.preview)
                for each in live
            ]
        output.say_json(told)
    else:
        _say_preview(f"of the newest {stored.looked_at} stored posts match", stored)
        for each in live:
            _say_preview(f"of {each.preview.looked_at} posts on {each.channel} match", each.preview)
    for each in live:
        if each.error is not None:
            output.complain(f"{each.channel}: {each.error}")
    return 1 if any(each.error for each in live) else 0


def _named(ctx: Context, args: argparse.Namespace) -> Watch:
    """The watch of that number, or of that name within the brand; NotFound."""
    from services import brands, watches

    if args.watch.isascii() and args.watch.isdigit():
        return watches.get(ctx, int(args.watch))
    brand = brands.resolve_brand(ctx, args.brand)
    for watch in watches.list_watches(ctx, brand.id, inactive=True):
        if watch.name.casefold() == args.watch.strip().casefold():
            return watch
    raise NotFound(f"{brand.name} has no watch called {args.watch!r}.", entity="watch")


def _say_watch(watch: Watch, sentence: str, *, json: bool) -> None:
    if json:
        output.say_json(_as_json(watch))
    else:
        output.say(sentence)


def _as_json(watch: Watch) -> dict[str, object]:
    fields = ("name", "terms", "exclusions", "languages", "channels", "is_competitor", "active")
    return {"watch": watch.id} | {name: getattr(watch, name) for name in fields}


def _state(watch: Watch) -> str:
    return "resting" if not watch.active else "competitor" if watch.is_competitor else "listens"


def _preview_as_json(preview: Preview) -> dict[str, object]:
    return {
        "looked_at": preview.looked_at,
        "matched": preview.matched,
        "excluded": [{"term": term, "posts": posts} for term, posts in preview.excluded],
        "other_language": preview.other_language,
        "examples": [{"channel": e.channel, "text": e.text, "marks": e.marks} for e in preview.examples],
    }


def _say_preview(head: str, preview: Preview) -> None:
    output.say(f"{preview.matched} {head}.")
    for term, posts in preview.excluded:
        output.say(f"  kept out by {term!r}: {posts}")
    if preview.other_language:
        output.say(f"  in another language: {preview.other_language}")
    for example in preview.examples:
        output.say(f"  {example.text}")
