"""What came of the last lesson? Kept head by head, also where nothing was bettered, for the page on the model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from db import meta
from services import heads

# Imported late elsewhere: a page that tells of a lesson does none of its arithmetic.
if TYPE_CHECKING:
    from classifiers.teaching.course import HeadTrial

_LAST = "lesson last"


@dataclass(frozen=True, slots=True)
class HeadOutcome:
    """One head: ``n`` corrected posts, and ``verdict`` as ``classifiers.teaching.course.Verdict`` names it.

    Shares in [0, 1]: of corrected posts held back ``before`` and ``after``, the gain at least ``gain_low`` and at most
    ``gain_high``; ``shipped_before`` and ``shipped_after`` of the posts that ship. ``weight``: a correction counted as
    so many of these. None where nothing was tried or chosen.
    """

    head: str
    n: int
    verdict: str
    before: float | None
    after: float | None
    gain_low: float | None
    gain_high: float | None
    shipped_before: float | None
    shipped_after: float | None
    weight: float | None


@dataclass(frozen=True, slots=True)
class LastLesson:
    """When it was, and what came of each head; ``judges``: what was learned then judges now."""

    at: datetime
    heads: tuple[HeadOutcome, ...]
    installed: bool
    judges: bool


def keep(tx: Connection, trials: Sequence[HeadTrial], *, number: int | None, at: datetime) -> None:
    """Keep what came of a lesson; ``number`` of the heads it installed, None for none."""
    outcomes = [asdict(_outcome(trial)) for trial in trials]
    meta.keep(tx, _LAST, json.dumps({"at": at.isoformat(), "number": number, "heads": outcomes}))


def last(tx: Connection) -> LastLesson | None:
    """The last lesson that was more than a try; None where there was none, or before lessons were kept."""
    text = meta.read(tx, _LAST)
    if text is None:
        return None
    found = json.loads(text)
    outcomes = tuple(HeadOutcome(**outcome) for outcome in found["heads"])
    number = found["number"]
    judges = number is not None and number == heads.number_in(tx)
    return LastLesson(datetime.fromisoformat(found["at"]), outcomes, number is not None, judges)


def _outcome(trial: HeadTrial) -> HeadOutcome:
    low, high = (None, None) if trial.gain is None else (trial.gain.low, trial.gain.high)
    before, after = (None if share is None else share.value for share in (trial.before, trial.after))
    shipped = (trial.shipped_before, trial.shipped_after)
    return HeadOutcome(trial.head, trial.n, str(trial.verdict), before, after, low, high, *shipped, trial.weight)
