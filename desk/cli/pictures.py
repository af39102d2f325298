"""How does each page look? One command starts a desk of its own and photographs it in both languages and themes.

Needs Playwright, which comes with the development environment (``./sportello check`` makes it), and a Chromium.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.error import URLError
from urllib.request import urlopen

from desk.cli import output
from desk.cli.arguments import Commands, command
from domain.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("queue", "promises", "approvals", "customers", "outbox", "import", "team", "audit")
LANGUAGES, THEMES = ("it", "en"), ("light", "dark")
SIZE, NARROW = (1440, 900), (1024, 900)
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
BROWSER_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
START_S, STOP_S, SETTLE_MS, PAGE_MS = 90, 10, 800, 30_000


def declare(commands: Commands) -> None:
    """Declare this module's command."""
    help = "photograph every page of a desk made for it, in both languages and themes"
    parser = command(commands, "screenshots", screenshots, help=help, person="none")
    parser.add_argument("--output", metavar="FOLDER", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--page", choices=PAGES, action="append", help="only this page; may be repeated")


def screenshots(args: argparse.Namespace) -> None:
    """Write ``PAGE-LANGUAGE-THEME.png`` for every page, and the queue once more on a narrow screen."""
    browser_path = _browser_path()
    args.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, _desk(Path(folder)) as url, _browser(browser_path) as browser:
        for language in LANGUAGES:
            for theme in THEMES:
                _album(browser, url, args.page or PAGES, language=language, theme=theme, folder=args.output)
    output.say(f"Screenshots written to {args.output}")


def _album(browser: Browser, url: str, pages: tuple[str, ...], *, language: str, theme: str, folder: Path) -> None:
    """Every page for one colleague in one theme."""
    scheme: Literal["dark", "light"] = "dark" if theme == "dark" else "light"
    window = browser.new_context(
        viewport={"width": SIZE[0], "height": SIZE[1]}, color_scheme=scheme, locale=language, reduced_motion="reduce"
    )
    window.set_default_timeout(PAGE_MS)
    page = window.new_page()
    _sign_in(page, url, login=f"anna.{language}")
    for name in pages:
        _photograph(page, _address(url, name), folder / f"{name}-{language}-{theme}.png")
    if "queue" in pages:
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        _photograph(page, _address(url, "queue"), folder / f"queue-narrow-{language}-{theme}.png")
    window.close()


def _address(url: str, name: str) -> str:
    """The queue is the start page and has no address of its own."""
    return f"{url}/" if name == "queue" else f"{url}/{name}"


def _sign_in(page: Page, url: str, *, login: str) -> None:
    page.goto(f"{url}/auth/sign-in")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(_PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda found: "/auth/" not in found)


def _photograph(page: Page, address: str, file: Path) -> None:
    """Wait until the page has stopped drawing, then keep it."""
    page.goto(address)
    page.locator("[data-testid=stAppViewContainer]").wait_for()
    for _ in range(2):  # what is drawn first may ask for more: a second look finds it
        page.wait_for_timeout(SETTLE_MS)
        page.wait_for_load_state("networkidle")
        page.wait_for_function(f"!document.querySelector('{_UNFINISHED}')")
    page.screenshot(path=file)
    output.say(str(file.name))


_UNFINISHED = "[data-testid=stSkeleton], [data-testid=stStatusWidget]"
_PASSWORD = "only for the photograph"


@contextmanager
def _desk(folder: Path) -> Iterator[str]:
    """A desk with the sample, some work under way and a few colleagues, at its address; nothing of it stays."""
    for language in LANGUAGES:
        words = ["user", "add", f"anna.{language}", "--display-name", "Anna Riva", "--language", language]
        words += ["--roles", "operator,manager,admin,marketing", "--mentor", "sample", "--password-stdin"]
        _sportello(folder, *words, stdin=_PASSWORD)
    learning = ["user", "add", "tommi", "--display-name", "Tommi Berti", "--roles", "operator", "--password-stdin"]
    _sportello(folder, *learning, stdin=_PASSWORD)
    port = _free_port()
    process = subprocess.Popen(_command(folder, "run", "--port", str(port)), cwd=ROOT, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process)
        _sportello(folder, "work")
        _some_work(folder)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(STOP_S)


def _command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "desk.cli", "--data-dir", str(folder), *words]


def _some_work(folder: Path) -> None:
    """A reply with a promise, one more that waits for an ok, and a case somebody has claimed."""
    cases = [str(case["case"]) for case in json.loads(_sportello(folder, "queue", "--limit", "5", "--json"))]
    evening = datetime.now(UTC).strftime("%Y-%m-%dT23:30")
    promise = ["--promise", "Un tecnico in giornata", "--due", evening]
    for case, who, words in ((cases[1], "anna.it", promise), (cases[2], "tommi", promise), (cases[3], "anna.en", [])):
        _sportello(folder, "claim", case, "--as", who)
        _sportello(folder, "reply", case, "--text", "Ci dispiace. Ci pensiamo noi.", *words, "--as", who)
    _sportello(folder, "claim", cases[0], "--as", "anna.it")
    _sportello(folder, "work")


def _sportello(folder: Path, *words: str, stdin: str = "") -> str:
    done = subprocess.run(_command(folder, *words), cwd=ROOT, input=stdin, text=True, capture_output=True)
    if done.returncode:
        raise Misconfigured(done.stderr.strip() or f"{words[0]} ended with {done.returncode}")
    return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline_s = time.monotonic() + START_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            urlopen(f"{url}/api/ready", timeout=2).close()
            return
        except (URLError, OSError):
            time.sleep(0.3)
    raise Unavailable("The desk for the photographs did not start.")


def _browser_path() -> str:
    chosen = os.environ.get("SPORTELLO_TEST_CHROMIUM")
    found = chosen or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise Misconfigured("There is no Chromium on this machine; on Debian: apt install chromium.")
    return found


@contextmanager
def _browser(path: str) -> Iterator[Browser]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise Misconfigured("Playwright is missing; ./sportello check installs the development tools.") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGS)
        yield browser
        browser.close()
