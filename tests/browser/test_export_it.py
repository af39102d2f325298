"""Does marketing take a campaign's posts away, in Italian, in a file that a spreadsheet opens, naming nobody?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, expect

import bootstrap
from domain.people import Role
from services import brands, importing
from tests.browser.at_the_desk import AtTheDesk
from tests.browser.conftest import free_port
from tests.browser.running_desk import Colleague, RunningDesk, running_desk

pytestmark = pytest.mark.timeout(300)
MARTA = Colleague("marta", "Marta Galli", (Role.MARKETING,))
POSTS = (
    ("Che bella la primavera di Aurora, sono Ludovica Bellandi", "Ludovica Bellandi", "ludo_bella84"),
    ("@ludo_bella84 anche a me piace! Scrivimi a gino@posta.example", "Gino Prati", "ginopr"),
    ("=1+1 fa due, ma la tariffa no", "Lea Monti", "lea.monti"),
)
MADE_MS = 60_000


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running_desk(tmp_path_factory.mktemp("desk"), port=free_port(), staff=(MARTA,)) as running:
        file = tmp_path_factory.mktemp("posts") / "campagna.csv"
        day = f"{datetime.now(UTC):%Y-%m-%d}"
        lines = [f'"{text}",{name},{handle},{day} 00:0{n}' for n, (text, name, handle) in enumerate(POSTS)]
        file.write_text("\n".join(["text,author_name,author_handle,published_at", *lines]), encoding="utf-8")
        built = bootstrap.open_backend(running.settings)
        brand = brands.add_brand(built.ctx, "Primavera")
        importing.run_import(built.ctx, file, file_name=file.name, brand_id=brand.id, purpose="work")
        built.ctx.store.close()
        yield running


@pytest.fixture
def marta(chromium: Browser, desk: RunningDesk) -> Iterator[AtTheDesk]:
    window = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="it-IT", accept_downloads=True)
    seat = AtTheDesk(window.new_page(), desk, "it")
    seat.sign_in("marta")
    yield seat
    window.close()


def test_marketing_takes_the_posts_of_a_campaign_away_as_a_spreadsheet(marta: AtTheDesk, tmp_path: Path) -> None:
    page = marta.page
    page.goto(f"{marta.desk.url}/exports")
    marta.expect_text("Your exports")
    expect(page.get_by_text(marta.word("With names, handles and links"))).to_have_count(0)  # not for marketing
    watch = page.get_by_role("combobox", name=marta.word("Watch"))
    watch.click()
    page.get_by_role("option", name="Primavera").click()
    page.keyboard.press("Escape")

    page.get_by_role("button", name=marta.word("Export"), exact=True).press("Enter")
    marta.expect_text("ready")
    way = page.get_by_role("link", name=marta.word("Download")).first
    expect(way).to_be_visible(timeout=MADE_MS)
    answer = page.context.request.get(f"{marta.desk.url}{way.get_attribute('href')}")
    assert answer.headers["content-disposition"].endswith('.xlsx"')
    file = tmp_path / "campagna.xlsx"
    file.write_bytes(answer.body())

    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["mentions", "Colonne"]
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    texts = [row[head.index("text")] for row in rows]
    everything = str([row for sheet in book for row in sheet.iter_rows(values_only=True)])
    assert len(texts) == 3 and any("primavera di Aurora" in text for text in texts)
    assert not [word for word in ("Ludovica", "ludo_bella84", "posta.example", "ginopr") if word in everything]


def test_a_file_is_nobody_elses(marta: AtTheDesk, chromium: Browser) -> None:
    stranger = chromium.new_context()
    answer = stranger.request.get(f"{marta.desk.url}/exports/1/file", max_redirects=0)
    assert answer.status == 303 and answer.headers["location"].startswith("/auth/sign-in")
    stranger.close()
