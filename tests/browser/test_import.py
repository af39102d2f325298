"""Does a file of posts come in through the browser to the last row, whatever its reader does meanwhile?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, Locator, expect

from domain.people import Role
from tests.browser.at_the_desk import AtTheDesk
from tests.browser.conftest import free_port
from tests.browser.running_desk import Colleague, RunningDesk, running_desk

pytestmark = pytest.mark.timeout(300)
NINA = Colleague("nina", "Nina Serra", (Role.OPERATOR, Role.MANAGER, Role.ADMIN), trained=("sample",))
ROWS, LONGEST_MS = 1500, 120_000
#: Rows that cannot be used, by their line in the file: what stands there, and what the desk says of it.
BAD = {
    12: ("; {day} 09:00;n-12;vuota", "senza testo"),
    700: ("Il gas non c’è più;l’altroieri;n-700;dario", "la data non si legge"),
    1400: ("Troppe colonne;{day} 09:00;n-1400;elio;in più", "5 colonne, la prima riga ne ha 4"),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running_desk(tmp_path_factory.mktemp("desk"), port=free_port(), staff=(NINA,)) as running:
        yield running


@pytest.fixture
def nina(chromium: Browser, desk: RunningDesk) -> Iterator[AtTheDesk]:
    window = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="it-IT")
    seat = AtTheDesk(window.new_page(), desk, "it")
    seat.sign_in("nina")
    yield seat
    window.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """What an Italian office saves: semicolons, Windows' own letters, its own names for the columns."""
    day = f"{datetime.now(UTC):%d/%m/%Y}"
    lines = ["testo;data;codice;utente"]
    for line in range(2, ROWS + 2):
        good = f"Perché la bolletta n° {line} è così alta?;{{day}} 00:{line % 60:02d};n-{line};cliente{line}"
        lines.append(BAD.get(line, (good, ""))[0].format(day=day))
    path = tmp_path / "bollette.csv"
    path.write_bytes("\r\n".join(lines).encode("cp1252"))
    return path


def choose(nina: AtTheDesk, file: Path) -> None:
    """Hand the file over and start; it is clear by then what was understood of it."""
    nina.page.locator("input[type=file]").set_input_files(file)
    expect(nina.page.get_by_text(f"{file.name} · 1.500 righe · Windows-1252 · separato da ;")).to_be_visible()
    nina.page.get_by_role("button", name="Importa 1.500 righe").click()


def sums(nina: AtTheDesk) -> Locator:
    expect(nina.page.get_by_text(nina.word("The file is in"))).to_be_visible(timeout=LONGEST_MS)
    return nina.page.get_by_text(re.compile("righe lette:"))


def go(nina: AtTheDesk, room: str) -> None:
    nina.page.get_by_role("link", name=nina.word(room)).first.click()


def test_a_file_of_another_kind_is_refused_in_the_readers_language(nina: AtTheDesk, tmp_path: Path) -> None:
    page = tmp_path / "pagina.html"
    page.write_text("<p>ciao</p>")
    go(nina, "Import")
    nina.page.locator("input[type=file]").set_input_files(page)
    expect(nina.page.get_by_test_id("stSkipToContent")).to_have_text("Vai al contenuto")  # Streamlit's own words too
    field = nina.page.get_by_test_id("stFileUploader")
    expect(field.locator("[aria-invalid=true]")).to_be_visible()
    said = field.evaluate("node => getComputedStyle(node, '::after').content")
    assert said == '"Questo file non si può prendere: supera 200 MB, oppure non è CSV, XLSX o righe JSON."'


def _workbook(folder: Path) -> Path:
    """What a small firm keeps: a sheet with a date in its own type and one row without a text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Testo", "Data", "Utente", "Codice"])
    now = datetime.now(UTC).replace(tzinfo=None)  # a cell knows no time zone
    for n in range(4):
        sheet.append([f"La bolletta {n} è arrivata doppia", now - timedelta(hours=n + 3), f"c{n}", f"x-{n}"])
    sheet.append([None, now, "vuota", "x-9"])
    book.save(folder / "bollette.xlsx")
    return folder / "bollette.xlsx"


def _json_lines(folder: Path) -> Path:
    """What another program writes: an object a line, and one line that is none."""
    posts = [{"text": f"Il contatore {n} segna il doppio", "author": f"j{n}", "id": f"j-{n}"} for n in range(4)]
    lines = [*(json.dumps(post) for post in posts), "{not json"]
    (folder / "contatori.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder / "contatori.jsonl"


@pytest.mark.parametrize(
    ("write", "why"), [(_workbook, "senza testo"), (_json_lines, "non è un oggetto JSON")], ids=["xlsx", "jsonl"]
)
def test_a_workbook_and_json_lines_come_in_as_well(
    nina: AtTheDesk, tmp_path: Path, write: Callable[[Path], Path], why: str
) -> None:
    go(nina, "Import")
    nina.page.locator("input[type=file]").set_input_files(write(tmp_path))
    nina.page.get_by_role("button", name="Importa 5 righe").click()
    expect(sums(nina)).to_have_text("5 righe lette: 4 salvate, 0 c’erano già, 1 lasciate fuori.")
    expect(nina.page.get_by_role("row").filter(has_text=why)).to_be_visible()
    nina.page.get_by_role("button", name=nina.word("Another file")).click()
    expect(nina.page.locator("input[type=file]")).to_be_attached()  # or the next reader still finds this file's sums


def test_a_file_comes_in_to_its_last_row_though_its_reader_leaves_and_reloads(nina: AtTheDesk, file: Path) -> None:
    go(nina, "Import")
    choose(nina, file)
    expect(nina.page.get_by_text(nina.word("You can leave this page: the import goes on."))).to_be_visible()
    go(nina, "Queue")
    expect(nina.queue).to_be_visible()
    go(nina, "Import")
    nina.page.wait_for_url("**/import")
    nina.page.reload()
    expect(sums(nina)).to_have_text("1.500 righe lette: 1.497 salvate, 0 c’erano già, 3 lasciate fuori.")
    for line, (_row, why) in BAD.items():
        expect(nina.page.get_by_role("row").filter(has_text=why)).to_contain_text(f"{line:,}".replace(",", "."))

    nina.page.get_by_role("button", name=nina.word("Another file")).click()
    expect(nina.page.locator("input[type=file]")).to_be_attached()  # or the next reader still finds this file's sums
    choose(nina, file)
    expect(sums(nina)).to_have_text("1.500 righe lette: 0 salvate, 1.497 c’erano già, 3 lasciate fuori.")
    nina.page.get_by_role("button", name=nina.word("To the queue")).click()
    expect(nina.queue).to_be_visible()
