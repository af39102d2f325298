"""Which collector asks for a watch? One for all watches of a brand that are due together: each thing is asked once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from collectors.protocol import Collector
from db import brands as brands_db
from domain.brand import Watch
from services import renewing
from services.context import Context


@dataclass(slots=True)
class _Made:
    """A collector, when it was made, and the watches it has served."""

    collector: Collector
    at: datetime
    served: set[int] = field(default_factory=set)


class Collectors:
    """The collectors of one round over several watches. What one of them has been told serves all its watches."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._made: dict[tuple[str, int], _Made] = {}

    def of(self, watch: Watch, channel: str, *, due_at: datetime) -> Collector:
        """The collector for this watch, no answer of which is older than ``due_at``, or than the watch's last turn."""
        known = self._made.get((channel, watch.brand_id))
        if known is None or watch.id in known.served or due_at > known.at:
            known = _Made(self._build(watch, channel), self._ctx.clock())
            self._made[channel, watch.brand_id] = known
        known.served.add(watch.id)
        return known.collector

    def _build(self, watch: Watch, channel: str) -> Collector:
        with self._ctx.store.read() as tx:
            voices = brands_db.accounts_on(tx, watch.brand_id, channel=channel)
        renewing.fresh(self._ctx, voices)
        return self._ctx.channels.collector(channel, next(iter(voices), None), accounts=voices)
