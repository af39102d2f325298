"""Does a manager get from a loud day to its posts, to one problem, to everybody told? In Italian, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

import bootstrap
from collectors.protocol import Page as Posts
from domain.people import Role
from services import brands, claims, intake, problem_ending, problems, triage, watches
from services.context import colleague
from services.team import find
from tests.browser.at_the_desk import AtTheDesk
from tests.browser.conftest import free_port
from tests.browser.running_desk import Colleague, RunningDesk, running_desk
from tests.fakes import a_post

pytestmark = pytest.mark.timeout(300)
LIA = Colleague("lia", "Lia Serra", (Role.OPERATOR, Role.MANAGER))
PAOLO = Colleague("paolo", "Paolo Neri", (Role.OPERATOR,))
LOUD = 24


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A brand with five ordinary weeks and, in the last hour, many who cannot get into the portal."""
    with running_desk(tmp_path_factory.mktemp("desk"), port=free_port(), staff=(LIA, PAOLO)) as running:
        now = datetime.now(UTC)
        moments = [now - timedelta(days=36)]
        built = bootstrap.open_backend(running.settings, clock=lambda: moments[0])
        brand = brands.add_brand(built.ctx, "Primavera")
        watch = watches.add_watch(built.ctx, brand.id, name="all", terms=(), channels=("mastodon",))
        moments[0] = now
        with built.ctx.store.write() as tx:  # Nobody polls a network here: the posts are brought by hand.
            tx.execute(text("DELETE FROM polls WHERE watch_id = :watch"), {"watch": watch.id})
        usual = [now - timedelta(days=day, hours=hour) for day in range(1, 35) for hour in (0, 6)]
        loud = [now - timedelta(minutes=2, seconds=n) for n in range(LOUD)]
        words = [("grazie, tutto bene", at) for at in usual] + [
            ("il portale dà errore, la lettura non passa", at) for at in loud
        ]
        posts = [a_post(said, native_id=f"p{n}", author=f"gente{n}", at=at) for n, (said, at) in enumerate(words)]
        intake.store(
            built.ctx, watch, Posts(tuple(replace(post, channel="mastodon", language="it") for post in posts), None)
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


def test_from_a_loud_day_to_its_posts_to_one_problem_to_everybody_told(seat: AtTheDesk) -> None:
    seat.sign_in("lia")
    page = seat.page
    page.goto(f"{seat.desk.url}/trends")
    page.locator("button.hit").last.press("Enter")
    page.get_by_role("button", name="Perché così tanti?").press("Enter")
    seat.expect_text("Words that stand out")
    expect(page.get_by_role("listitem").filter(has_text="portale").first).to_be_visible()

    name = page.get_by_label(seat.word("Name of the problem"))
    name.fill("Portale bloccato")
    page.get_by_role("button", name=seat.word("Open the problem")).press("Enter")
    expect(page.get_by_role("heading", name="Portale bloccato")).to_be_visible()
    with seat.desk.colleague("paolo") as paolo:
        [line] = problems.problems_of(paolo, _brand_of(paolo))
        assert line.cases == LOUD
        mine = problems.problem(paolo, line.problem_id).people[0].case_id
        claims.claim(paolo, mine)

    page.get_by_label(seat.word("One message, which each owner makes their own")).fill("Ciao {nome}, il portale va.")
    page.get_by_role("button", name=seat.word("Prepare the drafts")).press("Enter")
    seat.expect_text("What people hear")
    expect(page.get_by_text(seat.word("draft ready for its owner"))).to_be_visible()

    with seat.desk.colleague("paolo") as paolo:
        person = next(each for each in problems.problem(paolo, line.problem_id).people if each.case_id == mine)
        assert person.telling == "prepared"
        lia = paolo.acting_as(colleague(find(paolo, "lia")))
        closed = problem_ending.close(
            lia, line.problem_id, outcome=problems.Outcome.SOLVED, reason="gli altri per posta"
        )
    assert closed.line.state == "closed"
    page.goto(f"{seat.desk.url}/problems")
    seat.expect_text("No problem is open")


def _brand_of(ctx: object) -> int:
    return next(brand.id for brand in brands.list_brands(ctx) if brand.name == "Primavera")  # type: ignore[arg-type]
