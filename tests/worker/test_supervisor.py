"""Does the supervisor keep its children alive, and take them along whichever way it ends?"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from domain.errors import Fatal
from settings import ROOT
from worker import supervisor
from worker.lifeline import HARD_EXIT_AFTER_S
from worker.start import prepare

#: A child that notes its pid and waits; told to, it turns a deaf ear to SIGTERM.
CHILD = """
import os, signal, sys, time
from worker import lifeline
if "deaf" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
lifeline.hold()
with open(sys.argv[1], "a") as file: file.write(f"{os.getpid()}\\n")
time.sleep(60)
"""
SUPERVISOR = """
import signal, sys
from pathlib import Path
from worker.supervisor import Child, Supervisor
folder, *names = sys.argv[1:]
program = Path(folder, "child.py").read_text()
children = [Child(n, ("-c", program, f"{folder}/{n}.pids", n), Path(folder, f"{n}.log")) for n in names]
supervisor = Supervisor(children)
for number in (signal.SIGTERM, signal.SIGINT): signal.signal(number, supervisor.stop)
supervisor.start()
supervisor.watch()
"""


def wait_for(holds, *, seconds=15.0):
    """Look again and again until something holds; fails with the last answer."""
    end = time.monotonic() + seconds
    while not (answer := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    assert answer, f"did not happen within {seconds} s"
    return answer


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def supervised(tmp_path):
    """Starts a supervisor over children of these names; ends whatever is left of them."""
    (tmp_path / "child.py").write_text(CHILD)
    started = []

    def pids(name):
        path = tmp_path / f"{name}.pids"
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def start(*names):
        process = subprocess.Popen([sys.executable, "-c", SUPERVISOR, str(tmp_path), *names], cwd=ROOT)
        started.append((process, names))
        for name in names:
            wait_for(lambda name=name: pids(name))
        return process

    start.pids = pids
    yield start
    for process, names in started:
        for pid in [process.pid, *(pid for name in names for pid in pids(name))]:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        process.wait(10)


def test_a_killed_child_is_started_again(supervised):
    supervised("one")
    [first] = supervised.pids("one")
    os.kill(first, signal.SIGKILL)
    second = wait_for(lambda: supervised.pids("one")[1:])[0]
    assert is_alive(second) and not is_alive(first)


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(supervised):
    supervised("one")
    for deaths in range(1, 4):
        os.kill(supervised.pids("one")[-1], signal.SIGKILL)
        before = time.monotonic()
        wait_for(lambda n=deaths: len(supervised.pids("one")) > n)
        assert time.monotonic() - before >= 0.4 * 2 ** (deaths - 1)


def test_a_child_that_cannot_start_ends_everything_with_its_log_named(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_S", 0.01)
    log = tmp_path / "desk.log"
    sound = supervisor.Child("The worker", ("-c", "import time; time.sleep(60)"), tmp_path / "worker.log")
    broken = supervisor.Child("The desk", ("-c", "raise SystemExit('no such module')"), log)
    watched = supervisor.Supervisor((sound, broken))
    watched.start()
    [other] = [kept.process.pid for kept in watched._kept if kept.child is sound]
    with pytest.raises(Fatal, match=r"The desk cannot start: it ended 5 times.*desk\.log"):
        watched.watch()
    assert not is_alive(other)
    assert log.read_text().count("no such module") == 5


def test_a_desk_that_cannot_start_ends_the_command_with_one_sentence_and_the_first_password(environment, tmp_path):
    (tmp_path / "streamlit.py").write_text("raise ImportError('broken installation')")
    out, err = run_supervisor(environment | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}).communicate(timeout=120)
    assert "The desk cannot start" in err.splitlines()[-1] and "desk.log" in err.splitlines()[-1]
    assert "First sign-in: admin / " in out and "Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_supervisor_stops_its_children_within_a_moment(supervised, number):
    process = supervised("one", "two")
    children = supervised.pids("one") + supervised.pids("two")
    process.send_signal(number)
    assert process.wait(HARD_EXIT_AFTER_S / 2) == 0, "nobody waits until a child leaves by force"
    assert not any(map(is_alive, children))


def test_a_child_that_does_not_listen_is_stopped_all_the_same(supervised):
    process = supervised("deaf")
    process.terminate()
    assert process.wait(10) == 0
    assert not is_alive(supervised.pids("deaf")[0])


def test_children_do_not_outlive_a_supervisor_that_was_killed(supervised):
    process = supervised("one", "two")
    children = supervised.pids("one") + supervised.pids("two")
    process.kill()
    process.wait(10)
    wait_for(lambda: not any(map(is_alive, children)), seconds=5)
    assert not any(map(is_alive, children))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def environment(tmp_path):
    """A desk of its own, judged by the rules."""
    names = {"DATA_DIR": tmp_path / "data", "PORT": free_port(), "MODEL": "rules", "PUBLISH": "off"}
    return os.environ | {f"SPORTELLO_{name}": str(value) for name, value in names.items()}


def run_supervisor(environment, *arguments):
    words = [sys.executable, "-m", "worker.supervisor", *arguments]
    return subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_taken_port_is_said_in_a_sentence(environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["SPORTELLO_PORT"])))
        taken.listen()
        out, err = run_supervisor(environment).communicate(timeout=60)
    assert out == "" and "--port" in err and "Traceback" not in err


def test_a_second_supervisor_on_the_same_folder_is_refused(settings):
    from dataclasses import replace

    from domain.errors import NotPossible

    first, second = replace(settings, port=free_port()), replace(settings, port=free_port())
    with prepare(first) as password:
        assert password is not None
        with pytest.raises(NotPossible, match="already running"), prepare(second):
            pass
    with prepare(second) as password:
        assert password is None, "the first sign-in is told once"


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def test_the_whole_desk_starts_ranks_the_sample_says_where_it_is_and_leaves_nothing_behind(environment):
    from bootstrap import open_backend
    from services import brands, queue
    from settings import load

    process = run_supervisor(environment)
    try:
        said = [process.stdout.readline(), process.stdout.readline()]
        assert said[0] == f"Sportello: http://127.0.0.1:{environment['SPORTELLO_PORT']}\n"
        assert said[1].startswith("First sign-in: admin / ") and len(said[1]) > 30
        backend = open_backend(load(environment))

        def judged():
            known = brands.list_brands(backend.ctx)
            found = queue.page(backend.ctx, queue.QueueFilter(known[0].id), limit=200).entries if known else ()
            return [entry for entry in found if entry.judged and entry.reasons]

        wait_for(lambda: len(judged()) >= 60, seconds=60)
        backend.ctx.store.close()
        first = wait_for(lambda: len(found := children_of(process.pid)) == 2 and found)
        os.kill(first[0], signal.SIGKILL)
        children = wait_for(lambda: len(found := children_of(process.pid)) == 2 and found != first and found)
        assert first[1] in children, "the desk goes on while the worker is started again"
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
        assert not any(map(is_alive, children))
    finally:
        process.kill()
        process.communicate(timeout=10)
