"""Which words stand out in some posts against others? Words of the matter, never names of people."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.function_words import ENGLISH, ITALIAN

#: The prior weighs as much as this many posts: words of which little is known stand out little.
PRIOR_PEOPLE = 50.0
#: A z-score above this is no chance at 95 %; what is below does not stand out.
LEAST_Z = 1.96

_NO_WORDS = re.compile(r"[a-z][a-z0-9+.-]{1,12}://\S+|\bwww\.\S+|[\w.+-]+@[\w-]+\.[\w.-]+|[@＠][\w.@-]+", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Said:
    """One post: who wrote it (a number), and its words."""

    person: int
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word that stands out: used by ``people`` of these, and by ``before`` of those it is held against."""

    word: str
    people: int
    before: int
    z: float


def words_of(text: str) -> set[str]:
    """The words of a post that may stand out: no function words, links, addresses, handles, numbers.

    >>> sorted(words_of("@LumenEnergia il portale è giù!! https://lumen.example/guasti 404"))
    ['giù', 'portale']
    """
    found = set(_WORD.findall(_NO_WORDS.sub(" ", text).casefold()))
    return found - ENGLISH - ITALIAN


def standing_out(
    here: Sequence[Said], before: Sequence[Said], *, names: Iterable[str] = (), least: int, most: int = 12
) -> tuple[Word, ...]:
    """The words that people use here far more than before, the most telling first; ``most`` of them at most.

    A person counts once for each word, however often they write it: one who floods a thread stands for one. A word
    used by fewer than ``least`` people is not told, nor is any of ``names`` (the people who write, and the brand).

    Log-odds ratio with an informative Dirichlet prior: B. L. Monroe, M. P. Colaresi and K. M. Quinn, Fightin' Words,
    Political Analysis 16 (2008), 372-403, equations 15 to 22; the prior is both groups together.
    """
    ours, theirs = _people_by_word(here), _people_by_word(before)
    n, m = len({said.person for said in here}), len({said.person for said in before})
    if not n:
        return ()
    left_out = {part for name in names for part in _WORD.findall(name.casefold())}
    found = []
    for word, people in ours.items():
        if people < max(1, least) or word in left_out:
            continue
        z = _z(people, n, theirs[word], m)
        if z >= LEAST_Z:
            found.append(Word(word, people, theirs[word], z))
    return tuple(sorted(found, key=lambda each: (-each.z, each.word))[:most])


def _people_by_word(posts: Sequence[Said]) -> Counter[str]:
    return Counter(word for word, _ in {(word, said.person) for said in posts for word in words_of(said.text)})


def _z(people: int, n: int, before: int, m: int) -> float:
    share = (people + before) / (n + m)
    prior, rest = PRIOR_PEOPLE * share, PRIOR_PEOPLE * (1 - share) + 1e-9
    ours = math.log((people + prior) / (n - people + rest))
    theirs = math.log((before + prior) / (m - before + rest))
    return (ours - theirs) / math.sqrt(1 / (people + prior) + 1 / (before + prior))
