"""What do all posts of a language share? The middle of the vectors of our own posts to learn from: `… background`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from classifiers.topics.encoder import Encoder
from classifiers.topics.grouping import BACKGROUND

POSTS = Path(__file__).parent / "posts"
#: So many posts of a language tell its middle well enough; of fewer none is taken.
MOST_POSTS, LEAST_POSTS = 60, 40


def texts() -> dict[str, list[str]]:
    """Posts by language, spread evenly over the files."""
    rows = [json.loads(line) for path in sorted(POSTS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    found = {language: [row["text"] for row in rows if row["language"] == language] for language in _languages(rows)}
    return {
        language: some[:: max(1, len(some) // MOST_POSTS)][:MOST_POSTS]
        for language, some in found.items()
        if len(some) >= LEAST_POSTS
    }


def _languages(rows: list[dict[str, str]]) -> list[str]:
    return sorted({row["language"] for row in rows})


if __name__ == "__main__":
    encoder = Encoder()
    middles = {language: encoder.vectors(some).mean(0) for language, some in texts().items()}
    np.savez(BACKGROUND, **middles)
    print(f"{BACKGROUND}: {', '.join(middles)}")
