"""Does a complaint go its whole way in Italian: claimed, answered with a promise, approved, reopened, resolved?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from domain.people import Role
from tests.browser.at_the_desk import ARRIVAL_S, AtTheDesk
from tests.browser.conftest import free_port
from tests.browser.running_desk import Colleague, RunningDesk, running_desk, wait_for

# The one story that is told on both databases.
pytestmark = [pytest.mark.databases("sqlite", "postgresql"), pytest.mark.timeout(300)]
TINA = Colleague("tina", "Tina Greco", (Role.OPERATOR,))
PAOLO = Colleague("paolo", "Paolo Neri", (Role.OPERATOR,), trained=("sample",), mentor=True)
#: Sparks from a wallbox; the man writes again half a minute after our first reply.
POST, WORDS, REACTION, REACTION_AFTER_S = "p0228", "scintille", "Generale staccato", 30
REPLY = "Stacchi subito il generale ed esca dal garage. Un nostro tecnico è da lei entro un’ora."


@pytest.fixture
def desk(tmp_path: Path, database: str) -> Iterator[RunningDesk]:
    with running_desk(tmp_path / "desk", port=free_port(), staff=(TINA, PAOLO), database_url=database) as running:
        yield running


@pytest.fixture
def at(chromium: Browser, desk: RunningDesk) -> Iterator[dict[str, AtTheDesk]]:
    """Each colleague at a browser of their own, signed in."""
    windows = [_window(chromium) for _ in (TINA, PAOLO)]
    seats = {who.login: AtTheDesk(w.new_page(), desk, "it") for who, w in zip((TINA, PAOLO), windows, strict=True)}
    for login, seat in seats.items():
        seat.sign_in(login)
    yield seats
    for window in windows:
        window.close()


def _window(chromium: Browser) -> BrowserContext:
    return chromium.new_context(viewport={"width": 1440, "height": 900}, locale="it-IT")


def hear_and_claim(tina: AtTheDesk) -> int:
    """The post arrives, judged; Tina claims it from its row."""
    tina.desk.jump_to(POST)
    case_id = wait_for(lambda: tina.desk.case_of(WORDS), limit_s=ARRIVAL_S)
    row = tina.wait_for_row(WORDS)
    expect(row).to_contain_text(tina.word("Now"))
    expect(row).to_contain_text(tina.word("danger to people"))
    expect(row).not_to_contain_text(tina.word("Unjudged"))
    row.hover()
    row.get_by_role("button", name=tina.word("Claim")).click()
    tina.expect_text("Yours to the end")
    return case_id


def answer_with_promise(tina: AtTheDesk) -> None:
    """Tina is still learning the channel, so the button asks for Paolo's ok."""
    tina.text.fill(REPLY)
    tina.page.get_by_role("checkbox", name=tina.word("I promised:")).check()
    tina.page.get_by_role("textbox", name=tina.word("what you promised")).fill("tecnico a casa")
    hour = tina.page.get_by_role("textbox", name=tina.word("time"), exact=True)
    hour.fill("23:59")
    hour.press("Tab")
    tina.page.get_by_role("button", name=tina.word("Ask {name}’s ok").format(name="Paolo")).click()
    expect(tina.page.get_by_role("button", name=tina.word("Withdraw"))).to_be_visible()


def approve(paolo: AtTheDesk) -> None:
    """Paolo reads what the public would read, with the promise, and lets it go out."""
    # Not by a click: what was promised stands on the queue too, and a page that is just being drawn may swallow one.
    paolo.page.goto(f"{paolo.desk.url}/approvals")
    expect(paolo.page.get_by_text("tecnico a casa")).to_be_visible()
    expect(paolo.page.get_by_role("textbox", name=paolo.word("Reply"))).to_have_value(REPLY)
    paolo.page.get_by_role("button", name=paolo.word("Ok, let it go out")).click()
    paolo.expect_text("Nothing waits for an ok")


def keep_promise(tina: AtTheDesk) -> None:
    tina.page.get_by_role("link", name=tina.word("Promises")).click()
    expect(tina.page.get_by_text("tecnico a casa", exact=True)).to_be_visible()
    tina.page.get_by_role("button", name=re.compile(f"^{tina.word('Kept')}(: |$)")).click()
    tina.expect_text("No promise is open")


def resolve(tina: AtTheDesk, case_id: int) -> None:
    tina.page.goto(f"{tina.desk.url}/?case={case_id}")
    tina.page.get_by_role("button", name=tina.word("Resolve and next")).click()
    dialog = tina.page.get_by_role("dialog")
    dialog.get_by_role("button", name=tina.word("The customer says it is solved")).click()
    expect(dialog).to_be_hidden()


def test_a_complaint_goes_all_the_way_through_two_pairs_of_hands(at: dict[str, AtTheDesk], desk: RunningDesk) -> None:
    tina, paolo = at["tina"], at["paolo"]
    case_id = hear_and_claim(tina)
    answer_with_promise(tina)
    assert desk.published == []

    approve(paolo)
    (sent,) = wait_for(lambda: desk.published, limit_s=60)
    assert sent["text"] == REPLY
    wait_for(lambda: desk.case_state(case_id) == "waiting", limit_s=30)

    desk.hasten_reaction(REACTION_AFTER_S)
    wait_for(lambda: desk.case_state(case_id) == "open", limit_s=ARRIVAL_S)
    expect(tina.page.get_by_text(REACTION).first).to_be_visible()
    tina.expect_text("Yours to the end")

    keep_promise(tina)
    resolve(tina, case_id)
    wait_for(lambda: desk.case_state(case_id) == "resolved", limit_s=30)
    assert len(desk.published) == 1
