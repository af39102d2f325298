"""Does an act at the desk draw only what it changed? Counted in what the server sends to a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from domain.people import Role
from services import claims
from tests.browser.at_the_desk import AtTheDesk
from tests.browser.conftest import free_port
from tests.browser.running_desk import Colleague, RunningDesk, running_desk

ERIN = Colleague("erin", "Erin Walsh", (Role.OPERATOR,), trained=("sample",), language="en")
ANNA = Colleague("anna", "Anna Serra", (Role.OPERATOR,), trained=("sample",), language="it")
QUIET_MS = 1_000


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running_desk(tmp_path_factory.mktemp("desk"), port=free_port(), staff=(ERIN, ANNA)) as running:
        yield running


class Sent:
    """What the server sent since the last look: elements by the key of the component, and how many in all."""

    def __init__(self, page: Page) -> None:
        self.elements: list[str] = []
        page.on("websocket", lambda socket: socket.on("framereceived", self._read))

    def _read(self, frame: str | bytes) -> None:
        if isinstance(frame, str):
            return
        message = ForwardMsg.FromString(frame)
        if message.WhichOneof("type") == "ref_hash":
            self.elements.append("seen before")
        if message.WhichOneof("type") != "delta" or message.delta.WhichOneof("type") != "new_element":
            return
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        self.elements.append(element.bidi_component.component_name if kind == "bidi_component" else str(kind))

    def by(self, page: Page, act: Locator) -> list[str]:
        """What one click brought, without the window's own look of every five seconds."""
        self.elements.clear()
        act.click()
        page.wait_for_timeout(QUIET_MS)
        return [name for name in self.elements if name != "sportello.heartbeat"]


def test_opening_a_case_never_draws_the_list_again(page: Page, desk: RunningDesk) -> None:
    sent = Sent(page)
    erin = AtTheDesk(page, desk, "en")
    erin.sign_in("erin")
    rows = erin.queue.get_by_role("listitem")
    page.wait_for_timeout(QUIET_MS)
    for place in (2, 3, 4):
        brought = sent.by(page, rows.nth(place))
        expect(rows.nth(place)).to_have_attribute("aria-current", "true")
        assert "sportello.queue_list" not in brought
        assert len(brought) <= 8, brought


def test_another_tab_leaves_the_open_case_as_it_is(page: Page, desk: RunningDesk) -> None:
    sent = Sent(page)
    erin = AtTheDesk(page, desk, "en")
    erin.sign_in("erin")
    page.wait_for_timeout(QUIET_MS)
    brought = sent.by(page, page.get_by_role("radio", name="Free"))
    assert brought
    assert not {"sportello.case_head", "sportello.thread", "sportello.composer"} & set(brought)
    assert len(brought) <= 8, brought


def test_what_a_colleague_does_shows_again_and_again_in_a_window_that_only_looks_on(
    page: Page, desk: RunningDesk
) -> None:
    erin = AtTheDesk(page, desk, "en")
    erin.sign_in("erin")
    theirs = erin.queue.get_by_role("listitem").filter(has_text="Anna’s")
    with desk.colleague("anna") as anna:
        for number, case_id in enumerate(desk.free_cases()[4:7], start=1):
            claims.claim(anna, case_id)
            expect(theirs).to_have_count(number)


def test_a_claim_reads_one_row_again_unless_a_colleague_has_changed_another(page: Page, desk: RunningDesk) -> None:
    erin = AtTheDesk(page, desk, "en")
    erin.sign_in("erin")
    page.wait_for_timeout(QUIET_MS)
    theirs = erin.queue.get_by_role("listitem").filter(has_text="Anna’s")
    before = theirs.count()
    free = erin.queue.locator("li.can-claim").first
    free.hover()
    with desk.colleague("anna") as anna:
        claims.claim(anna, desk.free_cases()[8])
    free.get_by_role("button", name="Claim").click()
    expect(erin.queue.get_by_role("listitem").filter(has_text="Yours")).not_to_have_count(0)
    expect(theirs).to_have_count(before + 1)
