"""From the fp32 graph to the file that ships: int8 products with scales fixed beforehand, and no post sways another.

Scales that follow each batch (onnxruntime's dynamic quantisation) let a label depend on which posts are judged
together. Here every product's input has one scale, measured on posts from training. One or two channels of an input
are ten times as large as all others and would take the scale for themselves: they are multiplied apart, in fp32
(after LLM.int8(), Dettmers et al., 2022). The heads stay in fp32.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from classifiers.training.export import FUSED

Floats = npt.NDArray[np.float32]
Feed = Mapping[str, npt.NDArray[np.int64]]

#: Narrower products are heads.
HEAD_WIDTH = 64
#: A channel is multiplied apart when its largest value is so many times that of all but one in a hundred others. Tried
#: on training posts: with 2.0 urgency's logits were 0.16 off those of torch, those of the model that ships 0.13 with
#: 1.3 and 0.12 with 1.15.
APART_FROM = 1.15
#: Into so many parts an outlying channel is spread, where multiplying it apart would take longer.
SPREAD = 8
#: Tables of more rows are words.
WORDS = 10_000


@dataclass(frozen=True, slots=True)
class Product:
    """One product of the graph with a constant weight; ``bias`` is the addition behind it, if any."""

    node: Any
    activation: str
    weight: Floats
    bias: Any


@dataclass(frozen=True, slots=True)
class Range:
    """What each channel of an input holds: its least and its greatest value."""

    lows: Floats
    highs: Floats

    @property
    def apart(self) -> list[int]:
        """The channels that would take the scale for themselves."""
        most = np.maximum(np.abs(self.lows), np.abs(self.highs))
        return [int(channel) for channel in np.flatnonzero(most > APART_FROM * np.quantile(most, 0.99))]


def quantise(source: Path, target: Path, feeds: Sequence[Feed]) -> None:
    """Write ``target``; ``feeds`` are batches of token ids and masks from training posts."""
    model = onnx.load(source)
    found = list(products(model.graph))
    ranges = measure(source, sorted({product.activation for product in found}), feeds)
    for activation in dict.fromkeys(product.activation for product in found):
        _replace(model.graph, [p for p in found if p.activation == activation], ranges[activation])
    _store_words(model.graph)
    _drop_unused(model.graph)
    if not any(used.domain == FUSED for used in model.opset_import):
        model.opset_import.append(helper.make_opsetid(FUSED, 1))
    onnx.save(model, target)


def products(graph: Any) -> Iterator[Product]:
    """The products of the encoder, with the additions behind them."""
    weights = {tensor.name: tensor for tensor in graph.initializer}
    readers: dict[str, list[Any]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in weights and weights[node.input[1]].dims[1] > HEAD_WIDTH:
            weight = numpy_helper.to_array(weights[node.input[1]])
            behind = readers[node.output[0]]
            added = len(behind) == 1 and behind[0].op_type == "Add" and any(i in weights for i in behind[0].input)
            yield Product(node, node.input[0], weight, behind[0] if added else None)


def measure(source: Path, names: Sequence[str], feeds: Sequence[Feed]) -> dict[str, Range]:
    """The ranges of these tensors over all posts, padding left out."""
    model = onnx.load(source)
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found: dict[str, Range] = {}
    for feed in feeds:
        inside = feed["attention_mask"].astype(bool)
        for name, values in zip(names, session.run(list(names), dict(feed)), strict=True):
            real = values[inside]
            here = Range(real.min(0), real.max(0))
            before = found.get(name, here)
            found[name] = Range(np.minimum(before.lows, here.lows), np.maximum(before.highs, here.highs))
    return found


def _replace(graph: Any, group: Sequence[Product], found: Range) -> None:
    """Products of one input: quantise it once and multiply in int8; outlying channels are spread or taken apart."""
    name, outlying = group[0].activation, found.apart
    kept = np.ones(len(found.lows), bool)
    kept[outlying] = False
    scale, zero = _scale(float(found.lows[kept].min()), float(found.highs[kept].max()))
    _constant(graph, f"{name}_scale", np.float32(scale))
    _constant(graph, f"{name}_zero", np.uint8(zero))
    made = [helper.make_node("QuantizeLinear", [name, f"{name}_scale", f"{name}_zero"], [f"{name}_int8"])]
    narrow = all(product.weight.shape[0] > product.weight.shape[1] for product in group)
    spread = [] if narrow else outlying
    if outlying and narrow:
        _constant(graph, f"{name}_places", np.array(outlying, np.int64))
        made.append(helper.make_node("Gather", [name, f"{name}_places"], [f"{name}_apart"], axis=-1))
    elif outlying:
        made += _spread(graph, name, outlying, scale)
    _insert(graph, min(_place(graph, product.node) for product in group), made)
    for product in group:
        if spread:
            _multiply_spread(graph, product, spread)
        else:
            _multiply(graph, product, product.weight, outlying)


def _spread(graph: Any, name: str, outlying: Sequence[int], scale: float) -> list[Any]:
    """Each outlying channel as SPREAD equal parts, each a little higher than the one before.

    Their rounded sum is then as exact as if the whole had been rounded once (Hermite's identity).
    """
    _constant(graph, f"{name}_places", np.repeat(np.array(outlying, np.int64), SPREAD))
    _constant(graph, f"{name}_part", np.float32(1 / SPREAD))
    _constant(graph, f"{name}_steps", np.tile(_steps(scale), len(outlying)))
    return [
        helper.make_node("Gather", [name, f"{name}_places"], [f"{name}_copies"], axis=-1),
        helper.make_node("Mul", [f"{name}_copies", f"{name}_part"], [f"{name}_parts"]),
        helper.make_node("Add", [f"{name}_parts", f"{name}_steps"], [f"{name}_stepped"]),
        helper.make_node("QuantizeLinear", [f"{name}_stepped", f"{name}_scale", f"{name}_zero"], [f"{name}_spread"]),
        helper.make_node("Concat", [f"{name}_int8", f"{name}_spread"], [f"{name}_whole"], axis=-1),
    ]


def _steps(scale: float) -> Floats:
    return np.asarray((np.arange(SPREAD) - (SPREAD - 1) / 2) * scale / SPREAD, np.float32)


def _multiply_spread(graph: Any, product: Product, spread: Sequence[int]) -> None:
    weight = product.weight.copy()
    weight[list(spread)] = 0.0
    weight = np.concatenate([weight, np.repeat(product.weight[list(spread)], SPREAD, axis=0)])
    _multiply(graph, product, weight, [], read=f"{product.activation}_whole")


def _scale(low: float, high: float) -> tuple[float, int]:
    low, high = min(low, 0.0), max(high, 0.0)
    scale = max((high - low) / 255, 1e-9)
    return scale, int(round(-low / scale))


def _multiply(graph: Any, product: Product, weights: Floats, apart: Sequence[int], *, read: str | None = None) -> None:
    name, activation, output = product.node.name, product.activation, product.node.output[0]
    weight = weights.copy()
    weight[list(apart)] = 0.0
    scale = np.maximum(np.abs(weight).max(0) / 127, 1e-12).astype(np.float32)
    _constant(graph, f"{name}_int8", np.clip(np.round(weight / scale), -127, 127).astype(np.int8))
    _constant(graph, f"{name}_scale", scale)
    _constant(graph, f"{name}_zero", np.int8(0))
    inputs = [read or f"{activation}_int8", f"{name}_int8", f"{activation}_scale", f"{name}_scale"]
    inputs += [f"{activation}_zero", f"{name}_zero"]
    place = _place(graph, product.node)
    if product.bias is not None:
        inputs.append(next(i for i in product.bias.input if i != output))
        output = product.bias.output[0]
        graph.node.remove(product.bias)
    graph.node.remove(product.node)
    result = f"{name}_most" if apart else output
    made = [helper.make_node("MatMulIntegerToFloat", inputs, [result], name=name, domain=FUSED)]
    if apart:
        _constant(graph, f"{name}_rows", weights[list(apart)])
        made.append(helper.make_node("MatMul", [f"{activation}_apart", f"{name}_rows"], [f"{name}_rest"]))
        made.append(helper.make_node("Add", [result, f"{name}_rest"], [output]))
    _insert(graph, place, made)


def _constant(graph: Any, name: str, values: object) -> None:
    graph.initializer.append(numpy_helper.from_array(np.asarray(values), name))


def _place(graph: Any, node: Any) -> int:
    return list(graph.node).index(node)


def _insert(graph: Any, place: int, nodes: Sequence[Any]) -> None:
    for step, node in enumerate(nodes):
        graph.node.insert(place + step, node)


def _store_words(graph: Any) -> None:
    """The table of words in int8 with a scale per word; it is half of the file."""
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for node in list(graph.node):
        name, rest = next(iter(node.input), ""), node.input[1:]
        if node.op_type == "Gather" and name in weights and weights[name].dims[0] > WORDS:
            table = numpy_helper.to_array(weights[name])
            scale = np.maximum(np.abs(table).max(1, keepdims=True) / 127, 1e-12).astype(np.float32)
            _constant(graph, f"{name}_int8", np.round(table / scale).astype(np.int8))
            _constant(graph, f"{name}_scale", scale)
            place = _place(graph, node)
            graph.node.remove(node)
            made = [
                helper.make_node("Gather", [f"{name}_int8", *rest], [f"{name}_drawn"]),
                helper.make_node("Gather", [f"{name}_scale", *rest], [f"{name}_width"]),
                helper.make_node("Cast", [f"{name}_drawn"], [f"{name}_plain"], to=TensorProto.FLOAT),
                helper.make_node("Mul", [f"{name}_plain", f"{name}_width"], [node.output[0]]),
            ]
            _insert(graph, place, made)


def _drop_unused(graph: Any) -> None:
    used = {name for node in graph.node for name in node.input}
    for tensor in [tensor for tensor in graph.initializer if tensor.name not in used]:
        graph.initializer.remove(tensor)
