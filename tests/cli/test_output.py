"""What reaches a terminal or a JSON reader, whatever strangers wrote?"""

import io
import json

import pytest

from desk.cli import output

ESCAPES = "\x1b[31mred\x1b[0m \x9b2J bell\x07 back\x08 nul\x00"


def test_a_plain_line_carries_no_control_character() -> None:
    line = output.safe(ESCAPES + "\nsecond line\ttab")
    assert line.isprintable()
    assert "second line tab" in line


def test_a_plain_line_is_one_line_and_bounded() -> None:
    assert "\n" not in output.safe("a\n" * 1000)
    assert len(output.safe("x" * 5000)) <= 400


def test_direction_overrides_never_reach_the_terminal() -> None:
    assert output.safe("invoice \u202efdp.exe\u202c") == "invoice fdp.exe"


@pytest.mark.parametrize("hostile", [ESCAPES, "\ud800 alone", "right \u202e to left", "line\u2028sep", "\x7f\x85"])
def test_json_keeps_hostile_text_exactly_and_writes_it_harmlessly(hostile: str) -> None:
    written = output.document({"text": hostile})
    assert written.isprintable()
    assert json.loads(written) == {"text": hostile}


def test_json_keeps_accents_and_emoji_readable() -> None:
    assert output.document(["perché 😡"]) == '["perché 😡"]'


def test_moments_in_json_are_iso_with_their_offset() -> None:
    from datetime import UTC, datetime

    assert output.document(datetime(2026, 3, 2, 8, 30, tzinfo=UTC)) == '"2026-03-02T08:30:00+00:00"'


def test_json_refuses_what_has_no_meaning_in_json() -> None:
    with pytest.raises(TypeError, match="set"):
        output.document({1, 2})


def test_tables_align_columns_and_survive_hostile_cells(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([(1, "Mara", "fine"), (22, ESCAPES, None)], headings=("ID", "WHO", "TEXT"))
    lines = capsys.readouterr().out.splitlines()
    assert [line[:4] for line in lines] == ["ID  ", "1   ", "22  "]
    assert all(line.isprintable() for line in lines)


def test_a_locale_without_utf8_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii", errors="strict"))
    output.prepare_streams()
    output.say("perché 😡")
    import sys

    sys.stdout.flush()
    assert raw.getvalue().decode("utf-8") == "perché 😡\n"


def test_streams_closed_before_the_start_keep_nothing_and_fail_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output.sys, "stdout", None)
    monkeypatch.setattr(output.sys, "stderr", None)
    output.prepare_streams()
    output.say_json({"judged": 1})
    output.complain("nobody reads this")
    assert output.sys.stdout.name == output.sys.stderr.name == output.os.devnull
