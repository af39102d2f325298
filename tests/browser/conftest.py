"""A real Chromium and a running gallery of widgets, for tests that need a browser."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.chromium import NotAvailable, find_or_install_chromium
from tests.not_run import not_run

ROOT = Path(__file__).parents[2]
CHROMIUM_ARGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
_START_S = 60
expect.set_options(timeout=15_000)


#: The browser of this process. Folders beside this one use the same fixtures, each with a turn of its own in pytest,
#: and a process can drive one Playwright only.
_RUNNING: list[Browser] = []


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless Chromium for the whole run; without one the tests that ask for it are listed as not run."""
    if _RUNNING:
        yield _RUNNING[0]
        return
    found = find_or_install_chromium()
    if isinstance(found, NotAvailable):
        not_run(found.reason, found.way_out)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGS)
        _RUNNING.append(browser)
        yield browser
        _RUNNING.clear()
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh window of 1440 by 900, with nothing remembered."""
    fresh = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    fresh.set_default_timeout(15_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab in the fresh window."""
    return context.new_page()


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def gallery_url() -> Iterator[str]:
    """The widget gallery, served on a free loopback port and stopped afterwards."""
    yield from _served("desk/widgets/gallery.py")


@pytest.fixture(scope="session")
def rows_url() -> Iterator[str]:
    """Rows with buttons alike that ask first, served likewise."""
    yield from _served("tests/browser/rows_page.py")


def _served(script: str) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_healthy(port, server)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait_until_healthy(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("the page did not start")
