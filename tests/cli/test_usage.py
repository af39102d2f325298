"""What does the command line say to whoever writes a command wrongly, or asks for help?"""

import subprocess
import sys
from pathlib import Path

import pytest

from desk.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
WRONG = [
    ["fly"],
    [],
    ["queue", "--limit", "0"],
    ["queue", "--limit", "many"],
    ["queue", "--lim", "3"],
    ["claim", "3"],
    ["claim", "three", "--as", "giulia"],
    ["reply", "3", "--as", "giulia"],
    ["reply", "3", "--text", "hello", "--as", "giulia", "--promise", "a call"],
    ["reply", "3", "--text", "hello", "--as", "giulia", "--promise", "a call", "--due", "soon"],
    ["publishing", "maybe", "brand"],
    ["user", "add", "x", "--roles", "king"],
    ["user", "add", "x", "--roles", ""],
    ["user", "add", "x"],
    ["import"],
    ["import", "file.csv", "--as", "work", "--as", "history"],
    ["run", "--port", "99999"],
    ["sample", "explode"],
    ["brand"],
    ["judge", "--as", "giulia"],
]


@pytest.mark.parametrize("argv", WRONG, ids=lambda argv: " ".join(argv) or "nothing")
def test_a_wrongly_written_command_ends_with_2_and_says_why(argv: list[str], capsys, tmp_path: Path) -> None:
    assert main(["--data-dir", str(tmp_path / "desk"), *argv]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip()
    assert not (tmp_path / "desk").exists()


def test_hostile_arguments_are_shown_harmlessly(capsys) -> None:
    assert main(["queue", "\x1b[31m\x9b2J"]) == 2
    assert "\x1b" not in (said := capsys.readouterr().err) and "\x9b" not in said


@pytest.mark.parametrize("words", [["--help"], ["queue", "--help"], ["brand", "add", "--help"], ["judge", "-h"]])
def test_help_goes_to_stdout_and_ends_with_0(words: list[str], capsys) -> None:
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("usage: sportello")


def test_help_loads_neither_the_desk_nor_the_model() -> None:
    heavy = "'streamlit', 'transformers', 'sqlalchemy', 'onnxruntime', 'alembic', 'numpy', 'babel'"
    loaded = f"print([m for m in ({heavy}) if m in sys.modules])"
    script = f"import sys; from desk.cli.main import main; main(['--help']); {loaded}"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", ["test", "check"])
def test_commands_of_the_script_point_to_it(name: str, capsys) -> None:
    assert main([name]) == 1
    assert f"./sportello {name}" in capsys.readouterr().err
