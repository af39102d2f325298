"""Does a manager get from a loud day to its posts, to one problem, to everybody told? In Italian, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

import bootstrap
from collectors.protocol import Page as Posts
from domain.people import Role
from services import brands, case_view, cases, claims, drafts, intake, problems, queue, similar, triage, watches
from tests.browser.at_the_desk import AtTheDesk
from tests.browser.conftest import free_port
from tests.browser.running_desk import Colleague, RunningDesk, running_desk, wait_for
from tests.fakes import a_post

pytestmark = pytest.mark.timeout(300)
LIA = Colleague("lia", "Lia Serra", (Role.OPERATOR, Role.MANAGER), trained=("sample",))
PAOLO = Colleague("paolo", "Paolo Neri", (Role.OPERATOR,), trained=("sample",))
LOUD = 8
ALIKE = "due bollette per lo stesso mese"
TOLD_MS = 60_000


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A brand with five ordinary weeks and, in the last hour, many who cannot get into the portal."""
    with running_desk(tmp_path_factory.mktemp("desk"), port=free_port(), staff=(LIA, PAOLO)) as running:
        now = datetime.now(UTC)
        moments = [now - timedelta(days=36)]
        built = bootstrap.open_backend(running.settings, clock=lambda: moments[0])
        brand = brands.add_brand(built.ctx, "Primavera")
        watch = watches.add_watch(built.ctx, brand.id, name="all", terms=(), channels=("sample",))
        brands.add_account(built.ctx, brand.id, channel="sample", handle="Primavera")
        moments[0] = now
        with built.ctx.store.write() as tx:  # Nobody polls a network here: the posts are brought by hand.
            tx.execute(text("DELETE FROM polls WHERE watch_id = :watch"), {"watch": watch.id})
        usual = [now - timedelta(days=day, hours=hour) for day in range(1, 35) for hour in (0, 6)]
        loud = [now - timedelta(minutes=2, seconds=n) for n in range(LOUD)]
        alike = [(f"{ALIKE}, ne basta una", now - timedelta(days=day, hours=3)) for day in range(2, 6)]
        words = (
            [("grazie, tutto bene", at) for at in usual]
            + alike
            + [("il portale dà errore, la lettura non passa", at) for at in loud]
        )
        posts = [a_post(said, native_id=f"p{n}", author=f"gente{n}", at=at) for n, (said, at) in enumerate(words)]
        intake.store(
            built.ctx, watch, Posts(tuple(replace(post, channel="sample", language="it") for post in posts), None)
        )
        triage.judge_pending(built.ctx, built.ctx.rules, posts=500)
        built.spikes.look(built.ctx)
        built.ctx.store.close()
        yield running


@pytest.fixture
def seat(chromium: Browser, desk: RunningDesk) -> Iterator[AtTheDesk]:
    window = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="it-IT")
    yield AtTheDesk(window.new_page(), desk, "it")
    window.close()


def test_from_a_loud_day_to_its_posts_to_one_problem_to_everybody_told(seat: AtTheDesk, chromium: Browser) -> None:
    seat.sign_in("lia")
    page, desk = seat.page, seat.desk
    page.goto(f"{desk.url}/trends")
    page.locator("button.hit").last.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("button.hit").last).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("la lettura non passa").first).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()
    page.get_by_role("button", name="Perché così tanti?").press("Enter")
    seat.expect_text("Words that stand out")
    expect(page.get_by_role("listitem").filter(has_text="portale").first).to_be_visible()

    page.get_by_label(seat.word("Name of the problem")).fill("Portale bloccato")
    page.get_by_role("button", name=seat.word("Open the problem")).press("Enter")
    expect(page.get_by_role("heading", name="Portale bloccato")).to_be_visible()
    mine, his = _carried_by_both(desk)

    page.get_by_label(seat.word("One message, which each owner makes their own")).fill("Ciao {nome}, il portale va.")
    page.get_by_role("button", name=seat.word("Prepare the drafts")).press("Enter")
    seat.expect_text("What people hear")
    expect(page.get_by_text(seat.word("draft ready for its owner"))).to_have_count(LOUD)

    _send_from_the_case(seat, mine[0])
    for login, rest in (("lia", mine[1:]), ("paolo", his)):
        with desk.colleague(login) as ctx:
            for case_id in rest:
                draft = case_view.view(ctx, case_id).draft
                assert draft is not None
                drafts.submit(ctx, draft.reply_id, undo_s=0)
    wait_for(lambda: len(desk.published) == LOUD, limit_s=TOLD_MS / 1000)
    assert {each["text"] for each in desk.published} == {f"Ciao {name}, il portale va." for name in _names(desk)}

    page.goto(f"{desk.url}/problems")
    page.get_by_role("button", name=re.compile(f"^{seat.word('Open')}(: |$)")).press("Enter")
    expect(page.get_by_text(seat.word("told"), exact=True)).to_have_count(LOUD, timeout=TOLD_MS)
    page.get_by_role("button", name=seat.word("Close the problem")).press("Enter")
    page.get_by_role("radio", name=seat.word("It is solved")).check(force=True)
    page.get_by_role("button", name=seat.word("Close"), exact=True).press("Enter")
    seat.expect_text("closed")
    page.goto(f"{desk.url}/problems")
    seat.expect_text("No problem is open")
    _put_two_together(seat)


