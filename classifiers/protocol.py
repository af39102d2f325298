"""The contract every classifier keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.judgement import Judgement

#: How a model's answers are told before anything about that has changed.
FIRST_READING = 1
#: Posts keep no longer name of what judged them.
JUDGE_CHARS = 80


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model is, what it was made from, and what may be expected of it."""

    name: str
    #: Changes whenever the same text may be judged differently; stored on each judgement.
    revision: str
    languages: tuple[str, ...]
    licence: str
    #: Longest input in the model's own tokens; longer texts are cut at a token, never at a character.
    limit_tokens: int
    #: Data sets used in training, with the licence each states.
    trained_on: tuple[str, ...]
    #: Heads the model lacks and the rules answer in its place.
    by_rules: tuple[str, ...] = ()
    #: Rises whenever the same file's answers are told otherwise (other words underlined), or it reads posts otherwise.
    reading: int = FIRST_READING

    @property
    def judge(self) -> str:
        """What tells its judgements apart from others: the file with its heads, and how it is read.

        >>> ModelCard("m", "m-1", (), "", 1, (), reading=4).judge
        'm-1+r4'
        """
        mark = "" if self.reading == FIRST_READING else f"+r{self.reading}"
        return self.revision[: JUDGE_CHARS - len(mark)] + mark


@dataclass(frozen=True, slots=True)
class HubWishes:
    """What the settings say about a checkpoint: ``hub_labels`` and ``hub_languages``, as they are written there."""

    labels: str = ""
    languages: str = "it, en"


class Classifier(Protocol):
    """Judges short public posts.

    ``judge`` returns one judgement per text, same order and length, and never raises for a text,
    whatever it contains: empty, huge, without words or in an unknown language gives ``unsure``.
    """

    @property
    def card(self) -> ModelCard: ...

    def judge(self, texts: Sequence[str]) -> list[Judgement]: ...
