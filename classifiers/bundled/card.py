"""What is known of the bundled model? ``card.toml`` says what it is made of, ``calibration.toml`` how sure it is."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifiers.protocol import ModelCard
from domain.errors import Misconfigured

CARD, CALIBRATION = "card.toml", "calibration.toml"
#: The temperatures of a language without its own.
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Calibration:
    """How logits become probabilities, measured on texts that no weight was learned from.

    ``temperatures``: logits of a head are divided by its temperature in this language, so that 0.8 means right in
    four of five (Guo et al., 2017). ``reason_threshold``: from this probability on, a reason is given.
    ``evidence_threshold``: from this probability on, a word belongs to what carries a reason.
    ``unsure_below``: where it is less likely than this that sentiment, kind and level are all right, were the heads to
    err independently of each other, a person is asked to read; by language.
    """

    temperatures: Mapping[str, Mapping[str, float]]
    reason_threshold: float
    evidence_threshold: float
    unsure_below: Mapping[str, float]

    def temperature(self, head: str, language: str) -> float:
        """By which the logits of ``head`` are divided for a text in ``language``."""
        of_head = self.temperatures[head]
        return of_head.get(language, of_head[OTHERS])

    def is_doubtful(self, chance: float, language: str) -> bool:
        """Whether labels that are all right with this ``chance`` ask for a person."""
        return chance < self.unsure_below.get(language, self.unsure_below[OTHERS])


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as missing:
        raise Misconfigured("The bundled model is not in this copy of the program.", path=str(path)) from missing
    except (OSError, ValueError) as err:  # No rights to read it, or torn in the middle.
        raise Misconfigured(f"{path.name} of the bundled model cannot be read.", path=str(path)) from err


def read_card(folder: Path) -> ModelCard:
    """The card as the contract wants it; raises Misconfigured when a field is missing."""
    table = _table(folder / CARD)
    try:
        return ModelCard(
            name=table["name"],
            revision=_table(folder / CALIBRATION)["revision"],
            languages=tuple(table["languages"]),
            licence=table["licence"],
            limit_tokens=table["limit_tokens"],
            trained_on=tuple(f"{row['name']} ({row['licence']})" for row in table["data"]),
        )
    except KeyError as missing:
        raise Misconfigured(f"The model card lacks {missing}.", path=str(folder / CARD)) from missing


def read_calibration(folder: Path) -> Calibration:
    """Temperatures and thresholds; raises Misconfigured when one is missing."""
    found = _table(folder / CALIBRATION)
    try:
        return Calibration(
            temperatures={head: dict(heats) for head, heats in found["temperatures"].items()},
            reason_threshold=float(found["reason_threshold"]),
            evidence_threshold=float(found["evidence_threshold"]),
            unsure_below=dict(found["unsure_below"]),
        )
    except KeyError as missing:
        raise Misconfigured(f"The calibration lacks {missing}.", path=str(folder / CALIBRATION)) from missing


def write_calibration(folder: Path, calibration: Calibration, *, revision: str) -> None:
    """Put a calibration beside the model it was measured on."""
    lines = [
        "# Measured by classifiers/training/ship.py on the very file beside this one; never edited by hand.",
        f'revision = "{revision}"',
        f"reason_threshold = {calibration.reason_threshold}",
        f"evidence_threshold = {calibration.evidence_threshold}",
    ]
    tables = {"unsure_below": calibration.unsure_below}
    tables |= {f"temperatures.{head}": heats for head, heats in calibration.temperatures.items()}
    for name, values in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {value}" for key, value in values.items())]
    (folder / CALIBRATION).write_text("\n".join(lines) + "\n", encoding="utf-8")
