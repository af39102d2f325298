"""What the author wants from us: the probability of a complaint combined with the words of the post."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from classifiers.rules.lexicon import compile_words, read_table
from classifiers.rules.urgency import Tone
from domain.judgement import Kind
from domain.solved import READ_CHARS
from domain.text import fold

#: How much each kind of word says, as a probability; chosen on our own evaluation posts.
SPAM_SHARE, IDEA_SHARE, QUESTION_SHARE, BARE_QUESTION_SHARE = 0.92, 0.75, 0.9, 0.55
THANKS_SHARE = 0.85


@dataclass(frozen=True, slots=True)
class KindWords:
    """Which kinds of words stand in a post."""

    spam: bool
    idea: bool
    question: bool
    question_mark: bool
    thanks: bool


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    table = read_table("kinds")
    found = {name: compile_words(table[name]) for name in ("spam", "idea", "thanks")}
    # A question ends with its mark, which is no letter: only its start is a word boundary.
    starts = "|".join(pattern.replace(") ", r")\s+") for pattern in table["question"])
    return found | {"question": re.compile(rf"(?<!\w)(?:{starts})", re.IGNORECASE)}


def words_of(text: str) -> KindWords:
    """Look for the words of each kind in the first READ_CHARS characters."""
    folded = fold(text[:READ_CHARS])
    found = {name: pattern.search(folded) is not None for name, pattern in _patterns().items()}
    # Of spam the links are half the message, so its words are looked for with them.
    spam = found["spam"] or _patterns()["spam"].search(text[:READ_CHARS]) is not None
    return KindWords(spam, found["idea"], found["question"], "?" in folded, found["thanks"])


def kind_scores(text: str, tone: Tone) -> dict[Kind, float]:
    """Probabilities over all kinds; they sum to 1.

    Each kind takes its share of what the kinds before it left: spam, idea, complaint, question, praise.
    A complaint put as a question is a complaint; praise with a question is a question.
    """
    words = words_of(text)
    spam = SPAM_SHARE if words.spam and tone.displeasure < 0.8 else 0.01
    idea = IDEA_SHARE * (1 - max(0.0, tone.negative - 0.3)) if words.idea else 0.02
    question = QUESTION_SHARE if words.question else BARE_QUESTION_SHARE if words.question_mark else 0.02
    praise = max(tone.positive, THANKS_SHARE if words.thanks and tone.positive > 0.4 else 0.0)
    scores: dict[Kind, float] = {}
    left = 1.0
    for kind, share in (
        (Kind.SPAM, spam),
        (Kind.IDEA, idea),
        (Kind.COMPLAINT, tone.complaint),
        (Kind.QUESTION, question),
        (Kind.PRAISE, praise),
    ):
        scores[kind] = left * min(0.98, share)
        left -= scores[kind]
    scores[Kind.OTHER] = left
    return scores


def best(scores: Mapping[Kind, float]) -> Kind:
    """The most probable kind; ties go to the one named first in the scores."""
    return max(scores, key=lambda kind: scores[kind])
