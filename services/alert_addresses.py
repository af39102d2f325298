"""Where is a colleague told, of what, and when not? Their own choice; the team's shared addresses by who leads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection

from db import alert_addresses, alert_outbox
from db.alert_addresses import AddressRow, QuietRow
from domain.alert import CHOOSABLE, NEEDS, AlertKind, DeliveryState, Medium
from domain.errors import Invalid, NotFound, NotPossible
from domain.people import Right
from services import alert_post, keyring, vault
from services.act import Act, act, acting_member, require
from services.context import Context

#: So many for one colleague, and so many for the team.
MOST = 10
#: A test a minute to one address is enough to see that it works.
TEST_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LastMessage:
    """What became of the last message to an address. ``error``: a stable word, with the server's status."""

    kind: AlertKind
    state: DeliveryState
    at: datetime
    error: str | None


@dataclass(frozen=True, slots=True)
class AddressView:
    """One address as it may be shown: never the address itself."""

    address_id: int
    medium: Medium
    service: str
    hint: str
    kinds: tuple[AlertKind, ...]
    is_team: bool
    last: LastMessage | None


def kinds_for(ctx: Context, *, team: bool = False) -> tuple[AlertKind, ...]:
    """The kinds that the one who acts may have told: what their roles let them know; for the team all of them."""
    return CHOOSABLE if team else tuple(kind for kind in CHOOSABLE if NEEDS[kind] in ctx.actor.rights)


def mine(ctx: Context) -> list[AddressView]:
    """The actor's own addresses."""
    require(ctx, Right.READ, action="alert.read", entity="alert_address")
    member = acting_member(ctx)
    with ctx.store.read() as tx:
        return [_view(tx, row) for row in alert_addresses.of_user(tx, member.id)]


def of_team(ctx: Context) -> list[AddressView]:
    """The team's shared addresses. Needs Right.TEAM."""
    require(ctx, Right.TEAM, action="alert.read", entity="alert_address")
    with ctx.store.read() as tx:
        return [_view(tx, row) for row in alert_addresses.of_team(tx)]


def add(ctx: Context, typed: str, kinds: Iterable[AlertKind], *, team: bool = False) -> AddressView:
    """Be told there of these kinds. One's own with Right.READ, the team's with Right.TEAM.

    Raises Invalid for what is no address or no kind one may have, NotPossible("alerts_many", "mail_off").
    """
    needs = Right.TEAM if team else Right.READ
    require(ctx, needs, action="alert.add", entity="alert_address")
    wanted = _allowed(ctx, kinds, team=team)
    checked = alert_post.checked(ctx, typed)
    with act(ctx, "alert.add", "alert_address", needs=needs) as running:
        user_id = None if team else acting_member(ctx).id
        there = alert_addresses.of_team(running.tx) if user_id is None else alert_addresses.of_user(running.tx, user_id)
        if len(there) >= MOST:
            raise NotPossible(f"{MOST} addresses are the most.", reason="alerts_many")
        language = ctx.settings.language if ctx.actor.member is None else ctx.actor.member.language
        address_id = keep(running, ctx, checked, user_id=user_id, kinds=wanted, language=language)
        running.details.update(kinds=[str(kind) for kind in wanted], team=team)
        return _view(running.tx, alert_addresses.get(running.tx, address_id))


def keep(
    running: Act,
    ctx: Context,
    checked: alert_post.Checked,
    *,
    user_id: int | None,
    kinds: Iterable[AlertKind],
    language: str,
    schedule_id: int | None = None,
) -> int:
    """Inside an act: store an address, sealed; returns its number."""
    ring = keyring.of(ctx.settings)
    vault.ready(running.tx, ring)
    address_id = alert_addresses.add(
        running.tx,
        user_id=user_id,
        made_by_id=ctx.actor.user_id,
        medium=checked.medium,
        service=checked.service,
        hint=checked.hint,
        language=language,
        kinds=[str(kind) for kind in kinds],
        schedule_id=schedule_id,
        created_at=running.now,
    )
    alert_addresses.seal(running.tx, address_id, ring.seal(checked.address, purpose=f"alert {address_id}"))
    running.entity_id = running.entity_id or address_id
    running.details["medium"] = str(checked.medium)
    return address_id


