"""The network being trained: one shared encoder, mean pooling, a linear head per question."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import torch
from torch import nn

#: Head name to number of labels; the order is the order of the outputs of the exported model.
HEADS: dict[str, int] = {"sentiment": 3, "complaint": 2}


class Network(nn.Module):
    """Encoder plus heads; ``forward`` returns one logit matrix per head, in the order of HEADS."""

    def __init__(self, encoder: Any, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        width = encoder.config.hidden_size
        self.heads = nn.ModuleDict({name: nn.Linear(width, labels) for name, labels in HEADS.items()})

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
        pooled = self.dropout(pooled)
        return tuple(head(pooled) for head in self.heads.values())


def from_base(folder: Path) -> tuple[Network, Any]:
    """Load encoder and tokenizer with the ``load.py`` of the base model's folder; heads start untrained."""
    spec = importlib.util.spec_from_file_location("base_model", folder / "load.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    encoder, tokenizer = module.load_base()
    for layer in encoder.modules():
        # Hidden dropout costs a good part of each step on a CPU; the heads keep theirs.
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
        if hasattr(layer, "dropout_prob"):
            layer.dropout_prob = 0.0
    # The backward pass of the fused attention takes longer on a CPU than all the rest of a step.
    encoder.set_attn_implementation("eager")
    encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    return Network(encoder), tokenizer
