"""Whom do we listen for, with which searches, and with which voice? Brands, watches, accounts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection

from db import brands as brands_db
from db import customers, mentions, polls
from domain.brand import Brand, Watch
from domain.errors import Invalid, NotFound
from domain.people import Right
from domain.text import clean, one_line
from services.accounts import add_account, list_accounts, publishing_allowed, remove_account, set_publishing
from services.act import act, require
from services.context import Context
from services.matching import matches

__all__ = [
    "WatchPreview",
    "add_account",
    "add_brand",
    "add_watch",
    "insert_brand",
    "insert_watch",
    "list_accounts",
    "list_brands",
    "list_watches",
    "preview_watch",
    "publishing_allowed",
    "remove_account",
    "remove_brand",
    "resolve_brand",
    "set_publishing",
]

PREVIEW_POSTS = 2000
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class WatchPreview:
    """What a watch would have matched among the posts already stored."""

    looked_at: int
    matched: int
    examples: tuple[str, ...]


def list_brands(ctx: Context) -> list[Brand]:
    """All brands, oldest first, the sample last. Needs Right.READ."""
    require(ctx, Right.READ, action="brand.read", entity="brand")
    with ctx.store.read() as tx:
        return sorted(brands_db.all_brands(tx), key=lambda b: b.is_sample)


def add_brand(ctx: Context, name: str, *, timezone: str | None = None) -> Brand:
    """A new brand with one watch for its name. Needs Right.SETUP; Invalid for a bad or taken name or timezone."""
    with act(ctx, "brand.add", "brand", needs=Right.SETUP) as running:
        zone = timezone or ctx.settings.timezone
        brand = insert_brand(running.tx, name, timezone=zone, at=running.now)
        insert_watch(running.tx, ctx, Watch(0, brand.id, brand.name, terms=(brand.name,)), at=running.now)
        running.entity_id = brand.id
    return brand


def insert_brand(tx: Connection, name: str, *, timezone: str, at: datetime, is_sample: bool = False) -> Brand:
    """The brand's row, inside somebody else's transaction."""
    name = one_line(clean(name), max_chars=120)
    slug = _slug(name)
    if not name or not slug:
        raise Invalid("A brand needs a name with letters or digits.", field="name")
    if brands_db.name_taken(tx, name=name, slug=slug):
        raise Invalid(f"There is a brand called {name} already.", field="name", name=name)
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(f"{timezone!r} is not the name of a timezone, such as Europe/Rome.", field="timezone") from None
    return brands_db.add(tx, name=name, slug=slug, timezone=timezone, is_sample=is_sample, at=at)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return re.sub(r"[^\w]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-_")[:60]


def remove_brand(ctx: Context, brand_id: int) -> None:
    """Remove a brand with everything heard for it alone. Needs Right.SETUP; cannot be undone."""
    with act(ctx, "brand.remove", "brand", brand_id, needs=Right.SETUP) as running:
        brands_db.get(running.tx, brand_id)
        brands_db.remove(running.tx, brand_id)
        customers.remove_unheard(running.tx)


def resolve_brand(ctx: Context, name_or_slug: str | None) -> Brand:
    """The brand of that name or slug; None: the oldest one, the sample only when there is no other.

    Raises NotFound.
    """
    known = list_brands(ctx)
    if name_or_slug is None:
        if not known:
            raise NotFound("There is no brand yet: add one with `./sportello brand add NAME`.", entity="brand")
        return known[0]
    wanted = name_or_slug.strip().casefold()
    for brand in known:
        if wanted in (brand.slug, brand.name.casefold()):
            return brand
    names = ", ".join(b.name for b in known) or "none"
    raise NotFound(f"There is no brand called {name_or_slug!r}; there is: {names}.", entity="brand")


def list_watches(ctx: Context, brand_id: int | None = None) -> list[Watch]:
    """The active watches of a brand, or of all. Needs Right.READ."""
    require(ctx, Right.READ, action="watch.read", entity="watch")
    with ctx.store.read() as tx:
        return brands_db.watches_of(tx, brand_id)


def add_watch(
    ctx: Context,
    brand_id: int,
    *,
    name: str,
    terms: tuple[str, ...],
    exclusions: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
    channels: tuple[str, ...] = (),
    is_competitor: bool = False,
) -> Watch:
    """A saved query; its channels are polled from now on. Needs Right.SETUP; NotFound for an unknown channel."""
    with act(ctx, "watch.add", "watch", needs=Right.SETUP) as running:
        brands_db.get(running.tx, brand_id)
        watch = Watch(0, brand_id, name, terms, exclusions, languages, channels, is_competitor)
        watch = insert_watch(running.tx, ctx, watch, at=running.now)
        running.entity_id = watch.id
    return watch


def insert_watch(tx: Connection, ctx: Context, watch: Watch, *, at: datetime) -> Watch:
    """The watch's row and one poll per listening channel, inside somebody else's transaction."""
    name = one_line(clean(watch.name), max_chars=120)
    if not name:
        raise Invalid("A watch needs a name.", field="name")
    if any(w.name == name for w in brands_db.watches_of(tx, watch.brand_id)):
        raise Invalid(f"The brand has a watch called {name} already.", field="name")
    values = {
        "brand_id": watch.brand_id,
        "name": name,
        "terms": _words(watch.terms),
        "exclusions": _words(watch.exclusions),
        "languages": _words(watch.languages),
        "channels": list(watch.channels),
        "is_competitor": watch.is_competitor,
        "created_at": at,
    }
    watch_id = brands_db.add_watch(tx, values)
    for channel in watch.channels:
        if ctx.channels.manifest(channel).listens:
            polls.ensure(tx, channel, watch_id=watch_id, now=at)
    return brands_db.watch(tx, watch_id)


def _words(terms: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(term for raw in terms if (term := one_line(clean(raw)))))


def preview_watch(ctx: Context, terms: tuple[str, ...], *, exclusions: tuple[str, ...] = ()) -> WatchPreview:
    """Try a watch on the newest stored posts. Needs Right.READ: it shows their words."""
    require(ctx, Right.READ, action="watch.preview", entity="watch")
    watch = Watch(0, 0, "", tuple(_words(terms)), tuple(_words(exclusions)))
    with ctx.store.read() as tx:
        texts = mentions.newest_texts(tx, rows=PREVIEW_POSTS)
    hits = [text for text in texts if matches(watch, text, channel="")]
    return WatchPreview(len(texts), len(hits), tuple(one_line(text) for text in hits[:EXAMPLES]))
