"""Does an export hold every row once, in files that others open, and never more than was asked for?"""

from __future__ import annotations

import csv
import json
import random
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import update

from db.tables import mentions as mentions_table
from domain.errors import Invalid
from domain.export import SPREADSHEET_IT, ExportFilter, ExportFormat, ExportOrder, Meaning, Style, Subject
from domain.mention import Audience
from domain.spreadsheet import is_formula
from services import export_reading, triage
from services.export_columns import Column, Holds
from services.export_files.arrow_cells import array_of
from services.export_files.csv_file import CsvFile
from services.export_files.jsonl_file import JsonlFile
from services.export_files.protocol import Sheet, dictionary_beside
from services.export_files.xlsx_file import XlsxFile
from services.exporting import write_file

HOSTILE = ("=1+1", "+39 333", "-cmd", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "＋1", "－1", "＠a", "\u200b=1", "\n=1")
HARMLESS = ("bolletta", "12,50 €", "«ciao»", "", "a=1", "è cara", "100%")


def order(brand, form=ExportFormat.CSV, subject=Subject.MENTIONS, **more) -> ExportOrder:
    return ExportOrder(brand.id, subject, form, **more)


def rows_of(path: Path, *, separator: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle, delimiter=separator))


@pytest.fixture
def some(ctx, brand, say, clock):
    """Seven posts of three people, two of them in one case."""
    for n in range(7):
        clock.move(minutes=1)
        say(f"post {n}", author=("mara", "gino", "lea")[n % 3])
    return brand


@pytest.mark.parametrize("form", list(ExportFormat))
def test_every_row_is_there_once_whatever_the_size_of_a_page(ctx, some, tmp_path, monkeypatch, form) -> None:
    monkeypatch.setattr(export_reading.Reader.batch, "__kwdefaults__", {"rows": 3})
    path = tmp_path / f"out.{form}"
    written = write_file(ctx, order(some, form), path)
    assert written.rows == 7 and written.bytes == path.stat().st_size
    assert sorted(texts_in(path, form)) == [f"post {n}" for n in range(7)]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []


def texts_in(path: Path, form: ExportFormat) -> list[str]:
    """The texts, read by a program that is not ours."""
    if form is ExportFormat.CSV:
        return [row["text"] for row in rows_of(path)]
    if form is ExportFormat.JSONL:
        return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    if form is ExportFormat.PARQUET:
        from pyarrow import parquet

        return parquet.read_table(path).column("text").to_pylist()
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    return [row[head.index("text")] for row in rows]


@pytest.mark.parametrize("form", [ExportFormat.CSV, ExportFormat.JSONL, ExportFormat.PARQUET])
def test_pandas_and_duckdb_read_the_same_texts(ctx, brand, say, tmp_path, form) -> None:
    import duckdb
    import pandas

    said = ["=1+1", 'she "said", twice', "two\nlines", "è; 12,50 €", "plain", "NULL", "x \U0001f600"]
    for n, text in enumerate(said):
        say(text, author=f"a{n}")
    path = tmp_path / f"out.{form}"
    write_file(ctx, order(brand, form), path)
    expected = sorted("'" + text if form is ExportFormat.CSV and is_formula(text) else text for text in said)
    if form is ExportFormat.CSV:
        theirs = pandas.read_csv(path, keep_default_na=False)
    else:
        theirs = pandas.read_parquet(path) if form is ExportFormat.PARQUET else pandas.read_json(path, lines=True)
    assert sorted(theirs["text"]) == expected
    source = {"csv": "read_csv(?, all_varchar=true)", "jsonl": "read_json_auto(?)", "parquet": "read_parquet(?)"}[form]
    found = duckdb.execute(f"SELECT text FROM {source}", [str(path)]).fetchall()
    assert sorted(row[0] for row in found) == expected


def test_cases_are_one_a_row_and_say_how_long_the_customer_waited(ctx, some, tmp_path) -> None:
    path = tmp_path / "cases.csv"
    assert write_file(ctx, order(some, subject=Subject.CASES), path).rows == 3
    assert sorted(int(row["posts"]) for row in rows_of(path)) == [2, 2, 3]
    assert not {"owner", "operator", "handling_s"} & set(rows_of(path)[0])


def test_trends_have_a_row_for_each_day_and_channel(ctx, some, tmp_path, clock) -> None:
    path = tmp_path / "trends.csv"
    filter = ExportFilter(since=clock() - timedelta(days=1), until=clock() + timedelta(days=1))
    write_file(ctx, order(some, subject=Subject.TRENDS, filter=filter), path)
    rows = rows_of(path)
    assert {row["channel"] for row in rows} == {"all", "fake"}
    assert sum(int(row["posts"]) for row in rows if row["channel"] == "all") == 7


