"""How does the original encoder ship? Its 4-bit weights as they are, in a graph of their own: `… original BASE`.

The encoder that was trained for judging has forgotten what posts are about; the one it was made from has not
(docs/decisions/0016-the-original-encoder-groups-posts.md). Nothing is quantised here: the codes and scales of the base
folder go into the graph unchanged. Each word's row is unpacked when it is looked up, each product is onnxruntime's
MatMulNBits.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "classifiers" / "topics" / "encoder.onnx"
#: Values of a row that share a scale, as the base folder packs them.
GROUP = 32
MASKED = -10_000.0
OPSET, IR = 18, 9

Array = npt.NDArray[Any]


class Graph:
    """Nodes and weights, in the order in which they are named."""

    def __init__(self, base: Path) -> None:
        self._packed = np.load(base / "weights.npz")
        self._nodes: list[Any] = []
        self._weights: dict[str, Array] = {}

    def add(self, kind: str, *inputs: str, out: str = "", domain: str = "", **attributes: Any) -> str:
        """One node; returns the name of its result."""
        name = out or f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], domain=domain, **attributes))
        return name

    def keep(self, name: str, array: Array) -> str:
        """A constant of the graph; returns its name."""
        self._weights[name] = np.ascontiguousarray(array)
        return name

    def ints(self, *values: int) -> str:
        return self.keep("i" + "_".join(map(str, values)), np.array(values, np.int64))

    def weight(self, name: str) -> str:
        return self.keep(name, self._packed[name])

    def codes(self, name: str) -> tuple[Array, Array, tuple[int, int]]:
        """The codes of a matrix (rows, groups, 16), its scales (rows, groups), and its shape."""
        rows, columns = (int(size) for size in self._packed[f"{name}:shape"])
        groups = columns // GROUP
        codes = self._packed[f"{name}:codes"].reshape(rows, groups, GROUP // 2)
        return codes, self._packed[f"{name}:scale"].reshape(rows, groups), (rows, columns)

    def norm(self, x: str, name: str, epsilon: float) -> str:
        weights = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.add("LayerNormalization", x, *weights, axis=-1, epsilon=epsilon)

    def product(self, x: str, name: str) -> str:
        """``x`` times a packed matrix, plus its bias."""
        codes, scales, (rows, columns) = self.codes(f"{name}.weight")
        # Packed here are the first and the second half of a group; the product wants neighbours.
        values = np.concatenate([codes & 15, codes >> 4], axis=2)
        self.keep(f"{name}.codes", values[..., 0::2] | (values[..., 1::2] << 4))
        self.keep(f"{name}.scales", scales.astype(np.float32).ravel())
        made = self.add(
            *("MatMulNBits", x, f"{name}.codes", f"{name}.scales"),
            domain="com.microsoft",
            K=columns,
            N=rows,
            bits=4,
            block_size=GROUP,
        )
        return self.add("Add", made, self.weight(f"{name}.bias"))

    def model(self, width: int) -> Any:
        """The whole, ready to be written."""
        tokens = [helper.make_tensor_value_info(n, TensorProto.INT64, ["posts", "tokens"]) for n in INPUTS]
        result = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["posts", width])
        weights = [numpy_helper.from_array(array, name) for name, array in self._weights.items()]
        graph = helper.make_graph(self._nodes, "encoder", tokens, [result], weights)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR)


INPUTS = ("input_ids", "attention_mask")


def embedded(graph: Graph, epsilon: float) -> str:
    """Words, places and the one type of token, summed and normed."""
    codes, scales, (_, width) = graph.codes("embeddings.word_embeddings.weight")
    rows = graph.add("Gather", graph.keep("words", codes), "input_ids", axis=0)
    low = graph.add("BitwiseAnd", rows, graph.keep("fifteen", np.array(15, np.uint8)))
    high = graph.add("BitShift", rows, graph.keep("four", np.array(4, np.uint8)), direction="RIGHT")
    both = graph.add("Cast", graph.add("Concat", low, high, axis=-1), to=TensorProto.FLOAT)
    centred = graph.add("Sub", both, graph.keep("eight", np.array(8, np.float32)))
    found = graph.add("Gather", graph.keep("word_scales", scales), "input_ids", axis=0)
    scale = graph.add("Unsqueeze", graph.add("Cast", found, to=TensorProto.FLOAT), graph.ints(-1))
    words = graph.add("Reshape", graph.add("Mul", centred, scale), graph.ints(0, 0, width))
    count = graph.add("Shape", "input_ids", start=1, end=2)
    places = graph.weight("embeddings.position_embeddings.weight")
    here = graph.add("Slice", places, graph.ints(0), count, graph.ints(0))
    kinds = graph.weight("embeddings.token_type_embeddings.weight")
    kind = graph.add("Gather", kinds, graph.keep("first", np.array(0, np.int64)), axis=0)
    summed = graph.add("Add", graph.add("Add", words, here), kind)
    return graph.norm(summed, "embeddings.LayerNorm", epsilon)


def layer(graph: Graph, x: str, mask: str, place: int, config: dict[str, Any]) -> str:
    """One layer of BERT."""
    name, heads = f"encoder.layer.{place}", config["num_attention_heads"]
    size = config["hidden_size"] // heads
    split = graph.ints(0, 0, heads, size)

    def part(which: str, order: list[int]) -> str:
        made = graph.product(x, f"{name}.attention.self.{which}")
        return graph.add("Transpose", graph.add("Reshape", made, split), perm=order)

    query, key, value = part("query", [0, 2, 1, 3]), part("key", [0, 2, 3, 1]), part("value", [0, 2, 1, 3])
    near = graph.add("MatMul", query, key)
    scaled = graph.add("Mul", near, graph.keep("root", np.array(size**-0.5, np.float32)))
    shares = graph.add("Softmax", graph.add("Add", scaled, mask), axis=-1)
    seen = graph.add("Transpose", graph.add("MatMul", shares, value), perm=[0, 2, 1, 3])
    joined = graph.add("Reshape", seen, graph.ints(0, 0, config["hidden_size"]))
    told = graph.add("Add", graph.product(joined, f"{name}.attention.output.dense"), x)
    x = graph.norm(told, f"{name}.attention.output.LayerNorm", config["layer_norm_eps"])
    wide = graph.add("Gelu", graph.product(x, f"{name}.intermediate.dense"), domain="com.microsoft")
    narrow = graph.add("Add", graph.product(wide, f"{name}.output.dense"), x)
    return graph.norm(narrow, f"{name}.output.LayerNorm", config["layer_norm_eps"])


def build(base: Path) -> Any:
    """The encoder with the mean of its tokens as its one answer."""
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    graph = Graph(base)
    shown = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    hidden = graph.add("Sub", graph.keep("one", np.array(1, np.float32)), shown)
    weighted = graph.add("Mul", hidden, graph.keep("masked", np.array(MASKED, np.float32)))
    mask = graph.add("Unsqueeze", weighted, graph.ints(1, 2))
    x = embedded(graph, config["layer_norm_eps"])
    for place in range(config["num_hidden_layers"]):
        x = layer(graph, x, mask, place, config)
    column = graph.add("Unsqueeze", shown, graph.ints(-1))
    total = graph.add("ReduceSum", graph.add("Mul", x, column), graph.ints(1), keepdims=0)
    graph.add("Div", total, graph.add("ReduceSum", column, graph.ints(1), keepdims=0), out="vector")
    return graph.model(config["hidden_size"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path, help="folder with the base model")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    made = build(given.base)
    onnx.checker.check_model(made)
    given.out.parent.mkdir(exist_ok=True)
    given.out.write_bytes(made.SerializeToString())
    print(f"{given.out}: {given.out.stat().st_size / 1e6:.1f} MB")
