"""How is the base model opened? This file lies in its folder as ``load.py``; values are (code - 8) * scale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
CODES, SCALE, SHAPE = ":codes", ":scale", ":shape"


def arrays(path: Path = HERE / "weights.npz") -> dict[str, Any]:
    """Every array in fp32, by the names of transformers' BertModel."""
    packed = np.load(path)
    plain = {name: packed[name] for name in packed.files if ":" not in name}
    for name in (name.removesuffix(CODES) for name in packed.files if name.endswith(CODES)):
        codes = packed[name + CODES]
        values = np.concatenate([codes & 15, codes >> 4], axis=1).astype(np.float32) - 8
        scaled = values * packed[name + SCALE].astype(np.float32)[:, None]
        plain[name] = scaled.reshape(packed[name + SHAPE])
    return plain


def load_base(folder: Path = HERE) -> tuple[Any, Any]:
    """The encoder as a torch BertModel, ready to judge or to train on, and its tokenizer."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    model = BertModel(BertConfig.from_pretrained(folder), add_pooling_layer=False)
    state = {name: torch.from_numpy(np.array(array)) for name, array in arrays(folder / "weights.npz").items()}
    model.load_state_dict(state)
    return model.eval(), AutoTokenizer.from_pretrained(folder)
