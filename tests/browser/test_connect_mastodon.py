"""Does somebody with a Mastodon account have the brand's mentions on the desk by following the how-to, in Italian?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from domain.clock import utc_now
from domain.people import Role
from tests.browser.at_the_desk import AtTheDesk
from tests.browser.conftest import free_port
from tests.browser.running_desk import Colleague, RunningDesk, running_desk
from tests.contract.granting import GrantingMastodon
from tests.leaks import PLANTED

pytestmark = pytest.mark.timeout(300)
HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "howto" / "connect-mastodon.md"
ADA = Colleague("ada", "Ada Lindt", tuple(Role), trained=("sample", "mastodon"))


@pytest.fixture(scope="module")
def mastodon() -> Iterator[GrantingMastodon]:
    server = GrantingMastodon(utc_now, "hush-browser-token")
    yield server
    server.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running_desk(tmp_path_factory.mktemp("desk"), port=free_port(), staff=(ADA,)) as running:
        yield running
        log = (running.data_dir / "run.log").read_text("utf-8", "replace")
        assert PLANTED.search(log) is None


def steps() -> list[str]:
    """What the how-to says to press, in its order, up to the network."""
    first = HOW_TO.read_text("utf-8").split("## 1. The account")[1].split("4. You come back")[0]
    return re.findall(r"\*([^*\n]+)\*", first.split("\n1. ", 1)[1])


def test_the_how_to_leads_from_the_channels_page_to_a_mention_in_the_queue(
    chromium: Browser, desk: RunningDesk, mastodon: GrantingMastodon
) -> None:
    pressed = ["Channels", "Connect an account", "Mastodon", "Go on", "Go on to mastodon.example"]
    assert steps() == pressed
    desk.sportello("brand", "add", "Aurora Luce", "--json")
    desk.sportello("sample", "remove")
    mastodon.add("@aurora siamo senza luce da ieri", author="mara")
    window = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="it-IT")
    seat = AtTheDesk(window.new_page(), desk, "it")
    page = seat.page
    page.goto(f"{desk.url}/auth/sign-in?lang=it")
    page.get_by_label(seat.word("Sign-in name"), exact=True).fill("ada")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name=seat.word("Sign in")).press("Enter")
    page.get_by_role("link", name=seat.word("Channels"), exact=True).click(timeout=60_000)
    expect(page.get_by_role("heading", name=seat.word("Connect an account"))).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Mastodon").press("Enter")
    # The button is gone: the keyboard stands in the first field of what opened in its place.
    field = page.get_by_label(seat.word("The account’s whole name, or its server"))
    expect(field).to_be_focused()
    field.fill(mastodon.url)
    page.get_by_role("button", name=seat.word("Go on"), exact=True).press("Enter")
    link = page.get_by_role("link", name=seat.word("Go on to {host}").format(host=mastodon.origin))
    link.focus()
    page.keyboard.press("Enter")
    page.locator("#yes").click()
    expect(page.get_by_role("heading")).to_have_text("@aurora@piazza.test è collegato")
    page.get_by_role("link", name=seat.word("To the Channels page")).click()
    expect(page.get_by_text("@aurora@piazza.test")).to_be_visible(timeout=60_000)
    expect(page.get_by_label(seat.word("Publishing"))).not_to_be_checked()
    page.get_by_role("link", name=seat.word("Queue")).first.click()
    seat.wait_for_row("siamo senza luce da ieri")
    window.close()
