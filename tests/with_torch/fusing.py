"""Quantises a small network with and without the last step; writes what both say as JSON. Runs where torch is."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2]))

LAYERS, WORDS = 2, 300
#: Tokens of the posts that share a batch; the longest is not padded.
LENGTHS = (3, 17, 40, 8)


def made(target: Path) -> None:
    """The fp32 graph of a small network with random weights, as the recipe exports it."""
    import torch
    from transformers import BertConfig, BertModel

    from classifiers.training.export import to_onnx
    from classifiers.training.network import Network

    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=1000,
        hidden_size=96,
        num_hidden_layers=LAYERS,
        num_attention_heads=3,
        intermediate_size=192,
        max_position_embeddings=64,
        initializer_range=0.4,
    )
    encoder = BertModel(config, add_pooling_layer=False)
    encoder.set_attn_implementation("eager")
    for name, values in encoder.named_parameters():
        if name.endswith("bias"):  # They begin as noughts, all the same, and the export would keep but one.
            torch.nn.init.normal_(values, std=0.2)
    # One channel is far larger than all others, as in the network that ships.
    encoder.embeddings.LayerNorm.weight.data[5] = 12.0
    to_onnx(Network(encoder).eval(), target)


def batch(seed: int) -> dict[str, Any]:
    import numpy as np

    rng = np.random.default_rng(seed)
    mask = (np.arange(max(LENGTHS)) < np.array(LENGTHS)[:, None]).astype(np.int64)
    return {"input_ids": rng.integers(5, WORDS, mask.shape) * mask, "attention_mask": mask}


def answers(graph: Path, feed: dict[str, Any]) -> list[Any]:
    import onnxruntime

    from classifiers.bundled.heads import GRAPH_OUTPUTS

    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return list(session.run(list(GRAPH_OUTPUTS), feed))


def apart(one: list[Any], other: list[Any], rows: slice = slice(None)) -> float:
    """The largest difference of any output of these posts; of the words' evidence, padding left out."""
    import numpy as np

    return max(float(np.abs(x[rows][:, : y.shape[1]] - y).max()) for x, y in zip(one, other, strict=True))


def refusal(graph: Path, change: Callable[[Any], None]) -> str:
    """What is said of a graph that was changed in one place."""
    import onnx

    from classifiers.training.fuse import fuse

    model = onnx.load(graph)
    change(model.graph)
    before = model.SerializeToString()
    try:
        fuse(model.graph)
    except ValueError as err:
        return str(err) if model.SerializeToString() == before else "refused, but changed"
    return "not refused"


def changes() -> dict[str, Callable[[Any], None]]:
    def named(graph: Any, end: str) -> Any:
        return next(node for node in graph.node if node.name.endswith(end))

    def turned(graph: Any) -> None:
        named(graph, "layer.1/attention/self/Transpose_1").attribute[0].ints[:] = [0, 2, 3, 1]

    def unmasked(graph: Any) -> None:
        named(graph, "layer.1/attention/self/Add").input[1] = "/layer.1/attention/self/Constant_8_output_0"

    def elsewhere(graph: Any) -> None:
        named(graph, "layer.1/attention/self/key/MatMul").input[2] = "another_scale"

    def without_bias(graph: Any) -> None:
        del named(graph, "layer.0/attention/self/value/MatMul").input[6]

    def without_attention(graph: Any) -> None:
        for node in [node for node in graph.node if node.op_type == "Softmax"]:
            graph.node.remove(node)

    return {each.__name__: each for each in (turned, unmasked, elsewhere, without_bias, without_attention)}


def told(folder: Path) -> dict[str, Any]:
    import onnx

    from classifiers.training import quantise

    feeds = [batch(seed) for seed in range(4)]
    made(folder / "fp32.onnx")
    quantise.quantise(folder / "fp32.onnx", folder / "fused.onnx", feeds)
    with mock.patch.object(quantise, "fuse"):
        quantise.quantise(folder / "fp32.onnx", folder / "spelt.onnx", feeds)
    model = onnx.load(folder / "fused.onnx")
    kinds = [node.op_type for node in model.graph.node]
    feed = batch(9)
    fused, spelt = answers(folder / "fused.onnx", feed), answers(folder / "spelt.onnx", feed)
    alone = {
        length: apart(
            fused,
            answers(folder / "fused.onnx", {name: v[row : row + 1, :length] for name, v in feed.items()}),
            slice(row, row + 1),
        )
        for row, length in enumerate(LENGTHS)
    }
    return {
        "inputs": [each.name for each in model.graph.input],
        "outputs": [each.name for each in model.graph.output],
        "attentions": kinds.count("MultiHeadAttention"),
        "softmaxes": kinds.count("Softmax"),
        "products": kinds.count("MatMulIntegerToFloat"),
        "larger_by": (folder / "fused.onnx").stat().st_size - (folder / "spelt.onnx").stat().st_size,
        "spread": max(float(abs(each).max()) for each in fused[:3]),
        "apart": apart(fused, spelt),
        "alone": alone,
        "refusals": {name: refusal(folder / "spelt.onnx", change) for name, change in changes().items()},
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as kept:
        json.dump(told(Path(kept)), sys.stdout)
