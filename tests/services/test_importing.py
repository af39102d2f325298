"""Does a file become work or history row by row, with sums that add up and nothing half stored?"""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import func, select

from db.tables import audit, authors, cases, import_rejects, imports, mentions
from domain.errors import Invalid, NotAllowed, NotFound
from services import importing, queue
from services.importing import ColumnMap

HEADER = "id,text,date,author,name,followers"


@pytest.fixture
def file(tmp_path):
    """Writes a file; text as UTF-8 unless told otherwise."""

    def write(content, name="posts.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def bring(ctx, brand, file):
    """Imports a text as a file."""

    def run(content, name="posts.csv", encoding="utf-8", **options):
        path = file(content, name, encoding)
        return importing.run_import(ctx, path, file_name=name, brand_id=brand.id, **options)

    return run


def stored(ctx):
    columns = (mentions.c.native_id, mentions.c.text, mentions.c.published_at, mentions.c.is_history)
    with ctx.store.read() as tx:
        return [tuple(row) for row in tx.execute(select(*columns).order_by(mentions.c.id))]


def rows_in(ctx, table):
    with ctx.store.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def test_the_sums_add_up_and_the_same_file_again_stores_nothing(ctx, bring):
    parcel = "1,BAD parcel,2026-03-01,mara,Mara,10"
    content = f"{HEADER}\n{parcel}\n2,,2026-03-01,luca,,\n3,fine,soon,ugo,,\n{parcel}\n"
    first = bring(content)
    assert (first.read, first.stored, first.duplicates) == (4, 1, 1)
    assert [(r.line, r.reason) for r in first.rejected] == [(3, "no text"), (4, "the date cannot be read")]
    again = bring(content)
    assert (again.read, again.stored, again.duplicates, len(again.rejected)) == (4, 0, 2, 2)
    with ctx.store.read() as tx:
        sums = select(imports.c.read, imports.c.stored, imports.c.duplicates, imports.c.rejected)
        assert tx.execute(sums.order_by(imports.c.id)).all() == [(4, 1, 1, 2), (4, 0, 2, 2)]
    assert rows_in(ctx, import_rejects) == 4


def test_old_rows_are_history_and_new_or_undated_ones_work(ctx, brand, bring, clock):
    old = (clock() - timedelta(days=31)).date()
    new = (clock() - timedelta(days=29)).date()
    bring(f"id,text,date\n1,BAD old,{old}\n2,BAD new,{new}\n3,BAD undated,\n")
    assert [row[0] for row in stored(ctx) if row[3]] == ["1"]
    texts = {e.text for e in queue.page(ctx, queue.QueueFilter(brand.id)).entries}
    assert texts == {"BAD new", "BAD undated"}


@pytest.mark.parametrize(("purpose", "in_queue"), [("work", 2), ("history", 0)])
def test_a_person_may_decide_what_the_rows_are(ctx, bring, purpose, in_queue):
    bring("id,text,date\n1,BAD old,2020-01-01\n2,BAD,\n", purpose=purpose)
    assert rows_in(ctx, cases) == in_queue


def test_rows_without_id_or_author_are_told_apart_by_their_words(ctx, bring):
    result = bring("text\nBAD parcel arrived broken today\nBAD bill this month\nBAD bill this month\n")
    assert (result.stored, result.duplicates) == (2, 1)
    assert rows_in(ctx, cases) == 2, "nobody named: each post is a customer of its own"


def test_one_author_under_one_name_is_one_customer(ctx, bring):
    bring("text,author\nBAD one,@Mara\nBAD two,mara\n")
    assert (rows_in(ctx, authors), rows_in(ctx, cases)) == (1, 1)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-02-03", datetime(2026, 2, 2, 23, 0, tzinfo=UTC)),
        ("2026-02-03 10:00:00", datetime(2026, 2, 3, 9, 0, tzinfo=UTC)),
        ("2026-02-03T10:00:00Z", datetime(2026, 2, 3, 10, 0, tzinfo=UTC)),
        ("2026-02-03T10:00:00-08:00", datetime(2026, 2, 3, 18, 0, tzinfo=UTC)),
        ("03/02/2026 10:00", datetime(2026, 2, 3, 9, 0, tzinfo=UTC)),
        ("3.2.26", datetime(2026, 2, 2, 23, 0, tzinfo=UTC)),
        ("1770112800", datetime(2026, 2, 3, 10, 0, tzinfo=UTC)),
        ("1770112800000", datetime(2026, 2, 3, 10, 0, tzinfo=UTC)),
        ("Tue, 03 Feb 2026 10:00:00 +0000", datetime(2026, 2, 3, 10, 0, tzinfo=UTC)),
        ("Tue Feb 03 10:00:00 +0000 2026", datetime(2026, 2, 3, 10, 0, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_people_and_platforms_write_them(ctx, bring, raw, expected):
    assert bring(f'id,text,date\n1,hello,"{raw}"\n').rejected == ()
    assert stored(ctx)[0][2] == expected


def test_one_date_with_the_month_first_settles_the_whole_file(ctx, bring):
    bring("id,text,date\n1,one,02/03/2026\n2,two,02/25/2026\n")
    assert [f"{row[2]:%m-%d %H}" for row in stored(ctx)] == ["02-02 23", "02-24 23"]


@pytest.mark.parametrize("raw", ["2030-01-01", "1970-01-02", "99/99/2026", "yesterday", "0001-01-01"])
def test_an_impossible_date_rejects_the_row_alone(ctx, bring, raw):
    result = bring(f"id,text,date\n1,hello,{raw}\n2,hello,2026-03-01\n")
    assert (result.stored, len(result.rejected)) == (1, 1) and "date" in result.rejected[0].reason


def test_ragged_rows_are_rejected_with_their_line(bring):
    result = bring('id,text\n1,"two\nlines"\n2\n3,a,b\n4,fine,\n')
    assert [(r.line, r.reason) for r in result.rejected] == [
        (4, "1 columns, the header has 2"),
        (5, "3 columns, the header has 2"),
    ]
    assert result.stored == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_read(ctx, bring, encoding):
    bring("id;testo\n1;Perché la città è al buio? Così non và più bene\n2;già però\n", encoding=encoding)
    assert stored(ctx)[0][1] == "Perché la città è al buio? Così non và più bene"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"id,text\n1,a\x00b\n", "NUL"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "old Excel"),
        (b"PK\x03\x04garbage", "damaged"),
        (b'[{"text": "a"}]', "JSON list"),
        (b'id,text\n1,fine\n2,"never closed\n3,b\n', "Line 3"),
        (b"a,b\n1,2\n", "No column looks like the text"),
        (b"id,text\n1,\n2,\n", "No row has a text"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_leaves_nothing(ctx, bring, content, words):
    with pytest.raises(Invalid, match=words):
        bring(content)
    assert rows_in(ctx, mentions) == rows_in(ctx, imports) == 0


def test_a_bad_byte_at_the_end_is_found_before_anything_is_stored(ctx, bring):
    content = b"id,text\n" + b"".join(b"%d,hello\n" % n for n in range(2000)) + b'9,"open\n'
    with pytest.raises(Invalid, match="Nothing was stored"):
        bring(content)
    assert rows_in(ctx, mentions) == 0


def test_a_file_that_is_too_large_is_refused_before_it_is_read(ctx, brand, file, settings):
    from dataclasses import replace

    small = replace(ctx, settings=replace(settings, import_max_mb=1))
    path = file(b"id,text\n" + b"1,x\n" * 400_000)
    with pytest.raises(Invalid, match="an import accepts 1 MB"):
        importing.run_import(small, path, file_name="x.csv", brand_id=brand.id)


def test_a_workbook_is_read_with_its_dates_and_formulas_as_values(ctx, file, brand):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["ID", "Testo", "Data"])
    day = datetime(2026, 2, 3, 10, 0)  # noqa: DTZ001 - workbooks know no timezone
    sheet.append([17, "BAD parcel", day])
    sheet.append([18, "=1+1", day])
    sheet.append([None, None, None])
    sheet.append([19, "fine"])
    buffer = io.BytesIO()
    book.save(buffer)
    path = file(buffer.getvalue(), "posts.xlsx")
    result = importing.run_import(ctx, path, file_name="posts.xlsx", brand_id=brand.id)
    assert (result.read, result.stored) == (3, 2)
    assert [(r.line, r.reason) for r in result.rejected] == [(3, "no text")]
    assert stored(ctx)[0][:3] == ("17", "BAD parcel", datetime(2026, 2, 3, 9, 0, tzinfo=UTC))


def test_a_zip_that_is_no_workbook_and_one_that_explodes_are_refused(ctx, bring, monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("notes.txt", "hello")
    with pytest.raises(Invalid, match="ZIP archive"):
        bring(buffer.getvalue(), "x.xlsx")
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 3_000_000)
    monkeypatch.setattr("services.import_workbooks.UNPACKED_TIMES", 0.01)
    with pytest.raises(Invalid, match="unpacks"):
        bring(buffer.getvalue(), "x.xlsx")


def test_json_lines_with_inner_objects_and_bad_lines(ctx, bring):
    good = {"id": 5, "full_text": "BAD \ud800 \u202e parcel", "user": {"screen_name": "mara", "followers_count": 12}}
    content = "\n".join([json.dumps(good), "not json", "[1]", json.dumps({"id": 6, "full_text": "fine"}), ""])
    result = bring(content, "posts.jsonl")
    assert (result.read, result.stored) == (4, 2)
    assert [(r.line, r.reason) for r in result.rejected] == [(2, "not a JSON object"), (3, "not a JSON object")]
    assert stored(ctx)[0][:2] == ("5", "BAD \ufffd  parcel")
    with ctx.store.read() as tx:
        assert tx.execute(select(authors.c.handle, authors.c.followers).where(authors.c.id == 1)).one() == ("mara", 12)


def test_a_formula_in_a_text_file_is_just_text(ctx, bring):
    bring('id,text\n1,"=HYPERLINK(""http://x.invalid"")"\n')
    assert stored(ctx)[0][1] == '=HYPERLINK("http://x.invalid")'


def test_very_long_texts_and_script_are_kept_as_text(ctx, bring):
    bring(f"id,text\n1,<script>alert(1)</script>\n2,{'x' * 100_000}\n")
    assert stored(ctx)[0][1] == "<script>alert(1)</script>" and len(stored(ctx)[1][1]) == 20_000


def test_a_link_that_is_no_web_address_is_dropped(ctx, bring):
    bring("id,text,url\n1,hello,javascript:alert(1)\n2,hi,https://x.invalid/2\n")
    with ctx.store.read() as tx:
        assert tx.execute(select(mentions.c.url).order_by(mentions.c.id)).scalars().all() == [
            None,
            "https://x.invalid/2",
        ]


def test_the_preview_guesses_the_columns_and_stores_nothing(ctx, brand):
    data = b"Tweet ID;Testo;Creato;Data;Utente\n1;BAD pacco in ritardo;x;2026-03-01;mara\n"
    preview = importing.read_preview(ctx, data, "x.csv")
    assert preview.guessed == ColumnMap(text="Testo", native_id="Tweet ID", published_at="Data", author_handle="Utente")
    assert (preview.delimiter, preview.total_rows_estimate, len(preview.rows)) == (";", 1, 1)
    assert rows_in(ctx, mentions) == 0


def test_an_unnamed_text_column_is_found_by_its_length(ctx):
    rows = "\n".join(f"{n},the parcel number {n} did not arrive at my door,x" for n in range(30))
    preview = importing.read_preview(ctx, f"a,b,c\n{rows}\n".encode(), "x.csv")
    assert preview.guessed == ColumnMap(text="b") and len(preview.rows) == 20 and preview.total_rows_estimate == 30


def test_a_mapping_with_an_unknown_column_is_refused(bring):
    with pytest.raises(Invalid, match="no column 'words'"):
        bring("id,text\n1,hello\n", mapping=ColumnMap(text="words"))


def test_importing_needs_the_right_and_is_audited(ctx, brand, file, acting):
    path = file("id,text\n1,hello\n")
    with pytest.raises(NotAllowed):
        importing.run_import(acting("paolo"), path, file_name="x.csv", brand_id=brand.id)
    with pytest.raises(NotAllowed):
        importing.read_preview(acting("sara"), b"id,text\n1,a\n", "x.csv")
    importing.run_import(
        acting("marta", roles=("marketing",)), path, file_name="/home/x/secret/x.csv", brand_id=brand.id
    )
    with ctx.store.read() as tx:
        lines = tx.execute(select(audit.c.outcome).where(audit.c.action == "import.run")).scalars().all()
        assert lines == ["refused", "done"]
        assert tx.execute(select(imports.c.file_name)).scalar_one() == "x.csv"


def test_an_unknown_channel_or_brand_is_refused(ctx, bring, brand, file):
    with pytest.raises(NotFound):
        bring("id,text\n1,hello\n", channel="nowhere")
    with pytest.raises(NotFound):
        importing.run_import(ctx, file("id,text\n1,a\n"), file_name="x", brand_id=99)


def test_progress_is_told_after_every_batch(ctx, bring, monkeypatch):
    told = []
    bring("id,text\n" + "".join(f"{n},hello {n}\n" for n in range(1100)), progress=lambda *seen: told.append(seen))
    assert told == [(500, 1100), (1000, 1100), (1100, 1100)]
