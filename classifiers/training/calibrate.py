"""Temperatures for the heads and the figures for the card, measured on the very file that ships."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from transformers import PreTrainedTokenizerFast

from classifiers.bundled.normalise import normalise
from classifiers.training.network import HEADS
from classifiers.training.readers import UNLABELLED, Example, read
from classifiers.training.validation import Scores, macro_f1, scores

#: Tried in turn; the likelihood has one peak between them.
TEMPERATURES = np.round(np.arange(0.5, 3.01, 0.05), 2)


@dataclass(frozen=True, slots=True)
class Measured:
    """What goes into the card."""

    sentiment_temperature: float
    complaint_temperature: float
    sentiment_calibration_error: float
    complaint_calibration_error: float
    brand_addressed_complaint_f1: tuple[float, int]
    scores: Scores


def logits_of_file(
    model: Path, tokens: Path, examples: tuple[Example, ...], *, limit_tokens: int
) -> dict[str, np.ndarray]:
    """Logits of the exported model in batches of 32 of like length, as on the desk."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(tokens), pad_token="<pad>")
    found = {name: np.zeros((len(examples), labels), np.float32) for name, labels in HEADS.items()}
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].text))
    for start in range(0, len(order), 32):
        rows = order[start : start + 32]
        inputs = _inputs(tokenizer, [examples[i].text for i in rows], limit_tokens)
        for name, logits in zip(HEADS, session.run(None, inputs), strict=True):
            found[name][rows] = logits
    return found


def _inputs(tokenizer: Any, texts: list[str], limit_tokens: int) -> dict[str, np.ndarray]:
    encoded = tokenizer(
        [normalise(text) for text in texts],
        truncation=True,
        max_length=limit_tokens,
        padding=True,
        pad_to_multiple_of=8,
        return_tensors="np",
    )
    return {"input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"]}


def _log_likelihood(logits: np.ndarray, truth: np.ndarray, temperature: float) -> float:
    scaled = logits / temperature
    log_sum = np.log(np.exp(scaled - scaled.max(1, keepdims=True)).sum(1)) + scaled.max(1)
    return float((scaled[np.arange(len(truth)), truth] - log_sum).mean())


def temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature under which the labels are most likely (Guo et al., 2017)."""
    return float(max(TEMPERATURES, key=lambda t: _log_likelihood(logits, truth, t)))


def calibration_error(logits: np.ndarray, truth: np.ndarray, heat: float, *, bins: int = 10) -> float:
    """Expected calibration error: mean gap between confidence and share right, in [0, 1]."""
    scaled = np.exp((logits - logits.max(1, keepdims=True)) / heat)
    shares = scaled / scaled.sum(1, keepdims=True)
    sure, right = shares.max(1), shares.argmax(1) == truth
    place = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(sure[place == b].mean() - right[place == b].mean()) * (place == b).mean() for b in set(place)]
    return round(float(sum(gaps)), 4)


def measure(data: Path, model: Path, tokens: Path, *, limit_tokens: int) -> Measured:
    """Read validation, judge it with the exported file, fit the temperatures."""
    examples = read(data).validation
    logits = logits_of_file(model, tokens, examples, limit_tokens=limit_tokens)
    heats, errors = {}, {}
    for head in HEADS:
        truth = np.array([getattr(e, head) for e in examples])
        rows = truth != UNLABELLED
        heats[head] = temperature(logits[head][rows], truth[rows])
        errors[head] = calibration_error(logits[head][rows], truth[rows], heats[head])
    return Measured(
        heats["sentiment"],
        heats["complaint"],
        errors["sentiment"],
        errors["complaint"],
        _brand_addressed(logits["complaint"], examples),
        scores(logits, examples),
    )


def _brand_addressed(logits: np.ndarray, examples: tuple[Example, ...]) -> tuple[float, int]:
    """Complaint macro-F1 without the random tweets that were only assumed to be no complaints."""
    rows = np.array([e.source == "complaints_twitter" and e.addressed for e in examples])
    truth = np.array([e.complaint for e in examples])[rows]
    return round(macro_f1(truth, logits[rows].argmax(1), 2), 2), int(rows.sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path, help="folder with model.onnx and tokenizer.json")
    parser.add_argument("--model", default="model.onnx")
    parser.add_argument("--limit-tokens", type=int, default=128)
    given = parser.parse_args()
    found = measure(
        given.data, given.folder / given.model, given.folder / "tokenizer.json", limit_tokens=given.limit_tokens
    )
    print(json.dumps(asdict(found), indent=1))


if __name__ == "__main__":
    main()
