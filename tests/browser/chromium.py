"""Which browser do the browser tests drive? The machine's Chromium, else Debian's, else Playwright's own.

    from tests.browser.chromium import NotAvailable, find_or_install_chromium
    found = find_or_install_chromium()
    if isinstance(found, NotAvailable):
        not_run(found.reason, found.way_out)

Looking happens once for all test processes; the answer "there is none" is remembered for ten minutes, so that a
machine without a browser does not try a download for each process. Nothing is downloaded where one is found.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
CHOSEN_BY = "SPORTELLO_TEST_CHROMIUM"
# Playwright's own browser and our notes; ignored by git.
OWN_FOLDER = ROOT / ".browser"
REMEMBERED_S = 600
DEBIAN_LIMIT_S = 240
PLAYWRIGHT_LIMIT_S = 20
# The second package draws the pictograms that people write in their posts.
DEBIAN_PACKAGES = ("chromium", "fonts-noto-color-emoji")


@dataclass(frozen=True, slots=True)
class NotAvailable:
    """No browser on this machine: why, and the way out."""

    reason: str
    way_out: str


def find_or_install_chromium() -> Path | NotAvailable:
    """A Chromium that can be started, installed first if this machine allows it."""
    OWN_FOLDER.mkdir(exist_ok=True)
    with _one_at_a_time():
        found = _find()
        if found is None and not _looked_lately():
            _install_from_debian()
            found = _find() or _install_with_playwright()
            _remember(found)
    return found or NotAvailable("no Chromium on this machine and none could be installed", _way_out())


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (OWN_FOLDER / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _find() -> Path | None:
    chosen = os.environ.get(CHOSEN_BY)
    if chosen:
        return Path(chosen) if Path(chosen).exists() else None
    for name in NAMES:
        if path := shutil.which(name):
            return Path(path)
    own = sorted(OWN_FOLDER.glob("chromium-*/chrome-*/chrome"))
    return own[-1] if own else None


def _looked_lately() -> bool:
    note = OWN_FOLDER / "none-found"
    return note.exists() and time.time() - note.stat().st_mtime < REMEMBERED_S


def _remember(found: Path | None) -> None:
    note = OWN_FOLDER / "none-found"
    if found is None:
        note.touch()
    else:
        note.unlink(missing_ok=True)


def _install_from_debian() -> None:
    """Debian's package, when we may install packages here; what goes wrong shows in the missing file."""
    if os.environ.get(CHOSEN_BY) or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "timeout": DEBIAN_LIMIT_S}
    _try(["apt-get", "update", "-qq"], **quiet)
    _try(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN_PACKAGES], **quiet)


def _install_with_playwright() -> Path | None:
    if os.environ.get(CHOSEN_BY):
        return None
    env = os.environ | {"PLAYWRIGHT_BROWSERS_PATH": str(OWN_FOLDER)}
    _try([sys.executable, "-m", "playwright", "install", "chromium"], env=env, timeout=PLAYWRIGHT_LIMIT_S)
    return _find()


def _try(command: list[str], *, env: dict[str, str], timeout: float) -> None:
    """Run an installer with a time limit; whether there is a browser afterwards is the only answer that counts."""
    silent = subprocess.DEVNULL
    try:
        child = subprocess.Popen(command, env=env, stdin=silent, stdout=silent, stderr=silent, start_new_session=True)
    except OSError:
        return
    try:
        child.wait(timeout)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)  # the whole group: the download runs in a child of the installer
        child.wait()


def _way_out() -> str:
    if os.environ.get(CHOSEN_BY):
        return f"{CHOSEN_BY} names a file that does not exist"
    return f"install Chromium (Debian: apt install chromium) or name one in {CHOSEN_BY}"
