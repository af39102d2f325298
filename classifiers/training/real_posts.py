"""How soon do real people need an answer? Texts of public sets whose urgency we have labelled; only the labels ship.

The posts written for this model hold far more dangers than a day on a network, and told more plainly. So those posts
of public sets that an earlier model found most pressing, and some drawn by chance, were labelled by the rubric
(classifiers/evaluation/develop/README.md), blind to that model. A label is found by a digest of its text's words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from classifiers.bundled.heads import CODES, KINDS
from classifiers.training.examples import HELD_OUT_SHARE, Example, is_in_share, letters_of
from domain.judgement import CODED_FROM, Kind, ReasonCode

LABELS = Path(__file__).with_name("real_posts.jsonl")
#: What these posts are called among the sets that are learned from.
REAL = "real_posts"
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Said:
    """What one labeller said of a text: level, kind, and the reason codes of levels 2 and 3."""

    level: int
    kind: Kind
    reasons: tuple[ReasonCode, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """The label of one text. ``second`` was given without seeing the first, None where nobody gave one.

    ``by_chance``: drawn at random, not because a model found it pressing.
    """

    source: str
    by_chance: bool
    first: Said
    second: Said | None

    @property
    def levels(self) -> tuple[int, int]:
        """The lowest and the highest level that was given."""
        given = [said.level for said in (self.first, self.second) if said is not None]
        return min(given), max(given)


def digest_of(text: str) -> str:
    """The name under which a text is labelled; the same for every spelling of it."""
    return hashlib.sha256(letters_of(text).encode("utf-8", "replace")).hexdigest()[:_DIGITS]


@cache
def read(path: Path = LABELS) -> Mapping[str, Label]:
    """All labels, by the digest of their texts."""
    return {row["id"]: _label(row) for row in map(json.loads, path.read_text("utf-8").splitlines())}


def sources(labels: Mapping[str, Label]) -> frozenset[str]:
    """The sets that have labelled texts."""
    return frozenset(label.source for label in labels.values())


def is_held_out(text: str) -> bool:
    """Whether this text's label is for measuring alone."""
    return is_in_share(text, HELD_OUT_SHARE)


def labelled(example: Example, labels: Mapping[str, Label]) -> Example:
    """The post with its label, as one of REAL; as it was where it has none, or where that is for measuring."""
    label = labels.get(digest_of(example.text))
    if label is None or is_held_out(example.text):
        return example
    low, high = label.levels
    return replace(
        example,
        source=REAL,
        kinds=_kinds(label, example.kinds),
        **({"urgency": low} if low == high else {"guessed_urgency": (low, high)}),
        reasons=_reasons(label),
    )


def _label(row: Mapping[str, Any]) -> Label:
    second = row.get("second")
    return Label(row["set"], row["by_chance"], _said(row), None if second is None else _said(second))


def _said(row: Mapping[str, Any]) -> Said:
    return Said(int(row["urgency"]), Kind(row["kind"]), tuple(map(ReasonCode, row["reasons"])))


def _kinds(label: Label, known: tuple[int, ...]) -> tuple[int, ...]:
    """The kinds that were given, as far as the set's own label leaves them; where it leaves none, it stands."""
    given = {KINDS.index(said.kind) for said in (label.first, label.second) if said is not None}
    return tuple(sorted(given.intersection(known))) or known


def _reasons(label: Label) -> tuple[int, ...] | None:
    """Those of the first, if both call for reasons; none below; unknown where the two differ about that."""
    low, high = label.levels
    if low < CODED_FROM <= high:
        return None
    return tuple(CODES.index(code) for code in label.first.reasons)
