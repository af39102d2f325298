"""With which searches do we listen, and where? Watches: list, add, change, rest and wake."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from collectors.protocol import GapReason
from db import brands as brands_db
from db import changes, gaps, polls, rollups, unheard
from domain.brand import Watch
from domain.errors import Invalid
from domain.hearing import patience
from domain.people import Right
from domain.text import clean, one_line, search_form
from domain.window import Stretch
from services.act import act, require
from services.context import Context
from services.matching import pattern

SAMPLE_CHANNEL = "sample"
MAX_TERMS, MAX_TERM_CHARS = 200, 120
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_QUOTES = '"“”„«»‹› '


def list_watches(ctx: Context, brand_id: int | None = None, *, inactive: bool = False) -> list[Watch]:
    """The active watches of a brand, or of all; with ``inactive`` the resting ones too. Needs Right.READ."""
    require(ctx, Right.READ, action="watch.read", entity="watch")
    with ctx.store.read() as tx:
        return brands_db.watches_of(tx, brand_id, inactive=inactive)


def get(ctx: Context, watch_id: int) -> Watch:
    """One watch, active or not. Needs Right.READ; NotFound."""
    require(ctx, Right.READ, action="watch.read", entity="watch")
    with ctx.store.read() as tx:
        return brands_db.watch(tx, watch_id)


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
    """A saved query; its channels are polled from now on.

    Needs Right.SETUP; NotFound for an unknown brand or channel, Invalid for what cannot be a watch.
    """
    with act(ctx, "watch.add", "watch", needs=Right.SETUP) as running:
        brands_db.get(running.tx, brand_id)
        watch = Watch(0, brand_id, name, terms, exclusions, languages, channels, is_competitor)
        watch = insert_watch(running.tx, ctx, watch, at=running.now)
        running.entity_id = watch.id
    return watch


def insert_watch(tx: Connection, ctx: Context, watch: Watch, *, at: datetime) -> Watch:
    """The watch's row and its polls, inside somebody else's transaction."""
    values = _checked(tx, ctx, watch)
    watch = brands_db.watch(tx, brands_db.add_watch(tx, {"brand_id": watch.brand_id, "created_at": at, **values}))
    _settle(tx, ctx, watch.brand_id, [watch], at)
    return watch


def change_watch(ctx: Context, wanted: Watch) -> Watch:
    """Give the watch ``wanted.id`` the words, channels and kind of ``wanted``; returns it as it now is.

    ``wanted.version`` is the one its form was filled from: StaleVersion when somebody has changed the
    watch since. What it matched before stays matched. Needs Right.SETUP; raises like ``add_watch``.
    """
    with act(ctx, "watch.change", "watch", wanted.id, needs=Right.SETUP) as running:
        known = brands_db.watch(running.tx, wanted.id)
        values = _checked(running.tx, ctx, wanted, brand_id=known.brand_id)
        brands_db.change_watch(running.tx, wanted.id, version=wanted.version, **values)
        watch = brands_db.watch(running.tx, wanted.id)
        # From here on its sources are read as if for the first time: what they bring of before is no burst.
        if _seeks(watch) != _seeks(known):
            running.details["seeks_anew"] = True
        if watch.is_competitor is not known.is_competitor:  # What it has matched speaks for somebody else from now on.
            rollups.rebuild(running.tx, watch.brand_id)
        _settle(running.tx, ctx, watch.brand_id, [watch], running.now)
        changes.raise_version(running.tx, watch.brand_id)
    return watch


def _seeks(watch: Watch) -> tuple[tuple[str, ...], ...]:
    return watch.terms, watch.exclusions, watch.languages, watch.channels


def remove_watch(ctx: Context, watch_id: int, *, version: int) -> None:
    """Let a watch rest: nobody polls for it, what it matched stays. Needs Right.SETUP; StaleVersion."""
    _switch(ctx, watch_id, version, on=False)


def restore_watch(ctx: Context, watch_id: int, *, version: int) -> None:
    """Wake a resting watch: it goes on where it stopped. Needs Right.SETUP; StaleVersion."""
    _switch(ctx, watch_id, version, on=True)


def _switch(ctx: Context, watch_id: int, version: int, *, on: bool) -> None:
    with act(ctx, "watch.restore" if on else "watch.remove", "watch", watch_id, needs=Right.SETUP) as running:
        brands_db.change_watch(running.tx, watch_id, version=version, active=on)
        watch = brands_db.watch(running.tx, watch_id)
        _settle(running.tx, ctx, watch.brand_id, [watch], running.now)
        changes.raise_version(running.tx, watch.brand_id)


def connected(tx: Connection, ctx: Context, brand_id: int) -> tuple[str, ...]:
    """The channels a brand is heard on: those it has an account on; the sample's story is the sample brand's alone."""
    if brands_db.get(tx, brand_id).is_sample:
        return (SAMPLE_CHANNEL,)
    having = {account.channel for account in brands_db.accounts_of(tx, brand_id)} - {SAMPLE_CHANNEL}
    return tuple(name for name in ctx.channels.names() if name in having and ctx.channels.manifest(name).listens)


def channels_of(tx: Connection, ctx: Context, watch: Watch) -> tuple[str, ...]:
    """The channels this watch listens on: those it names, else every one its brand is connected to."""
    if not watch.channels:
        return connected(tx, ctx, watch.brand_id)
    is_sample = brands_db.get(tx, watch.brand_id).is_sample
    named = [name for name in watch.channels if ctx.channels.manifest(name).listens]
    return tuple(name for name in named if is_sample == (name == SAMPLE_CHANNEL))


def settle_polls(tx: Connection, ctx: Context, brand_id: int, at: datetime) -> None:
    """Poll for each watch of the brand where it now listens: an account has come or gone."""
    _settle(tx, ctx, brand_id, brands_db.watches_of(tx, brand_id), at)


def _settle(tx: Connection, ctx: Context, brand_id: int, changed: Sequence[Watch], at: datetime) -> None:
    left = unheard.left_off(tx, brand_id)
    for watch in changed:
        here = channels_of(tx, ctx, watch) if watch.active else ()
        for channel in here:
            polls.ensure(tx, channel, watch_id=watch.id, now=at)
        polls.leave_out(tx, watch.id, but=here)
    still = unheard.left_off(tx, brand_id) if left else {}
    for channel in left.keys() - still.keys():
        _note_pause(tx, ctx, brand_id, channel, Stretch(left[channel], at))


def _note_pause(tx: Connection, ctx: Context, brand_id: int, channel: str, pause: Stretch) -> None:
    """Nobody listened there until now. Who listened before goes on where it stopped; a new watch knows of no before."""
    rivals = rollups.competitors(tx, brand_id)
    rows = [each.poll for each in polls.wanted(tx, brand_id) if each.poll.channel == channel]
    own = [row for row in rows if row.watch_id not in rivals]
    goes_on = any(row.complete_up_to or row.last_success_at for row in own)
    is_short = pause.to_at - pause.from_at <= patience(ctx.channels.manifest(channel).poll_interval_s)
    if own and not goes_on and not is_short:
        gaps.note(
            tx,
            channel,
            watch_id=own[0].watch_id,
            from_at=pause.from_at,
            to_at=pause.to_at,
            reason=str(GapReason.NOT_POLLED),
            now=pause.to_at,
        )


def _checked(tx: Connection, ctx: Context, watch: Watch, *, brand_id: int | None = None) -> dict[str, object]:
    """The watch's columns, cleaned; Invalid or NotFound for what cannot be used."""
    name = one_line(clean(watch.name), max_chars=120)
    if not name:
        raise Invalid("A watch needs a name.", field="name", what="watch_name")
    others = brands_db.watches_of(tx, brand_id or watch.brand_id, inactive=True)
    if any(other.name == name and other.id != watch.id for other in others):
        raise Invalid(f"The brand has a watch called {name} already.", field="name", what="watch_taken")
    for channel in watch.channels:
        ctx.channels.manifest(channel)
    terms, exclusions = words(watch.terms), words(watch.exclusions)
    _require_sense(terms, exclusions)
    return {
        "name": name,
        "terms": terms,
        "exclusions": exclusions,
        "languages": _languages(watch.languages),
        "channels": list(dict.fromkeys(watch.channels)),
        "is_competitor": watch.is_competitor,
    }


