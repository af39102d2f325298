"""How does every page look, in both languages and themes? A desk of its own is started, seeded and photographed.

    from desk.screenshots import make
    make(Path("docs/screenshots"))     # docs/screenshots/queue-it-light.png and so on

Needs playwright and a Chromium on the machine; raises Misconfigured with the way out when one is missing.
"""

from __future__ import annotations

import io
import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from desk import screenshot_seed
from desk.screenshot_seed import PASSWORD, Photographed
from domain.errors import Invalid, Misconfigured, Unavailable

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
BROWSER_FLAGS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking".split()
#: Pages by the address they have.
PAGES = (
    *("promises", "approvals", "problems", "customers", "trends", "report", "watches", "channels"),
    *("outbox", "import", "exports", "team", "tools", "audit", "trust", "start", "account"),
)
#: Photographed last, in both widths: by then the desk listens to a real network as well, and has lost it.
WITH_A_LOSS = ("watches", "channels")
#: Drawn otherwise where there is less room.
BOTH_WIDTHS = ("problems", "trends", "report")
WIDE, NARROW = (1440, 900), (1024, 768)
THEMES = ("light", "dark")
COLOURS = 200
START_S = 60


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, the page's address, what has to be there, what is clicked first, and in which widths."""

    name: str
    address: str
    awaits: str = ".sp-page-head"
    clicks: str = ""
    then_awaits: str = ""
    narrow: bool = False


_THREAD = ".st-key-sp_thread"
SHOTS = (
    Shot("queue", "?case={0.case_id}", _THREAD, narrow=True),
    Shot("queue-uncertain", "?case={0.uncertain_case_id}", _THREAD),
    Shot("queue-refused", "?case={0.refused_case_id}", _THREAD),
    *(Shot(name, name, narrow=name in BOTH_WIDTHS) for name in PAGES if name not in WITH_A_LOSS),
    Shot("customer", "customers?customer={0.customer_id}", ".sp-person"),
    Shot("problem", "problems?problem=1", "[class*=st-key-sp_row_case_pr_]", narrow=True),
    Shot("alerts", "account", ".sp-page-head", "[class*=st-key-sp_alert_add_] button", "[data-testid=stPopoverBody]"),
)
SHOTS_WITH_A_LOSS = (
    *(Shot(name, name, narrow=True) for name in WITH_A_LOSS),
    Shot("watch", "watches", ".sp-page-head", "[class*=st-key-sp_watch_change_] button", ".sp-trial", narrow=True),
)
SIGN_IN = "sign-in"
NAMES = (SIGN_IN, *(shot.name for shot in (*SHOTS, *SHOTS_WITH_A_LOSS)))


def make(folder: Path, *, only: Collection[str] = NAMES, say: Callable[[str], None] = lambda _line: None) -> list[Path]:
    """Write one picture per shot, language and theme; returns the files. ``say`` hears about each.

    ``only`` some of NAMES; raises Invalid for any other.
    """
    if unknown := sorted(set(only) - set(NAMES)):
        raise Invalid(f"There is no picture named {unknown[0]}; there are {', '.join(NAMES)}.", field="pages")
    browser_path = _browser()
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    with tempfile.TemporaryDirectory(prefix="sportello-pictures-") as data_dir:
        people = screenshot_seed.plant(data_dir)
        with _running(data_dir) as url, _chromium(browser_path) as chromium:
            for shots in (SHOTS, SHOTS_WITH_A_LOSS):
                wanted = tuple(shot for shot in shots if shot.name in only)
                entered = shots is SHOTS and SIGN_IN in only
                if shots is SHOTS_WITH_A_LOSS and wanted:
                    screenshot_seed.lose_a_channel(data_dir)
                for person, theme in itertools.product(people if wanted or entered else (), THEMES):
                    screenshot_seed.keep_alive(data_dir)
                    for path in _photograph(chromium, url, person, theme, wanted, folder, entered=entered):
                        made.append(path)
                        say(f"{path.name} {path.stat().st_size // 1024} KB")
                        screenshot_seed.keep_alive(data_dir)
    return made


def _browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise Misconfigured("Screenshots need a Chromium: install the package chromium.", what="chromium")
    return found


@contextmanager
def _chromium(path: str) -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise Misconfigured("Screenshots need the development packages: run ./sportello test once.") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def _running(data_dir: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "SPORTELLO_DATA_DIR": data_dir,
        "SPORTELLO_PORT": str(port),
        "SPORTELLO_HOST": "127.0.0.1",
    }
    desk = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/auth/sign-in", desk)
        yield url
    finally:
        desk.terminate()
        desk.wait(timeout=20)


def _wait_for(url: str, desk: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + START_S
    while time.monotonic() < give_up_at and desk.poll() is None:
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise Unavailable("The desk for the pictures did not start.")


def _photograph(
    chromium: Any, url: str, person: Photographed, theme: str, shots: Sequence[Shot], folder: Path, *, entered: bool
) -> Iterator[Path]:
    with _window(chromium, person, theme) as page:
        page.goto(f"{url}/auth/sign-in")
        if entered:
            yield _shoot(page, folder, SIGN_IN, person, theme)
        _sign_in(page, url, person)
        for shot in shots:
            page.goto(f"{url}/{shot.address.format(person)}")
            _settle(page, shot.awaits)
            if shot.clicks:
                page.locator(shot.clicks).first.click()
                _settle(page, shot.then_awaits)
            yield _shoot(page, folder, shot.name, person, theme)
            if shot.narrow:
                _resize(page, NARROW)
                yield _shoot(page, folder, f"{shot.name}-narrow", person, theme)
                _resize(page, WIDE)


@contextmanager
def _window(chromium: Any, person: Photographed, theme: str) -> Iterator[Any]:
    window = chromium.new_context(
        viewport={"width": WIDE[0], "height": WIDE[1]},
        color_scheme=theme,
        locale=person.locale,
        reduced_motion="reduce",
    )
    window.set_default_timeout(30_000)
    try:
        yield window.new_page()
    finally:
        window.close()


def _sign_in(page: Any, url: str, person: Photographed) -> None:
    page.fill("#login", person.login)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    _settle(page, ".st-key-sp_queue_list")


def _resize(page: Any, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_timeout(700)


def _shoot(page: Any, folder: Path, name: str, person: Photographed, theme: str) -> Path:
    path = folder / f"{name}-{person.language}-{theme}.png"
    path.write_bytes(_small(page.screenshot()))
    return path


def _settle(page: Any, selector: str) -> None:
    """Wait until the part is there and Streamlit has nothing left to draw."""
    page.wait_for_selector(selector)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(900)


def _small(png: bytes) -> bytes:
    """The picture with a palette: a page has few colours, and the repository is cloned by everybody."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    small = io.BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()
