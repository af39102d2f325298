"""How is the day played on which the desk asks about everything it keeps?"""

from __future__ import annotations

from datetime import timedelta

from db import rechecks
from services import brands, rechecking
from services.context import Context
from tests.fakes import MovableClock


def look_at_everything(desk: Context, clock: MovableClock, brand_id: int, channel: str) -> None:
    """The next day comes and the worker asks about what is kept, a part with each minute, until all had its turn."""
    brands.add_account(desk, brand_id, channel=channel, handle="aurora")
    clock.move(days=1)
    day_ends_at = clock() + timedelta(hours=23)
    while _is_waiting(desk, channel, clock):
        assert clock() < day_ends_at, "a day is not enough to look at everything"
        rechecking.run(desk)
        clock.move(minutes=1)


def _is_waiting(desk: Context, channel: str, clock: MovableClock) -> bool:
    """Whether anything is due, or was put off because it could not be asked about; what was asked waits for a day."""
    with desk.store.read() as tx:
        return rechecks.count_due(tx, channel, before=clock() + rechecking.REST) > 0
