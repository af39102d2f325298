"""Whom does a cause concern, and where are they told? One message for each address that wants to hear of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from db import alert_addresses, alert_outbox, users
from domain.alert import AlertKind, may_be_told
from domain.people import Member, Right


def tell(
    tx: Connection,
    kind: AlertKind,
    *,
    brand_id: int | None,
    details: Mapping[str, object],
    at: datetime,
    only: Collection[int] | None = None,
) -> int:
    """Put a message into the outbox for every address that wants this kind; returns how many.

    ``details`` holds ids, codes and numbers, never text or names. ``only``: these colleagues and the team's
    addresses; None: everybody who may know of it. Inside the caller's transaction: what is told is as lasting as
    what it tells of.
    """
    wanted = alert_addresses.reached_by(tx, kind)
    if not wanted:
        return 0
    team = {member.id: member for member in users.everybody(tx)}
    reached = [
        row.id
        for row in wanted
        if row.user_id is None or (may_be_told(team[row.user_id], kind) and (only is None or row.user_id in only))
    ]
    for address_id in reached:
        alert_outbox.add(tx, address_id=address_id, kind=kind, brand_id=brand_id, details=details, at=at)
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
