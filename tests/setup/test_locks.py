"""Do the locks hold what pyproject.toml asks for, with a hash for each package and no address of a server?"""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-dev.lock": PROJECT["dependency-groups"]["dev"],
}


def pinned(lock: str) -> dict[str, list[str]]:
    """Package name to its hashes, as the lock writes them."""
    joined = (ROOT / lock).read_text().replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return {re.split(r"[=;\s\[]", line)[0]: re.findall(r"--hash=(\S+)", line) for line in lines}


@pytest.mark.parametrize("lock", WANTED)
def test_every_dependency_is_pinned(lock: str) -> None:
    names = {re.split(r"[=<>!\[~ ;]", wanted)[0].lower() for wanted in WANTED[lock]}
    assert names <= pinned(lock).keys()


@pytest.mark.parametrize("lock", WANTED)
def test_every_package_has_a_hash(lock: str) -> None:
    assert [name for name, hashes in pinned(lock).items() if not hashes] == []


@pytest.mark.parametrize("lock", WANTED)
def test_lock_names_no_server(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text()


def test_both_locks_agree_on_the_packages_they_share() -> None:
    runtime, development = pinned("requirements.lock"), pinned("requirements-dev.lock")
    shared = runtime.keys() & development.keys()
    assert {name for name in shared if set(runtime[name]) != set(development[name])} == set()


def test_desk_never_needs_the_training_libraries() -> None:
    assert not {"torch", "tensorflow", "jax"} & pinned("requirements.lock").keys()
