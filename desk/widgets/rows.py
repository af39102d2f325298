"""What one row of the queue shows, already written in the operator's language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class UrgencyShape(StrEnum):
    """Shape that stands for an urgency, so that it never depends on colour alone."""

    NO_RUSH = "u0"
    SOON = "u1"
    TODAY = "u2"
    NOW = "u3"
    UNJUDGED = "uq"
    UNSURE = "uw"

    @classmethod
    def of_level(cls, level: int) -> UrgencyShape:
        """Shape of an urgency level 0 to 3; levels outside are clamped."""
        return (cls.NO_RUSH, cls.SOON, cls.TODAY, cls.NOW)[max(0, min(3, level))]


class ChipKind(StrEnum):
    """State of a case as the one chip of its row shows it."""

    YOURS = "mine"
    LOCKED = "lock"
    OWNED = "owned"
    FREE = "free"
    PROMISE = "promise"
    AGAIN = "again"
    SNOOZED = "snoozed"
    UNJUDGED = "unjudged"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One case in the queue. Every string is shown as text, never as markup.

    ``why`` is the list of reasons without the urgency word; ``lang`` is the BCP 47 code of ``text`` or "".
    """

    case_id: int
    urgency: UrgencyShape
    urgency_word: str
    name: str
    channel: str
    waiting: str
    text: str
    why: tuple[str, ...] = ()
    chip: ChipKind = ChipKind.FREE
    chip_text: str = ""
    lang: str = ""
    waiting_title: str = ""
    can_claim: bool = False
    is_away: bool = False


@dataclass(frozen=True, slots=True)
class QueueLabels:
    """Fixed words of the queue list."""

    list_name: str = "Queue"
    claim: str = "Claim"
    empty: str = ""
