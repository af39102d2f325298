"""How are texts put through the shipped graph? Tokens, batches of like length, logits; no torch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.bundled.heads import GRAPH_OUTPUTS
from domain.errors import Misconfigured

#: So many posts go through the graph at a time, and so many tokens, padding included: more of them are no faster and
#: keep more memory for good (docs/decisions/0012-int8-with-fixed-scales.md).
BATCH, BATCH_TOKENS = 32, 1_024

#: So long a thread turns while it waits for the next step of the graph, in microseconds. Falling asleep at every step
#: costs a post alone a quarter of its time, turning without end takes the cores from the desk beside it (see there).
SPIN_US = 20

#: What stands behind the shorter texts of a batch.
PADDING = "<pad>"

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the model says about one text, as logits.

    ``evidence`` (tokens, codes) speaks about the tokens whose characters in the text are ``offsets``, half-open;
    tokens without characters (the marks around a text) have an empty range. ``pooled`` is what the heads read.
    """

    sentiment: Floats
    kind: Floats
    urgency: Floats
    reasons: Floats
    evidence: Floats
    offsets: tuple[tuple[int, int], ...]
    pooled: Floats = field(default_factory=lambda: np.zeros(0, np.float32))


class Runtime:
    """The graph and its tokenizer. Raises Misconfigured when the files are missing.

    ``threads`` is how many cores one call may use.
    """

    def __init__(self, folder: Path, *, threads: int, limit_tokens: int) -> None:
        model, tokens = folder / "model.onnx", folder / "tokenizer.json"
        if not model.is_file() or not tokens.is_file():
            raise Misconfigured("The bundled model is not in this copy of the program.", path=str(folder))
        self._session = _session(model, threads)
        self._tokenizer = _tokenizer(tokens, limit_tokens)
        self._padding: int = self._tokenizer.token_to_id(PADDING)

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """One answer per normalised text, in the same order."""
        if not texts:
            return []
        found: list[Answer | None] = [None] * len(texts)
        # A post alone is spared the way through the library's threads.
        pieces = self._tokenizer
        encoded = [pieces.encode(texts[0])] if len(texts) == 1 else pieces.encode_batch(list(texts))
        for rows, ids, mask in self._batches([each.ids for each in encoded]):
            outputs = self._session.run(list(GRAPH_OUTPUTS), {"input_ids": ids, "attention_mask": mask})
            for place, row in enumerate(rows):
                offsets = tuple(encoded[row].offsets)
                sentiment, kind, urgency, reasons, pooled, evidence = (output[place] for output in outputs)
                found[row] = Answer(sentiment, kind, urgency, reasons, evidence[: len(offsets)], offsets, pooled)
        return [answer for answer in found if answer is not None]

    def _batches(self, tokens: list[list[int]]) -> Iterator[tuple[list[int], Any, Any]]:
        """Texts of like length together, so that little of a batch is padding; a text that is alone has none."""
        for rows in together([len(row) for row in tokens]):
            width = len(tokens[rows[-1]])
            ids = np.full((len(rows), width), self._padding, np.int64)
            mask = np.zeros((len(rows), width), np.int64)
            for place, row in enumerate(rows):
                ids[place, : len(tokens[row])] = tokens[row]
                mask[place, : len(tokens[row])] = 1
            yield rows, ids, mask


def together(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places of texts that share a batch, the shortest first, by how many tokens each has.

    >>> list(together([3, 600, 2, 500]))
    [[2, 0], [3], [1]]
    """
    rows: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda place: lengths[place]):
        # The text that comes last is the longest: all others of the batch are padded to its length.
        if rows and (len(rows) == BATCH or (len(rows) + 1) * lengths[row] > BATCH_TOKENS):
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows


def _session(path: Path, threads: int) -> Any:
    # Since 1.29 its official builds report models and sessions to their maker unless told not to, from the import on.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # Imported late: the desk and the command line start without it.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    options.add_session_config_entry("session.intra_op.spin_duration_us", str(SPIN_US))
    # Processors without VNNI add products of bytes in pairs of 16 bits, which overflow: there weights become unsigned.
    options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _tokenizer(path: Path, limit_tokens: int) -> Any:
    """The pieces' own library, which transformers sets up: its own call takes twice as long for a post alone."""
    # It says at each import that it misses torch; this model needs none.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from transformers import PreTrainedTokenizerFast

    whole = PreTrainedTokenizerFast(
        tokenizer_file=str(path), bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token=PADDING
    )
    pieces = whole.backend_tokenizer
    pieces.no_padding()
    pieces.enable_truncation(limit_tokens)
    return pieces
