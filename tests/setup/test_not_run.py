"""Is what a machine cannot run said at the end, and forbidden where nothing may be left out?"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import conftest, not_run

ROOT = Path(__file__).resolve().parents[2]
LACKING = """
from tests.not_run import not_run
def test_with_a_browser():
    not_run("no browser here", "apt install one")
def test_without():
    pass
"""


def run(folder: Path, *args: str, forbidden: bool) -> subprocess.CompletedProcess[str]:
    (folder / "test_lacking.py").write_text(LACKING)
    (folder / "conftest.py").write_text(
        "from tests.not_run import pytest_runtest_makereport, pytest_terminal_summary\n"
    )
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *args, str(folder)]
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "SPORTELLO_NOTHING_NOT_RUN": "1" if forbidden else "0"}
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=60)


def test_every_run_of_the_suite_lists_what_it_did_not_run() -> None:
    assert (conftest.pytest_runtest_makereport, conftest.pytest_terminal_summary) == (
        not_run.pytest_runtest_makereport,
        not_run.pytest_terminal_summary,
    )


@pytest.mark.parametrize("processes", ["-n0", "-n1"])
def test_note_with_reason_and_way_out_ends_the_run(tmp_path: Path, processes: str) -> None:
    ended = run(tmp_path, processes, forbidden=False)
    assert ended.returncode == 0
    assert "not run: test_lacking.py::test_with_a_browser — no browser here — apt install one" in ended.stdout


def test_note_fails_the_run_where_nothing_may_be_left_out(tmp_path: Path) -> None:
    ended = run(tmp_path, "-n0", forbidden=True)
    assert ended.returncode == 1
    assert "1 failed, 1 passed" in ended.stdout and "no browser here" in ended.stdout
