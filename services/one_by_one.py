"""Which posts of a page can be stored, when the page as a whole cannot? Each alone; what fails is put aside.

Whatever is wrong with one post, of the network's making or of ours, must not keep a channel from going on.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from db import imports
from domain.brand import Watch
from domain.errors import Fatal, Retriable
from domain.mention import Mention
from services.context import Context
from services.storing import in_order, look_first, store_posts

log = logging.getLogger(__name__)

#: A post that fails again within this time, because the network shows it again, is not put aside again.
KNOWN_FOR, KNOWN_ROWS = timedelta(days=7), 500


@dataclass(frozen=True, slots=True)
class Singly:
    """How many posts were new and known, and what was put aside: the raw post and why. ``older`` as in ``Placed``."""

    stored: int
    duplicates: int
    aside: tuple[tuple[str, str], ...]
    older: int = 0


def store_singly(
    tx: Connection,
    ctx: Context,
    watch: Watch,
    posts: Sequence[Mention],
    *,
    now: datetime,
    older_than: datetime | None = None,
) -> Singly:
    """Store these posts inside one transaction, each as if it had come alone. Raises Retriable and Fatal only."""
    stored = duplicates = older = 0
    aside: list[tuple[str, str]] = []
    for post in in_order(posts):
        try:
            with ctx.store.apart(tx):
                placed = store_posts(tx, ctx, watch, look_first(ctx, [post], older_than=older_than), now=now)
        except (Retriable, Fatal):
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with this one, the others go on
            log.error("post put aside channel=%s watch=%s error=%s", post.channel, watch.id, type(error).__name__)
            aside.append((_raw(post), f"It cannot be stored ({type(error).__name__})."))
            continue
        stored, duplicates, older = stored + placed.stored, duplicates + placed.duplicates, older + placed.older
    return Singly(stored, duplicates, tuple(aside), older)


class _Work(Protocol):
    """``store_around`` or ``change_known``."""

    def __call__(self, tx: Connection, ctx: Context, posts: Sequence[Mention], *, now: datetime) -> object: ...


def do_singly(tx: Connection, ctx: Context, work: _Work, posts: Iterable[Mention], *, now: datetime) -> None:
    """Do this with every post with which it can be done: nothing of it is a new case. Raises as ``store_singly``."""
    for post in in_order(posts):
        try:
            with ctx.store.apart(tx):
                work(tx, ctx, [post], now=now)
        except (Retriable, Fatal):
            raise
        except Exception as error:  # noqa: BLE001 - see above
            log.error("left out beside others channel=%s error=%s", post.channel, type(error).__name__)


def put_aside(tx: Connection, channel: str, items: Sequence[tuple[str, str]], *, at: datetime) -> None:
    """Quarantine posts that could not be stored, each once however often the network shows it."""
    if items:
        known = {row.raw for row in imports.aside(tx, [channel], since=at - KNOWN_FOR, rows=KNOWN_ROWS)}
        imports.put_aside(tx, channel, [item for item in dict(items).items() if item[0] not in known], at=at)


def _raw(post: Mention) -> str:
    try:
        return json.dumps(asdict(post), ensure_ascii=False, default=str)[:4000]
    except (TypeError, ValueError, RecursionError):
        return post.native_id
