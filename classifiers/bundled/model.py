"""The transformer that ships: int8 in onnxruntime, the tokenizer of transformers, no torch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.bundled.card import Calibration, read_calibration, read_card
from classifiers.bundled.normalise import normalise
from classifiers.protocol import ModelCard
from classifiers.rules.urgency import Tone
from classifiers.rules.verdict import read, verdict
from domain.errors import Misconfigured
from domain.judgement import Judgement, Sentiment

FOLDER = Path(__file__).parent
BATCH = 32
#: Lengths are rounded up to this many tokens: fewer shapes, faster kernels.
PAD_TOKENS = 8
#: So many posts are tokenised at a time, which bounds memory whatever is asked.
CHUNK = 2_048
ORDER = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)

Floats = npt.NDArray[np.float32]


class BundledClassifier:
    """Sentiment and complaint by the model, kind and urgency by rules on top of them.

    ``threads`` is how many cores one ``judge`` may use; on a machine that is busy anyway, 1 is fastest.
    Raises Misconfigured when the model's files are missing.
    """

    def __init__(self, *, threads: int = 1, folder: Path = FOLDER) -> None:
        model, tokens = folder / "model.onnx", folder / "tokenizer.json"
        if not model.is_file() or not tokens.is_file():
            raise Misconfigured("The bundled model is not in this copy of the program.", path=str(folder))
        self._card = read_card(folder / "card.toml")
        self._calibration: Calibration = read_calibration(folder / "card.toml")
        self._session = _session(model, threads)
        self._tokenizer = _tokenizer(tokens)

    @property
    def card(self) -> ModelCard:
        return self._card

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        """One judgement per text, same order; never raises for a text."""
        found: list[Judgement] = []
        for start in range(0, len(texts), CHUNK):
            found.extend(self._judge_chunk(texts[start : start + CHUNK]))
        return found

    def probabilities(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Calibrated probabilities: sentiment (n, 3) in ORDER, and complaint (n,)."""
        sentiment, complaint = self.logits(texts)
        tempered = _softmax(sentiment / self._calibration.sentiment_temperature)
        share = _softmax(complaint / self._calibration.complaint_temperature)[:, 1]
        return tempered, share

    def logits(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Raw outputs of both heads, in the order of ``texts``."""
        sentiment, complaint = np.zeros((len(texts), 3), np.float32), np.zeros((len(texts), 2), np.float32)
        for rows, ids, mask in self._batches([normalise(text) for text in texts]):
            sentiment[rows], complaint[rows] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return sentiment, complaint

    def _judge_chunk(self, texts: Sequence[str]) -> list[Judgement]:
        sentiment, complaint = self.probabilities(texts)
        return [self._verdict(text, sentiment[row], float(complaint[row])) for row, text in enumerate(texts)]

    def _verdict(self, text: str, sentiment: Floats, complaint: float) -> Judgement:
        scores = {label: float(share) for label, share in zip(ORDER, sentiment, strict=True)}
        tone = Tone(scores[Sentiment.NEGATIVE], scores[Sentiment.POSITIVE], complaint)
        return verdict(text, read(text), tone=tone, sentiment=scores, model=self._card.revision)

    def _batches(self, texts: list[str]) -> Iterator[tuple[list[int], Any, Any]]:
        """Texts of like length together, so that little of a batch is padding."""
        if not texts:
            return
        tokens = self._tokenizer(texts, truncation=True, max_length=self._card.limit_tokens)["input_ids"]
        order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            width = -(-max(len(tokens[row]) for row in rows) // PAD_TOKENS) * PAD_TOKENS
            ids = np.full((len(rows), width), self._tokenizer.pad_token_id, np.int64)
            mask = np.zeros((len(rows), width), np.int64)
            for place, row in enumerate(rows):
                ids[place, : len(tokens[row])] = tokens[row]
                mask[place, : len(tokens[row])] = 1
            yield rows, ids, mask


def _softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), np.float32)


def _session(path: Path, threads: int) -> Any:
    # Since 1.29 its official builds report models and sessions to their maker unless told not to, from the import on.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # Imported late: the desk and the command line start without it.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin while they wait take the cores from the desk beside them.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _tokenizer(path: Path) -> Any:
    # It says at each import that it misses torch; this model needs none.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_file=str(path), bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>"
    )
