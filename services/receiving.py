"""What becomes of posts that a source hands in by itself? Stored as if they had been polled, each with its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from collectors.protocol import BadItem, Call, Page, Received, Receiver
from db import brands, mentions, meta
from db.mentions import MentionKey, mention_key
from domain.brand import Account, Watch
from domain.errors import Fatal, NotFound, NotPossible, Unauthorized
from domain.mention import Mention
from services import intake, watches
from services.act import write_refusal
from services.context import Actor, Context

#: Whoever calls is no colleague: a source may hand in what it signed and nothing else.
SOURCE = Actor(name="visitor", rights=frozenset())
#: What is older when it is handed in was there before anybody listened: it is kept, and only dangers are work.
OLD = timedelta(days=7)
#: Our clock may be set back by so much while a call could still be repeated.
SPARE = timedelta(minutes=1)
#: The largest number any database keeps for a row.
_MOST_ROWS = 2**31 - 1


class Fate(StrEnum):
    """What became of one item."""

    STORED = "stored"
    KNOWN = "known"  # it was here; an edit or a deletion is applied
    IGNORED = "ignored"  # no watch wants it
    INVALID = "invalid"  # put aside with the reason, for a person to see


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer for one item, in the order in which they were sent. ``id`` as it is kept; None where there is none."""

    fate: Fate
    id: str | None = None
    reason: str = ""


def receive(ctx: Context, account_id: int, call: Call, *, address: str) -> tuple[Outcome, ...]:
    """Store what the source of that account sends; the same again changes nothing.

    Raises Unauthorized for whoever cannot prove to be that source, and for an account there is not: both look alike.
    Invalid for a call that cannot be read, NotPossible(reason="nobody_listens") while no watch would take anything,
    so that the source keeps it and calls again.
    """
    ctx = ctx.acting_as(SOURCE)
    account = _account(ctx, account_id)
    try:
        received = _receiver(ctx, account).read(call)
    except Fatal as error:
        known = None if account is None else account.id
        write_refusal(ctx, "source.call", "account", known, error=Unauthorized.key, why=_why(error), address=address)
        raise Unauthorized("The signature does not fit the request.", reason=_why(error)) from None
    assert account is not None
    with ctx.store.read() as tx:
        ours = brands.watches_of(tx, account.brand_id)
        listening = [watch for watch in ours if watch.active and account.channel in watches.channels_of(tx, ctx, watch)]
    if not listening:
        raise NotPossible("No watch of this brand listens to this source.", reason="nobody_listens")
    if _was_taken(ctx, account, received):
        _remember(ctx, account, received)  # A call that its source signed anew can be repeated for longer.
        there = _known(ctx, _posts(received.items))
        return tuple(_outcome(item, there, there) for item in received.items)
    outcomes = _stored(ctx, account, listening, received.items)
    if any(each.fate in (Fate.STORED, Fate.KNOWN) for each in outcomes):
        _remember(ctx, account, received)
    return outcomes


def _was_taken(ctx: Context, account: Account, received: Received) -> bool:
    """Whether this very call was taken before: a wording in it may have been overtaken by a later call since."""
    with ctx.store.read() as tx:
        return bool(received.call) and received.call in _calls(tx, account, ctx.clock())


def _remember(ctx: Context, account: Account, received: Received) -> None:
    """Only once everything in it is stored: a call that broke is taken when it comes again."""
    if received.call and received.repeatable_until is not None:
        with ctx.store.write() as tx:
            calls = _calls(tx, account, ctx.clock())
            until = max(calls.get(received.call, received.repeatable_until), received.repeatable_until)
            calls[received.call] = until
            meta.keep(tx, f"calls {account.id}", json.dumps({name: at.isoformat() for name, at in calls.items()}))


def _calls(tx: Connection, account: Account, now: datetime) -> dict[str, datetime]:
    """The calls of this source that somebody could still repeat: those of some minutes, and until when."""
    told = json.loads(meta.read(tx, f"calls {account.id}") or "{}")
    every = {name: datetime.fromisoformat(until) for name, until in told.items()}
    return {name: until for name, until in every.items() if until + SPARE >= now}


def _posts(items: tuple[Mention | BadItem, ...]) -> tuple[Mention, ...]:
    return tuple(item for item in items if isinstance(item, Mention))


def _account(ctx: Context, account_id: int) -> Account | None:
    if not 0 < account_id <= _MOST_ROWS:
        return None
    try:
        with ctx.store.read() as tx:
            found = brands.account(tx, account_id)
        return found if found.active and ctx.channels.manifest(found.channel).receives else None
    except NotFound:
        return None


def _receiver(ctx: Context, account: Account | None) -> Receiver:
    if account is None:
        raise Unauthorized("There is no such source.", reason="wrong_signature")
    return ctx.channels.receiver(account.channel, account)


def _why(error: Fatal) -> str:
    """The stable word for a refusal; what is set up wrongly here is nobody's business out there."""
    reason = error.values.get("reason") if isinstance(error, Unauthorized) else None
    return reason if isinstance(reason, str) else "wrong_signature"


def _stored(
    ctx: Context, account: Account, listening: list[Watch], items: tuple[Mention | BadItem, ...]
) -> tuple[Outcome, ...]:
    posts = _posts(items)
    bad = tuple(item for item in items if isinstance(item, BadItem))
    before = _known(ctx, posts)
    for number, watch in enumerate(listening):
        heard = posts if not watch.is_competitor else tuple(replace(post, to_us=False) for post in posts)
        for page in _pages(heard, bad if number == 0 else (), now=ctx.clock()):
            intake.store(ctx, watch, page, channel=account.channel)
    after = _known(ctx, posts)
    return tuple(_outcome(item, before, after) for item in items)


def _pages(posts: tuple[Mention, ...], bad: tuple[BadItem, ...], *, now: datetime) -> list[Page]:
    """A page of what is news, and one of what was there before anybody listened, where there is any."""
    old = tuple(post for post in posts if not post.deleted and post.published_at < now - OLD)
    news = Page(tuple(post for post in posts if post not in old), None, bad=bad)
    return [news, Page(old, None, first_read_at=now)] if old else [news]


def _known(ctx: Context, posts: tuple[Mention, ...]) -> Mapping[MentionKey, object]:
    with ctx.store.read() as tx:
        return mentions.find(tx, map(mention_key, posts)) if posts else {}


def _outcome(
    item: Mention | BadItem, before: Mapping[MentionKey, object], after: Mapping[MentionKey, object]
) -> Outcome:
    if isinstance(item, BadItem):
        return Outcome(Fate.INVALID, reason=item.reason)
    key = mention_key(item)
    if key in before:
        return Outcome(Fate.KNOWN, item.native_id)
    return Outcome(Fate.STORED if key in after else Fate.IGNORED, item.native_id)
