"""Does the command line tell the report in sentences, as figures and as a PDF, and refuse what cannot be asked?"""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

from tests.cli.conftest import CommandLine


def test_the_report_is_told_in_sentences_as_figures_and_on_paper(sportello: CommandLine, tmp_path: Path) -> None:
    assert sportello("sample", "reset").code == 0
    assert sportello("work").code == 0
    month = f"{datetime.now(UTC):%Y-%m}"
    said = sportello("report", "--month", month, "--lang", "it").out
    assert "Che cosa ha reso la cura dei clienti" in said and "**" not in said
    told = sportello("report", "--month", month, "--json").json
    assert told["brand"] == "Lumen Energia" and told["running"] and told["now"]["customers_answered"] == 0
    assert told["now"]["solved"]["value"] is None and told["now"]["posts"] > 0 and told["concerns"]
    file = tmp_path / "marzo.pdf"
    assert "was written" in sportello("report", "--month", month, "--lang", "it", "--out", file).out
    assert file.read_bytes().startswith(b"%PDF-") and b"/Lang (it)" in file.read_bytes()
    assert list(tmp_path.glob("*.part")) == []
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "a report quotes customers: it is for whoever asked for it"
    lost = sportello("report", "--month", month, "--out", tmp_path / "nowhere" / "a.pdf")
    assert lost.code == 1 and "cannot be written" in lost.complaint


def test_what_cannot_be_is_refused_in_a_sentence(staffed: CommandLine) -> None:
    assert staffed("report", "--month", "October").code == 1
    assert "2026-10" in staffed("report", "--month", "2026-13").complaint
    assert staffed("report", "--out", "report.docx").code == 2
    assert staffed("report", "--lang", "de").code == 2
    assert staffed("report", "--as", "giulia").code == 1
    assert staffed("report", "--links").code == 2
    assert staffed("report", "--purpose", "answer the works council").code == 2
    assert staffed("report", "--links", "--purpose", "so").code == 1
    assert staffed("report", "--links", "--purpose", "answer the works council").code == 0
    now = staffed("report", "--as", "marta", "--json").json["now"]
    assert now["customers_answered"] == 0
    # Too few for a share: nor what would give it away, how many of them.
    assert {now[name]["hits"] for name in ("complaint_share", "solved", "thanks", "promises")} == {None}
    assert "nothing" in staffed("report", "--month", "2020-01", "--lang", "en").out