def words(terms: tuple[str, ...]) -> list[str]:
    """Terms as they are kept: clean, each once however it is written; Invalid for one that can match nothing.

    Quotation marks around a term are left away: several words are a phrase without them.
    """
    kept: dict[str, str] = {}
    for raw in terms:
        term = one_line(clean(raw), max_chars=MAX_TERM_CHARS + 3).strip(_QUOTES)
        if not term:
            continue
        if len(term) > MAX_TERM_CHARS or not any(map(_is_sought, term)):
            raise Invalid(f"{term!r} cannot be searched for.", field="terms", what="watch_term")
        kept.setdefault(search_form(term), term)
    if len(kept) > MAX_TERMS:
        raise Invalid(f"A watch takes {MAX_TERMS} terms at most.", field="terms", what="watch_terms")
    return list(kept.values())


def _is_sought(char: str) -> bool:
    """A letter, a digit, or a picture such as an emoji; brackets and dots alone can be searched for nowhere."""
    return char.isalnum() or unicodedata.category(char) == "So"


def _require_sense(terms: list[str], exclusions: list[str]) -> None:
    """Invalid when an exclusion stands in a term: that term would never find anything."""
    for exclusion in exclusions:
        idle = next((t for t in terms if pattern(search_form(exclusion)).search(search_form(t))), None)
        if idle is not None:
            said = f"{exclusion!r} would keep out every post with {idle!r}."
            raise Invalid(said, field="exclusions", what="watch_excluded")


def _languages(codes: tuple[str, ...]) -> list[str]:
    known = list(dict.fromkeys(code.strip().lower() for code in codes if code.strip()))
    for code in known:
        if not _LANGUAGE.fullmatch(code):
            raise Invalid(
                f"{code!r} is not a language code, such as it or en.", field="languages", what="watch_language"
            )
    return known
