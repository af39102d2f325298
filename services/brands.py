"""Whom do we listen for, and with which voice? Brands and their accounts."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection

from db import brands as brands_db
from db import customers
from domain.brand import Brand, Watch
from domain.errors import Invalid, NotFound
from domain.people import Right
from domain.text import clean, one_line
from services import heads
from services.accounts import add_account, list_accounts, publishing_allowed, remove_account, set_publishing
from services.act import act, require
from services.context import Context
from services.watches import add_watch, insert_watch, list_watches

__all__ = [
    "add_account",
    "add_brand",
    "add_watch",
    "insert_brand",
    "list_accounts",
    "list_brands",
    "list_watches",
    "publishing_allowed",
    "remove_account",
    "remove_brand",
    "resolve_brand",
    "set_publishing",
]


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
        raise Invalid("A brand needs a name with letters or digits.", field="brand_name")
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
        heads.forget_gone(running.tx)
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
