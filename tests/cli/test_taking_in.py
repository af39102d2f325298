"""Do files and networks come in by command, counted and without half measures?"""

from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine


def test_an_import_counts_every_row_and_names_the_unusable(staffed: CommandLine, sheet: Path) -> None:
    done = staffed("import", sheet, "--json").json
    assert {name: done[name] for name in ("read", "stored", "duplicates")} == {"read": 4, "stored": 3, "duplicates": 0}
    assert [row["line"] for row in done["rejected"]] == [4]
    assert all(set(row) == {"line", "reason"} and row["reason"] for row in done["rejected"])


def test_a_second_import_stores_nothing(busy: CommandLine, sheet: Path) -> None:
    again = busy("import", sheet, "--json").json
    assert (again["read"], again["stored"], again["duplicates"]) == (4, 0, 3)


def test_history_is_kept_but_not_queued(staffed: CommandLine, sheet: Path) -> None:
    assert staffed("import", sheet, "--as", "history").code == 0
    assert staffed("queue", "--json").json == []


def test_a_colleague_who_may_not_import_is_refused(staffed: CommandLine, sheet: Path) -> None:
    assert staffed("import", sheet, "--as", "work", "--as", "giulia").complaint
    assert staffed("import", sheet, "--as", "work", "--as", "marta", "--json").json["stored"] == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02" * 500, b"a,b,c\n1,2,3\n", b"PK\x03\x04 not a workbook"],
    ids=["empty", "binary", "no text column", "broken zip"],
)
@pytest.mark.parametrize("name", ["posts.csv", "posts.xlsx", "posts.jsonl"])
def test_a_bad_file_is_refused_in_one_sentence_and_nothing_is_stored(
    staffed: CommandLine, tmp_path: Path, content: bytes, name: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert staffed("import", tmp_path / name).complaint
    assert staffed("queue", "--json").json == []


def test_a_missing_file_and_a_folder_are_refused(staffed: CommandLine, tmp_path: Path) -> None:
    assert "gone.csv" in staffed("import", tmp_path / "gone.csv").complaint
    assert staffed("import", tmp_path).complaint


def test_polling_an_unknown_or_silent_channel_is_refused(staffed: CommandLine) -> None:
    assert "telegraph" in staffed("poll", "telegraph").complaint
    assert staffed("poll", "import").complaint


def test_a_round_says_what_each_channel_brought(staffed: CommandLine) -> None:
    assert staffed("sample", "reset").code == 0
    (sample,) = staffed("poll", "--json").json
    assert set(sample) == {"channel", "fetched", "stored", "duplicates", "complete_up_to", "gaps"}
    assert (sample["channel"], sample["gaps"]) == ("sample", [])
    assert sample["fetched"] == sample["stored"] + sample["duplicates"]
