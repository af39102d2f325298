"""The network being trained: one shared encoder, one pass, an answer to every question."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import torch
from torch import nn

from classifiers.bundled.heads import OUTPUTS, POOLED
from classifiers.training.backbone import LOADER
from classifiers.training.examples import EMOTIONS

#: Helps to learn the encoder what is not meant as it is said; not exported.
IRONY = "irony"
#: Helps to learn it what people feel, in finer words than a sentiment; not exported.
FELT = "emotions"


class Network(nn.Module):
    """Encoder plus heads; ``forward`` returns one logit tensor per output, by name.

    Sentiment and kind read the mean of all tokens. Urgency reads that and a second mean, weighted by how much
    each token matters, since a few words may carry it. A reason is as sure as its surest words: its logit is a
    smooth maximum over the tokens' evidence, so that what is shown as evidence is what made the reason.
    """

    def __init__(self, encoder: Any, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        width = encoder.config.hidden_size
        self.weigh = nn.Linear(width, 1)
        self.sentiment = nn.Linear(width, OUTPUTS["sentiment"])
        self.kind = nn.Linear(2 * width, OUTPUTS["kind"])
        self.urgency = nn.Linear(2 * width, OUTPUTS["urgency"])
        self.evidence = nn.Linear(width, OUTPUTS["evidence"])
        nn.init.constant_(self.evidence.bias, -6.0)  # few words carry anything; with thirty of them, no reason
        self.irony = nn.Linear(width, 1)
        self.emotions = nn.Linear(width, len(EMOTIONS))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> dict[str, torch.Tensor]:
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.answer(hidden, attention_mask)

    def answer(self, hidden: torch.Tensor, attention_mask: torch.Tensor) -> dict[str, torch.Tensor]:
        """The heads alone, on the encoder's output (posts, tokens, width)."""
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = self.dropout((hidden * mask).sum(1) / mask.sum(1).clamp(min=1))
        outside = (1.0 - mask) * -1e4
        share = torch.softmax(self.weigh(hidden) + outside, dim=1)
        both = torch.cat([mean, self.dropout((hidden * share).sum(1))], dim=-1)
        evidence = self.evidence(self.dropout(hidden)) + outside
        return {
            "sentiment": self.sentiment(mean),
            "kind": self.kind(both),
            "urgency": self.urgency(both),
            "reasons": torch.logsumexp(evidence.float(), dim=1),
            "evidence": evidence,
            POOLED: both,
            IRONY: self.irony(mean),
            FELT: self.emotions(mean),
        }

    def freeze(self, layers: int) -> None:
        """Train neither the embeddings nor the lowest ``layers`` layers."""
        for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:layers]):
            part.requires_grad_(False)

    def head_parameters(self) -> list[nn.Parameter]:
        """Everything that starts untrained."""
        return [p for name, p in self.named_parameters() if not name.startswith("encoder.")]


def from_base(folder: Path) -> tuple[Network, Any]:
    """Load encoder and tokenizer with the ``load.py`` of the base model's folder; heads start untrained.

    Raises SystemExit where that is not there.
    """
    if not (folder / LOADER).exists():
        raise SystemExit(f"{folder} is no base model, for it has no {LOADER}; classifiers.training.backbone makes one.")
    spec = importlib.util.spec_from_file_location("base_model", folder / LOADER)
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
