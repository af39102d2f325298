"""Spikes as they were noticed, and the hours they are found in: posts by channel, as counted (``db.counting``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, literal_column, select, update

from db.tables import mention_rollups, spikes
from db.tables.counted import ANY_THEME, LABELLED, OURSELVES, labelled
from domain.errors import NotFound
from domain.judgement import Kind
from domain.spike import Measure, SpikeState


@dataclass(frozen=True, slots=True)
class SpikeRow:
    """One spike as stored. ``channel`` '': all together. ``over_at`` None: it lasts."""

    id: int
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
    updated_at: datetime
    over_at: datetime | None
    set_aside_by_id: int | None
    set_aside_at: datetime | None
    set_aside_reason: str | None


_COLUMNS = [spikes.c[name] for name in SpikeRow.__slots__]


def _row(row: Row[Any]) -> SpikeRow:
    values = dict(row._mapping)
    return SpikeRow(**values | {"measure": Measure(values["measure"]), "state": SpikeState(values["state"])})


def get(tx: Connection, spike_id: int) -> SpikeRow:
    """The spike; NotFound when there is none."""
    row = tx.execute(select(*_COLUMNS).where(spikes.c.id == spike_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no spike {spike_id}.", entity="spike", id=spike_id)
    return _row(row)


def create(tx: Connection, **values: Any) -> int:
    """Write down a spike that was just noticed; returns its id. One per brand, channel and measure may last."""
    return int(tx.execute(insert(spikes).values(**values).returning(spikes.c.id)).scalar_one())


def change(tx: Connection, spike_id: int, **values: Any) -> None:
    """Change a spike."""
    tx.execute(update(spikes).where(spikes.c.id == spike_id).values(**values))


def of_brand(tx: Connection, brand_id: int, *, from_at: datetime, to_at: datetime, rows: int = 500) -> list[SpikeRow]:
    """The brand's spikes that lie in this stretch at least in part, the newest first."""
    query = select(*_COLUMNS).where(spikes.c.brand_id == brand_id, spikes.c.from_at < to_at, spikes.c.to_at > from_at)
    return [_row(row) for row in tx.execute(query.order_by(spikes.c.from_at.desc(), spikes.c.id.desc()).limit(rows))]


def lasting(tx: Connection, brand_id: int | None = None) -> list[SpikeRow]:
    """Spikes that last and that nobody set aside, of one brand or of all, the newest first."""
    query = select(*_COLUMNS).where(spikes.c.over_at.is_(None), spikes.c.state == SpikeState.OPEN)
    if brand_id is not None:
        query = query.where(spikes.c.brand_id == brand_id)
    return [_row(row) for row in tx.execute(query.order_by(spikes.c.from_at.desc(), spikes.c.id.desc()))]


def not_over(tx: Connection, brand_id: int) -> list[SpikeRow]:
    """The brand's spikes that were never ended, set aside or not, however old, the newest first."""
    query = select(*_COLUMNS).where(spikes.c.brand_id == brand_id, spikes.c.over_at.is_(None))
    return [_row(row) for row in tx.execute(query.order_by(spikes.c.from_at.desc(), spikes.c.id.desc()))]


def noticed_since(tx: Connection, since: datetime) -> list[SpikeRow]:
    """Every spike of any brand first noticed at this moment or later, the oldest first."""
    query = select(*_COLUMNS).where(spikes.c.noticed_at >= since).order_by(spikes.c.noticed_at, spikes.c.id)
    return [_row(row) for row in tx.execute(query)]


_TOLD = {
    Measure.POSTS: ["unjudged", *(labelled(kind, tone) for kind, tone in LABELLED if kind is not Kind.SPAM)],
    Measure.COMPLAINTS: [labelled(kind, tone) for kind, tone in LABELLED if kind is Kind.COMPLAINT],
}


def hours(
    tx: Connection, brand_id: int, *, from_hour: int, to_hour: int, measures: Sequence[Measure] = tuple(Measure)
) -> dict[Measure, dict[str, dict[int, int]]]:
    """Posts by measure, channel and whole hour since 1970 (the end exclusive); hours without any are left out."""
    table = mention_rollups
    sums: list[ColumnElement[Any]] = [literal_column(f"sum({' + '.join(_TOLD[measure])})") for measure in measures]
    query = (
        select(table.c.channel, table.c.hour, *sums)
        .where(table.c.brand_id == brand_id, table.c.watch_id == OURSELVES)
        .where(table.c.hour >= from_hour, table.c.hour < to_hour, table.c.theme == ANY_THEME)
        .group_by(table.c.channel, table.c.hour)
    )
    found: dict[Measure, dict[str, dict[int, int]]] = {measure: {} for measure in measures}
    for channel, hour, *counted in tx.execute(query):
        for measure, n in zip(measures, counted, strict=True):
            by_hour = found[measure].setdefault(channel, {})
            if n:
                by_hour[hour] = int(n)
    return found
