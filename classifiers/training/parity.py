"""Does the file that ships say what the trained network says? Torch's answers, and the figures of both side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.bundled.runtime import Answer, Floats
from classifiers.training.examples import Example
from classifiers.training.own_posts import DEVELOPED
from classifiers.training.validation import POST_HEADS, scores

#: What torch answered to our own posts, for the test that needs no torch.
KEPT = Path(__file__).parents[1] / "evaluation" / "torch.npz"


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure by torch and by what ships, in percent."""

    head: str
    posts: str
    torch: float
    shipped: float
    n: int


def logits_of(answers: Sequence[Answer]) -> dict[str, Floats]:
    """The logits of each head that speaks about a whole post, as the network's own are."""
    return {head: np.stack([getattr(answer, head) for answer in answers]) for head in POST_HEADS}


def pairs(torch_logits: Mapping[str, Floats], shipped: Mapping[str, Floats], examples: Sequence[Example]) -> list[Pair]:
    """Every figure of both on the same texts."""
    ones, others = scores(dict(torch_logits), examples), scores(dict(shipped), examples)
    found: list[Pair] = []
    for head in ("sentiment_f1", "complaint_f1"):
        for name, (value, n) in getattr(ones, head).items():
            found.append(Pair(head, name, value, getattr(others, head)[name][0], n))
    ours = [example.language for example in examples if example.source == DEVELOPED]
    for name, value in ones.own.items():
        spoken = name.rpartition("_")[2]
        found.append(Pair(name, DEVELOPED, value, others.own[name], ours.count(spoken) or len(ours)))
    return found


def largest_loss(found: Sequence[Pair]) -> float:
    """By how many points what ships is worse at worst, over the sets with at least 300 texts."""
    return max(pair.torch - pair.shipped for pair in found if pair.n >= 300)


def keep(torch_logits: Mapping[str, Floats], rows: Sequence[int], path: Path = KEPT) -> None:
    """Store torch's answers to our own posts, in the order of the files."""
    arrays: dict[str, Any] = {head: logits[list(rows)].astype(np.float16) for head, logits in torch_logits.items()}
    np.savez_compressed(path, **arrays)
