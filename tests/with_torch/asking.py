"""Makes checkpoints, judges texts with some, and writes what came out as JSON. Runs where torch is."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))


def asked(question: dict) -> dict:
    """The answers to ``texts`` in one call, the other way round, and one by one; or the error's words."""
    from classifiers import registry
    from classifiers.protocol import HubWishes
    from domain.errors import DeskError

    try:
        classifier = registry.load(f"hub:{question['name']}", threads=1, hub=HubWishes(question["labels"]))
    except DeskError as err:
        return {"error": str(err)}
    texts = question["texts"]
    turned = classifier.judge(list(reversed(texts)))[::-1]
    return {
        "card": asdict(classifier.card),
        "together": [asdict(found) for found in classifier.judge(texts)],
        "turned": [asdict(found) for found in turned],
        "alone": [asdict(classifier.judge([text])[0]) for text in texts],
    }


if __name__ == "__main__":
    from tests.with_torch.making import make

    wishes = json.load(sys.stdin)
    for wish in wishes["make"]:
        make(Path(wish.pop("folder")), wish.pop("labels"), **wish)
    json.dump({name: asked(question) for name, question in wishes["ask"].items()}, sys.stdout)
