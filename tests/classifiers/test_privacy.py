"""Judging tells nobody: the runtime of the model keeps no file about us and reports nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
JUDGE = "from classifiers.registry import load; print(load('bundled').judge(['Grazie mille'])[0].sentiment)"


def test_judging_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    # CI would silence the runtime's reporting by itself, so it must not be seen.
    environ = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    environ |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [sys.executable, "-c", JUDGE], env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=100
    )

    assert done.stdout.strip() == "positive", done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
