"""What a classifier says about one public post: labels, scores, reasons, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Sentiment(StrEnum):
    """The author's overall tone toward the subject; spam is neutral."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Kind(StrEnum):
    """What the author wants from us; a complaint put as a question is a complaint."""

    COMPLAINT = "complaint"
    QUESTION = "question"
    PRAISE = "praise"
    IDEA = "idea"
    OTHER = "other"
    SPAM = "spam"


class UrgencyLevel(IntEnum):
    """How soon silence does harm."""

    NO_ACTION = 0
    NORMAL = 1
    SAME_DAY = 2
    ACT_NOW = 3


#: From this level on a post has reasons: below it nothing presses, and there is nothing to give a reason for.
CODED_FROM = UrgencyLevel.SAME_DAY


class ReasonCode(StrEnum):
    """Why a post carries its urgency; a post below ``CODED_FROM`` has none."""

    SAFETY = "safety"
    FRAUD_SECURITY = "fraud_security"
    OUTAGE = "outage"
    MONEY = "money"
    LEGAL = "legal"
    PRESS = "press"
    REACH = "reach"
    CHURN = "churn"
    VULNERABLE = "vulnerable"
    TIME = "time"
    REPEAT_CONTACT = "repeat_contact"
    STAFF_CONDUCT = "staff_conduct"
    PRIVACY = "privacy"
    CRISIS = "crisis"
    HARM = "harm"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason code and the words of the post it rests on.

    ``evidence`` is a half-open range ``(start, end)`` in code points of the judged text,
    or None when no single passage carries the reason.
    """

    code: ReasonCode
    evidence: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """One classifier's opinion of one text.

    Scores are probabilities in [0, 1] that sum to 1 over the labels of their head.
    ``urgency`` is the expectation over the four levels, in [0, 3]; ``level_scores`` are their probabilities, empty
    where the classifier gives none.
    ``unsure`` asks a person to read the post: the labels are then a hint, not a verdict.
    """

    language: str
    sentiment: Sentiment
    sentiment_scores: Mapping[Sentiment, float]
    kind: Kind
    kind_scores: Mapping[Kind, float]
    urgency: float
    urgency_level: UrgencyLevel
    reasons: tuple[Reason, ...]
    unsure: bool
    model: str
    level_scores: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 <= self.urgency <= 3.0:
            raise ValueError(f"urgency must lie in [0, 3], got {self.urgency}")


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's labels for a post. Given fields win over every model, for good."""

    sentiment: Sentiment | None = None
    kind: Kind | None = None
    urgency_level: UrgencyLevel | None = None

    def __post_init__(self) -> None:
        if self.sentiment is None and self.kind is None and self.urgency_level is None:
            raise ValueError("a correction names at least one label")
