"""Which way of reading posts has this desk met? When a higher one comes, open cases are judged anew.

How a file's answers are told, and how posts are written for it, has a number, ``ModelCard.reading``; it is part of the
name that posts keep of what judged them (``ModelCard.judge``). What nobody works on waits for ``sportello rejudge``.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from classifiers.protocol import FIRST_READING, ModelCard
from db import judgements, meta
from services.context import Context

#: The reading by which open cases have still to be judged; 0 when they are.
_OPEN = "open cases by reading"


def note(tx: Connection, card: ModelCard) -> tuple[str, ...]:
    """Note a reading that is met for the first time; where others have judged before, open cases are due.

    Returns by which names the same file has judged with higher readings, of which an older program turns none back.
    """
    highest = _highest(tx, card.name)
    if card.reading <= highest:
        return tuple(replace(card, reading=higher).judge for higher in range(card.reading + 1, highest + 1))
    last = judgements.last_id(tx)
    meta.keep(tx, _name(card.name), f"{card.reading} {last}")
    if last:
        meta.keep(tx, _OPEN, str(card.reading))
    return ()


def due(ctx: Context) -> int | None:
    """The reading by which open cases have still to be judged; None when they are."""
    with ctx.store.read() as tx:
        return int(meta.read(tx, _OPEN) or 0) or None


def done(ctx: Context, reading: int) -> None:
    """Open cases are judged by this reading."""
    with ctx.store.write() as tx:
        if meta.read(tx, _OPEN) == str(reading):
            meta.keep(tx, _OPEN, "0")


def _highest(tx: Connection, model: str) -> int:
    return int((meta.read(tx, _name(model)) or str(FIRST_READING)).split()[0])


def _name(model: str) -> str:
    return f"reading of {model}"[:60]
