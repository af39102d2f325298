"""What does somebody see at a real desk when a channel is lost and comes back, and when they write a watch?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from domain.people import Role
from services import brands, coverage, queue
from tests.browser.at_the_desk import AtTheDesk
from tests.browser.conftest import free_port
from tests.browser.running_desk import Colleague, RunningDesk, running_desk, wait_for

pytestmark = pytest.mark.timeout(300)
ADA = Colleague("ada", "Ada Lindt", tuple(Role), trained=("sample",), language="en")
#: A word of the sample's posts about gas in the air.
WORD = "gas"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running_desk(tmp_path_factory.mktemp("desk"), port=free_port(), staff=(ADA,)) as running:
        yield running


@pytest.fixture
def ada(chromium: Browser, desk: RunningDesk) -> Iterator[AtTheDesk]:
    window = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    seat = AtTheDesk(window.new_page(), desk, "en")
    seat.sign_in("ada")
    yield seat
    window.close()


def is_stopped(desk: RunningDesk) -> bool:
    with desk.colleague("ada") as ctx:
        return coverage.coverage(ctx, brands.resolve_brand(ctx, None).id)[0].stopped


def test_a_lost_channel_is_said_once_on_every_page_and_its_return_once(ada: AtTheDesk, desk: RunningDesk) -> None:
    page, start = ada.page, desk.data_dir / "sample" / "start.json"
    lost, notices = page.get_by_text("has not been heard since"), page.get_by_role("button", name="notice")
    page.get_by_role("link", name="Channels").click()
    expect(page.get_by_text("heard", exact=True)).to_be_visible()
    expect(page.get_by_text("No gap is known.")).to_be_visible()
    kept = start.read_text("utf-8")
    start.write_text("{", "utf-8")
    page.get_by_role("button", name="Ask now").click()
    wait_for(lambda: is_stopped(desk), limit_s=30)
    page.get_by_role("link", name="Promises").click()
    expect(lost).to_have_count(1, timeout=60_000)
    expect(notices).to_contain_text("1 notice", timeout=60_000)
    page.get_by_role("button", name="See the channels").click()
    expect(page.get_by_text("A setting of this channel is missing or wrong")).to_be_visible()
    start.write_text(kept, "utf-8")
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_text("heard", exact=True)).to_be_visible(timeout=60_000)
    expect(lost).to_have_count(0, timeout=60_000)
    expect(notices).to_contain_text("2 notices", timeout=60_000)
    notices.click()
    expect(page.get_by_text("Sample has not been heard since")).to_have_count(1)
    expect(page.get_by_text("Sample is heard again.")).to_have_count(1)


def test_a_watch_is_tried_saved_and_brings_its_cases(ada: AtTheDesk, desk: RunningDesk) -> None:
    page = ada.page
    page.get_by_role("link", name="Watches").click()
    page.get_by_role("button", name="New watch").click()
    page.get_by_label("Name", exact=True).fill("Gas")
    page.get_by_label("Words and phrases, one a line").fill(WORD)
    page.get_by_role("button", name="Try it", exact=True).click()
    marked = page.locator(".sp-caught mark").first
    expect(marked).to_have_text(WORD, ignore_case=True)
    page.get_by_role("button", name="Save the watch").click()
    row = page.locator("[class*=st-key-sp_row_watch_]").filter(has_text=f"“{WORD}”").first
    expect(row).to_be_visible()
    wait_for(lambda: "in the queue" in row.inner_text() or _look_again(ada), limit_s=60)
    page.get_by_role("link", name="Queue").click()
    with desk.colleague("ada") as ctx:
        brand = brands.resolve_brand(ctx, None)
        entries = queue.page(ctx, queue.QueueFilter(brand.id, search=WORD)).entries
    assert entries
    ada.wait_for_row(entries[0].text[:40])


def _look_again(ada: AtTheDesk) -> bool:
    ada.page.wait_for_timeout(1000)
    ada.page.get_by_role("link", name="Channels").click()
    ada.page.get_by_role("link", name="Watches").click()
    ada.page.wait_for_timeout(1000)
    return False
