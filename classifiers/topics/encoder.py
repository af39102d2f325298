"""Where does a post lie in the space of meanings? One vector a post, from the encoder our model was made from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from classifiers.written import bare
from domain.errors import Misconfigured

FOLDER = Path(__file__).parent
#: The trained model has the same pieces of words: training begins with this tokenizer and leaves it as it is.
TOKENIZER = FOLDER.parent / "bundled" / "tokenizer.json"
#: Changes whenever a post may get another vector.
REVISION = "e5-small-west-1"
#: Put before each text, as the encoder's makers did in training (model card of multilingual-e5-small).
PREFIX = "query: "
LIMIT_TOKENS = 96
BATCH = 16

Floats = npt.NDArray[np.float32]


class Vectors(Protocol):
    """Whatever gives a row of numbers a text, in the same order."""

    def vectors(self, texts: Sequence[str]) -> Floats: ...


class Encoder:
    """The encoder on one core, loaded when it is made. Raises Misconfigured when its files are missing."""

    def __init__(self, folder: Path = FOLDER, *, tokenizer: Path = TOKENIZER) -> None:
        model = folder / "encoder.onnx"
        if not model.is_file() or not tokenizer.is_file():
            raise Misconfigured("The encoder for topics is not in this copy of the program.", path=str(model))
        self._session = _session(model)
        self._tokenizer = _tokenizer(tokenizer)

    def vectors(self, texts: Sequence[str]) -> Floats:
        """A row of 384 numbers a text, in the same order; the same for the same text in any company."""
        found = np.zeros((len(texts), 384), np.float32)
        encoded = self._tokenizer.encode_batch([PREFIX + bare(text) for text in texts])
        order = sorted(range(len(texts)), key=lambda place: len(encoded[place].ids))
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            width = max(len(encoded[place].ids) for place in places)
            ids, mask = np.ones((len(places), width), np.int64), np.zeros((len(places), width), np.int64)
            for row, place in enumerate(places):
                tokens = encoded[place].ids
                ids[row, : len(tokens)], mask[row, : len(tokens)] = tokens, 1
            (found[places],) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return found


def _session(path: Path) -> Any:
    # Since 1.29 its official builds report models and sessions to their maker unless told not to, from the import on.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # Topics can wait: the desk and the judging beside it go first.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer

    found = Tokenizer.from_file(str(path))
    found.enable_truncation(LIMIT_TOKENS)
    found.no_padding()
    return found
