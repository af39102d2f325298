"""What ``card.toml`` says about the bundled model: origin, data, licences, calibration, measured quality."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from classifiers.protocol import ModelCard
from domain.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Calibration:
    """Temperatures: logits are divided by them, so that 0.8 means right in four of five (Guo et al., 2017)."""

    sentiment_temperature: float
    complaint_temperature: float


def read_card(path: Path) -> ModelCard:
    """The card as the contract wants it; raises Misconfigured when a field is missing."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        return ModelCard(
            name=table["name"],
            revision=table["revision"],
            languages=tuple(table["languages"]),
            licence=table["licence"],
            limit_tokens=table["limit_tokens"],
            trained_on=tuple(f"{row['name']} ({row['licence']})" for row in table["data"]),
        )
    except KeyError as missing:
        raise Misconfigured(f"The model card lacks {missing}.", path=str(path)) from missing


def read_calibration(path: Path) -> Calibration:
    """The temperatures measured on validation texts."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))["calibration"]
    return Calibration(float(table["sentiment_temperature"]), float(table["complaint_temperature"]))
