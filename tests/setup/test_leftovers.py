"""Do the servers of the tests leave nothing behind, even when a test process is killed?"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from settings import ROOT
from tests.peers.leftovers import of_dead_processes, own_folder

DIES = "import os; from tests.peers.leftovers import own_folder; own_folder('pg'); os.kill(os.getpid(), 9)"


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders are made here and not where other test processes have theirs."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_folder_of_a_killed_process_is_removed_by_the_next_and_that_of_a_living_one_stays(own_place: Path) -> None:
    mine = own_folder("pg")
    environment = os.environ | {"TMPDIR": str(own_place)}
    words = [sys.executable, "-c", DIES]
    killed = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    left = [path for path in own_place.iterdir() if path != mine]
    assert killed.returncode == -9 and len(left) == 1 and of_dead_processes("pg") == left
    (left[0] / "data").mkdir()
    again = own_folder("pg")
    assert not left[0].exists() and mine.exists() and again.exists()


def test_folders_of_another_kind_or_without_a_process_are_left_alone(own_place: Path) -> None:
    others = [own_place / name for name in ("sportello-bluesky-999999999-ab", "sportello-pg-somebody", "pg-1-x")]
    for path in others:
        path.mkdir()
    own_folder("pg")
    assert all(path.exists() for path in others)
