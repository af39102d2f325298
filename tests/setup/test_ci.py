"""Is the continuous check honest: does it run everything, say how long it took, and fail when anything failed?"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAKE_SPORTELLO = """#!/bin/sh
echo "$1 strict:$SPORTELLO_NOTHING_NOT_RUN" >> calls
[ "$1" != "$FAILING" ]
"""
# A machine that has a browser and its pictograms, so that nothing is installed here.
FAKE_TOOLS = {"chromium": "#!/bin/sh\n", "fc-list": "#!/bin/sh\necho 'Some Emoji Font'\n"}


def run(folder: Path, *, failing: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """`.ci/run` in an invented clone whose `sportello` fails at one word."""
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci" / "run")
    (folder / "bin").mkdir()
    scripts = {folder / "sportello": FAKE_SPORTELLO} | {folder / "bin" / name: FAKE_TOOLS[name] for name in FAKE_TOOLS}
    for path, text in scripts.items():
        path.write_text(text)
        path.chmod(0o755)
    env = os.environ | {"FAILING": failing, "PATH": f"{folder / 'bin'}:/usr/bin:/bin"}
    ended = subprocess.run([folder / ".ci" / "run"], env=env, cwd="/", capture_output=True, text=True, timeout=30)
    return ended, (folder / "calls").read_text().splitlines()


def test_success_needs_check_and_test_with_nothing_left_out(tmp_path: Path) -> None:
    ended, calls = run(tmp_path, failing="")
    assert ended.returncode == 0
    assert {"check strict:1", "test strict:1"} <= set(calls)


@pytest.mark.parametrize("failing", ["check", "test"])
def test_one_failed_phase_fails_the_whole_and_the_others_still_run(tmp_path: Path, failing: str) -> None:
    ended, calls = run(tmp_path, failing=failing)
    assert ended.returncode == 1
    assert f"Failed: {'environment torch test' if failing == 'test' else failing}" in ended.stdout
    assert {"check strict:1", "test strict:1"} <= set(calls)


def test_every_phase_has_its_time(tmp_path: Path) -> None:
    ended, _ = run(tmp_path, failing="")
    times = ended.stdout.split("=== times")[1]
    assert [
        name for name in ("environment", "browser", "check", "peers", "torch", "test") if f"s  {name}" not in times
    ] == []
