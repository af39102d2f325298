"""What is spoken of more than usual, and what did somebody say about it? Spikes as the worker noticed them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import brands as brands_db
from db import changes, problems
from db import spikes as spikes_db
from db.spikes import SpikeRow
from domain.errors import NotPossible
from domain.people import Right
from domain.problem import REASON_CHARS, ProblemState
from domain.spike import Measure, SpikeMove, SpikeState, spike_after
from domain.states import IllegalMove
from domain.text import clean, one_line
from services.act import act, require
from services.context import Context

__all__ = ["Measure", "SpikeState", "SpikeView", "open_spikes", "set_aside", "spike", "spikes_of"]

DEFAULT_DAYS = 31


@dataclass(frozen=True, slots=True)
class SpikeView:
    """One spike. ``channel`` '': all channels together; ``over_at`` None: it lasts; ``usual``: posts in such hours.

    ``problem_id`` and ``problem_title``: the newest problem that was opened from it, if one was; ``problem_lives``:
    it is not closed, so no other can be opened.
    """

    spike_id: int
    brand_id: int
    channel: str
    measure: Measure
    state: SpikeState
    from_at: datetime
    to_at: datetime
    posts: int
    usual: float
    peak_at: datetime
    peak_posts: int
    noticed_at: datetime
    over_at: datetime | None
    set_aside_reason: str | None
    problem_id: int | None = None
    problem_title: str | None = None
    problem_lives: bool = False

    @property
    def lasts(self) -> bool:
        return self.over_at is None

    @property
    def times(self) -> float | None:
        """How many times as many as usual; None where less than one post is usual."""
        return self.posts / self.usual if self.usual >= 1 else None


def open_spikes(ctx: Context, brand_id: int | None = None) -> tuple[SpikeView, ...]:
    """Spikes that last and that nobody set aside, of one brand or of all, the newest first. Needs Right.READ."""
    require(ctx, Right.READ, action="spikes.read", entity="brand")
    with ctx.store.read() as tx:
        return _views(tx, spikes_db.lasting(tx, brand_id))


def spikes_of(
    ctx: Context, brand_id: int, *, from_at: datetime | None = None, to_at: datetime | None = None
) -> tuple[SpikeView, ...]:
    """The brand's spikes of a stretch (by default the last DEFAULT_DAYS), the newest first. Needs Right.READ."""
    require(ctx, Right.READ, action="spikes.read", entity="brand")
    end = to_at or ctx.clock() + timedelta(hours=1)
    with ctx.store.read() as tx:
        brands_db.get(tx, brand_id)
        rows = spikes_db.of_brand(tx, brand_id, from_at=from_at or end - timedelta(days=DEFAULT_DAYS), to_at=end)
        return _views(tx, rows)


def spike(ctx: Context, spike_id: int) -> SpikeView:
    """One spike; NotFound when there is none. Needs Right.READ."""
    require(ctx, Right.READ, action="spikes.read", entity="spike")
    with ctx.store.read() as tx:
        return _views(tx, [spikes_db.get(tx, spike_id)])[0]


def set_aside(ctx: Context, spike_id: int, *, reason: str) -> SpikeView:
    """Say what a spike is, where it is no news (a promotion, a match): it is counted on and alarms nobody.

    Needs Right.PROBLEMS and words (NotPossible without). NotPossible for one that was set aside already.
    """
    with act(ctx, "spike.set_aside", "spike", spike_id, needs=Right.PROBLEMS) as running:
        row, words = spikes_db.get(running.tx, spike_id), one_line(clean(reason), max_chars=REASON_CHARS)
        if not words:
            raise NotPossible("Say in a few words what it is.", reason="no_reason", spike=spike_id)
        if row.state is SpikeState.SET_ASIDE:
            raise NotPossible(reason="spike_set_aside", spike=spike_id)
        try:
            state = spike_after(row.state, SpikeMove.SET_ASIDE)
        except IllegalMove:
            raise NotPossible(reason=f"spike_{row.state}", spike=spike_id) from None
        by = {"set_aside_by_id": running.user_id, "set_aside_at": running.now, "set_aside_reason": words}
        spikes_db.change(running.tx, spike_id, state=state, **by)
        changes.raise_version(running.tx, row.brand_id)
        running.details["brand"] = row.brand_id
        return _views(running.tx, [spikes_db.get(running.tx, spike_id)])[0]


def _views(tx: Connection, rows: Sequence[SpikeRow]) -> tuple[SpikeView, ...]:
    opened = problems.of_spikes(tx, [row.id for row in rows])
    return tuple(_view(row, opened.get(row.id)) for row in rows)


def _view(row: SpikeRow, problem: problems.ProblemRow | None) -> SpikeView:
    return SpikeView(
        spike_id=row.id,
        brand_id=row.brand_id,
        channel=row.channel,
        measure=row.measure,
        state=row.state,
        from_at=row.from_at,
        to_at=row.to_at,
        posts=row.posts,
        usual=row.usual,
        peak_at=row.peak_at,
        peak_posts=row.peak_posts,
        noticed_at=row.noticed_at,
        over_at=row.over_at,
        set_aside_reason=row.set_aside_reason,
        problem_id=None if problem is None else problem.id,
        problem_title=None if problem is None else problem.title,
        problem_lives=problem is not None and problem.state is not ProblemState.CLOSED,
    )
