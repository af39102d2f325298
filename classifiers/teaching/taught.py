"""What has a team taught a model? One small matrix on top of each head, and which posts it came from."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from classifiers.protocol import Classifier
from domain.errors import Malformed

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

#: The heads that can be taught. Reasons speak about single words, of which a correction says nothing.
SENTIMENT, KIND, URGENCY = "sentiment", "kind", "urgency"
TAUGHT_HEADS = (SENTIMENT, KIND, URGENCY)


@dataclass(frozen=True, slots=True)
class HeadChange:
    """What is added to the logits of one head: ``pooled @ weights + bias``; weights are (width, labels)."""

    weights: Floats
    bias: Floats

    def of(self, pooled: Floats) -> Floats:
        """The change for one post (width) or for many (posts, width)."""
        return np.asarray(pooled @ self.weights + self.bias, np.float32)


@dataclass(frozen=True, slots=True)
class Taught:
    """The changed heads. They fit the model of revision ``base`` alone; ``learned_from`` are posts by id."""

    base: str
    heads: Mapping[str, HeadChange]
    learned_from: frozenset[int]

    @property
    def revision(self) -> str:
        """The name of the model with these heads: another one whenever a post may be judged differently."""
        digest = hashlib.sha256()
        for name, change in sorted(self.heads.items()):
            digest.update(name.encode() + change.weights.tobytes() + change.bias.tobytes())
        return f"{self.base[:64]}+{digest.hexdigest()[:10]}"


@dataclass(frozen=True, slots=True)
class Studied:
    """What a model with the heads it shipped with makes of some posts, row by row.

    ``pooled`` (posts, width) is what its heads read; ``logits`` of each taught head; ``heats`` of each head are the
    temperatures by which the model divides its logits, one a post.
    """

    pooled: Floats
    logits: Mapping[str, Floats]
    heats: Mapping[str, Floats]


@runtime_checkable
class Teachable(Classifier, Protocol):
    """A classifier whose heads can be changed."""

    def study(self, texts: Sequence[str]) -> Studied:
        """Read the posts with the shipped heads, whatever was taught since."""
        ...

    def with_heads(self, taught: Taught | None) -> Classifier:
        """The same model with these heads; with its own for None, and for heads of another revision."""
        ...


def written(taught: Taught) -> str:
    """The heads as one line of text."""
    rows = {name: {"weights": _packed(c.weights), "bias": _packed(c.bias)} for name, c in taught.heads.items()}
    return json.dumps({"base": taught.base, "heads": rows, "learned_from": sorted(taught.learned_from)})


def read(text: str) -> Taught:
    """The heads behind a line of ``written``; raises Malformed for anything else."""
    try:
        found = json.loads(text)
        heads = {str(name): _head(row) for name, row in found["heads"].items()}
        return Taught(str(found["base"]), heads, frozenset(int(each) for each in found["learned_from"]))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as err:
        raise Malformed("The heads learned from corrections cannot be read.") from err


def _head(row: Mapping[str, Any]) -> HeadChange:
    bias = _unpacked(row["bias"])
    weights = _unpacked(row["weights"]).reshape(-1, len(bias))
    if not (np.isfinite(bias).all() and np.isfinite(weights).all()):
        raise ValueError("not a number")
    return HeadChange(weights, bias)


def _packed(values: Floats) -> str:
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode("ascii")


def _unpacked(text: str) -> Floats:
    return np.frombuffer(base64.b64decode(text, validate=True), "<f4").astype(np.float32)
