"""How do texts become tensors? The same for training, validation and export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from classifiers.training.examples import Example

#: Lengths are rounded up to this many tokens: fewer shapes, faster kernels.
PAD_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Encoded:
    """One batch: token ids and mask (posts, tokens), and the characters of each token (posts, tokens, 2)."""

    ids: torch.Tensor
    mask: torch.Tensor
    offsets: torch.Tensor


def encode(tokenizer: Any, examples: Sequence[Example], limit_tokens: int) -> Encoded:
    """Texts cut at ``limit_tokens`` tokens and padded to a common length."""
    found = tokenizer(
        [e.text for e in examples],
        truncation=True,
        max_length=limit_tokens,
        padding=True,
        pad_to_multiple_of=PAD_TOKENS,
        return_offsets_mapping=True,
        return_tensors="pt",
    )
    return Encoded(found["input_ids"], found["attention_mask"], found["offset_mapping"])
