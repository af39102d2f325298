"""Do the units for systemd hold together, and start commands that there are?"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.commands import ROOT

UNITS = sorted((ROOT / "deploy").iterdir())
CLONE = "/srv/sportello"


def settings_in(unit: Path) -> list[tuple[str, str, str]]:
    """Every (section, name, value) of a unit; fails for a line that is none."""
    found, section = [], ""
    for line in unit.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            section = heading[1]
        elif line.strip():
            name, equals, value = line.partition("=")
            assert equals and section and name.isalnum() and value, f"{unit.name}: {line}"
            found.append((section, name, value))
    return found


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_unit_is_well_formed_and_needs_only_units_that_are_there(unit: Path) -> None:
    ours = {re.sub(r"@.*?\.", "@.", path.name) for path in UNITS}
    settings = settings_in(unit)
    assert {section for section, _, _ in settings} <= {"Unit", "Service", "Install"}
    named = " ".join(
        value for _, name, value in settings if name in {"After", "Requires", "Wants", "PartOf", "WantedBy"}
    )
    assert {re.sub(r"@.*?\.", "@.", each) for each in named.split() if each.startswith("sportello")} <= ours


@pytest.mark.parametrize("unit", [u for u in UNITS if u.suffix == ".service"], ids=lambda unit: unit.name)
def test_unit_starts_a_command_that_there_is(unit: Path) -> None:
    from desk.cli.main import build_parser

    [command] = [value for _, name, value in settings_in(unit) if name == "ExecStart"]
    program, *words = command.replace("%i", "8501").split()
    assert program == f"{CLONE}/sportello"
    assert build_parser().parse_args(words)


def test_systemd_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(f"{CLONE}/sportello", "/bin/true").replace(CLONE, "/")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    if shutil.which("systemd-analyze") is None:
        assert all(settings_in(unit) for unit in UNITS)  # Read by the tests above, which is what can be done here.
        return
    files = sorted(tmp_path.iterdir())
    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, timeout=60)
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if "sportello" in line]
    assert complaints == []
