"""From a checkpoint to an ONNX graph in fp32: everything else is made from that file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch
from torch import nn

from classifiers.bundled.heads import GRAPH_OUTPUTS
from classifiers.training.checkpoints import load_weights
from classifiers.training.network import Network, from_base

OPSET = 18
#: Far below any attention score, and still finite in fp16.
MASKED = -1e4


class _Exported(nn.Module):
    """The network with the attention mask written out, so that the graph has no branches."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        network = self.network
        mask = attention_mask.to(torch.float32)
        hidden = network.encoder.embeddings(input_ids=input_ids, token_type_ids=torch.zeros_like(input_ids))
        for layer in network.encoder.encoder.layer:
            found = layer(hidden, attention_mask=(1.0 - mask)[:, None, None, :] * MASKED)
            hidden = found[0] if isinstance(found, tuple) else found
        answers = network.answer(hidden, attention_mask)
        return tuple(answers[name] for name in GRAPH_OUTPUTS)


def load_checkpoint(base: Path, checkpoint: Path) -> tuple[Network, Any]:
    """The trained network, ready to run."""
    network, tokenizer = from_base(base)
    network.load_state_dict(load_weights(checkpoint))
    return network.eval(), tokenizer


def to_onnx(network: Network, target: Path) -> None:
    """Write the graph with free batch size and length, in fp32."""
    ids = torch.randint(5, 1000, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    axes = {0: "posts", 1: "tokens"}
    named: dict[str, dict[int, str]] = {name: {0: "posts"} for name in GRAPH_OUTPUTS} | {"evidence": axes}
    with torch.no_grad():
        torch.onnx.export(
            _Exported(network).eval(),
            (ids, mask),
            target,
            input_names=["input_ids", "attention_mask"],
            output_names=list(GRAPH_OUTPUTS),
            dynamic_axes={"input_ids": axes, "attention_mask": axes, **named},
            opset_version=OPSET,
            dynamo=False,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("output", type=Path, help="the ONNX file to write")
    given = parser.parse_args()
    given.output.parent.mkdir(parents=True, exist_ok=True)
    network, _ = load_checkpoint(given.base, given.checkpoint)
    to_onnx(network, given.output)


if __name__ == "__main__":
    main()
