"""What has an account cost this month, and how much is left? Kept in the store, where every process sees it."""

from __future__ import annotations

import json
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import ceil

from sqlalchemy import Connection

from collectors.spending import Budget, Hold, Terms
from db import brands as brands_db
from db import meta
from db.engine import Store
from domain.brand import Account
from domain.clock import Clock
from domain.people import Right
from services.act import require
from services.context import Context
from settings import Settings

_MICRO = 1_000_000
#: Longer than any question takes, its library's time-outs and its look at the disk together.
HELD_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Spent:
    """What an account has cost this month, in euros, and the ceiling."""

    channel: str
    account_id: int
    budget: Budget
    spent_eur: float
    ceiling_eur: float


@dataclass(slots=True)
class Ledger:
    """The purse of one account. Months and days are those of UTC, as X counts them.

    What a process has paid for today it does not count again; another process does, so the sum may be a little high,
    never low.
    """

    store: Store = field(repr=False)
    clock: Clock
    account_id: int
    ceilings: Mapping[Budget, float]
    paid: dict[date, set[str]] = field(default_factory=dict, repr=False)

    def left_eur(self, budget: Budget) -> float:
        """What may still be spent before the month ends, with what is set aside just now."""
        with self.store.read() as tx:
            spent = int(meta.read(tx, self._name(budget)) or 0)
        return self.ceilings[budget] - spent / _MICRO

    def hold(self, budget: Budget, eur: float, *, at_least: float) -> Hold | None:
        """Set so much aside, or what there is of it; None when that is less than ``at_least``."""
        month, token, now = self._name(budget), random.token_hex(8), self.clock()
        with self.store.write() as tx:
            held, lost_micro = _held(tx, month, now)
            spent_micro = _add(tx, month, lost_micro)
            free_micro = round(self.ceilings[budget] * _MICRO) - spent_micro - sum(micro for micro, _ in held.values())
            taken_micro = min(_up(eur), free_micro)
            is_enough = taken_micro >= _up(at_least) and taken_micro > 0
            if is_enough:
                held[token] = (taken_micro, now)
            if is_enough or lost_micro:
                _keep_held(tx, month, held)
        return Hold(budget, taken_micro / _MICRO, month, token) if is_enough else None

    def settle(self, hold: Hold, charges: Mapping[str, float]) -> None:
        """Count what it came to, and put the rest back; see ``collectors.spending.Purse``."""
        sum_micro = self._new(charges)
        with self.store.write() as tx:
            held, lost_micro = _held(tx, hold.month, self.clock(), but=hold.token)
            # Taken for lost meanwhile: it is in the sum already.
            late_micro = 0 if hold.token in held else round(hold.eur * _MICRO)
            held.pop(hold.token, None)
            _add(tx, hold.month, lost_micro + sum_micro - late_micro)
            _keep_held(tx, hold.month, held)
        self._remember(charges)

    def pay(self, budget: Budget, charges: Mapping[str, float]) -> None:
        """Count charges in euros by what they are for; the same thing again on the same UTC day is free."""
        sum_micro = self._new(charges)
        if sum_micro:
            with self.store.write() as tx:
                _add(tx, self._name(budget), sum_micro)
        self._remember(charges)

    def _new(self, charges: Mapping[str, float]) -> int:
        """What of these was not paid for today, in millionths."""
        known = self.paid.get(self._today(), set())
        return round(sum(eur for name, eur in charges.items() if name not in known) * _MICRO)

    def _remember(self, charges: Mapping[str, float]) -> None:
        known = self.paid.get(self._today(), set())
        self.paid.clear()
        self.paid[self._today()] = known | set(charges)

    def _today(self) -> date:
        return self.clock().astimezone(UTC).date()

    def _name(self, budget: Budget) -> str:
        return spent_name(self.account_id, budget, self.clock)


def _up(eur: float) -> int:
    """In millionths, and never less than that: what is set aside has to be enough (but for the dust of binary)."""
    return ceil(round(eur * _MICRO, 3))


def _add(tx: Connection, month: str, micro: int) -> int:
    """The month's sum with so much more; nothing is written for nothing."""
    spent = int(meta.read(tx, month) or 0)
    if micro:
        meta.keep(tx, month, str(spent + micro))
    return spent + micro


def _held(tx: Connection, month: str, now: datetime, *, but: str = "") -> tuple[dict[str, tuple[int, datetime]], int]:
    """What is set aside by its token, and the sum of what nobody settled in time; ``but`` is being settled."""
    told = json.loads(meta.read(tx, f"held {month}") or "{}")
    every = {token: (int(micro), datetime.fromisoformat(at)) for token, (micro, at) in told.items()}
    held = {token: one for token, one in every.items() if token == but or abs(now - one[1]) <= HELD_FOR}
    return held, sum(micro for token, (micro, _) in every.items() if token not in held)


def _keep_held(tx: Connection, month: str, held: Mapping[str, tuple[int, datetime]]) -> None:
    meta.keep(tx, f"held {month}", json.dumps({token: (micro, at.isoformat()) for token, (micro, at) in held.items()}))


def spent_name(account_id: int, budget: Budget, clock: Clock) -> str:
    """Under which name this month's sum is kept, in millionths of a euro."""
    return f"spent {account_id} {clock().astimezone(UTC):%Y-%m} {budget}"


def terms_of(settings: Settings) -> Terms:
    """The prices and rights that the settings name."""
    return Terms(
        post_read_usd=settings.x_post_read_usd,
        own_read_usd=settings.x_own_read_usd,
        user_read_usd=settings.x_user_read_usd,
        reply_usd=settings.x_reply_usd,
        reply_with_link_usd=settings.x_reply_link_usd,
        eur_per_usd=settings.eur_per_usd,
        enterprise=settings.x_access == "enterprise",
    )


def ceilings_of(settings: Settings) -> dict[Budget, float]:
    """What a month may cost, by what for."""
    return {Budget.READS: settings.x_reads_eur_month, Budget.REPLIES: settings.x_replies_eur_month}


def spent(ctx: Context, brand_id: int) -> tuple[Spent, ...]:
    """What the brand's accounts on channels that charge have cost this month. Needs Right.READ."""
    require(ctx, Right.READ, action="coverage.read", entity="brand")
    ceilings = ceilings_of(ctx.settings)
    with ctx.store.read() as tx:
        charging = {name for name in ctx.channels.names() if ctx.channels.manifest(name).charges}
        ours: list[Account] = [a for a in brands_db.accounts_of(tx, brand_id) if a.channel in charging]
        return tuple(
            Spent(
                channel=account.channel,
                account_id=account.id,
                budget=budget,
                spent_eur=int(meta.read(tx, spent_name(account.id, budget, ctx.clock)) or 0) / _MICRO,
                ceiling_eur=ceilings[budget],
            )
            for account in ours
            for budget in Budget
        )
