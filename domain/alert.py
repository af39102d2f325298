"""What is told to people where they are: which causes, through which medium, and when they are left in peace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.people import Member, Right


class AlertKind(StrEnum):
    """Why somebody is told. The first six can be chosen; the others are asked for, each time."""

    SPIKE = "spike"  # far more posts than usual
    UNOWNED = "unowned"  # a case of the highest urgency that nobody has taken
    PROMISE = "promise"  # a promise that is about to be broken
    BLIND = "blind"  # a channel that is not heard, or heard again
    BUDGET = "budget"  # a month's ceiling that is reached
    REPLY = "reply"  # a reply whose fate a person has to settle
    TEST = "test"  # somebody wants to see that it arrives
    EXPORT = "export"  # a file the calendar made


#: What a colleague must be allowed to do to be told of it.
NEEDS: dict[AlertKind, Right] = {
    AlertKind.SPIKE: Right.TRENDS,
    AlertKind.UNOWNED: Right.WORK,
    AlertKind.PROMISE: Right.WORK,
    AlertKind.BLIND: Right.CHANNELS,
    AlertKind.BUDGET: Right.CHANNELS,
    AlertKind.REPLY: Right.WORK,
    AlertKind.TEST: Right.READ,
    AlertKind.EXPORT: Right.EXPORT,
}
CHOOSABLE = tuple(kind for kind in AlertKind if kind not in (AlertKind.TEST, AlertKind.EXPORT))


class Medium(StrEnum):
    """How it travels."""

    MAIL = "mail"  # through the mail server of the house
    CHAT = "chat"  # a service that the library speaks with
    WEBHOOK = "webhook"  # JSON to an address of the firm's own


class DeliveryState(StrEnum):
    """How far one message to one address is."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DROPPED = "dropped"  # not true any more, or nobody who may know it
    GIVEN_UP = "given_up"


#: Told at night too, where somebody wants that.
URGENT = (AlertKind.UNOWNED,)
#: Told again while it lasts: of several messages the newest says it all.
LASTING = (AlertKind.UNOWNED, AlertKind.BLIND)
_DAY_MIN = 24 * 60
#: The first wait after a failure, doubled by each further one up to the longest; a fifth more or less, so that
#: many who failed together do not come back together.
FIRST_WAIT_S, LONGEST_WAIT_S, JITTER_SHARE = 30.0, 900.0, 0.2
#: With these waits some fifty minutes: then it is said on the desk, and tried on more seldom.
SAID_AFTER_ATTEMPTS, SELDOM_WAIT_S = 8, 1800.0
#: Twelve hours in all, for a receiver may be down for a night; what did not arrive by then is given up.
MOST_ATTEMPTS = 30


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours in which a person is left in peace: minutes of the day on their own clock, the end not inside."""

    from_min: int
    until_min: int
    timezone: str

    def __post_init__(self) -> None:
        if not (0 <= self.from_min < _DAY_MIN and 0 <= self.until_min < _DAY_MIN):
            raise ValueError("quiet hours are minutes of a day")

    def ends(self, now: datetime) -> datetime | None:
        """When peace ends, if it holds now; None while it does not. Never a moment that is over.

        >>> quiet = Quiet(22 * 60, 7 * 60, "Europe/Rome")
        >>> quiet.ends(datetime(2026, 3, 2, 23, 30, tzinfo=UTC)).isoformat()
        '2026-03-03T06:00:00+00:00'
        """
        zone = ZoneInfo(self.timezone)
        here = now.astimezone(zone)
        at_min = here.hour * 60 + here.minute
        over_midnight = self.until_min <= self.from_min
        inside = self.from_min <= at_min < self.until_min
        if over_midnight:
            inside = self.from_min != self.until_min and (at_min >= self.from_min or at_min < self.until_min)
        if not inside:
            return None
        day = here.date() + timedelta(days=1 if over_midnight and at_min >= self.from_min else 0)
        wall = datetime.combine(day, time(self.until_min // 60, self.until_min % 60), tzinfo=zone)
        first = wall.astimezone(UTC)
        # In the hour that comes twice, the end meant is the one that is still to come.
        return first if first > now else wall.replace(fold=1).astimezone(UTC)


def may_be_told(member: Member, kind: AlertKind) -> bool:
    """Whether a colleague is here and allowed to know of this."""
    return member.active and not member.away and NEEDS[kind] in member.rights


def wait_s(attempts: int, *, chance: float) -> float:
    """How long to wait after so many failed attempts. ``chance``: between 0 and 1, drawn by whoever calls.

    >>> [round(wait_s(n, chance=0.5)) for n in range(1, 8)]
    [30, 60, 120, 240, 480, 900, 900]
    """
    growing = FIRST_WAIT_S * 2 ** min(attempts - 1, 10)
    plain = SELDOM_WAIT_S if attempts >= SAID_AFTER_ATTEMPTS else min(LONGEST_WAIT_S, growing)
    return float(plain * (1 + JITTER_SHARE * (2 * chance - 1)))
