"""How is kept what was trained? Whole or not at all, in a folder that one run has to itself."""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import torch


def hold(folder: Path) -> IO[str]:
    """Make ``folder`` and keep other runs out until what is returned is closed.

    Raises SystemExit where another run is at work in it, or nothing can be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / "run.lock").open("w", encoding="utf-8")
    except OSError as error:
        raise SystemExit(f"{folder} cannot be written to: {error.strerror}.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise SystemExit(f"Another run is at work in {folder}; wait for it, or take another folder.") from None
    return handle


def save(state: Mapping[str, Any], path: Path) -> None:
    """Put ``state`` in the place of what is there; raises SystemExit and leaves that alone where it cannot."""
    whole = path.with_suffix(".new")
    try:
        torch.save(dict(state), whole)
        whole.replace(path)
    except (OSError, RuntimeError) as error:  # A full disk is a RuntimeError of torch's writer.
        whole.unlink(missing_ok=True)
        raise SystemExit(f"{path} could not be written, what was there is left as it was: {_said(error)}") from None


def load(path: Path) -> dict[str, Any]:
    """What ``save`` wrote; raises SystemExit where the file is missing, torn or another one."""
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise SystemExit(f"The checkpoint {path} cannot be read: {_said(error)}") from None
    if not isinstance(found, dict):
        raise SystemExit(f"{path} is no checkpoint.")
    return found


def load_weights(path: Path) -> dict[str, torch.Tensor]:
    """The weights of a network, as in ``last.pt`` and ``best.pt``; raises SystemExit for anything else."""
    found = load(path)
    if not all(isinstance(weight, torch.Tensor) for weight in found.values()):
        raise SystemExit(f"{path} does not hold the weights of a network; last.pt and best.pt of a run do.")
    return found


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
