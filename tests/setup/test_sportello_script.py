"""Does `./sportello` make its environment once, completely and only when needed? Driven with an invented installer."""

import ast
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Does what uv does as far as the script can see: makes a folder with a Python, and writes down each call. The
# "environment's Python" prints what it was asked to run, so no package is needed.
FAKE_UV = """#!{python}
import os, sys, time
from pathlib import Path
args = sys.argv[1:]
log = Path(os.environ["FAKE_LOG"])
with log.open("a") as out:
    out.write(" ".join(args) + "\\n")
if args[0] == "venv":
    venv = Path(args[-1]) / "bin"
    venv.mkdir(parents=True)
    script = venv / "python"
    script.write_text(os.environ["FAKE_PYTHON"])
    script.chmod(0o755)
if args[:2] == ["pip", "install"]:
    time.sleep(float(os.environ.get("FAKE_SLEEP_S", "0")))
    sys.exit(int(os.environ.get("FAKE_EXIT", "0")))
"""

FAKE_PYTHON = """#!/bin/sh
echo "ran:$*"
echo "path:$PYTHONPATH"
echo "cwd:$(pwd)"
echo "publish:$SPORTELLO_PUBLISH data:$SPORTELLO_DATA_DIR strict:$SPORTELLO_NOTHING_NOT_RUN"
exit 7
"""

# Stands in for Python's venv module: an environment whose pip writes its call down and ends as it is told.
FAKE_VENV = """
import os, sys
from pathlib import Path
bin = Path(sys.argv[-1]) / "bin"
bin.mkdir(parents=True)
(bin / "pip").touch()
pip = '[ "$2" = pip ] && echo "ran:$*" >> "$FAKE_LOG" && exit "${FAKE_PIP_EXIT:-1}"'
(bin / "python").write_text("#!/bin/sh\\n" + pip + "\\n" + os.environ["FAKE_PYTHON"])
(bin / "python").chmod(0o755)
"""


class Clone:
    """A clone with the real script, invented locks and an invented uv on the search path."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "clone"
        self.root.mkdir()
        shutil.copy(ROOT / "sportello", self.root)
        for lock in ("requirements.lock", "requirements-dev.lock"):
            (self.root / lock).write_text(f"# {lock}\n")
        tools = folder / "bin"
        tools.mkdir()
        (tools / "uv").write_text(FAKE_UV.format(python=sys.executable))
        (tools / "uv").chmod(0o755)
        self.log = folder / "calls"
        self.env = os.environ | {
            "PATH": f"{tools}:/usr/bin:/bin",
            "FAKE_LOG": str(self.log),
            "FAKE_PYTHON": FAKE_PYTHON,
        }

    def replace_module(self, name: str, text: str) -> None:
        """Put an invented module before Python's own."""
        folder = self.log.parent / "modules"
        folder.mkdir()
        (folder / f"{name}.py").write_text(text)
        self.env["PYTHONPATH"] = str(folder)

    def start(self, *args: str, **env: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(self.root / "sportello"), *args]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=self.env | env, cwd="/", stdout=pipe, stderr=pipe, text=True)

    def run(self, *args: str, **env: str) -> tuple[int, str, str]:
        child = self.start(*args, **env)
        out, err = child.communicate(timeout=30)
        return child.returncode, out, err

    def installs(self) -> list[str]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line.rsplit(" ", 1)[-1] for line in lines if line.startswith("pip install")]

    def wait_for_install(self) -> None:
        deadline_s = time.monotonic() + 10
        while not self.installs():
            assert time.monotonic() < deadline_s, "the installer was never called"
            time.sleep(0.01)


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    yield Clone(tmp_path)


def test_first_call_installs_the_lock_and_runs_the_command(clone: Clone) -> None:
    code, out, err = clone.run("queue", "--json")
    assert (code, clone.installs()) == (7, ["requirements.lock"])
    assert "ran:-m desk.cli queue --json" in out
    assert "Environment ready" in err and "Environment ready" not in out


def test_second_call_installs_nothing_and_says_nothing(clone: Clone) -> None:
    clone.run("queue")
    _, _, err = clone.run("queue")
    assert clone.installs() == ["requirements.lock"]
    assert err == ""


def test_packages_are_only_accepted_with_their_hashes(clone: Clone) -> None:
    clone.run("queue")
    install = next(line for line in clone.log.read_text().splitlines() if line.startswith("pip install"))
    assert "--require-hashes" in install


def test_command_keeps_the_folder_it_was_called_from_and_sees_only_this_clone(clone: Clone) -> None:
    _, out, _ = clone.run("queue", PYTHONPATH="/somewhere/else")
    assert "cwd:/\n" in out
    assert f"path:{clone.root}\n" in out


def test_changed_lock_is_installed_again_into_the_same_environment(clone: Clone) -> None:
    clone.run("queue")
    (clone.root / "requirements.lock").write_text("# newer\n")
    clone.run("queue")
    assert clone.installs() == ["requirements.lock"] * 2
    assert clone.log.read_text().count("venv --quiet") == 1


def test_tests_add_the_development_lock_without_making_the_environment_anew(clone: Clone) -> None:
    clone.run("queue")
    _, out, _ = clone.run("test", "tests/domain")
    assert clone.installs() == ["requirements.lock", "requirements.lock", "requirements-dev.lock"]
    assert clone.log.read_text().count("venv --quiet") == 1
    assert "ran:-m pytest -n 3 --dist worksteal tests/domain" in out


