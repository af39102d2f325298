"""Which case does a post belong to, and how urgent is that case now? Used inside other services' transactions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.context import Context


def attach_mention(tx: Connection, ctx: Context, mention_id: int, brand_id: int, now: datetime) -> int | None:
    """Make a stored post part of its customer's case with this brand; returns the case, None when it makes none.

    It joins the live case, reopens one resolved less than ``reopen_window_days`` ago, else opens a new one.
    Our own posts, reposts, history and tombstones make none. The case is ranked again.
    """
    raise NotImplementedError


def rerank(tx: Connection, ctx: Context, case_id: int, now: datetime) -> None:
    """Compute the case's judgement, priority, reasons and waiting time anew.

    It rests on judgements, corrections, promises, hand-overs and followers, and leaves ``version``
    alone: a colleague's act must not be refused because the rank moved.
    """
    rerank_many(tx, ctx, [case_id], now)


def rerank_many(tx: Connection, ctx: Context, case_ids: Sequence[int], now: datetime) -> None:
    """The same for many cases in a handful of statements."""
    raise NotImplementedError