def _put_two_together(seat: AtTheDesk) -> None:
    """Others are like a case: by keyboard into their list, two ticked, one lost to a colleague, and back out of it."""
    page = seat.page
    with seat.desk.colleague("paolo") as paolo:
        brand_id = _brand_of(paolo)
        found = queue.page(paolo, queue.QueueFilter(brand_id, search=ALIKE), limit=4).entries
        one, *others = [entry.case_id for entry in found]
        with paolo.store.write() as tx:  # The worker finds the same within its minute.
            similar.keep(tx, brand_id, {one: others})
    page.goto(f"{seat.desk.url}/?case={one}")
    opener = page.get_by_role("button", name=re.compile("cas[oi] apert[oi] simil[ei]"))
    opener.press("Enter")
    boxes = page.get_by_role("checkbox", name=re.compile(f"^{seat.word('Same problem')}: Gente.*, {ALIKE}"))
    expect(boxes).to_have_count(3)
    assert len({each.get_attribute("aria-label") for each in boxes.all()}) == 3, "each says whose case it is"
    join = page.get_by_role("button", name=seat.word("Make it one problem"))
    boxes.nth(0).press("Space")
    expect(join).to_be_enabled()
    boxes.nth(1).press("Space")
    with seat.desk.colleague("paolo") as paolo:
        claims.claim(paolo, others[0])
        cases.resolve(paolo, others[0], code=cases.ResolutionCode.ANSWERED)
    expect(page.get_by_text("resta fuori: nel frattempo è stato chiuso")).to_be_visible()
    expect(boxes).to_have_count(2)
    page.get_by_label(seat.word("Name of the problem")).fill("Doppia bolletta")
    join.press("Enter")
    expect(page.get_by_role("button", name=re.compile("Doppia bolletta"))).to_be_visible()
    expect(page.locator("[data-testid=stPopoverBody]")).to_have_count(0)
    expect(opener).to_be_focused()


def _carried_by_both(desk: RunningDesk) -> tuple[list[int], list[int]]:
    """Paolo and Lia each take half of the problem's cases: theirs, his."""
    with desk.colleague("paolo") as paolo:
        [line] = problems.problems_of(paolo, _brand_of(paolo))
        assert line.cases == LOUD
        ids = [each.case_id for each in problems.problem(paolo, line.problem_id).people]
        for case_id in ids[LOUD // 2 :]:
            claims.claim(paolo, case_id)
    with desk.colleague("lia") as lia:
        for case_id in ids[: LOUD // 2]:
            claims.claim(lia, case_id)
    return ids[: LOUD // 2], ids[LOUD // 2 :]


def _names(desk: RunningDesk) -> list[str]:
    with desk.colleague("lia") as lia:
        [line] = problems.problems_of(lia, _brand_of(lia))
        return [each.name for each in problems.problem(lia, line.problem_id).people]


def _send_from_the_case(seat: AtTheDesk, case_id: int) -> None:
    """Read the prepared words on the case and send them."""
    seat.page.goto(f"{seat.desk.url}/?case={case_id}")
    expect(seat.text).to_have_value(re.compile("Ciao Gente.*, il portale va"))
    seat.page.get_by_role("button", name=re.compile(rf"^{seat.word('Send')}\b")).first.press("Enter")
    expect(seat.page.get_by_text(re.compile("Esce su"))).to_be_visible()


def _brand_of(ctx: object) -> int:
    return next(brand.id for brand in brands.list_brands(ctx) if brand.name == "Primavera")  # type: ignore[arg-type]