def set_kinds(ctx: Context, address_id: int, kinds: Iterable[AlertKind]) -> AddressView:
    """Be told there of these kinds from now on. NotFound for another's address."""
    needs = _needs(ctx, address_id)
    with act(ctx, "alert.kinds", "alert_address", address_id, needs=needs) as running:
        row = _own(ctx, alert_addresses.get(running.tx, address_id))
        wanted = _allowed(ctx, kinds, team=row.user_id is None)
        alert_addresses.set_kinds(running.tx, address_id, wanted)
        running.details["kinds"] = [str(kind) for kind in wanted]
        return _view(running.tx, alert_addresses.get(running.tx, address_id))


def remove(ctx: Context, address_id: int) -> None:
    """Be told there no more; what was on its way does not leave. NotFound for another's address."""
    with act(ctx, "alert.remove", "alert_address", address_id, needs=_needs(ctx, address_id)) as running:
        _own(ctx, alert_addresses.get(running.tx, address_id))
        alert_addresses.remove(running.tx, address_id)


def test(ctx: Context, address_id: int) -> None:
    """Send a message that says it is a test, on the way of all others. NotPossible("alert_tested") within a minute."""
    with act(ctx, "alert.test", "alert_address", address_id, needs=_needs(ctx, address_id)) as running:
        _own(ctx, alert_addresses.get(running.tx, address_id))
        last = alert_outbox.newest(running.tx, address_id, kind=AlertKind.TEST)
        if last is not None and last.created_at > running.now - TEST_AGAIN:
            raise NotPossible("A test went there less than a minute ago.", reason="alert_tested")
        kind = AlertKind.TEST
        alert_outbox.add(running.tx, address_id=address_id, kind=kind, brand_id=None, details={}, at=running.now)


def quiet(ctx: Context) -> QuietRow | None:
    """When the actor is left in peace; None: at no time."""
    require(ctx, Right.READ, action="alert.read", entity="alert_address")
    with ctx.store.read() as tx:
        return alert_addresses.quiet_of(tx, acting_member(ctx).id)


def set_quiet(ctx: Context, *, from_min: int, until_min: int, timezone: str, urgent_anyway: bool) -> QuietRow:
    """Leave the actor in peace between these minutes of their day. Raises Invalid for no such hours or zone."""
    with act(ctx, "alert.quiet", "user", ctx.actor.user_id, needs=Right.READ) as running:
        member = acting_member(ctx)
        if not (0 <= from_min < 1440 and 0 <= until_min < 1440) or from_min == until_min:
            raise Invalid("Quiet hours begin at one time of day and end at another.", field="quiet", what="quiet")
        row = QuietRow(member.id, _zone(timezone), from_min, until_min, urgent_anyway)
        alert_addresses.set_quiet(running.tx, row)
        return row


def no_quiet(ctx: Context) -> None:
    """Tell the actor at any hour."""
    with act(ctx, "alert.quiet", "user", ctx.actor.user_id, needs=Right.READ) as running:
        alert_addresses.no_quiet(running.tx, acting_member(ctx).id)


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(f"There is no timezone {name!r}.", field="timezone", what="timezone") from None


def _allowed(ctx: Context, kinds: Iterable[AlertKind], *, team: bool) -> list[AlertKind]:
    asked = set(kinds)
    may = kinds_for(ctx, team=team)
    if not asked or not asked <= set(may):
        raise Invalid("Choose at least one thing to be told of, among those your roles know of.", what="alert_kinds")
    return [kind for kind in may if kind in asked]


def _needs(ctx: Context, address_id: int) -> Right:
    with ctx.store.read() as tx:
        return Right.TEAM if alert_addresses.get(tx, address_id).user_id is None else Right.READ


def _own(ctx: Context, row: AddressRow) -> AddressRow:
    """One's own, or the team's: another's is not there, nor is one of a scheduled export."""
    if row.schedule_id is not None or (row.user_id is not None and row.user_id != ctx.actor.user_id):
        raise NotFound(f"There is no address {row.id}.", entity="alert_address", id=row.id)
    return row


def _view(tx: Connection, row: AddressRow) -> AddressView:
    last = alert_outbox.newest(tx, row.id)
    return AddressView(
        address_id=row.id,
        medium=row.medium,
        service=row.service,
        hint=row.hint,
        kinds=row.kinds,
        is_team=row.user_id is None,
        last=None if last is None else LastMessage(last.kind, last.state, last.ended_at or last.created_at, last.error),
    )
