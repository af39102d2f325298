"""One set of weights from the best and the last checkpoint: their average generalises at least as well as either."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

#: The last checkpoint is fully annealed and weighs more.
LAST_SHARE = 0.65


def average(best: Path, last: Path, target: Path) -> None:
    """Write ``LAST_SHARE`` of ``last`` plus the rest of ``best``; both come from one training."""
    ones = torch.load(best, map_location="cpu", weights_only=True)
    others = torch.load(last, map_location="cpu", weights_only=True)
    mixed = {
        name: torch.lerp(ones[name], value, LAST_SHARE) if value.is_floating_point() else value
        for name, value in others.items()
    }
    torch.save(mixed, target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with network.pt (best) and latest.pt (last)")
    given = parser.parse_args()
    average(given.folder / "network.pt", given.folder / "latest.pt", given.folder / "average.pt")


if __name__ == "__main__":
    main()
