"""What do people at the desk see when a colleague is faster, or when the desk dies under their hands?"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from domain.people import Role
from services import claims
from tests.browser.at_the_desk import AtTheDesk
from tests.browser.conftest import free_port
from tests.browser.running_desk import Colleague, RunningDesk, running_desk, wait_for

pytestmark = pytest.mark.timeout(300)
ERIN = Colleague("erin", "Erin Walsh", (Role.OPERATOR,), trained=("sample",), language="en")
PAUL = Colleague("paul", "Paul Neri", (Role.OPERATOR,), trained=("sample",), language="en")
#: A case of the sample's past days, by words of its latest post.
RESTARTED = "Continental Wire"
WORDS = "We are sorry, and we are on it."
RACES = 3


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running_desk(tmp_path_factory.mktemp("desk"), port=free_port(), staff=(ERIN, PAUL)) as running:
        yield running


@pytest.fixture
def erin(chromium: Browser, desk: RunningDesk) -> Iterator[AtTheDesk]:
    yield from _seat(chromium, desk, "erin")


@pytest.fixture
def paul(chromium: Browser, desk: RunningDesk) -> Iterator[AtTheDesk]:
    yield from _seat(chromium, desk, "paul")


def _seat(chromium: Browser, desk: RunningDesk, login: str) -> Iterator[AtTheDesk]:
    window = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    seat = AtTheDesk(window.new_page(), desk, "en")
    seat.sign_in(login)
    yield seat
    window.close()


def open_case(seat: AtTheDesk, case_id: int) -> None:
    seat.page.goto(f"{seat.desk.url}/?case={case_id}")
    expect(seat.text).to_be_visible(timeout=60_000)


def expect_kept(seat: AtTheDesk, text: str) -> None:
    """The draft stands in the store, and so it outlives this window and this desk."""
    expect(seat.page.get_by_text("Draft saved at")).to_be_visible()
    expect(seat.text).to_have_value(text)


def lose_race(erin: AtTheDesk, desk: RunningDesk, case_id: int) -> bool:
    """Paul's claim reaches the store and Erin clicks in the same moment; False when her window knew before her click.

    Her window asks every five seconds whether something changed: between claim and click it is only milliseconds.
    """
    button = erin.page.get_by_role("button", name="Claim this case").element_handle()
    with desk.colleague("paul") as paul:
        claims.claim(paul, case_id)
        return bool(button.evaluate("node => { const there = node.isConnected; node.click(); return there; }"))


def test_who_is_slower_learns_who_was_faster_and_keeps_what_they_wrote(
    erin: AtTheDesk, paul: AtTheDesk, desk: RunningDesk
) -> None:
    cases = wait_for(lambda: [each for each in desk.free_cases() if each != desk.case_of(RESTARTED)], limit_s=30)
    for case_id in cases[:RACES]:
        for seat in (erin, paul):
            open_case(seat, case_id)
        erin.text.fill(WORDS)
        expect_kept(erin, WORDS)
        if lose_race(erin, desk, case_id):
            break
    else:
        raise AssertionError(f"Erin's window was told before her click {RACES} times")
    expect(erin.page.get_by_text("Paul was faster").first).to_be_visible()
    expect(erin.page.get_by_text(WORDS).first).to_be_visible()
    expect(paul.page.get_by_role("button", name="Resolve and next")).to_be_visible()


def test_a_desk_that_dies_comes_back_with_everything_that_was_typed(erin: AtTheDesk, desk: RunningDesk) -> None:
    case_id = wait_for(lambda: desk.case_of(RESTARTED), limit_s=30)
    open_case(erin, case_id)
    erin.page.get_by_role("button", name="Claim this case").click()
    erin.expect_text("Yours to the end")
    erin.text.fill("Thank you for asking us, Nicole")
    expect_kept(erin, "Thank you for asking us, Nicole")
    before = desk.desk_pid
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: desk.desk_pid not in (0, before), limit_s=60)
    wait_for(lambda: desk.answers, limit_s=60)
    open_case(erin, case_id)
    expect_kept(erin, "Thank you for asking us, Nicole")
    erin.expect_text("Yours to the end")
    assert desk.case_state(case_id) == "open"
    assert desk.published == []
