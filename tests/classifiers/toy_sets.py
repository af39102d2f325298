"""Public data sets in small, written by us in the shape of the real ones; and what their rows are."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

ROWS = 12
_TONES = ("negative", "neutral", "positive")


def write(folder: Path) -> Path:
    """Every set that the recipe reads, ROWS texts in each file."""
    tones = [{"label": _TONES[n % 3]} for n in range(ROWS)]
    irony = [{"label": ("irony", "not")[n % 2]} for n in range(ROWS)]
    sets: dict[str, list[dict[str, object]]] = {
        "tweeteval_sentiment/train_reconstructed": list(tones),
        "tweeteval_sentiment/val": list(tones),
        "tweeteval_irony/train": list(irony),
        "tweeteval_emotion/train": [{"label": ("anger", "joy", "optimism", "sadness")[n % 4]} for n in range(ROWS)],
        "goemotions/train": [{"labels": ["joy", "love"][: 1 + n % 2]} for n in range(ROWS)],
        "sentipolc16/train": [{**row, "iro": 0} for row in tones],
        "ironita18/train": list(irony),
        "airline_us/train_val": [{**row, "negativereason": "Late Flight"} for row in tones],
        "complaints_twitter/train_val": [
            {"label": ("complaint", "other")[n % 2], "domain": "cars"} for n in range(ROWS)
        ],
        "multiemotions_it/train_val": [{**row, "sarcasm": 0} for row in tones],
        "absita18_hotel_it/train_derived_polarity": list(tones),
        "twacs_airline_support/unlabelled_first_utterances": [{} for _ in range(ROWS)],
    }
    for language in ("english", "italian", "spanish", "french", "german", "portuguese"):
        sets |= {f"xlmt_umsab/{language}_{part}": list(tones) for part in ("train", "val")}
    for name, rows in sets.items():
        path = folder / f"{name}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps({"text": f"text {n} of {name.replace('/', ' ')}", **row}) for n, row in enumerate(rows)]
        path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return folder