def test_trends_say_nothing_of_groups_too_small_for_a_share(ctx, some, say, classifier, tmp_path, clock) -> None:
    triage.judge_pending(ctx, classifier, posts=9)
    say("BAD and alone", author="zoe", at=clock() - timedelta(days=3))
    triage.judge_pending(ctx, classifier, posts=9)
    path = tmp_path / "trends.csv"
    filter = ExportFilter(since=clock() - timedelta(days=4), until=clock() + timedelta(days=1))
    write_file(ctx, order(some, subject=Subject.TRENDS, filter=filter), path)
    days = {row["posts"]: row for row in rows_of(path) if row["channel"] == "fake"}
    told = (
        "complaint_share",
        "positive",
        "neutral",
        "negative",
        "complaints",
        "questions",
        "praise",
        "ideas",
        "others",
    )
    assert {days["1"][name] for name in told} == {""} and days["1"]["judged_posts"] == "1"
    assert sum(int(days["7"][name]) for name in told[1:4]) == sum(int(days["7"][name]) for name in told[4:]) == 7


def test_the_filter_keeps_to_channel_kind_and_whole_days(ctx, some, tmp_path, clock) -> None:
    path = tmp_path / "out.csv"
    for filter, n in (
        (ExportFilter(channels=("other",)), 0),
        (ExportFilter(until=clock() - timedelta(minutes=2)), 4),
        (ExportFilter(since=clock() - timedelta(minutes=2)), 3),
        (ExportFilter(people="gino"), 2),
        (ExportFilter(search="POST 3"), 1),
    ):
        assert write_file(ctx, order(some, filter=filter), path).rows == n


def test_only_posts_of_a_theme_and_of_a_language_are_taken(ctx, brand, say, classifier, tmp_path) -> None:
    say("BAD parcel", author="mara")
    say("THANKS", author="gino")
    triage.judge_pending(ctx, classifier, posts=9)
    for filter, n in (
        (ExportFilter(theme="money"), 1),
        (ExportFilter(theme="safety"), 0),
        (ExportFilter(languages=("en", "it")), 2),
        (ExportFilter(languages=("fr",)), 0),
    ):
        assert write_file(ctx, order(brand, filter=filter), tmp_path / "out.csv").rows == n


def test_a_watch_of_another_brand_is_refused(ctx, some, tmp_path) -> None:
    with pytest.raises(Invalid, match="no watch 999"):
        write_file(ctx, order(some, filter=ExportFilter(watches=(999,))), tmp_path / "out.csv")
    assert list(tmp_path.glob("out*")) == []


