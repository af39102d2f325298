"""From a checkpoint to the files that ship: ONNX graph, int8 weights, tokenizer."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from classifiers.training.network import HEADS, Network, from_base

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
        weights = mask.unsqueeze(-1)
        pooled = (hidden * weights).sum(1) / weights.sum(1).clamp(min=1.0)
        return tuple(head(pooled) for head in network.heads.values())


def load_checkpoint(base: Path, checkpoint: Path) -> tuple[Network, Any]:
    """The trained network, ready to run."""
    network, tokenizer = from_base(base)
    network.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True))
    return network.eval(), tokenizer


def to_onnx(network: Network, target: Path) -> None:
    """Write the graph with free batch size and length, in fp32."""
    ids = torch.randint(5, 1000, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    axes = {0: "posts", 1: "tokens"}
    with torch.no_grad():
        torch.onnx.export(
            _Exported(network).eval(),
            (ids, mask),
            target,
            input_names=["input_ids", "attention_mask"],
            output_names=list(HEADS),
            dynamic_axes={"input_ids": axes, "attention_mask": axes, **{name: {0: "posts"} for name in HEADS}},
            opset_version=OPSET,
            dynamo=False,
        )


def _wide_products(graph: Any) -> list[tuple[Any, Any]]:
    """The second product of each feed-forward layer, and its weight: its rare huge inputs do not fit one int8 scale."""
    weights = {tensor.name: tensor for tensor in graph.initializer}
    found = []
    for node in graph.node:
        weight = next((weights[name] for name in node.input if name in weights), None)
        if node.op_type == "MatMul" and weight is not None and weight.dims[0] > weight.dims[1]:
            found.append((node, weight))
    return found


def quantise(source: Path, target: Path, *, wide_in_fp32: bool = True) -> None:
    """Weights, and the table of words, to int8 with a scale per channel; the heads stay in fp32.

    With ``wide_in_fp32`` the wide products calculate in fp32 and only their weights are stored in int8:
    in int8 throughout, Italian loses one to three points.
    """
    graph = onnx.load(source).graph
    kept = [node.name for node in graph.node if node.op_type == "Gemm"]
    if wide_in_fp32:
        kept += [node.name for node, _ in _wide_products(graph)]
    quantize_dynamic(
        source,
        target,
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gather"],
        nodes_to_exclude=kept,
    )
    if wide_in_fp32:
        _store_wide_in_int8(target)


def _store_wide_in_int8(path: Path) -> None:
    model = onnx.load(path)
    for node, weight in _wide_products(model.graph):
        values = numpy_helper.to_array(weight)
        scale = np.maximum(np.abs(values).max(axis=0) / 127, 1e-12).astype(np.float32)
        name = f"{node.name}_weight"
        model.graph.initializer.remove(weight)
        model.graph.initializer.extend(
            [
                numpy_helper.from_array(np.round(values / scale).clip(-127, 127).astype(np.int8), f"{name}_int8"),
                numpy_helper.from_array(scale, f"{name}_scale"),
            ]
        )
        # Cast and multiply are done once, when the session is made; DequantizeLinear would run with every batch.
        cast = helper.make_node("Cast", [f"{name}_int8"], [f"{name}_cast"], name=f"{name}_cast", to=TensorProto.FLOAT)
        scaled = helper.make_node("Mul", [f"{name}_cast", f"{name}_scale"], [name], name=name)
        model.graph.node.insert(0, scaled)
        model.graph.node.insert(0, cast)
        node.input[1] = name
    onnx.save(model, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    network, _ = load_checkpoint(given.base, given.checkpoint)
    to_onnx(network, given.output / "fp32.onnx")
    quantise(given.output / "fp32.onnx", given.output / "int8.onnx", wide_in_fp32=False)
    quantise(given.output / "fp32.onnx", given.output / "model.onnx")
    shutil.copyfile(given.base / "tokenizer.json", given.output / "tokenizer.json")


if __name__ == "__main__":
    main()
