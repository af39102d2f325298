"""The last step of quantising: each layer's attention as one node of onnxruntime, fed by one product.

The export spells attention out: three products of the same input (query, key, value), each cut into heads, scores,
their scale, the mask, softmax, the weighted sum, heads put together again. With a post or two most of that time goes
into moving values about. Here the three products become one, their columns side by side, and all behind them
``MultiHeadAttention``.

No label can change by it. A column of an int8 product is a sum of integers times its own scale, whatever stands beside
it; and the attention multiplies, masks and weighs the same numbers by the same formula. Padding gets the value that
the graph itself adds to its scores, which leaves it no weight at all in fp32. Anything that does not look exactly as
the export writes it is refused rather than guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper, numpy_helper

FUSED = "com.microsoft"
#: The graph's own input, and the same as integers of the width that the fused attention reads.
MASK, KEY_MASK = "attention_mask", "attention_mask_int32"
#: Below this, softmax leaves a position exactly no weight in fp32.
NO_WEIGHT = -1e3
#: How the export turns (posts, tokens, heads, width) round: to heads first, keys to columns.
HEADS_FIRST, KEYS = [0, 2, 1, 3], [0, 2, 3, 1]

Values = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Attention:
    """One layer's attention as exported: its three products, where its result goes, and what it computes."""

    products: tuple[Any, Any, Any]
    result: str
    heads: int
    scale: float
    masked: float


def fuse(graph: Any) -> None:
    """Rewrite every attention of a quantised graph; raises ValueError where one is not as the export writes it."""
    found = _Reading(graph).attentions()
    dropped = {product.output[0] for each in found for product in each.products} | {each.result for each in found}
    made: dict[str, list[Any]] = {}
    for place, each in enumerate(found):
        query, key, value = (product.output[0] for product in each.products)
        first = next(n.output[0] for n in graph.node if n.output[0] in (query, key, value))
        made[first] = _one_product(graph, each.products, f"layer_{place}_query_key_value")
        attributes = {"num_heads": each.heads, "scale": each.scale, "mask_filter_value": each.masked}
        inputs = [query, key, value, "", KEY_MASK]
        made[each.result] = [
            helper.make_node(
                "MultiHeadAttention", inputs, [each.result], f"attention_{place}", domain=FUSED, **attributes
            )
        ]
    nodes = [helper.make_node("Cast", [MASK], [KEY_MASK], to=TensorProto.INT32)]
    for node in graph.node:
        nodes += made.get(node.output[0], [] if node.output[0] in dropped else [node])
    nodes = _read_by_someone(nodes, {output.name for output in graph.output})
    del graph.node[:]
    graph.node.extend(nodes)


def _one_product(graph: Any, products: Sequence[Any], name: str) -> list[Any]:
    """The three as one, and its result cut into three of the old names."""
    constants = {tensor.name: tensor for tensor in graph.initializer}
    inputs = list(products[0].input)
    for place, part in ((1, "int8"), (3, "scale"), (6, "bias")):
        values = [numpy_helper.to_array(constants[product.input[place]]) for product in products]
        inputs[place] = f"{name}_{part}"
        graph.initializer.append(numpy_helper.from_array(np.concatenate(values, axis=-1), inputs[place]))
    return [
        helper.make_node("MatMulIntegerToFloat", inputs, [name], name, domain=FUSED),
        helper.make_node("Split", [name], [p.output[0] for p in products], f"{name}_split", axis=-1, num_outputs=3),
    ]


def _read_by_someone(nodes: Sequence[Any], outputs: set[str]) -> list[Any]:
    """Without the nodes whose results nobody reads any more, in the same order."""
    kept: list[Any] = []
    read = set(outputs)
    for node in reversed(nodes):
        if read & set(node.output):
            read |= set(node.input)
            kept.append(node)
    return kept[::-1]