def test_an_export_called_off_leaves_nothing_behind(ctx, some, tmp_path) -> None:
    for form in ExportFormat:
        assert (
            write_file(ctx, order(some, form), tmp_path / f"out.{form}", progress=lambda done, of: False).bytes is None
        )
    assert list(tmp_path.glob("*out*")) == [] and list(tmp_path.glob("tmp*")) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_spreadsheet_would_run_is_a_text(text) -> None:
    assert is_formula(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_harmless_is_left_alone(text) -> None:
    assert not is_formula(text)


def test_formulas_are_defused_in_csv_and_plain_text_in_a_workbook(ctx, brand, say, tmp_path) -> None:
    say("=HYPERLINK(1)")
    write_file(ctx, order(brand), tmp_path / "out.csv")
    assert rows_of(tmp_path / "out.csv")[0]["text"] == "'=HYPERLINK(1)"
    write_file(ctx, order(brand, ExportFormat.XLSX), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0]
    cell = next(cell for cell in sheet[2] if sheet.cell(1, cell.column).value == "text")
    assert cell.value == "=HYPERLINK(1)" and cell.data_type == "s" and cell.quotePrefix


@pytest.mark.parametrize("subject", [Subject.MENTIONS, Subject.CASES])
def test_the_language_a_post_says_it_is_in_runs_nothing_either(ctx, brand, say, tmp_path, subject) -> None:
    say("plain", language="=1+1")
    write_file(ctx, ExportOrder(brand.id, subject, ExportFormat.CSV), tmp_path / "out.csv")
    assert not is_formula(rows_of(tmp_path / "out.csv")[0]["language"])


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_cells_are_quoted_as_the_standard_library_quotes_them(tmp_path, separator) -> None:
    texts = ["plain", "a,b", "a;b", "a\tb", 'say "no"', "two\nlines", "a\r", "", None, " ", "è", "''", '"', "\n"]
    columns = (Column("text", Holds.WORD), Column("n", Holds.WHOLE), Column("share", Holds.DECIMAL))
    cells = [texts, [None, *range(len(texts) - 1)], [0.1, None, *[1 / 3] * (len(texts) - 2)]]
    file = CsvFile(tmp_path / "o.csv", Sheet(columns, Style(separator=separator), ZoneInfo("UTC"), "mentions"))
    file.write(cells)
    file.write([cells[0][:1], cells[1][:1], cells[2][:1]])
    file.close(())
    with (tmp_path / "theirs.csv").open("w", encoding="utf-8", newline="") as handle:
        theirs = csv.writer(handle, delimiter=separator, lineterminator="\r\n")
        theirs.writerow([column.name for column in columns])
        theirs.writerows([*zip(*cells, strict=True), tuple(column[0] for column in cells)])
    assert (tmp_path / "o.csv").read_bytes() == (tmp_path / "theirs.csv").read_bytes()


def test_each_line_of_json_is_what_the_standard_library_writes(tmp_path) -> None:
    texts = ["plain", 'say "no"', "two\nlines", "\\u0000", "", "è\u2028", "\0"]
    columns = (Column("text", Holds.TEXT), Column("word", Holds.WORD), Column("n", Holds.WHOLE))
    for few in (texts[:3], texts):
        file = JsonlFile(tmp_path / "o.jsonl", Sheet(columns, Style(), ZoneInfo("UTC"), "mentions"))
        file.write([few, [None, *few[1:]], range(len(few))])
        file.close(())
        rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
        assert [row["text"] for row in rows] == few and [row["word"] for row in rows] == [None, *few[1:]]


def test_an_italian_spreadsheet_finds_its_separator_comma_mark_and_clock(ctx, brand, say, tmp_path) -> None:
    say("BAD parcel")
    write_file(ctx, order(brand, style=SPREADSHEET_IT), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfpost;")
    [row] = rows_of(tmp_path / "out.csv", separator=";")
    assert row["published_at"] == "2026-03-02 10:00:00"
    assert "," in row["urgency"] and "." not in row["urgency"]
    with pytest.raises(ValueError, match="must differ"):
        Style(decimal=",")


def test_each_file_explains_its_columns(ctx, some, tmp_path) -> None:
    words = (Meaning("text", "Le parole."),)
    write_file(ctx, order(some, meanings=words), tmp_path / "out.csv")
    lines = {row["column"]: row["meaning"] for row in rows_of(dictionary_beside(tmp_path / "out.csv"))}
    assert lines["text"] == "Le parole." and lines["(rows)"] == "7" and lines["(people)"] == "pseudonyms"
    write_file(ctx, order(some, ExportFormat.XLSX, meanings=words), tmp_path / "out.xlsx")
    last = openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[-1]
    assert ("text", "Le parole.") in list(last.iter_rows(values_only=True))


def test_a_workbook_goes_on_over_further_sheets(tmp_path) -> None:
    columns = (Column("text", Holds.TEXT), Column("n", Holds.WHOLE), Column("at", Holds.MOMENT))
    file = XlsxFile(tmp_path / "o.xlsx", Sheet(columns, Style(), ZoneInfo("Europe/Rome"), "mentions"), sheet_rows=4)
    file.write([[f"t{n}" for n in range(10)], list(range(10)), ["2026-03-29T01:30:00Z"] * 10])
    file.close(())
    book = openpyxl.load_workbook(tmp_path / "o.xlsx")
    assert book.sheetnames == ["mentions", "mentions 2", "mentions 3", "mentions 4", "Columns"]
    rows = [row for sheet in book.worksheets[:-1] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [row[:2] for row in rows] == [(f"t{n}", n) for n in range(10)]
    assert str(rows[0][2]) == "2026-03-29 03:30:00"  # the clocks went forward an hour before


def test_what_is_not_public_keeps_its_pseudonym_in_an_identified_export(ctx, brand, say, store, tmp_path) -> None:
    say("from Mara to everybody", author="mara")
    say("from Gino to us alone", author="gino")
    with store.write() as tx:
        private = mentions_table.c.native_id.like("gino%")
        tx.execute(update(mentions_table).where(private).values(audience=Audience.NAMED))
    path = tmp_path / "out.csv"
    write_file(ctx, order(brand, identified=True, purpose="a survey"), path)
    public, hidden = rows_of(path)
    assert public["author_name"] == "Mara" and public["text"] == "from Mara to everybody"
    assert hidden["author_name"] == "" and "Gino" not in "".join(hidden.values())
    assert hidden["author"].startswith("person-") and hidden["author"] in hidden["text"]


def test_cells_become_the_arrow_columns_that_arrow_itself_makes_of_them() -> None:
    import pyarrow as pa

    rng = random.Random(5)
    of_kind = {
        pa.string(): ("", "a", "è", "🎉", "\0", "مرحبا"),
        pa.bool_(): (True, False),
        pa.int64(): (0, -3, 2**40),
        pa.float64(): (0.0, 1.5, -1e300),
    }
    for kind, values in of_kind.items():
        for missing in ((), (None,), (None,) * 40):
            for rows in (0, 1, 7, 8, 9, 400):
                cells = rng.choices((*values, *missing), k=rows)
                made = array_of(pa, cells, kind)
                made.validate(full=True)
                assert made.equals(pa.array(cells, kind))