@pytest.mark.parametrize("own", [["-n0"], ["-n", "4"], ["--numprocesses=3"], ["--pdb"], ["tests/a.py::test_b"]])
def test_number_of_test_processes_is_left_to_who_names_one(clone: Clone, own: list[str]) -> None:
    _, out, _ = clone.run("test", *own)
    assert f"ran:-m pytest {' '.join(own)}\n" in out


def test_commands_see_the_settings_of_the_person_who_calls_them(clone: Clone) -> None:
    _, out, _ = clone.run("queue", SPORTELLO_DATA_DIR="/srv/real")
    assert "data:/srv/real" in out


def test_tests_never_see_the_desk_of_the_person_who_runs_them(clone: Clone) -> None:
    mine = {"SPORTELLO_PUBLISH": "live", "SPORTELLO_DATA_DIR": "/srv/real"}
    _, out, _ = clone.run("test", SPORTELLO_NOTHING_NOT_RUN="1", **mine)
    assert "publish: data: strict:1" in out


def test_environment_half_made_by_a_killed_call_is_made_anew(clone: Clone) -> None:
    child = clone.start("queue", FAKE_SLEEP_S="0.3")
    clone.wait_for_install()
    child.send_signal(signal.SIGKILL)
    child.communicate()
    code, out, _ = clone.run("queue")
    assert code == 7 and "ran:-m desk.cli queue" in out
    assert clone.log.read_text().count("venv --quiet") == 2


def test_environment_half_updated_by_a_killed_call_is_made_anew(clone: Clone) -> None:
    clone.run("queue")
    (clone.root / ".venv" / ".being-changed").touch()
    clone.run("queue")
    assert clone.log.read_text().count("venv --quiet") == 2
    assert not (clone.root / ".venv" / ".being-changed").exists()


def test_environment_whose_python_was_removed_is_made_anew(clone: Clone) -> None:
    clone.run("queue")
    (clone.root / ".venv" / "bin" / "python").unlink()
    assert clone.run("queue")[0] == 7


def test_two_first_calls_at_once_install_once(clone: Clone) -> None:
    children = [clone.start("queue", FAKE_SLEEP_S="0.4") for _ in range(2)]
    ends = [child.communicate(timeout=30) for child in children]
    assert [child.returncode for child in children] == [7, 7]
    assert clone.installs() == ["requirements.lock"]
    assert sum("waiting for it" in err for _, err in ends) == 1


def test_failed_installation_is_one_sentence_and_exit_code_one(clone: Clone) -> None:
    # Plain pip, the way out when uv fails, fails as well.
    clone.replace_module("venv", FAKE_VENV)
    code, out, err = clone.run("queue", FAKE_EXIT="1")
    assert (code, out) == (1, "")
    assert "sportello: the packages could not be installed" in err and "Traceback" not in err
    assert not (clone.root / ".venv" / ".made-from-requirements.lock").exists()


def test_plain_pip_is_the_way_out_when_uv_gets_nowhere(clone: Clone) -> None:
    clone.replace_module("venv", FAKE_VENV)
    code, out, _ = clone.run("queue", FAKE_EXIT="1", FAKE_PIP_EXIT="0")
    assert code == 7 and "ran:-m desk.cli queue" in out
    assert "ran:-m pip install" in clone.log.read_text()
    assert "--require-hashes -r requirements.lock" in clone.log.read_text()


def test_python_without_venv_and_pip_is_told_what_to_install(clone: Clone) -> None:
    clone.replace_module("venv", "import sys; sys.exit(1)")
    code, _, err = clone.run("queue", FAKE_EXIT="1")
    assert code == 1
    assert "apt install python3-venv" in err.splitlines()[-1]


def test_nothing_is_downloaded_when_everything_is_there(clone: Clone) -> None:
    clone.run("queue")
    before = clone.log.read_text()
    code, _, err = clone.run("queue", PATH="/nonexistent")
    assert (code, err, clone.log.read_text()) == (7, "", before)


def test_python_that_is_too_old_is_told_so_in_one_sentence(clone: Clone, tmp_path: Path) -> None:
    pretend = tmp_path / "pretend.py"
    pretend.write_text(
        "import runpy, sys\n"
        "sys.version_info = (3, 9, 2, 'final', 0)\n"
        f"sys.argv = ['./sportello', 'run']\nrunpy.run_path({str(clone.root / 'sportello')!r}, run_name='__main__')\n"
    )
    ended = subprocess.run([sys.executable, str(pretend)], env=clone.env, capture_output=True, text=True)
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1 and "needs Python 3.11 or newer" in ended.stderr
    assert not (clone.root / ".venv").exists()


def test_script_uses_no_syntax_younger_than_the_pythons_it_must_refuse() -> None:
    tree = ast.parse((ROOT / "sportello").read_text(), feature_version=(3, 7))
    assert not any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in ast.walk(tree))


def test_check_refuses_arguments_and_names_its_checks(clone: Clone) -> None:
    code, _, err = clone.run("check", "--fix")
    assert code == 2
    assert "format, lint, types, architecture, documentation, translations" in err
