"""Does the page of the report tell its sentences in either language, hand out a PDF, and open to few?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

import bootstrap
from app import app
from desk import report_routes
from desk.auth import SESSION_COOKIE
from services import brands, report, trail
from services.report import Month
from tests.desk.test_channels_page import shown

DrawPage = Callable[[str, str], AppTest]


def test_a_manager_reads_the_sample_in_italian_and_in_english(desk: bootstrap.Backend, draw_page: DrawPage) -> None:
    page = draw_page("paolo", "report")
    said = shown(page)
    assert "Che cosa ha reso la cura dei clienti:" in said and "nessun cliente ha avuto una nostra risposta" in said
    assert "Che cosa sistemare" in said and "Si sono lamentati" in said and "è un’azienda inventata" in said
    assert "Nessuna cifra riguarda un collega" in said and "Sara" not in said
    page.segmented_control(key="sp_report_language").set_value("en").run()
    said = shown(page)
    assert "What care returned:" in said and "The month is not over" in said and 'lang="en"' in said
    assert "Resoconto" in said, "the desk itself keeps its reader's language"


def test_only_whoever_may_name_people_is_offered_links(desk: bootstrap.Backend, draw_page: DrawPage) -> None:
    assert [each.key for each in draw_page("paolo", "report").toggle] == ["sp_report_links"]
    assert not draw_page("mark", "report").toggle


def test_links_come_with_a_purpose_alone(desk: bootstrap.Backend, draw_page: DrawPage) -> None:
    page = draw_page("paolo", "report")
    assert not page.text_input
    page.toggle(key="sp_report_links").set_value(True).run()
    assert "I nomi escono solo per uno scopo" in shown(page) and "links=1" not in page.get("link_button")[0].proto.url
    assert trail.page(desk.ctx, action="report.links") == []
    page.text_input(key="sp_report_purpose").set_value("rispondere al consiglio").run()
    assert "I nomi escono solo per uno scopo" not in shown(page)
    assert page.get("link_button")[0].proto.url.endswith("links=1&purpose=rispondere+al+consiglio")
    [line] = trail.page(desk.ctx, action="report.links")
    assert (line.outcome, line.reason) == ("done", "rispondere al consiglio")


def test_whoever_only_answers_is_not_led_there(desk: bootstrap.Backend, draw_page: DrawPage) -> None:
    assert "What care returned" not in shown(draw_page("sara", "report"))


def test_a_desk_without_a_brand_says_so(empty_desk: bootstrap.Backend, draw_page: DrawPage) -> None:
    assert "There is no brand yet" in shown(draw_page("aoife", "report"))


@pytest.fixture
def fetch(desk: bootstrap.Backend, sign_in_as: Callable[[str], str]):
    brand = brands.resolve_brand(desk.ctx, None).id

    def get(login: str, month: Month | str, *, brand_id: int = brand, **options):
        cookies = {SESSION_COOKIE: sign_in_as(login)} if login else {}
        address = report_routes.path_of(brand_id, month, language="it", **options)  # type: ignore[arg-type]
        return TestClient(app, cookies=cookies).get(address)

    return get


def test_the_pdf_is_fetched_by_its_own_address_and_that_is_written_down(desk: bootstrap.Backend, fetch) -> None:
    month = report.usual_month(desk.ctx, brands.resolve_brand(desk.ctx, None).id)
    answer = fetch("paolo", month)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf"
    assert f'filename="resoconto-lumen-energia-{month}.pdf"' in answer.headers["content-disposition"]
    assert answer.content.startswith(b"%PDF-") and answer.content.count(b"/Type /Page\n") == 1
    assert "no-store" in answer.headers["cache-control"]
    [line] = trail.page(desk.ctx, action="report.take")
    assert line.outcome == "done" and line.details == {"month": str(month), "links": False}


def test_nobody_fetches_what_is_not_theirs(fetch) -> None:
    assert fetch("", "2026-10").status_code == 401
    assert fetch("sara", "2026-10").status_code == 403
    assert fetch("mark", "2026-10", links=True, purpose="answer the works council").status_code == 403
    assert fetch("paolo", "2026-10", links=True).status_code == 400
    assert fetch("paolo", "2026-10", links=True, purpose="answer the works council").status_code == 200
    assert fetch("paolo", "2026-13").status_code == fetch("paolo", "2026-10", brand_id=999).status_code == 404
