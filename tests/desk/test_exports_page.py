"""Do the pages ask for exports as people mean them, hand files to their owner alone, and show a token once?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

import bootstrap
from desk import export_views
from desk.auth import SESSION_COOKIE, SignedInOnly
from desk.export_words import english_meaning
from desk.routes import ROUTES
from desk.shell import ROOMS
from domain.export import ExportFormat, ExportOrder, ExportState, Subject
from domain.judgement import ReasonCode
from domain.people import RIGHTS, Member, Role
from services import brands, export_making, exports, team, tokens, trail
from services.export_columns import columns_of
from services.queue import QueueFilter, Tab


def member(desk: bootstrap.Backend, login: str) -> Member:
    return team.find(desk.ctx, login)


@pytest.fixture
def made(desk: bootstrap.Backend) -> int:
    """An export of Mark, of marketing, ready to fetch."""
    mark = desk.for_member(member(desk, "mark"))
    asked = exports.ask(mark, ExportOrder(brands.list_brands(mark)[0].id, Subject.MENTIONS, ExportFormat.CSV))
    assert export_making.make_next(desk.ctx, worker="w")
    return asked.export_id


@pytest.fixture
def browser(desk: bootstrap.Backend) -> Iterator[TestClient]:
    app = Starlette(routes=ROUTES, middleware=[Middleware(SignedInOnly)])
    with TestClient(app, follow_redirects=False) as client:
        yield client


def test_marketing_asks_on_the_page_and_finds_the_file_there(desk, draw_page) -> None:
    page = draw_page("mark", "exports")
    assert not page.exception and page.toggle == []  # names are not offered to marketing
    page.button(key="sp_export_go").click().run()
    assert not page.exception
    export_making.make_next(desk.ctx, worker="w")
    [ready] = exports.mine(desk.for_member(member(desk, "mark")))
    assert (ready.format, ready.subject, ready.identified) == (ExportFormat.XLSX, Subject.MENTIONS, False)
    assert ready.rows_done > 60


def test_names_ask_for_a_purpose_first(desk, draw_page) -> None:
    page = draw_page("paolo", "exports")
    page.toggle(key="sp_export_identified").set_value(True).run()
    page.button(key="sp_export_go").click().run()
    assert exports.mine(desk.for_member(member(desk, "paolo"))) == []
    page.text_input(key="sp_export_purpose").set_value("Indagine sul lancio").run()
    page.button(key="sp_export_go").click().run()
    [asked] = exports.mine(desk.for_member(member(desk, "paolo")))
    assert asked.identified and asked.purpose == "Indagine sul lancio"


def test_operators_have_no_such_page() -> None:
    needs = {room.path: room.needs for room in ROOMS}
    assert not needs["exports"] & RIGHTS[Role.OPERATOR] and needs["exports"] & RIGHTS[Role.MARKETING]
    assert not needs["tools"] & (RIGHTS[Role.OPERATOR] | RIGHTS[Role.MARKETING] | RIGHTS[Role.MANAGER])


def test_a_list_of_the_queue_goes_along_as_it_is_filtered() -> None:
    asked = QueueFilter(1, tab=Tab.PROMISES, channels=("x",), kinds=("complaint",), levels=(3,), search="gas")
    looked = export_views.of_queue(asked, member_id=7)
    assert looked.subject is Subject.CASES
    found = looked.filter
    assert (found.channels, found.kinds, found.levels, found.search) == (("x",), ("complaint",), (3,), "gas")
    assert (found.owner_id, found.promised, set(found.states)) == (7, True, {"open", "waiting"})
    assert export_views.of_queue(QueueFilter(1, tab=Tab.FREE), member_id=7).filter.owner_id is None


def test_the_file_is_fetched_in_parts_by_its_owner_alone_and_recorded_once(desk, browser, made, sign_in_as) -> None:
    address = f"/exports/{made}/file"
    assert browser.get(address).status_code == 303  # signed out: to the sign-in page
    browser.cookies.set(SESSION_COOKIE, sign_in_as("paolo"))
    assert browser.get(address).status_code == 404  # somebody else's
    browser.cookies.set(SESSION_COOKIE, sign_in_as("sara"))
    assert browser.get(address).status_code == 403
    browser.cookies.set(SESSION_COOKIE, sign_in_as("mark"))
    whole = browser.get(address)
    rest = browser.get(address, headers={"Range": "bytes=100-", "If-Range": whole.headers["etag"]})
    assert (whole.status_code, rest.status_code) == (200, 206) and rest.content == whole.content[100:]
    assert whole.headers["cache-control"] == "private, no-store"
    assert browser.get(f"{address}?dictionary").text.startswith("column,meaning")
    done = [
        line for line in trail.page(desk.ctx, rows=50) if line.action == "export.download" and line.outcome == "done"
    ]
    assert len(done) == 1


def test_a_small_file_has_its_size_in_a_unit_that_fits(desk, made, draw_page) -> None:
    [ready] = exports.mine(desk.for_member(member(desk, "mark")))
    said = " ".join(str(each.proto.body) for each in draw_page("mark", "exports").get("html"))
    assert f"{round(ready.bytes / 1000)} kB" in said and "MB" not in said


def test_a_token_is_shown_once_and_revoked(desk, draw_page) -> None:
    page = draw_page("aoife", "tokens")
    page.text_input(key="sp_token_name_0").set_value("BI")
    next(each for each in page.button if each.label == "Make the token").click().run()
    assert not page.exception
    assert [code.value for code in page.code if code.value.startswith("sportello_")]
    page.button(key="sp_token_put_away").click().run()
    assert not page.code
    said = " ".join(str(each.proto.body) for each in page.get("html"))
    assert "Revoke the token of BI? Programs that use it stop at once." in said
    page.button(key="sp_token_revoke_1_no").click().run()
    [kept] = tokens.listed(desk.for_member(member(desk, "aoife")))
    assert kept.revoked_at is None and not page.exception
    page.button(key="sp_token_revoke_1_yes").click().run()
    [gone] = tokens.listed(desk.for_member(member(desk, "aoife")))
    assert not page.exception and gone.revoked_at is not None
    assert not [each for each in page.button if str(each.key).startswith("sp_token_revoke_1")]


def test_a_file_is_deleted_after_a_second_press_only(desk, made, draw_page) -> None:
    mark = desk.for_member(member(desk, "mark"))
    [ready] = exports.mine(mark)
    page = draw_page("mark", "exports")
    page.button(key=f"sp_export_delete_{ready.export_id}_no").click().run()
    assert [each.state for each in exports.mine(mark)] == [ExportState.DONE]
    page.button(key=f"sp_export_delete_{ready.export_id}_yes").click().run()
    assert [each.state for each in exports.mine(mark)] == [ExportState.EXPIRED] and not page.exception


@pytest.mark.parametrize("subject", list(Subject))
def test_every_column_has_its_meaning(subject) -> None:
    assert all(english_meaning(column.name) for column in columns_of(subject, identified=True))


def test_what_the_trends_show_goes_along_with_its_days_and_its_theme(desk, visit, draw_page) -> None:
    page = visit("mark", "trends", sp_trend_theme=ReasonCode.MONEY)
    assert not page.exception
    page.button(key="sp_export_trends").click().run()
    assert not page.exception
    looked = page.session_state["sp_export_from"]
    assert looked.filter.theme == "money" and (looked.filter.until - looked.filter.since).days in (30, 31)
    page = draw_page("mark", "exports")
    page.session_state["sp_export_from"] = looked
    assert page.run().date_input(key="sp_export_since_trends").value is not None
    page.button(key="sp_export_go").click().run()
    export_making.make_next(desk.ctx, worker="w")
    [ready] = exports.mine(desk.for_member(member(desk, "mark")))
    assert (ready.subject, ready.error) == (Subject.TRENDS, None) and ready.rows_done > 30
