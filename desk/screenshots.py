"""How does every page look, in both languages and themes? A desk of its own is started, seeded and photographed.

    from desk.screenshots import make
    make(Path("docs/screenshots"))     # docs/screenshots/queue-it-light.png and so on

Needs playwright and a Chromium on the machine; raises Misconfigured with the way out when one is missing.
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from desk import screenshot_seed
from desk.screenshot_seed import PASSWORD, Photographed
from domain.errors import Misconfigured, Unavailable

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
BROWSER_FLAGS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking".split()
#: Pages by the address they have; the queue once more in a narrow window.
PAGES = (
    *("promises", "approvals", "customers", "watches", "channels", "outbox"),
    *("import", "team", "audit", "trust", "start", "account"),
)
#: Photographed last, in both widths: by then the desk listens to a real network as well, and has lost it.
WITH_A_LOSS = ("watches", "channels")
WIDE, NARROW = (1440, 900), (1024, 768)
THEMES = ("light", "dark")
COLOURS = 200
START_S = 60


def make(folder: Path, *, say: Callable[[str], None] = lambda _line: None) -> list[Path]:
    """Write one picture per page, language and theme; returns the files. ``say`` hears about each."""
    browser_path = _browser()
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    with tempfile.TemporaryDirectory(prefix="sportello-pictures-") as data_dir:
        people = screenshot_seed.plant(data_dir)
        with _running(data_dir) as url, _chromium(browser_path) as chromium:
            for shots in (_photograph, _photograph_loss):
                for person in people:
                    for theme in THEMES:
                        screenshot_seed.keep_alive(data_dir)
                        for path in shots(chromium, url, person, theme, folder):
                            made.append(path)
                            say(f"{path.name} {path.stat().st_size // 1024} KB")
                            screenshot_seed.keep_alive(data_dir)
                if shots is _photograph:
                    screenshot_seed.lose_a_channel(data_dir)
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


def _photograph(chromium: Any, url: str, person: Photographed, theme: str, folder: Path) -> Iterator[Path]:
    with _window(chromium, person, theme) as page:
        page.goto(f"{url}/auth/sign-in")
        yield _shoot(page, folder, "sign-in", person, theme)
        _sign_in(page, url, person)
        page.goto(f"{url}/?case={person.case_id}")
        _settle(page, ".st-key-sp_thread")
        yield _shoot(page, folder, "queue", person, theme)
        _resize(page, NARROW)
        yield _shoot(page, folder, "queue-narrow", person, theme)
        _resize(page, WIDE)
        for name in PAGES:
            if name not in WITH_A_LOSS:
                page.goto(f"{url}/{name}")
                _settle(page, ".sp-page-head")
                yield _shoot(page, folder, name, person, theme)
        page.goto(f"{url}/customers?customer={person.customer_id}")
        _settle(page, ".sp-person")
        yield _shoot(page, folder, "customer", person, theme)


def _photograph_loss(chromium: Any, url: str, person: Photographed, theme: str, folder: Path) -> Iterator[Path]:
    with _window(chromium, person, theme) as page:
        page.goto(f"{url}/auth/sign-in")
        _sign_in(page, url, person)
        for name in WITH_A_LOSS:
            page.goto(f"{url}/{name}")
            _settle(page, ".sp-page-head")
            for tail, size in (("", WIDE), ("-narrow", NARROW)):
                _resize(page, size)
                yield _shoot(page, folder, f"{name}{tail}", person, theme)
            _resize(page, WIDE)
        page.goto(f"{url}/watches")
        _settle(page, ".sp-page-head")
        page.locator("[class*=st-key-sp_watch_change_] button").first.click()
        _settle(page, ".sp-trial")
        for tail, size in (("", WIDE), ("-narrow", NARROW)):
            _resize(page, size)
            yield _shoot(page, folder, f"watch{tail}", person, theme)


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
