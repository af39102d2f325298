"""How soon silence does harm, by readable rules: which words, which combinations, which level.

Levels follow the rubric of ``docs/reference/model.md``: the highest trigger that really holds.
Figures of speech, what is denied, and what is past and solved do not count; capitals, exclamation
marks and swearing never do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from classifiers.rules.amounts import large_amount
from classifiers.rules.lexicon import Lexicon, lexicons_for
from domain.judgement import Kind, Reason, ReasonCode, UrgencyLevel
from domain.solved import READ_CHARS, says_solved
from domain.text import fold

#: Displeasure (0 to 1) from which ordinary reasons count; danger to people without supply counts earlier.
DISPLEASED = 0.5
DISTRESSED = 0.3
#: Above this share of praise even danger words are taken for praise ("saved us from the smoke").
PLEASED = 0.75

EARLY = frozenset({"outage"})
#: Facets that raise each other: one of every group, found together, reach the level.
Groups = tuple[frozenset[str], ...]
HARMS = frozenset({"harm", "cancelled", "stranded", "outage", "large_money"})
RAISES: tuple[tuple[Groups, int], ...] = (
    ((frozenset({"life_support"}), HARMS | {"repeat_contact", "hazard"}), 3),
    ((frozenset({"infant", "vulnerable"}), frozenset({"outage", "stranded", "hazard"})), 3),
    ((frozenset({"infant"}), frozenset({"cancelled"})), 3),
    ((frozenset({"grave"}), frozenset({"soon"}), HARMS - {"large_money"}), 3),
    ((frozenset({"press"}), frozenset({"soon"})), 3),
    (
        (
            frozenset({"infant", "vulnerable", "life_support"}),
            frozenset({"harm", "cancelled", "large_money", "repeat_contact", "discrimination", "money"}),
        ),
        2,
    ),
    ((frozenset({"soon"}), HARMS | {"repeat_contact"}), 2),
    ((frozenset({"loyal"}), frozenset({"leaving"})), 2),
    ((frozenset({"threat"}), HARMS | {"money", "repeat_contact"}), 2),
)
_DENIAL = re.compile(
    r"(?:\b(?:no|not|never|without|isn't|wasn't|aren't|don't|didn't|doesn't|non|nessun[oa]?|senza|mai|alcun[oa]?|ne)\b)"
    r"(?!\s+(?:only|just|even|solo|believe|credo|capisco|understand))(?:\s+[\w']+){0,3}\s*$",
    re.IGNORECASE,
)
_LAUGHTER = re.compile(r"(?<!\w)(?:lol|lmao|rofl|(?:ah|ha|eh){2,}h?|xd)(?!\w)|[😂🤣😆😹]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tone:
    """What a model or the word lists think of a post: probabilities in [0, 1]."""

    negative: float
    positive: float
    complaint: float

    @property
    def displeasure(self) -> float:
        return max(self.negative, self.complaint)


@dataclass(frozen=True, slots=True)
class Urgency:
    """Level, expectation in [0, 3] (within half a level of it), and the reasons that carry the level."""

    level: UrgencyLevel
    expectation: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A signal found: its facet and code, the level it reaches alone, and where it stands."""

    facet: str
    code: ReasonCode
    level: int
    always: bool
    evidence: tuple[int, int]


def find(text: str, *, language: str) -> list[Hit]:
    """All signals in the post, before tone is looked at, one hit for each signal; none in a post that says "solved"."""
    if says_solved(text):
        return []
    folded = fold(text[:READ_CHARS])
    hits = [hit for words in lexicons_for(language) for hit in _find_with(words, folded)]
    amount = large_amount(folded)
    if amount is not None:
        hits.append(Hit("large_money", ReasonCode.MONEY, 2, False, amount))
    return hits


