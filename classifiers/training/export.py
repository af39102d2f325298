"""From a checkpoint to an ONNX graph in fp32: everything else is made from that file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from classifiers.bundled.heads import GRAPH_OUTPUTS
from classifiers.training.checkpoints import load_weights
from classifiers.training.network import Network, from_base

OPSET = 18
#: Steps of the graph that are onnxruntime's own.
FUSED = "com.microsoft"


class _Attention(torch.autograd.Function):
    """Onnxruntime's own attention: one step of the graph for twelve, fewer of which two threads wait for each other."""

    @staticmethod
    def forward(_ctx: Any, query: Any, key: Any, value: Any, mask: Any, heads: int) -> Any:
        """What the step does, for the shapes that the export follows."""
        posts, tokens, width = query.shape
        parts = [each.view(posts, tokens, heads, width // heads).transpose(1, 2) for each in (query, key, value)]
        found = functional.scaled_dot_product_attention(*parts, attn_mask=mask.bool()[:, None, None, :])
        return found.transpose(1, 2).reshape(query.shape)

    @staticmethod
    def symbolic(graph: Any, query: Any, key: Any, value: Any, mask: Any, heads: int) -> Any:
        """Its name in the graph; one of its inputs is left out."""
        absent = graph.op("prim::Constant")
        absent.setType(torch._C.OptionalType.ofTensor())
        found = graph.op(f"{FUSED}::MultiHeadAttention", query, key, value, absent, mask, num_heads_i=heads)
        return found.setType(query.type())


class _Exported(nn.Module):
    """The network with its attention in one step."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        network = self.network
        mask, heads = attention_mask.to(torch.int32), network.encoder.config.num_attention_heads
        hidden = network.encoder.embeddings(input_ids=input_ids, token_type_ids=torch.zeros_like(input_ids))
        for layer in network.encoder.encoder.layer:
            own = layer.attention.self
            read = _Attention.apply(own.query(hidden), own.key(hidden), own.value(hidden), mask, heads)
            attended = layer.attention.output(read, hidden)
            hidden = layer.output(layer.intermediate(attended), attended)
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
