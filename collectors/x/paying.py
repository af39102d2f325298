"""What may a question to X cost, and what did its answer? Set aside before it is asked, settled once it is here.

X charges for every thing that an answer holds, once a UTC day (docs.x.com, pricing). An answer that never came is asked
for again, and what it holds is counted then; so a question that failed puts back what was set aside for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from collectors.spending import Budget, Hold, Purse, Terms
from domain.errors import Misconfigured, Unavailable

#: What may come along with a post: its author, two posts it speaks of with theirs, and four media.
_AUTHORS, _SPOKEN_OF, _MEDIA = 3, 2, 4
#: Until whoever has the rest of the month's money set aside has settled it.
SOON_S = 60.0
#: What sums of prices in binary may be off by, and more: a thousandth of the smallest part that a purse counts.
_DUST_EUR = 1e-9


@dataclass(slots=True)
class Paid:
    """What is set aside for one question about so many posts. ``charges``: what its answer holds, once it is here."""

    posts: int
    charges: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Till:
    """Pays from one purse at the prices of ``terms``."""

    purse: Purse
    terms: Terms

    def at_most(self, price_usd: float, *, alone: bool) -> float:
        """Euros that one post can cost, with all that may come along unless it is asked for ``alone``."""
        along_usd = _AUTHORS * self.terms.user_read_usd + (_SPOKEN_OF + _MEDIA) * self.terms.post_read_usd
        return self.terms.eur(price_usd + (0.0 if alone else along_usd))

    @contextmanager
    def asking(self, posts: int, least: int, *, each_eur: float, now: datetime) -> Iterator[Paid]:
        """Set aside what so many posts may cost, at least ``least``; ``Paid.posts`` says for how many it is enough.

        Raises Misconfigured when the month's money for reading is spent, Unavailable when others have it set aside.
        """
        if not each_eur:
            yield Paid(posts)  # Somebody's contract asks for nothing.
            return
        least = min(least, posts)
        least_eur = least * each_eur
        hold = self.purse.hold(Budget.READS, posts * each_eur, at_least=least_eur)
        if hold is None:
            if self.purse.left_eur(Budget.READS) < least_eur:
                raise ceiling_reached(now)
            raise Unavailable("Others are reading X with the rest of the month's money.", retry_after_s=SOON_S)
        enough_for = int((hold.eur + _DUST_EUR) / each_eur)
        # What was set aside is enough for the least, whatever a division makes of it.
        yield from self._settled(hold, Paid(max(least, min(posts, enough_for))))

    @contextmanager
    def anyway(self, budget: Budget, *, eur: float) -> Iterator[Paid]:
        """For what has to be known on an empty purse too: set aside what there is, and pay what it comes to."""
        hold = self.purse.hold(budget, eur, at_least=0.0)
        if hold is not None:
            yield from self._settled(hold, Paid(0))
            return
        paid = Paid(0)
        yield paid
        self.purse.pay(budget, paid.charges)

    def _settled(self, hold: Hold, paid: Paid) -> Iterator[Paid]:
        try:
            yield paid
        except Exception:
            self.purse.settle(hold, {})
            raise
        self.purse.settle(hold, paid.charges)

    def charges(self, body: Mapping[str, Any], price_usd: float) -> dict[str, float]:
        """Everything an answer holds has its price, what came along with the posts included."""
        terms = self.terms
        charges = {f"media {key}": terms.post_read_usd for key in included(body, "media", "media_key")}
        charges |= {f"user {key}": terms.user_read_usd for key in included(body, "users", "id")}
        charges |= {f"post {key}": terms.post_read_usd for key in included(body, "tweets", "id")}
        told = body.get("data")
        if isinstance(told, list):
            charges |= {f"post {each.get('id')}": price_usd for each in told if isinstance(each, dict)}
        return {name: terms.eur(usd) for name, usd in charges.items()}


def included(body: Mapping[str, Any], kind: str, key: str) -> dict[str, Mapping[str, Any]]:
    """What came along with the posts of an answer, by its key."""
    includes = body.get("includes")
    found = includes.get(kind) if isinstance(includes, dict) else None
    if not isinstance(found, list):
        return {}
    return {str(item[key]): item for item in found if isinstance(item, dict) and key in item}


class CeilingReached(Misconfigured):
    """The month's money for reading is spent: it goes on with the next month, or once the ceiling is raised."""


def ceiling_reached(now: datetime) -> CeilingReached:
    """So much for this month of ``now``."""
    next_month = (now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)
    return CeilingReached(
        "The month's ceiling for reading X is reached: raise x_reads_eur_month, or wait for the next month.",
        field="x_reads_eur_month",
        again_after_s=(next_month - now).total_seconds(),
    )
