"""Does a file made to break the import only ever get a sentence, a bounded wait, and no row half stored?"""

from __future__ import annotations

import io
import threading
import zipfile

import openpyxl
import pytest
from sqlalchemy import select

from db.tables import audit
from domain.errors import DeskError, Invalid
from services import importing
from services.import_files import open_file

SHEET = "xl/worksheets/sheet1.xml"


def workbook(*rows):
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


GOOD = workbook(["text", "date"], ["BAD parcel", "2026-03-01"])


def with_part(data, name, change):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
    return out.getvalue()


def cells(data):
    return [row.cells for row in open_file(data, max_mb=200).rows()]


def test_a_very_long_first_line_is_read_or_refused_but_never_breaks():
    assert cells(b"text\n" + b"a" * 200_000 + b"\n") == [("a" * 200_000,)]
    with pytest.raises(Invalid, match="Line 2 cannot be read"):
        cells(b'text\n"' + b"a" * 1_200_000 + b'"\n')


def test_a_short_italian_file_of_windows_keeps_its_accents():
    said = "perché «no» costa 3€, è così"
    assert open_file(f"text;date\n{said};2026\n".encode("cp1252"), max_mb=1).encoding == "cp1252"
    assert cells(f"text;date\n{said};2026\n".encode("cp1252")) == [(said, "2026")]


def test_a_sheet_that_claims_millions_of_cells_costs_only_what_it_holds():
    far = b'<row r="400000"><c r="ZZZ400000"><v>1</v></c></row><row r="99999999999"><c r="A9"><v>1</v></c></row>'
    claim = with_part(GOOD, SHEET, lambda xml: xml.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"'))
    trap = with_part(claim, SHEET, lambda xml: xml.replace(b"</sheetData>", far + b"</sheetData>"))
    assert cells(trap) == [("BAD parcel", "2026-03-01")]


def test_a_sheet_that_claims_to_be_smaller_than_it_is_loses_nothing():
    small = with_part(GOOD, SHEET, lambda xml: xml.replace(b'ref="A1:B2"', b'ref="A1"'))
    assert cells(small) == [("BAD parcel", "2026-03-01")]


def test_a_workbook_damaged_anywhere_is_read_or_refused_in_words():
    for place in range(0, len(GOOD), 211):
        damaged = bytearray(GOOD)
        damaged[place] ^= 0x55
        try:
            found = cells(bytes(damaged))
        except DeskError as refusal:
            assert isinstance(refusal, Invalid)
        else:
            assert len(found) <= 1


def test_a_workbook_whose_inner_tables_would_fill_the_memory_is_refused():
    bomb = with_part(GOOD, "xl/styles.xml", lambda xml: xml + b" " * (3 * 2**20))
    with pytest.raises(Invalid, match="unpacks to far more"):
        open_file(bomb, max_mb=2)


def test_a_folder_and_a_file_that_is_gone_are_refused_in_words(tmp_path):
    for path in (tmp_path, tmp_path / "gone.csv"):
        with pytest.raises(Invalid, match="The file cannot be opened"):
            open_file(path, max_mb=1)


def test_half_an_emoji_in_a_name_or_a_text_can_be_shown_and_stored(ctx, brand, tmp_path):
    path = tmp_path / "posts.jsonl"
    path.write_bytes(b'{"text": "BAD \\ud83d parcel \\u0000", "my  \\ud83d": "\\u202ex"}\n')
    preview = importing.read_preview(ctx, path, "posts\udcff.jsonl")
    "".join((*preview.columns, *preview.rows[0])).encode()
    assert preview.rows[0][1] == "x"
    done = importing.run_import(ctx, path, file_name="posts\udcff.jsonl", brand_id=brand.id)
    assert (done.read, done.stored) == (1, 1)


def test_nobody_waits_for_the_store_while_a_large_file_is_looked_through(ctx, brand, tmp_path, monkeypatch):
    path = tmp_path / "posts.csv"
    path.write_text("text\nBAD parcel\n")
    look, wrote = importing._checked, []

    def look_slowly(*args, **options):
        def write():
            with ctx.store.write():
                wrote.append(True)

        other = threading.Thread(target=write)
        other.start()
        other.join(3)
        return look(*args, **options) if wrote else pytest.fail("the store was held meanwhile")

    monkeypatch.setattr(importing, "_checked", look_slowly)
    assert importing.run_import(ctx, path, file_name="posts.csv", brand_id=brand.id).stored == 1


def test_an_import_refused_for_its_file_stands_in_the_audit_trail(ctx, brand, tmp_path):
    path = tmp_path / "posts.csv"
    path.write_bytes(b"\x00\x00")
    with pytest.raises(Invalid):
        importing.run_import(ctx, path, file_name="posts.csv", brand_id=brand.id)
    with ctx.store.read() as tx:
        lines = tx.execute(select(audit.c.action, audit.c.outcome).where(audit.c.action == "import.run")).all()
    assert lines == [("import.run", "refused")]
