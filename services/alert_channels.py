"""Is the last word heard outside about a channel still true? One that comes and goes is not told each time it does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import Connection

from db import alert_outbox, polls
from db.polls import PolledRow
from domain.alert import AlertKind
from services.context import Context
from services.coverage import ChannelCoverage, covered

LOST, BACK = "lost", "back"


def cause(brand_id: int, channel: str, state: str) -> str:
    """What makes it the same news next time."""
    return f"{brand_id}:{channel}:{state}"


def details(of: ChannelCoverage, state: str) -> dict[str, object]:
    """What its sentence says, in ids, codes and moments."""
    said: dict[str, object] = {"channel": of.channel, "brand": of.brand_id, "state": state}
    return said | ({} if of.heard_until is None else {"since": of.heard_until.isoformat()})


def state_of(tx: Connection, brand_id: int, channel: str) -> str | None:
    """How the channel was last called on the desk; None where nobody listens (any more)."""
    here = [each for each in polls.wanted(tx, brand_id) if each.poll.channel == channel]
    return _state(here) if here else None


def unsaid(ctx: Context, tx: Connection) -> Iterator[tuple[int, str, dict[str, object]]]:
    """Channels of which people outside last heard what is not so any more: the brand, the cause, the details."""
    said = alert_outbox.told_at(tx, AlertKind.BLIND)
    for (brand_id, channel), group in groupby(polls.wanted(tx), key=lambda each: (each.brand_id, each.poll.channel)):
        here = list(group)
        state = _state(here)
        known = said.get(cause(brand_id, channel, state))
        other = said.get(cause(brand_id, channel, BACK if state == LOST else LOST))
        if other is None or (known is not None and known > other):
            continue
        first = next((each for each in covered(tx, ctx, here, []) if (each.blind is not None) == (state == LOST)), None)
        if first is not None:
            yield brand_id, cause(brand_id, channel, state), details(first, state)


def _state(here: list[PolledRow]) -> str:
    return LOST if any(each.poll.told_blind_at is not None for each in here) else BACK