def _find_with(words: Lexicon, folded: str) -> Iterator[Hit]:
    literal = words.idioms.sub(lambda found: " " * len(found.group()), folded)
    past = words.past.search(literal) is not None
    for signal in words.signals:
        match = _first(signal.pattern, literal, deniable=signal.always)
        if match is not None:
            level = signal.level - 1 if past and signal.level == 3 else signal.level
            yield Hit(signal.facet, signal.code, level, signal.always, _trimmed(match))


def _first(pattern: re.Pattern[str], text: str, *, deniable: bool) -> re.Match[str] | None:
    for match in pattern.finditer(text):
        if not deniable or _DENIAL.search(text[max(0, match.start() - 40) : match.start()]) is None:
            return match
    return None


def _trimmed(match: re.Match[str]) -> tuple[int, int]:
    words = match.group()
    lead = len(words) - len(words.lstrip())
    return match.start() + lead, match.start() + len(words.rstrip())


def _counts(hit: Hit, tone: Tone, *, laughing: bool) -> bool:
    if hit.always:
        return tone.positive < (0.4 if laughing else PLEASED) or tone.displeasure >= PLEASED
    needed = DISTRESSED if hit.facet in EARLY else DISPLEASED
    return tone.displeasure >= needed + (0.2 if laughing else 0.0) and tone.positive < PLEASED


def _base_level(kind: Kind) -> int:
    return 1 if kind in (Kind.COMPLAINT, Kind.QUESTION, Kind.IDEA) else 0


def _carriers(hits: Iterable[Hit]) -> tuple[int, set[str]]:
    """The level the hits reach together, and the facets that bring it there."""
    found = {hit.facet: hit.level for hit in hits}
    for facet in found:
        found[facet] = max(hit.level for hit in hits if hit.facet == facet)
    reached: list[tuple[int, set[str]]] = [(level, {facet}) for facet, level in found.items() if level >= 2]
    for groups, level in RAISES:
        if all(found.keys() & group for group in groups):
            reached.append((level, found.keys() & frozenset().union(*groups)))
    top = max((level for level, _ in reached), default=0)
    return top, set().union(*(facets for level, facets in reached if level == top))


def assess(text: str, *, language: str, tone: Tone, kind: Kind, found: list[Hit] | None = None) -> Urgency:
    """Judge how soon the post needs an answer, given what is known of its tone and kind.

    ``found`` is what ``find`` gave for this text, when the caller has it already.

    >>> calm = Tone(negative=0.4, positive=0.0, complaint=0.5)
    >>> assess("Smell of gas in the stairwell", language="en", tone=calm, kind=Kind.COMPLAINT).level
    <UrgencyLevel.ACT_NOW: 3>
    """
    laughing = _LAUGHTER.search(text) is not None
    known = find(text, language=language) if found is None else found
    hits = [hit for hit in known if _counts(hit, tone, laughing=laughing)]
    if kind is Kind.SPAM:
        hits = [hit for hit in hits if hit.facet == "phishing"]
    elif kind is Kind.PRAISE:
        hits = [hit for hit in hits if hit.always and hit.level == 3]
    top, facets = _carriers(hits)
    level = UrgencyLevel(max(top, _base_level(kind)))
    reasons = tuple(_reasons(hits, facets)) if top == level and top > 0 else ()
    return Urgency(level, _expectation(level, tone, len(reasons)), reasons)


def _reasons(hits: list[Hit], facets: set[str]) -> Iterator[Reason]:
    seen: set[ReasonCode] = set()
    for hit in sorted(hits, key=lambda h: -h.level):
        if hit.facet in facets and hit.code not in seen:
            seen.add(hit.code)
            yield Reason(hit.code, hit.evidence)


def _expectation(level: UrgencyLevel, tone: Tone, reasons: int) -> float:
    """Within a level, clearer displeasure and more reasons come first; the level itself never changes."""
    strength = 0.75 * tone.displeasure + 0.25 * min(1.0, reasons / 3)
    if level is UrgencyLevel.NO_ACTION:
        return 0.3 * strength
    return min(3.0, level - 0.4 + (0.4 if level is UrgencyLevel.ACT_NOW else 0.7) * strength)
