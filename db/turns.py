"""How far ahead are the clocks of a brand, hour by hour, for whatever counts its local days inside the database?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from sqlalchemy import Connection, delete, insert, select

from db.tables import brand_turns, brands
from domain.window import Turn, Window, hours_of, turns_of

#: For these years the turns of a clock are known beforehand; a window beyond them is counted by its hours.
_KNOWN = (date(2004, 1, 1), date(2045, 12, 31))


def put(tx: Connection, brand_id: int, timezone: str) -> None:
    """Note the turns of this timezone for a brand, in the place of those it had."""
    tx.execute(delete(brand_turns).where(brand_turns.c.brand_id == brand_id))
    rows = [{"brand_id": brand_id, "from_hour": turn.from_hour, "offset_h": turn.offset_h} for turn in _all(timezone)]
    tx.execute(insert(brand_turns), rows)


def put_all(tx: Connection, brand_id: int | None = None) -> None:
    """Note the turns of every brand, or of one, as its timezone is known today."""
    query = select(brands.c.id, brands.c.timezone)
    for row in tx.execute(query if brand_id is None else query.where(brands.c.id == brand_id)).all():
        put(tx, row.id, row.timezone)


def between(tx: Connection, brand_id: int, first: Window, last: Window) -> Sequence[Turn]:
    """The turns kept for a brand from before the one window to the end of the other, in order."""
    begin, end = hours_of(first.stretch)[0], hours_of(last.stretch)[1]
    table = brand_turns
    query = select(table.c.from_hour, table.c.offset_h).where(table.c.brand_id == brand_id, table.c.from_hour < end)
    found = [Turn(*row) for row in tx.execute(query.order_by(table.c.from_hour.desc()).limit(_most(begin, end)))]
    return found[::-1]


def are_those_of(kept: Sequence[Turn], window: Window) -> bool:
    """Whether the days counted by these turns are the days of the window: of the same clock, in the years known."""
    if not (_KNOWN[0] <= window.first and window.last <= _KNOWN[1]):
        return False
    first, end = hours_of(window.stretch)
    before = [turn for turn in kept if turn.from_hour <= first][-1:]
    inside = [turn for turn in kept if first < turn.from_hour < end]
    counted = [*(Turn(first, turn.offset_h) for turn in before), *inside]
    return counted == turns_of(window)


def _most(begin: int, end: int) -> int:
    """No clock is changed more often than four times a year; one more was before the window."""
    return 6 + 4 * (end - begin) // (365 * 24)


@lru_cache(maxsize=32)
def _all(timezone: str) -> tuple[Turn, ...]:
    first, *later = _found(timezone)
    # What was said before the first year is counted by the clock of its beginning.
    return (Turn(0, first.offset_h), *later)


def _found(timezone: str) -> list[Turn]:
    found: list[Turn] = []
    for year in range(_KNOWN[0].year, _KNOWN[1].year + 1):
        for turn in turns_of(Window(date(year, 1, 1), date(year, 12, 31), timezone)):
            if not found or turn.offset_h != found[-1].offset_h:
                found.append(turn)
    return found
