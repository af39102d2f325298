"""Which models and which ways of reading has this desk met? When a new one comes, what is work is judged anew.

How a file's answers are told, and how posts are written for it, has a number, ``ModelCard.reading``; it is part of the
name that posts keep of what judged them (``ModelCard.judge``). What nobody works on waits for ``sportello rejudge``.
"""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import Connection

from classifiers.protocol import FIRST_READING, ModelCard
from db import judged_before, judgements, meta
from services.context import Context

#: What is to judge open cases; "0" when they are. Programs before this one wrote the number of a reading here.
_OPEN = "open cases by reading"
#: The judges that were met, the newest last; so many are remembered.
_MET, REMEMBERED = "judges met", 40


def note(tx: Connection, card: ModelCard) -> tuple[str, ...]:
    """Note a judge that is met for the first time; where others have judged before, open cases are due.

    Returns by which names the same file has judged with higher readings, of which an older program turns none back.
    """
    highest = _highest(tx, card.name)
    if card.reading < highest:
        return tuple(replace(card, reading=higher).judge for higher in range(card.reading + 1, highest + 1))
    met: list[str] = json.loads(meta.read(tx, _MET) or "[]")
    # Two versions side by side would judge each other's posts for ever, were a judge new whenever it is another.
    if card.judge in met:
        return ()
    meta.keep(tx, _MET, json.dumps([*met, card.judge][-REMEMBERED:]))
    meta.keep(tx, _name(card.name), f"{card.reading} {judgements.last_id(tx)}")
    if judged_before.any_by_another(tx, card.judge):
        meta.keep(tx, _OPEN, card.judge)
    return ()


def due(ctx: Context) -> str | None:
    """What is to judge open cases; None when they are judged."""
    with ctx.store.read() as tx:
        found = meta.read(tx, _OPEN) or "0"
    return None if found == "0" else found


def is_for(due: str, card: ModelCard) -> bool:
    """Whether it is this one that has to judge them."""
    return card.reading >= int(due) if due.isdigit() else card.judge == due


def done(ctx: Context, due: str) -> None:
    """Open cases are judged by what was due."""
    with ctx.store.write() as tx:
        if meta.read(tx, _OPEN) == due:
            meta.keep(tx, _OPEN, "0")


def _highest(tx: Connection, model: str) -> int:
    return int((meta.read(tx, _name(model)) or str(FIRST_READING)).split()[0])


def _name(model: str) -> str:
    return f"reading of {model}"[:60]
