"""Of what is a report made when it is said? Sections of sentences, and quotations."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Quote:
    """A complaint and the thanks it turned into, as they are quoted; ``url`` is empty unless links were asked for."""

    where: str
    day: str
    before: str
    after: str
    before_language: str = ""
    after_language: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its sentences; what stands between ``**`` is the figure of its sentence."""

    heading: str
    text: str
    quotes: tuple[Quote, ...] = field(default=())


def together(*sentences: str) -> str:
    """Sentences in one paragraph; those that say nothing are left out."""
    return " ".join(sentence for sentence in sentences if sentence)
