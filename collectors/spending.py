"""What does a network charge, and who counts it? Prices as settings, and a purse that knows what the month has left.

What something costs is known when the answer is here. So that no two workers, and none that dies, spend more than the
month has, the most it can cost is set aside before the question and settled after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Protocol


class Budget(StrEnum):
    """What a monthly ceiling is set for."""

    READS = "reads"
    REPLIES = "replies"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a desk may do on X and what it costs there, in dollars as X names its prices.

    Figures of docs.x.com/x-api/getting-started/pricing, August 2026, for pay-per-use; a reply that X lets through is
    one to somebody who asked for it ("summoned"). ``enterprise``: under a contract, where anybody may be answered.
    """

    post_read_usd: float = 0.005
    own_read_usd: float = 0.001
    user_read_usd: float = 0.010
    reply_usd: float = 0.010
    reply_with_link_usd: float = 0.200
    eur_per_usd: float = 1.0
    enterprise: bool = False

    def eur(self, usd: float) -> float:
        """A price in euros."""
        return usd * self.eur_per_usd


@dataclass(frozen=True, slots=True)
class Hold:
    """Money set aside for one question. ``month`` is the one it was taken from, as its purse calls it."""

    budget: Budget
    eur: float
    month: str = ""
    token: str = ""


class Purse(Protocol):
    """What an account has cost this month, counted where every process of the desk sees it."""

    def left_eur(self, budget: Budget) -> float:
        """What may still be spent before the month ends, what is set aside included; infinite without a ceiling."""
        ...

    def hold(self, budget: Budget, eur: float, *, at_least: float) -> Hold | None:
        """Set so much aside, or what there is of it; None when that is less than ``at_least``."""
        ...

    def settle(self, hold: Hold, charges: Mapping[str, float]) -> None:
        """The answer is here: count its charges as ``pay`` does, and put back what was set aside.

        What nobody settles within minutes counts as spent: whoever asked died, and may have had the answer.
        """
        ...

    def pay(self, budget: Budget, charges: Mapping[str, float]) -> None:
        """Count charges in euros by what they are for; the same thing again on the same UTC day is free."""
        ...


class Unlimited:
    """A purse nobody counts."""

    def left_eur(self, budget: Budget) -> float:
        """There is always enough."""
        return inf

    def hold(self, budget: Budget, eur: float, *, at_least: float) -> Hold | None:
        """There is always enough."""
        return Hold(budget, eur)

    def settle(self, hold: Hold, charges: Mapping[str, float]) -> None:
        """Nothing is written down."""

    def pay(self, budget: Budget, charges: Mapping[str, float]) -> None:
        """Nothing is written down."""
