"""How does the sample brand come and go? An invented company whose story is replayed, marked as such everywhere."""

from __future__ import annotations

from db import brands as brands_db
from db import customers, meta
from domain.brand import Brand, Watch
from domain.people import Right
from services import brands, heads, intake, watches
from services.act import act
from services.context import Context

CHANNEL = watches.SAMPLE_CHANNEL
NAME, HANDLE, TIMEZONE = "Lumen Energia", "LumenEnergia", "Europe/Rome"
#: In the database's own facts: the first start has offered the sample; it never comes back by itself.
OFFERED = "sample_offered"


def install(ctx: Context) -> Brand:
    """The sample brand with the posts of its past days stored; harmless when it is there already.

    Needs Right.SETUP. The posts are judged by whoever judges next.
    """
    present = find(ctx)
    if present is None:
        present = _add(ctx)
    watch = watches.list_watches(ctx, present.id)[0]
    intake.poll(ctx, CHANNEL, watch.id)
    return present


def install_once(ctx: Context) -> Brand | None:
    """Install the sample at the very first start of a desk that has no brand; None ever after."""
    with ctx.store.read() as tx:
        if meta.read(tx, OFFERED) is not None or brands_db.all_brands(tx):
            return None
    return install(ctx)


def find(ctx: Context) -> Brand | None:
    """The sample brand, if it is there."""
    return next((b for b in brands.list_brands(ctx) if b.is_sample), None)


def _add(ctx: Context) -> Brand:
    with act(ctx, "sample.install", "brand", needs=Right.SETUP) as running:
        tx, now = running.tx, running.now
        brand = brands.insert_brand(tx, NAME, timezone=TIMEZONE, at=now, is_sample=True)
        watches.insert_watch(tx, ctx, Watch(0, brand.id, NAME, channels=(CHANNEL,)), at=now)
        voice = {"brand_id": brand.id, "channel": CHANNEL, "handle": HANDLE, "created_at": now}
        brands_db.add_account(tx, voice)
        meta.keep(tx, OFFERED, "yes")
        running.entity_id = brand.id
    return brand


def reset(ctx: Context) -> Brand:
    """Start the sample's story again, from its first day, with nothing answered. Needs Right.SETUP."""
    remove(ctx)
    return install(ctx)


def remove(ctx: Context) -> None:
    """Take the sample and everything heard for it away; harmless when it is not there. Needs Right.SETUP."""
    with act(ctx, "sample.remove", "brand", needs=Right.SETUP) as running:
        for brand in brands_db.all_brands(running.tx):
            if brand.is_sample:
                running.entity_id = brand.id
                brands_db.remove(running.tx, brand.id)
                heads.forget_gone(running.tx)
        customers.remove_unheard(running.tx)
        meta.keep(running.tx, OFFERED, "removed")
    ctx.channels.restart(CHANNEL)
