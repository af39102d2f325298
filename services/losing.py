"""Has a channel been lost, or is one back? Each is said once: one line in the log, one word to whoever can act."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection

from db import alert_outbox, notices, polls, users
from domain.alert import AlertKind
from domain.people import Right
from services import alert_channels, alert_raising
from services.context import Context
from services.coverage import ChannelCoverage, everywhere

log = logging.getLogger(__name__)
LOST, BACK = "channel_lost", "channel_back"


def tell_changes(ctx: Context) -> int:
    """Tell of every channel of a brand that was lost or came back since last time; returns how many.

    Several watches on one channel are one loss: it is told with the first and over with the last. Those who
    have Right.CHANNELS get the notice.
    """
    told = 0
    for _, group in groupby(everywhere(ctx), key=lambda each: (each.brand_id, each.channel)):
        told += _look(ctx, list(group))
    return told


def _look(ctx: Context, here: Sequence[ChannelCoverage]) -> bool:
    blind = [each for each in here if each.blind is not None]
    was_told = any(each.told for each in here)
    if blind and not was_told:
        return _say(ctx, LOST, here, blind[0])
    if was_told and not blind:
        return _say(ctx, BACK, here, here[0])
    return False


def _say(ctx: Context, kind: str, here: Sequence[ChannelCoverage], first: ChannelCoverage) -> bool:
    now = ctx.clock()
    with ctx.store.write() as tx:
        mine = [each.poll_id for each in here]
        if polls.tell(tx, mine, at=now if kind == LOST else None) == 0:
            return False  # Another worker was faster.
        details: dict[str, object] = {"channel": first.channel, "brand": first.brand_id}
        if first.heard_until is not None:
            details["since"] = first.heard_until.isoformat()
        for user_id in _who_can_act(tx):
            notices.add(tx, user_id=user_id, kind=kind, case_id=None, at=now, details=details)
        _tell_outside(tx, ctx, kind, first, now)
    if kind == LOST:
        log.warning("channel lost channel=%s brand=%s why=%s", first.channel, first.brand_id, first.blind)
    else:
        log.warning("channel back channel=%s brand=%s", first.channel, first.brand_id)
    return True


def _tell_outside(tx: Connection, ctx: Context, kind: str, first: ChannelCoverage, now: datetime) -> None:
    """Who is not at the desk hears of it where they are; of one that comes and goes not each time.

    What is held back here is told once the while is over, if it is so then (``services.alert_looking``).
    """
    state = alert_channels.LOST if kind == LOST else alert_channels.BACK
    cause, details = alert_channels.cause(first.brand_id, first.channel, state), alert_channels.details(first, state)
    again = now - timedelta(minutes=ctx.settings.alert_again_min)
    if alert_outbox.claim(tx, AlertKind.BLIND, cause, now=now, told_before=again):
        alert_raising.tell(tx, AlertKind.BLIND, brand_id=first.brand_id, details=details, at=now)


def _who_can_act(tx: Connection) -> list[int]:
    return [member.id for member in users.everybody(tx) if member.active and Right.CHANNELS in member.rights]
