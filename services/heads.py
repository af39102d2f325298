"""Which heads does the model judge with? Those a team has taught it, kept in the store, step by step."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from classifiers.protocol import Classifier
from db import corrections, meta
from domain.errors import Malformed, Misconfigured
from services.context import Context

# Imported late below: a worker starts without the model's arithmetic, and most desks never teach.
if TYPE_CHECKING:
    from classifiers.teaching.taught import Taught, Teachable

log = logging.getLogger("heads")

#: Number of the heads in use; 0 are the shipped ones. Every step keeps the number of the one before it.
_NOW, _LAST = "heads", "heads last"
#: Number of the heads by which every post has been judged.
_JUDGED = "heads judged"
#: What judged last: the name in the settings, its revision with the heads it wears, whether these can be taught.
_LAST_MODEL = "model that judged"
SHIPPED = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One time the heads were taught."""

    number: int
    before: int
    taught: str


def number(ctx: Context) -> int:
    """The number of the heads in use: one row, cheap enough to ask before every batch."""
    with ctx.store.read() as tx:
        return number_in(tx)


def number_in(tx: Connection) -> int:
    """The same inside a transaction."""
    return int(meta.read(tx, _NOW) or SHIPPED)


def taught(ctx: Context) -> Taught | None:
    """The heads in use; None for the shipped ones, also where those of the store cannot be read (a line in the log)."""
    with ctx.store.read() as tx:
        step = _step(tx, number_in(tx))
    if step is None:
        return None
    from classifiers.teaching.taught import read

    try:
        return read(step.taught)
    except Malformed as err:
        log.warning("%s The shipped ones judge.", err)
        return None


@dataclass(frozen=True, slots=True)
class Learned:
    """The posts that the heads in use were learned from: they say nothing about how good these are.

    ``worn``: the model wears these heads. Heads learned for another version of it, or of a shape that is not its own,
    are kept and do not judge.
    """

    posts: frozenset[int] = frozenset()
    worn: bool = True


def learned(ctx: Context, revision: str | None) -> Learned:
    """What the heads in use were learned from, and whether a model of this revision wears them.

    A model may refuse heads of its own revision: what it judged with since they were installed tells.
    """
    found = taught(ctx)
    if found is None:
        return Learned()
    if revision == found.base and (met := judging(ctx)) is not None and not_rejudged(ctx) is None:
        return Learned(found.learned_from, worn=met.revision == found.revision)
    return Learned(found.learned_from, worn=revision in (found.base, found.revision))


@dataclass(frozen=True, slots=True)
class Judging:
    """The model that judged last, as it was loaded: its revision with the heads it wears."""

    revision: str
    can_learn: bool


def note_judging(tx: Connection, ctx: Context, classifier: Classifier) -> None:
    """Keep what judges, so that others can tell without loading it."""
    # Not asked as Teachable: that brings arithmetic, which a desk judged by rules does without.
    can_learn = callable(getattr(classifier, "with_heads", None))
    said = json.dumps([ctx.settings.model, classifier.card.revision, can_learn])
    if meta.read(tx, _LAST_MODEL) != said:
        meta.keep(tx, _LAST_MODEL, said)


def judging(ctx: Context) -> Judging | None:
    """What judged last under the model that the settings name; None where nothing has yet."""
    with ctx.store.read() as tx:
        text = meta.read(tx, _LAST_MODEL)
    name, revision, can_learn = json.loads(text) if text else ("", "", False)
    return Judging(revision, can_learn) if text and name == ctx.settings.model else None


def teachable(classifier: Classifier) -> Teachable:
    """The classifier as one that can be taught; Misconfigured when it has no heads to teach."""
    from classifiers.teaching.taught import Teachable

    if not isinstance(classifier, Teachable):
        raise Misconfigured(f"The model {classifier.card.name} cannot be taught; use the bundled one.")
    return classifier


def worn(ctx: Context, classifier: Classifier) -> Classifier:
    """The classifier with the heads in use, where it is one that can be taught and they were learned on it."""
    found = taught(ctx)
    if found is None:
        return classifier
    from classifiers.teaching.taught import Teachable

    return classifier.with_heads(found) if isinstance(classifier, Teachable) else classifier


def not_rejudged(ctx: Context) -> int | None:
    """The number of the heads in use while posts are still judged by the heads before; None when all is done."""
    with ctx.store.read() as tx:
        now = number_in(tx)
        return None if int(meta.read(tx, _JUDGED) or SHIPPED) == now else now


def rejudged(ctx: Context, place: int) -> None:
    """Every post is judged by the heads of this number."""
    with ctx.store.write() as tx:
        meta.keep(tx, _JUDGED, str(place))


def install(tx: Connection, new: Taught) -> int:
    """Let these heads judge from now on; returns their number.

    The same once more are no step: who ran a lesson twice, or beside a colleague, would undo it and take nothing back.
    """
    from classifiers.teaching.taught import written

    before = number_in(tx)
    step = _step(tx, before)
    if step is not None and step.taught == written(new):
        return before
    place = int(meta.read(tx, _LAST) or SHIPPED) + 1
    meta.keep(tx, _name(place), json.dumps({"before": before, "taught": written(new)}))
    meta.keep(tx, _LAST, str(place))
    meta.keep(tx, _NOW, str(place))
    return place


def step_back(tx: Connection) -> int:
    """Let the heads judge that did before; returns their number. Nothing is thrown away."""
    step = _step(tx, number_in(tx))
    before = SHIPPED if step is None else step.before
    meta.keep(tx, _NOW, str(before))
    return before


def forget_gone(tx: Connection) -> None:
    """Keep only those numbers of posts that heads were learned from whose posts are there. What was learned stays.

    To be called where posts go for good, as they do with their brand alone: SQLite gives the highest numbers again, and
    another post under such a number would count as one that taught.
    """
    for place in range(1, int(meta.read(tx, _LAST) or SHIPPED) + 1):
        step = _step(tx, place)
        if step is None:
            continue
        try:
            found = json.loads(step.taught)
            posts = [int(each) for each in found["learned_from"]]
        except (ValueError, KeyError, TypeError):
            continue  # Heads that cannot be read judge nowhere, and name no post.
        left = sorted(corrections.still_there(tx, posts))
        if len(left) < len(posts):
            kept = json.dumps({**found, "learned_from": left})
            meta.keep(tx, _name(place), json.dumps({"before": step.before, "taught": kept}))


def _step(tx: Connection, place: int) -> Step | None:
    text = meta.read(tx, _name(place)) if place != SHIPPED else None
    if text is None:
        return None
    found = json.loads(text)
    return Step(place, int(found["before"]), str(found["taught"]))


def _name(place: int) -> str:
    return f"heads {place}"