class _Reading:
    """Finds each attention by walking from its softmax to both sides, checking every step."""

    def __init__(self, graph: Any) -> None:
        self._nodes = list(graph.node)
        self._made: Mapping[str, Any] = {name: node for node in graph.node for name in node.output}
        self._constants = {tensor.name: tensor for tensor in graph.initializer}
        self._readers: dict[str, list[Any]] = {}
        for node in graph.node:
            for name in node.input:
                self._readers.setdefault(name, []).append(node)

    def attentions(self) -> list[Attention]:
        found = [self._attention(node) for node in self._nodes if node.op_type == "Softmax" and self._weighs(node)]
        _expect(bool(found), "no attention in it")
        return found

    def _weighs(self, softmax: Any) -> bool:
        """Attention multiplies its shares with the values; the heads' own softmax ends in a plain mean."""
        return any(node.op_type == "MatMul" for node in self._readers.get(softmax.output[0], []))

    def _attention(self, softmax: Any) -> Attention:
        _expect(_attribute(softmax, "axis") in (-1, 3), "softmax over something else than the keys")
        masked = self._before(softmax, 0, "Add")
        scaled = self._before(masked, 0, "Mul")
        scores = self._before(scaled, 0, "MatMul")
        weighed = self._after(softmax, "MatMul")
        _expect(weighed.input[0] == softmax.output[0], "values weighed from the other side")
        query, width = self._head(scores, 0, HEADS_FIRST)
        key, key_width = self._head(scores, 1, KEYS)
        value, value_width = self._head(weighed, 1, HEADS_FIRST)
        _expect(width == key_width == value_width, "heads of different widths")
        columns = self._columns((query, key, value))
        _expect(columns % width == 0, "a head that is cut in two")
        return Attention(
            (query, key, value),
            self._joined(weighed),
            columns // width,
            float(self._constant(scaled.input[1])),
            self._masked_value(masked.input[1]),
        )

    def _head(self, node: Any, place: int, turned: list[int]) -> tuple[Any, int]:
        """The product behind one input of an attention, and the width of a head."""
        transposed = self._before(node, place, "Transpose")
        _expect(_attribute(transposed, "perm") == turned, "heads turned another way")
        reshaped = self._before(transposed, 0, "Reshape")
        shape = self._before(reshaped, 1, "Concat")
        _expect(len(shape.input) == 4 and int(self._constant(shape.input[2])) == -1, "heads cut another way")
        return self._before(reshaped, 0, "MatMulIntegerToFloat"), int(self._constant(shape.input[3]))

    def _columns(self, products: Sequence[Any]) -> int:
        """How wide each of the three is; they must read the same and have a bias."""
        one = products[0]
        for product in products:
            _expect(len(product.input) == 7, "a product without bias")
            _expect(all(product.input[at] == one.input[at] for at in (0, 2, 4)), "products of different inputs")
            _expect(not np.any(self._constant(product.input[5])), "weights that are not centred on nought")
        widths = {self._constant(product.input[at]).shape[-1] for product in products for at in (1, 3, 6)}
        _expect(len(widths) == 1, "query, key and value of different widths")
        return int(widths.pop())

    def _joined(self, weighed: Any) -> str:
        """Where the result of an attention goes, its heads put together again."""
        transposed = self._after(weighed, "Transpose")
        _expect(_attribute(transposed, "perm") == HEADS_FIRST, "heads turned back another way")
        reshaped = self._after(transposed, "Reshape")
        shape = self._before(reshaped, 1, "Concat")
        _expect(len(shape.input) == 3 and int(self._constant(shape.input[2])) == -1, "heads joined another way")
        return str(reshaped.output[0])

    def _masked_value(self, name: str) -> float:
        """What is added to the score of a position that is padding: (1 - mask) times this."""
        product = self._maker(name, "Mul", "the addition to the scores")
        by_keys = self._before(product, 0, "Unsqueeze")
        by_heads = self._before(by_keys, 0, "Unsqueeze")
        axes = [int(self._constant(node.input[1])) for node in (by_heads, by_keys)]
        outside = self._before(by_heads, 0, "Sub")
        inside = self._before(outside, 1, "Cast")
        _expect(axes == [1, 2] and float(self._constant(outside.input[0])) == 1.0, "a mask made another way")
        _expect(inside.input[0] == MASK, "a mask that is not the one of the input")
        value = float(self._constant(product.input[1]))
        _expect(value <= NO_WEIGHT, "a mask that leaves padding some weight")
        return value

    def _before(self, node: Any, place: int, kind: str) -> Any:
        return self._maker(node.input[place], kind, f"{node.op_type} {node.name}")

    def _maker(self, name: str, kind: str, reader: str) -> Any:
        found: Any = self._made.get(name)
        _expect(found is not None and found.op_type == kind, f"no {kind} before {reader}")
        return found

    def _after(self, node: Any, kind: str) -> Any:
        found = self._readers.get(node.output[0], [])
        _expect([each.op_type for each in found] == [kind], f"not one {kind} after {node.op_type} {node.name}")
        return found[0]

    def _constant(self, name: str) -> Values:
        """A constant's values; a single one without its shape."""
        tensor, node = self._constants.get(name), self._made.get(name)
        if tensor is None and node is not None and node.op_type == "Constant":
            tensor = _attribute(node, "value")
        _expect(tensor is not None, f"{name} is not constant")
        values = np.asarray(numpy_helper.to_array(tensor))
        return values.reshape(()) if values.size == 1 else values


def _attribute(node: Any, name: str) -> Any:
    return next((helper.get_attribute_value(each) for each in node.attribute if each.name == name), None)


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(f"The graph is not as the export writes it: {otherwise}.")
