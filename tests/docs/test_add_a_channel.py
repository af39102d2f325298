"""Does somebody who follows "Add a channel" to the letter get a channel that keeps the contract?"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "howto" / "add-a-channel.md"
#: Written out again, because the page changes them; everything else is only read.
COPIED = ("collectors", "tests/contract", "tests/peers")
FILE = re.compile(r"^`([^`\n]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NO_SERVER = "not postgresql"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The house as somebody finds it, in a folder of its own."""
    here = tmp_path / "clone"
    (here / "tests").mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        shutil.copytree(ROOT / name, here / name, ignore=ignored)
    for path in (ROOT / "tests").glob("*.py"):
        shutil.copy(path, here / "tests" / path.name)
    for path in (*ROOT.glob("*.py"), ROOT / "pyproject.toml"):
        shutil.copy(path, here / path.name)
    for name in ("classifiers", "db", "desk", "domain", "services", "worker"):
        (here / name).symlink_to(ROOT / name)
    return here


@pytest.mark.timeout(300)
def test_the_channel_of_the_page_keeps_the_contract(clone: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    written = FILE.findall(page)
    assert {Path(name).name for name, _ in written} > {"client.py", "normalize.py", "collector.py", "publisher.py"}
    for name, text in written:
        path = clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    *edits, contract = COMMANDS.findall(page)[-1].strip().splitlines()
    for command in edits:
        subprocess.run(shlex.split(command), cwd=clone, check=True, timeout=30)
    done = run(clone, shlex.split(contract))
    assert done.returncode == 0, done.stdout[-3000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None and int(passed[1]) >= 50, done.stdout[-500:]


def run(clone: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """``./sportello test ...`` in this environment, on a file alone: the channel asks no database."""
    assert command[:2] == ["./sportello", "test"]
    wanted = [f"{word} and {NO_SERVER}" if word == "pigeon" else word for word in command[2:]]
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *wanted]
    return subprocess.run(words, cwd=clone, capture_output=True, text=True, check=False, timeout=280)
