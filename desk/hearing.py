"""How do we listen right now, as this window knows it? Asked every ten seconds, for top line and banner together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st

from desk import backend, pulse_marks
from desk.session import Seat
from services import brands, coverage, health
from services.context import Context
from services.health import ChannelCoverage

#: A worker that is gone is said within seconds; a channel counts as lost after minutes.
HOLDS_FOR = timedelta(seconds=9)


@dataclass(frozen=True, slots=True)
class Hearing:
    """``is_silent``: none of the brand's own voices may publish; ``worker_gone_since``: None while a worker lives."""

    brand_id: int
    at: datetime
    covered: tuple[ChannelCoverage, ...]
    worker_gone_since: datetime | None
    is_silent: bool


def of(found: Seat, brand_id: int) -> Hearing:
    """What was asked a moment ago in this window, else asked now. Raises DeskError while the store is gone."""
    now, known = found.ctx.clock(), st.session_state.get(pulse_marks.HEARING)
    if isinstance(known, Hearing) and known.brand_id == brand_id and timedelta() <= now - known.at < HOLDS_FOR:
        return known
    fresh = Hearing(
        brand_id=brand_id,
        at=now,
        covered=health.coverage(found.ctx, brand_id),
        worker_gone_since=worker_gone_since(found.ctx),
        is_silent=_is_silent(found, brand_id),
    )
    st.session_state[pulse_marks.HEARING] = fresh
    return fresh


def worker_gone_since(ctx: Context) -> datetime | None:
    """Since when no worker lives; None while one does, before the first, and while this desk has just been started."""
    gone_since = coverage.worker_life(ctx).gone_since
    return gone_since if backend.running_s() > coverage.WORKER_SILENT.total_seconds() else None


def _is_silent(found: Seat, brand_id: int) -> bool:
    voices = brands.list_accounts(found.ctx, brand_id)
    return bool(voices) and not any(brands.publishing_allowed(found.ctx, voice) for voice in voices)
