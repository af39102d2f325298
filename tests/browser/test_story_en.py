"""Does somebody who never touches a mouse carry an urgent post from its arrival to the end, in English?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from domain.people import Role
from tests.browser.at_the_desk import ARRIVAL_S, AtTheDesk
from tests.browser.conftest import free_port
from tests.browser.running_desk import PASSWORD, Colleague, RunningDesk, running_desk, wait_for

pytestmark = pytest.mark.timeout(300)
ERIN = Colleague("erin", "Erin Walsh", (Role.OPERATOR,), trained=("sample",), language="en")
#: A boy touched a meter box; his mother reacts half a minute after our first reply.
POST, WORDS, REACTION, REACTION_AFTER_S = "p0234", "electric shock", "Main switch is off", 30


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RunningDesk]:
    with running_desk(tmp_path / "desk", port=free_port(), staff=(ERIN,)) as running:
        yield running


@pytest.fixture
def erin(page: Page, desk: RunningDesk) -> AtTheDesk:
    return AtTheDesk(page, desk, "en")


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus; a keyboard that cannot get there fails the story."""
    expect(target).to_be_visible()
    for _ in range(120):
        if target.evaluate("node => node === node.getRootNode().activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard cannot reach it")


def sign_in(erin: AtTheDesk) -> None:
    keys = erin.page.keyboard
    erin.page.goto(f"{erin.desk.url}/auth/sign-in?lang=en")
    expect(erin.page.get_by_label("Sign-in name", exact=True)).to_be_focused()
    keys.type("erin")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(erin.queue).to_be_visible(timeout=60_000)


def find(erin: AtTheDesk, words: str) -> Locator:
    """Search for a post by key and put the focus on its row."""
    erin.page.keyboard.press("/")
    expect(erin.page.get_by_role("textbox", name="Search")).to_be_focused()
    erin.page.keyboard.type(words)
    erin.page.keyboard.press("Enter")
    row = erin.row(words)
    expect(row).to_be_visible()
    tab_to(erin.page, row)
    return row


def write(erin: AtTheDesk, text: str) -> None:
    erin.page.keyboard.press("a")
    expect(erin.text).to_be_focused()
    erin.page.keyboard.type(text)
    erin.page.keyboard.press("Control+Enter")


def test_a_keyboard_is_enough_from_the_first_letter_to_the_last(
    erin: AtTheDesk, desk: RunningDesk, context: BrowserContext
) -> None:
    page, keys = erin.page, erin.page.keyboard
    sign_in(erin)
    desk.jump_to(POST)
    case_id = wait_for(lambda: desk.case_of(WORDS), limit_s=ARRIVAL_S)
    new_ones = page.get_by_role("button", name=erin.new_cases)
    tab_to(page, new_ones)
    keys.press("Enter")

    row = find(erin, WORDS)
    expect(row).to_contain_text("Now")
    expect(row).to_contain_text("danger to people")
    keys.press("k")
    erin.expect_text("Yours to the end")

    write(erin, "Please switch the mains off and call 112. An electrician is on the way to you.")
    expect(page.get_by_text("Goes out on Sample in")).to_be_visible()
    keys.press("Escape")
    keys.press("z")
    expect(page.get_by_text("Goes out on Sample in")).to_be_hidden()
    expect(page.get_by_role("button", name="Send Ctrl")).to_be_enabled()
    expect(erin.text).to_have_value("Please switch the mains off and call 112. An electrician is on the way to you.")
    assert desk.published == []

    keys.press("a")
    keys.press("Control+Enter")
    (sent,) = wait_for(lambda: desk.published, limit_s=60)
    assert sent["text"].startswith("Please switch the mains off")
    wait_for(lambda: desk.case_state(case_id) == "waiting", limit_s=30)

    desk.hasten_reaction(REACTION_AFTER_S)
    wait_for(lambda: desk.case_state(case_id) == "open", limit_s=ARRIVAL_S)
    expect(page.get_by_text(REACTION).first).to_be_visible(timeout=30_000)

    write(erin, "Yes, please have him checked today, even if he seems fine.")
    wait_for(lambda: len(desk.published) == 2, limit_s=60)
    expect(page.get_by_role("button", name="Resolve and next")).to_be_visible()
    keys.press("Escape")
    keys.press("e")
    done = page.get_by_role("dialog").get_by_role("button", name="Answered, nothing more to do")
    tab_to(page, done)
    keys.press("Enter")
    wait_for(lambda: desk.case_state(case_id) == "resolved", limit_s=30)
    assert len(desk.published) == 2
