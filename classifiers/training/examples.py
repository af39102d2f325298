"""What does the network learn from? One text with whatever labels its set has."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from classifiers.bundled.heads import CODES, KINDS
from classifiers.bundled.normalise import normalise
from domain.judgement import Kind

#: A head without a label for this text; the loss leaves it out.
UNLABELLED = -100
#: Sets without a split of their own give this share to validation, and so do the posts labelled in `real_posts`.
HELD_OUT_SHARE = 0.12
ANY_KIND = tuple(range(len(KINDS)))
COMPLAINT = (KINDS.index(Kind.COMPLAINT),)
NO_COMPLAINT = tuple(i for i in ANY_KIND if i not in COMPLAINT)
#: Of Demszky et al. (ACL 2020), as GoEmotions names them; "neutral" is a label of its own there.
EMOTIONS = (
    *("admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire"),
    *("disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy"),
    *("love", "nervousness", "neutral", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """The words that carry a reason: ``code`` by its place in CODES, a half-open range of the normalised text."""

    code: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """One text, normalised, with the labels it has.

    ``kinds``: the kinds that are possible, by place; all of them when nothing is known. ``urgency`` and
    ``irony`` may be UNLABELLED; ``reasons`` is None when nobody looked for reasons, ``emotions`` (places in EMOTIONS)
    when nobody looked for those. ``guessed_urgency``, for a text whose urgency nobody labelled, is the lowest and the
    highest level that its other labels leave likely.
    """

    text: str
    source: str
    sentiment: int = UNLABELLED
    kinds: tuple[int, ...] = ANY_KIND
    urgency: int = UNLABELLED
    guessed_urgency: tuple[int, int] | None = None
    reasons: tuple[int, ...] | None = None
    evidence: tuple[Span, ...] = ()
    irony: int = UNLABELLED
    emotions: tuple[int, ...] | None = None
    language: str = ""
    #: False for random tweets that were never written to a brand.
    addressed: bool = True

    def __post_init__(self) -> None:
        assert self.reasons is None or all(0 <= code < len(CODES) for code in self.reasons)

    @property
    def is_labelled(self) -> bool:
        """Whether any head can learn from it."""
        known = (self.sentiment, self.urgency, self.irony)
        return any(label != UNLABELLED for label in known) or len(self.kinds) < len(KINDS) or self.emotions is not None

    @property
    def complaint(self) -> int:
        """1 for a complaint, 0 for certainly none, UNLABELLED when it may be either."""
        if self.kinds == COMPLAINT:
            return 1
        return UNLABELLED if COMPLAINT[0] in self.kinds else 0


def letters_of(text: str) -> str:
    """The words of a text without case and signs: two texts that share them are one text."""
    plain = "".join(c if c.isalnum() else " " for c in normalise(text).lower())
    return " ".join(word for word in plain.split() if word not in ("user", "http"))


def is_in_share(text: str, share: float) -> bool:
    """Whether this text belongs to a ``share`` of all texts; the same for ever, whatever set it is in."""
    digest = hashlib.sha256(letters_of(text).encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32
