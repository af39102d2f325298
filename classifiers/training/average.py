"""The mean of several checkpoints, which knows less by heart than any of them (Wortsman et al., ICML 2022).

    python -m classifiers.training.average OUTPUT CHECKPOINT CHECKPOINT ... [--shares 1 1 ...]

All must have begun at the same base, as runs of ``train`` do: networks from different starts have no useful mean.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import torch

from classifiers.training import checkpoints


def average(paths: Sequence[Path], shares: Sequence[float]) -> dict[str, torch.Tensor]:
    """Each weight's mean, the checkpoints counting by ``shares`` (any positive numbers, one a checkpoint).

    Raises ValueError where the numbers or the weights' names and shapes do not fit. A head that only the later of
    them have, because a recipe gained it, is the mean of those that have it.
    """
    if len(paths) != len(shares) or not shares or not all(0 < share < math.inf for share in shares):
        raise ValueError("One positive share a checkpoint, please.")
    states = [checkpoints.load_weights(path) for path in paths]
    return {name: _mean(name, states, shares) for name in dict.fromkeys(name for state in states for name in state)}


def _mean(name: str, states: Sequence[dict[str, torch.Tensor]], shares: Sequence[float]) -> torch.Tensor:
    found = [(state[name], share) for state, share in zip(states, shares, strict=True) if name in state]
    first = found[0][0]
    if any(weight.shape != first.shape for weight, _ in found):
        raise ValueError(f"{name} has another shape in one of the checkpoints; are they of one base?")
    if not first.is_floating_point():
        return first
    return torch.stack([weight * share for weight, share in found]).sum(0) / sum(share for _, share in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--shares", type=float, nargs="+", help="how much each counts; alike, if not given")
    given = parser.parse_args()
    try:
        mean = average(given.checkpoints, given.shares or [1.0] * len(given.checkpoints))
    except ValueError as error:
        parser.error(str(error))
    checkpoints.save(mean, given.output)


if __name__ == "__main__":
    main()
