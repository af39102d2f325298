"""Since when are a model's answers told as they are now? What was judged before shows other words for its reasons.

The revision names the labels; how reasons and their words are chosen from the same answers has a number of its own,
``ModelCard.reading``. When a desk meets a higher one, it notes the last judgement there is.
"""

from __future__ import annotations

from sqlalchemy import Connection

from classifiers.protocol import FIRST_READING, ModelCard
from db import judgements, meta


def note(tx: Connection, card: ModelCard) -> int:
    """Note a reading when it is met for the first time; returns the last judgement told otherwise, 0 for none."""
    reading, up_to = _noted(tx, card.name)
    if card.reading <= reading:
        return up_to
    up_to = judgements.last_id(tx)
    meta.keep(tx, _name(card.name), f"{card.reading} {up_to}")
    return up_to


def _noted(tx: Connection, model: str) -> tuple[int, int]:
    """The highest reading met so far, and the last judgement before it."""
    reading, up_to = (meta.read(tx, _name(model)) or f"{FIRST_READING} 0").split()
    return int(reading), int(up_to)


def _name(model: str) -> str:
    return f"reading of {model}"[:60]
