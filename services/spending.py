"""What has an account cost this month, and how much is left? Kept in the store, where every process sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date

from collectors.spending import Budget, Terms
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
        """What may still be spent before the month ends."""
        with self.store.read() as tx:
            spent = int(meta.read(tx, self._name(budget)) or 0)
        return self.ceilings[budget] - spent / _MICRO

    def pay(self, budget: Budget, charges: Mapping[str, float]) -> None:
        """Count charges in euros by what they are for; the same thing again on the same UTC day is free."""
        today = self.clock().astimezone(UTC).date()
        known = self.paid.get(today, set())
        new = {name: eur for name, eur in charges.items() if name not in known}
        sum_micro = round(sum(new.values()) * _MICRO)
        if sum_micro:
            with self.store.write() as tx:
                before = int(meta.read(tx, self._name(budget)) or 0)
                meta.keep(tx, self._name(budget), str(before + sum_micro))
        self.paid.clear()
        self.paid[today] = known | set(new)

    def _name(self, budget: Budget) -> str:
        return spent_name(self.account_id, budget, self.clock)


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
