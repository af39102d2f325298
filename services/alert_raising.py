"""Whom does a cause concern, and where are they told? One message for each address that wants to hear of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from db import alert_addresses, alert_outbox, users
from domain.alert import LASTING, SAID_AFTER_ATTEMPTS, AlertKind, may_be_told
from domain.people import Member, Right


def tell(
    tx: Connection,
    kind: AlertKind,
    *,
    brand_id: int | None,
    details: Mapping[str, object],
    at: datetime,
    only: Collection[int] | None = None,
    team: bool = True,
) -> int:
    """Put a message into the outbox for every address that wants this kind; returns how many.

    ``details`` holds ids, codes and numbers, never text or names. ``only``: of the colleagues these alone; None:
    whoever may know of it. Not ``team``: none of the team's addresses. Inside the caller's transaction: what is told
    is as lasting as what it tells of.
    """
    wanted = alert_addresses.reached_by(tx, kind)
    if not wanted:
        return 0
    everybody = {member.id: member for member in users.everybody(tx)}
    reached = [
        row.id
        for row in wanted
        if (
            team
            if row.user_id is None
            else may_be_told(everybody[row.user_id], kind) and (only is None or row.user_id in only)
        )
    ]
    for address_id in reached:
        # So somebody hears in the end that an address is not reached, however often one takes the place of another.
        before = alert_outbox.tried(tx, address_id, kind, brand_id) if kind in LASTING else 0
        tries = min(before, SAID_AFTER_ATTEMPTS - 1)
        alert_outbox.add(
            tx, address_id=address_id, kind=kind, brand_id=brand_id, details=details, at=at, attempts=tries
        )
    return len(reached)


def concerned(tx: Connection, ids: Iterable[int | None]) -> set[int]:
    """Those of these colleagues who are here; for one who is not, the substitute they named, else the managers."""
    team = {member.id: member for member in users.everybody(tx)}
    found: set[int] = set()
    for user_id in {each for each in ids if each is not None}:
        found |= _in_place_of(team[user_id], team)
    return found


def _in_place_of(member: Member, team: Mapping[int, Member]) -> set[int]:
    if _is_here(member):
        return {member.id}
    substitute = team.get(member.substitute_id or 0)
    if substitute is not None and _is_here(substitute):
        return {substitute.id}
    return {each.id for each in team.values() if _is_here(each) and Right.REASSIGN in each.rights}


def _is_here(member: Member) -> bool:
    return member.active and not member.away
