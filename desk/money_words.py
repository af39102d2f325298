"""What does a reply cost, what has the month cost, and why does a post have to be answered by hand?"""

from __future__ import annotations

from collections.abc import Sequence

from babel.numbers import format_currency

from collectors.spending import Budget
from desk.i18n import N_, _
from desk.numbers import locale
from services.spending import Spent

_BY_HAND = {
    "not_summoned": N_("X lets programs answer only who names or quotes our account: this one is posted by hand."),
    "ceiling_reached": N_("The month’s money for replies is spent: this one is posted by hand."),
    "not_connected": N_("The keys of our account are missing: this one is posted by hand."),
    "replies_closed": N_("Its author lets only some people answer: look on the network whether we are among them."),
    "thread_locked": N_("This thread was locked or is too old: nobody can answer there, unless it is opened again."),
    "not_granted": N_("Reddit lets our app read and not write: this one is posted by hand."),
}


def by_hand_words(reason: str) -> str:
    """The reason of the channel in a sentence."""
    known = _BY_HAND.get(reason)
    return _(known) if known else _("No program can post this reply: three steps by hand, one minute.")


def reply_price_words(cost_eur: float, with_link_eur: float) -> str:
    """What the reply will cost; empty where it costs nothing."""
    if not cost_eur and not with_link_eur:
        return ""
    said = _("It costs {price}.").format(price=euros(cost_eur))
    if with_link_eur > cost_eur:
        said = _("It costs {price}, with an address in it {dear}.").format(
            price=euros(cost_eur), dear=euros(with_link_eur)
        )
    return said


def spent_words(spent: Sequence[Spent]) -> str:
    """What the month has cost so far, with its ceilings; empty where nothing is charged."""
    if not spent:
        return ""
    told = {
        budget: (sum(each.spent_eur for each in spent if each.budget is budget), _ceiling(spent, budget))
        for budget in Budget
    }
    (reads, most_reads), (replies, most_replies) = told[Budget.READS], told[Budget.REPLIES]
    return _("this month: reading {reads} of {most_reads}, replies {replies} of {most_replies}").format(
        reads=euros(reads), most_reads=euros(most_reads), replies=euros(replies), most_replies=euros(most_replies)
    )


def euros(amount: float) -> str:
    """An amount in euros, to the cent; what is less than one is said as such."""
    if 0 < amount < 0.01:
        return _("less than {cent}").format(cent=format_currency(0.01, "EUR", locale=locale()))
    return str(format_currency(amount, "EUR", locale=locale()))


def _ceiling(spent: Sequence[Spent], budget: Budget) -> float:
    return sum(each.ceiling_eur for each in spent if each.budget is budget)
