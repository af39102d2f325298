"""Which files belong to the repository, and what do they say? As git lists them, or every file when there is no git."""

import subprocess
from functools import cache
from pathlib import Path

from tests.architecture.source import ROOT

NOT_OURS = {".git", ".venv", ".venv-train", ".tools", ".sportello", ".browser", "__pycache__", ".device"}
LARGEST_TEXT_BYTES = 5_000_000


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository, also the ones not yet committed, relative to the root."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = [Path(name) for name in listed.stdout.split("\0") if name]
    else:
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if not NOT_OURS & set(path.relative_to(ROOT).parts)]
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


@cache
def texts() -> tuple[tuple[Path, str], ...]:
    """The text files among them with their text."""
    return tuple((name, text) for name in files() if (text := _text(ROOT / name)) is not None)


def _text(path: Path) -> str | None:
    if path.stat().st_size > LARGEST_TEXT_BYTES:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
