"""How are texts put through a Hugging Face checkpoint? Windows of tokens, batches of like length, probabilities."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from domain.errors import Misconfigured

BATCH = 32
#: No checkpoint reads more in one go, whatever it claims; a longer text is read in several windows.
MOST_TOKENS = 512
#: Some kinds of model count positions from 2 on: so many of those they name cannot be used.
KEPT_POSITIONS = 2
#: So many characters of another library's complaint are shown.
COMPLAINT_CHARS = 160

Floats = npt.NDArray[np.float64]


class TorchCheckpoint:
    """A checkpoint with a trained head for labels, on the CPU in full precision.

    ``name`` is a folder, or the name under which transformers finds or fetches it. Code that comes with a checkpoint is
    never run. Raises Misconfigured, in one sentence, without PyTorch, for what cannot be loaded, and for a model
    without a trained head.
    """

    def __init__(self, name: str, *, threads: int) -> None:
        if importlib.util.find_spec("torch") is None:
            raise Misconfigured(
                f"The model hub:{name} needs PyTorch, which this environment lacks; "
                "docs/howto/use-another-model.md says how to add it.",
                name=name,
            )
        import torch

        torch.set_num_threads(threads)
        self._torch: Any = torch
        self._model, self._tokenizer = _load(name, torch)
        config = self._model.config
        # A label that config.json leaves out is called as transformers calls those without a name.
        self.labels: tuple[str, ...] = tuple(
            str(config.id2label.get(place, f"LABEL_{place}")) for place in range(config.num_labels)
        )
        self.exclusive: bool = config.problem_type != "multi_label_classification"
        positions = getattr(config, "max_position_embeddings", None) or MOST_TOKENS + KEPT_POSITIONS
        self.limit_tokens: int = min(self._tokenizer.model_max_length, positions - KEPT_POSITIONS, MOST_TOKENS)
        if len(self.labels) < 2:
            raise Misconfigured(f"The checkpoint {name} gives a number, not labels.", name=name)

    @property
    def digest(self) -> str:
        """The same for the same weights and tokenizer, wherever they lie."""
        found = hashlib.sha256()
        for key, weights in sorted(self._model.state_dict().items()):
            found.update(key.encode())
            found.update(weights.contiguous().reshape(-1).view(self._torch.uint8).numpy().data)
        found.update(repr(sorted(self._tokenizer.get_vocab().items())).encode())
        return found.hexdigest()

    def probabilities(self, texts: Sequence[str]) -> list[Floats]:
        """The probability of each label for each text, in the same order; even ones where nothing can be read.

        Of a text longer than the limit all windows are read, and count by their tokens.
        """
        sums = np.zeros((len(texts), len(self.labels)))
        tokens = np.zeros(len(texts))
        windows = [(place, window) for place, text in enumerate(texts) for window in self._windows(text)]
        windows.sort(key=lambda found: len(found[1]))
        for start in range(0, len(windows), self._batch):
            some = windows[start : start + self._batch]
            for (place, window), shares in zip(some, self._read([window for _, window in some]), strict=True):
                sums[place] += len(window) * shares
                tokens[place] += len(window)
        even = np.full(len(self.labels), 1 / len(self.labels))
        return [found / weight if weight else even for found, weight in zip(sums, tokens, strict=True)]

    @property
    def _batch(self) -> int:
        # Without a sign for empty places, texts of different length cannot stand side by side.
        return 1 if self._tokenizer.pad_token_id is None else BATCH

    def _windows(self, text: str) -> Iterator[list[int]]:
        """The tokens of a text, with the model's marks around each window; none of an empty text."""
        if not text:
            return
        room = self._tokenizer.is_fast
        found = self._tokenizer(
            text, truncation=True, max_length=self.limit_tokens, return_overflowing_tokens=room, padding=False
        )["input_ids"]
        yield from (window for window in (found if room else [found]) if window)

    def _read(self, windows: Sequence[list[int]]) -> Floats:
        if len(windows) == 1:
            ids = self._torch.tensor([windows[0]])
            inputs = {"input_ids": ids, "attention_mask": self._torch.ones_like(ids)}
        else:
            inputs = dict(self._tokenizer.pad({"input_ids": list(windows)}, return_tensors="pt"))
        with self._torch.inference_mode():
            logits = self._model(**inputs).logits.double().numpy()
        return _shares(np.nan_to_num(logits), exclusive=self.exclusive)


def _shares(logits: Floats, *, exclusive: bool) -> Floats:
    """One choice of all labels, or a yes or no to each."""
    bounded = np.clip(logits, -50, 50)
    if not exclusive:
        return np.asarray(1 / (1 + np.exp(-bounded)), np.float64)
    shifted = np.exp(bounded - bounded.max(1, keepdims=True))
    return np.asarray(shifted / shifted.sum(1, keepdims=True), np.float64)


def _load(name: str, torch: Any) -> tuple[Any, Any]:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from transformers import AutoModelForSequenceClassification, AutoTokenizer
    from transformers.utils import logging

    # What it would say on stderr, bars and reports, is said here in sentences.
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
        # A pickle can hold a program, and weights come from strangers: only files that hold numbers are read.
        model, said = AutoModelForSequenceClassification.from_pretrained(
            name, dtype=torch.float32, output_loading_info=True, trust_remote_code=False, use_safetensors=True
        )
    except Exception as err:  # noqa: BLE001 (each library behind it has errors of its own, and all mean the same)
        _refuse(name, err)
    if missing := said["missing_keys"]:
        raise Misconfigured(
            f"The checkpoint {name} has no trained head for labels: {sorted(missing)[0]} is not in it.", name=name
        )
    return model.eval(), tokenizer


def _refuse(name: str, err: Exception) -> NoReturn:
    lines = [line for line in str(err).splitlines() if line.strip()] or [type(err).__name__]
    raise Misconfigured(
        f"The checkpoint {name} cannot be loaded: {lines[0][:COMPLAINT_CHARS].rstrip(' .')}.", name=name
    ) from err
