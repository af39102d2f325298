"""What has lasted long enough that people must hear of it? Looked for by the worker, told once and again after a while.

A channel that is lost or back is told where that is noticed (``services.losing``), and here once what was held back
there may be told; everything else stands in rows that time alone makes worth telling.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection

from collectors.spending import Budget
from db import alert_addresses, alert_causes, alert_outbox, meta
from domain.alert import CHOOSABLE, AlertKind
from domain.clock import CLOCK_SKEW
from services import alert_channels, alert_raising, spending
from services.context import Context

#: What was told, and what became of it, is kept for longer than a month's ceiling holds.
KEPT = timedelta(days=32)
#: After a message about a brand's urgent cases, further ones are gathered for so long and are one message again.
GATHERED = timedelta(minutes=10)
#: A spike older than this is no news to somebody who only now wants to hear of spikes.
SPIKE_IS_NEWS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class _Cause:
    """Something worth telling. ``name``: what makes it the same one next time.

    ``only``: the colleagues it is for; not ``team``: none of the team's addresses.
    ``along``: what it is made of, each told again after a while; with none of them new there is no message.
    """

    kind: AlertKind
    name: str
    brand_id: int
    details: Mapping[str, object]
    only: Collection[int] | None = None
    along: tuple[str, ...] = ()
    team: bool = True


def look(ctx: Context) -> int:
    """Put what is worth telling into the outbox; returns how many messages. Writes nothing when there is none."""
    with ctx.store.read() as tx:
        wanted = [kind for kind in _LOOKS if alert_addresses.reached_by(tx, kind)]
        found = [cause for kind in wanted for cause in _untold(ctx, tx, kind)]
    if not found:
        return 0
    with ctx.store.write() as tx:
        return sum(_tell(ctx, tx, each) for each in found)


def _untold(ctx: Context, tx: Connection, kind: AlertKind) -> list[_Cause]:
    found = list(_LOOKS[kind](ctx, tx))
    if not found:
        return []
    told = alert_outbox.told_at(tx, kind, since=_again(ctx) if kind is AlertKind.UNOWNED else None)
    if _told_before(ctx, kind) is not None:  # What was told in times to come was told before the clock was set back.
        told = {name: at for name, at in told.items() if at <= ctx.clock() + CLOCK_SKEW}
    return [each for each in found if _is_news(ctx, each, told)]


def _is_news(ctx: Context, cause: _Cause, told: Mapping[str, datetime]) -> bool:
    """Whether it may be told now, and something in it was not told lately."""
    known, before = told.get(cause.name), _told_before(ctx, cause.kind)
    if known is not None and (before is None or known > before):
        return False
    return not cause.along or any(told.get(name, _again(ctx)) <= _again(ctx) for name in cause.along)


def _tell(ctx: Context, tx: Connection, cause: _Cause) -> int:
    now = ctx.clock()
    if not alert_outbox.claim(tx, cause.kind, cause.name, now=now, told_before=_told_before(ctx, cause.kind)):
        return 0  # Another worker was faster.
    alert_outbox.keep_told(tx, cause.kind, cause.along, now=now)
    brand_id, details = cause.brand_id, cause.details
    return alert_raising.tell(
        tx, cause.kind, brand_id=brand_id, details=details, at=now, only=cause.only, team=cause.team
    )


def clear_up(ctx: Context) -> None:
    """Forget what ended long ago."""
    with ctx.store.write() as tx:
        alert_outbox.forget(tx, before=ctx.clock() - KEPT)


def unowned_since(ctx: Context) -> datetime:
    """Who waits since before this moment, and has nobody, has waited too long."""
    return ctx.clock() - timedelta(minutes=ctx.settings.alert_unowned_min)


def doubtful_since(ctx: Context) -> datetime:
    """A reply that is uncertain since before this moment is so for too long."""
    return ctx.clock() - timedelta(minutes=ctx.settings.alert_doubt_min)


def _again(ctx: Context) -> datetime:
    return ctx.clock() - timedelta(minutes=ctx.settings.alert_again_min)


def _told_before(ctx: Context, kind: AlertKind) -> datetime | None:
    """When the last message about the same must have been for another one; None: there is none a second time."""
    if kind is AlertKind.UNOWNED:
        return max(ctx.clock() - GATHERED, _again(ctx))
    return _again(ctx) if kind is AlertKind.BLIND else None


def _unowned(ctx: Context, tx: Connection) -> Iterator[_Cause]:
    """All cases of a brand that nobody has are one message: forty of them are no forty messages."""
    waiting = alert_causes.unowned(tx, since=unowned_since(ctx), now=ctx.clock())
    for brand_id, group in groupby(waiting, key=lambda each: each.brand_id):
        cases = [each.case_id for each in group]
        along = tuple(str(case_id) for case_id in cases)
        yield _Cause(AlertKind.UNOWNED, f"brand {brand_id}", brand_id, {"cases": cases}, along=along)


def _promises(ctx: Context, tx: Connection) -> Iterator[_Cause]:
    now = ctx.clock()
    before = now + timedelta(minutes=ctx.settings.alert_promise_min)
    for each in alert_causes.promises_near(tx, before=before, now=now):
        # A new owner, or a new moment, is news.
        name = f"{each.promise_id}:{each.owner_id}:{each.due_at.isoformat()}"
        details = {"promise": each.promise_id, "case": each.case_id}
        told = alert_raising.concerned(tx, [each.owner_id])
        yield from _for_each(_Cause(AlertKind.PROMISE, name, each.brand_id, details), told)


def _replies(ctx: Context, tx: Connection) -> Iterator[_Cause]:
    for each in alert_causes.replies_in_doubt(tx, since=doubtful_since(ctx)):
        details = {"reply": each.reply_id, "case": each.case_id, "channel": each.channel}
        told = alert_raising.concerned(tx, [each.author_id, each.owner_id])
        yield from _for_each(_Cause(AlertKind.REPLY, str(each.reply_id), each.brand_id, details), told)


def _for_each(cause: _Cause, told: Collection[int]) -> Iterator[_Cause]:
    """The team hears of it once, whoever is here, and so does each colleague it concerns, whenever it comes to that."""
    yield replace(cause, only=())
    for user_id in sorted(told):
        # The end as ``alert_outbox.forget_told`` knows it.
        yield replace(cause, name=f"{cause.name}:to {user_id}", only=(user_id,), team=False)


def _budgets(ctx: Context, tx: Connection) -> Iterator[_Cause]:
    """A ceiling is reached when the next post, or the next reply, does not fit under it any more."""
    for brand_id, details in budgets_reached(ctx, tx):
        name = ":".join(str(details[part]) for part in ("account", "budget", "month"))
        yield _Cause(AlertKind.BUDGET, name, brand_id, details)


def budgets_reached(ctx: Context, tx: Connection) -> Iterator[tuple[int, dict[str, object]]]:
    """The ceilings that are reached this month: the brand, and what is told of it."""
    charging = [name for name in ctx.channels.names() if ctx.channels.manifest(name).charges]
    terms, ceilings = spending.terms_of(ctx.settings), spending.ceilings_of(ctx.settings)
    next_one = {Budget.READS: terms.eur(terms.post_read_usd), Budget.REPLIES: terms.eur(terms.reply_usd)}
    month = f"{ctx.clock().astimezone(UTC):%Y-%m}"
    for account_id, brand_id, channel in alert_causes.accounts_on(tx, charging):
        for budget in Budget:
            spent_eur = int(meta.read(tx, spending.spent_name(account_id, budget, ctx.clock)) or 0) / 1_000_000
            if ceilings[budget] - spent_eur < next_one[budget]:
                yield brand_id, {"channel": channel, "budget": str(budget), "account": account_id, "month": month}


def _channels(ctx: Context, tx: Connection) -> Iterator[_Cause]:
    for brand_id, name, details in alert_channels.unsaid(ctx, tx):
        yield _Cause(AlertKind.BLIND, name, brand_id, details)


def _spikes(ctx: Context, tx: Connection) -> Iterator[_Cause]:
    for each in alert_causes.spikes_open(tx, since=ctx.clock() - SPIKE_IS_NEWS):
        yield _Cause(AlertKind.SPIKE, str(each.spike_id), each.brand_id, spike_details(each))


def spike_details(seen: alert_causes.SpikeSeen) -> dict[str, object]:
    """What is told of a spike, as it is now."""
    details: dict[str, object] = {"spike": seen.spike_id, "channel": seen.channel, "measure": seen.measure}
    return details | {"posts": seen.posts, "usual": round(seen.usual, 1)}


_LOOKS: dict[AlertKind, Callable[[Context, Connection], Iterator[_Cause]]] = {
    AlertKind.UNOWNED: _unowned,
    AlertKind.PROMISE: _promises,
    AlertKind.REPLY: _replies,
    AlertKind.BLIND: _channels,
    AlertKind.BUDGET: _budgets,
    AlertKind.SPIKE: _spikes,
}
assert set(_LOOKS) == set(CHOOSABLE)
