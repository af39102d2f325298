"""Does `run` hand over to the supervisor with the right settings, and `screenshots` know every page?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desk.cli import running
from desk.screenshots import PAGES
from tests.browser.conftest import free_port
from tests.browser.running_desk import wait_for
from tests.cli.conftest import CommandLine

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def handed_over(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    """What `run` would have become, instead of becoming it."""
    calls: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(running.os, "execve", lambda path, argv, env: calls.append((argv, env)))
    return calls


def test_run_becomes_the_supervisor_with_its_own_settings(sportello: CommandLine, handed_over) -> None:
    assert sportello("run", "--port", "8756", "--no-sample").code == 0
    ((argv, env),) = handed_over
    assert argv[1:] == ["-m", "worker.supervisor", "--no-sample"]
    assert (env["SPORTELLO_PORT"], env["SPORTELLO_DATA_DIR"]) == ("8756", str(sportello.data_dir))


def test_desk_and_worker_are_started_alone_with_the_same_settings(sportello: CommandLine, handed_over) -> None:
    assert sportello("desk", "--port", "8757", "--host", "0.0.0.0").code == 0
    assert sportello("worker").code == 0
    assert sportello("worker", "--engine", "procrastinate").code == 0
    assert [argv[1:] for argv, _ in handed_over] == [
        ["-m", "worker.desk_alone"],
        ["-m", "worker", "--engine", "embedded"],
        ["-m", "worker", "--engine", "procrastinate"],
    ]
    assert handed_over[0][1]["SPORTELLO_HOST"] == "0.0.0.0"
    assert {env["SPORTELLO_DATA_DIR"] for _, env in handed_over} == {str(sportello.data_dir)}


def test_a_worker_for_a_team_needs_a_server(sportello: CommandLine) -> None:
    command = [sys.executable, "-m", "desk.cli", "--data-dir", str(sportello.data_dir), "worker"]
    done = subprocess.run([*command, "--engine", "procrastinate"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "PostgreSQL" in done.stderr and "Traceback" not in done.stderr


def test_run_leaves_an_unusable_folder_with_one_sentence(sportello: CommandLine, handed_over) -> None:
    sportello.data_dir.write_text("a file")
    assert "folder" in sportello("run").complaint
    assert handed_over == []


def test_a_second_desk_on_the_same_port_is_refused_with_a_sentence(sportello: CommandLine, tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "desk.cli", "--data-dir", str(sportello.data_dir), "run", "--port", port]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert port in done.stderr and "Traceback" not in done.stderr


def test_the_first_start_prints_address_and_password_once_and_ends_with_the_signal(sportello: CommandLine) -> None:
    port = free_port()
    command = [sys.executable, "-m", "desk.cli", "--data-dir", str(sportello.data_dir), "run", "--no-sample"]
    log = sportello.data_dir.with_suffix(".log")
    first, second = (_one_start([*command, "--port", str(port)], log, f"http://127.0.0.1:{port}") for _ in range(2))
    assert "First sign-in: admin / " in first
    assert "First sign-in" not in second
    assert not [pid for pid in os.listdir("/proc") if pid.isdigit() and _serves(Path("/proc") / pid, port)]


def _one_start(command: list[str], log: Path, address: str) -> str:
    """Start a desk, wait for its address, end it as Ctrl-C does; what it said."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
    try:
        wait_for(lambda: address in log.read_text("utf-8"), limit_s=60)
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(10)
    assert code == 0
    return log.read_text("utf-8")


def _serves(process: Path, port: int) -> bool:
    try:
        return f"SPORTELLO_PORT={port}".encode() in (process / "environ").read_bytes()
    except OSError:
        return False


def test_photographs_know_every_room_of_the_navigation() -> None:
    from desk.shell import ROOMS

    assert [room.path for room in ROOMS if room.path not in ("queue", *PAGES)] == []


def test_photographs_without_a_browser_are_refused_with_the_way_out(
    sportello: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("SPORTELLO_TEST_CHROMIUM", raising=False)
    assert "Chromium" in sportello("screenshots").complaint
