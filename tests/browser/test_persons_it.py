"""In Italian: two profiles become one by a colleague’s hand, and two again. Are private posts marked as such?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from collectors.protocol import Page as Heard
from domain.mention import Audience, Author, Mention
from domain.people import Role
from services import brands, cases, intake, profile
from tests.browser.at_the_desk import AtTheDesk
from tests.browser.conftest import free_port
from tests.browser.running_desk import Colleague, RunningDesk, running_desk

pytestmark = pytest.mark.timeout(300)
ADA = Colleague("ada", "Ada Riva", tuple(Role), trained=("mastodon", "bluesky"))
SAID = "su Bluesky sono @marabot.example"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RunningDesk]:
    with running_desk(tmp_path / "desk", port=free_port(), staff=(ADA,)) as running:
        hear(running)
        yield running


def hear(desk: RunningDesk) -> None:
    """Mara writes on Mastodon, once to us alone; somebody who may be her writes on Bluesky."""
    posts = (
        post("mastodon", "mara@piazza.example", "Mara Botti", f"Il pacco non arriva, {SAID}", hours=3),
        post("bluesky", "marabot.example", "marabot", "Ma la Bottega Lume risponde mai?", hours=9),
        post("mastodon", "ivo@piazza.example", "Ivo Sala", "Vi scrivo in privato", hours=1, audience=Audience.NAMED),
    )
    with desk.colleague("ada") as ctx:
        brand = brands.add_brand(ctx, "Bottega Lume")
        watch = brands.add_watch(ctx, brand.id, name="tutto", terms=(), channels=("mastodon", "bluesky"))
        intake.store(ctx, watch, Heard(posts, None))


def post(channel: str, handle: str, name: str, text: str, *, hours: float, audience: Audience = Audience.PUBLIC):
    return Mention(
        channel=channel,
        origin=f"{channel}.example",
        native_id=f"{handle}-1",
        author=Author(handle, handle, name),
        text=text,
        published_at=datetime.now(UTC) - timedelta(hours=hours),
        conversation_id=f"{handle}-1",
        audience=audience,
    )


@pytest.fixture
def ada(chromium: Browser, desk: RunningDesk) -> Iterator[AtTheDesk]:
    window = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="it-IT")
    seat = AtTheDesk(window.new_page(), desk, "it")
    seat.sign_in("ada")
    yield seat
    window.close()


def test_two_profiles_become_one_and_two_again_and_a_private_post_is_marked(ada: AtTheDesk) -> None:
    marked_in_the_queue(ada)
    open_profile(ada)
    join(ada)
    with ada.desk.colleague("ada") as ctx:
        [mara] = profile.customers(ctx, search="marabot").customers
        live = [c for c in profile.view(ctx, mara.customer_id).cases if c.state == "new"]
    assert mara.name == "Mara Botti" and set(mara.channels) == {"mastodon", "bluesky"} and len(live) == 1
    separate(ada)
    with ada.desk.colleague("ada") as ctx:
        found = [*profile.customers(ctx, search="Botti").customers, *profile.customers(ctx, search="marabot").customers]
        states = {cases.view(ctx, row.open_case_id or 0).case.state for row in found}
    assert len(found) == 2 and states == {"new"}


def marked_in_the_queue(ada: AtTheDesk) -> None:
    row = ada.wait_for_row("Vi scrivo in privato")
    expect(row).to_contain_text(ada.word("for us only"))
    row.click()
    expect(ada.page.get_by_role("button", name=ada.word("Private reply"))).to_be_visible()


def open_profile(ada: AtTheDesk) -> None:
    ada.page.get_by_role("link", name=ada.word("Customers")).first.click()
    search = ada.page.get_by_placeholder(ada.word("Name or handle"))
    search.fill("Mara Botti")
    search.press("Enter")
    expect(ada.page.get_by_role("button", name=re.compile(f"^{ada.word('Profile')}(: |$)"))).to_have_count(1)
    ada.page.get_by_role("button", name=re.compile(f"^{ada.word('Profile')}(: |$)")).press("Enter")


def join(ada: AtTheDesk) -> None:
    """By the keyboard: search, choose, see what becomes one, name the post and its words."""
    page = ada.page
    page.get_by_role("button", name=ada.word("Same person elsewhere")).press("Enter")
    search = page.get_by_label(ada.word("Look for the other profile"))
    search.fill("marabot")
    search.press("Enter")
    page.get_by_text("marabot · marabot.example").click()
    expect(page.get_by_text("Due casi aperti diventano uno")).to_be_visible()
    page.get_by_role("button", name=ada.word("Join the two profiles")).press("Enter")
    ada.expect_text("Choose a post of one of the two that says so and is still there.")
    chooser = page.get_by_role("combobox", name=ada.word("Which post shows it?"))
    chooser.click()
    page.get_by_role("option").filter(has_text="Il pacco non arriva").click()
    said = page.get_by_label(ada.word("The words that say so, copied from the post"))
    said.fill(SAID)
    said.press("Enter")
    page.get_by_role("button", name=ada.word("Join the two profiles")).press("Enter")
    expect(page.get_by_text(f"«{SAID}»")).to_be_visible()
    expect(page.get_by_text("marabot.example (Bluesky)")).to_be_visible()


def separate(ada: AtTheDesk) -> None:
    page = ada.page
    page.get_by_role("button", name=re.compile(f"^{ada.word('Separate')}(: |$)")).press("Enter")
    page.get_by_role("button", name=ada.word("Separate them")).press("Enter")
    expect(page.get_by_text("marabot.example (Bluesky)")).to_have_count(0)
