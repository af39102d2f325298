"""Who starts desk and worker, starts them again when one dies, and takes both along when it ends?"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import settings as configuration
from domain.errors import DeskError, Fatal
from settings import ROOT, Settings
from worker import lifeline
from worker.start import prepare

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.4, 10.0
#: A child that lived this long starts with the shortest pause again.
HEALTHY_AFTER_S = 30.0
#: A child that never lived this long has never been ready; after so many deaths it will not become so by itself.
READY_AFTER_S, HOPELESS_AFTER_DEATHS = 15.0, 5
#: After SIGTERM a child has this long to close its sockets.
STOP_S = 0.6
TICK_S = 0.05


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive: its name, its arguments after the interpreter, the file for its output."""

    name: str
    arguments: tuple[str, ...]
    log: Path


@dataclass(slots=True)
class _Kept:
    """A child under supervision. ``process`` is None while it waits for its next start."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    deaths: int = 0
    was_ready: bool = False


@dataclass(slots=True)
class Supervisor:
    """Keeps children alive until told to stop. They die with it, however it dies: their lifeline ends."""

    children: Sequence[Child]
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    _stopping: threading.Event = field(default_factory=threading.Event)
    _kept: list[_Kept] = field(default_factory=list)
    _pipe: tuple[int, int] = (-1, -1)

    def start(self) -> None:
        """Start every child."""
        self._pipe = os.pipe()
        self._kept = [_Kept(child) for child in self.children]
        for kept in self._kept:
            self._launch(kept)

    def stop(self, *_: object) -> None:
        """Ask the watch to end; safe in a signal handler."""
        self._stopping.set()

    def watch(self) -> None:
        """Keep the children alive until ``stop``, then end them all.

        Raises Fatal, with all of them ended, when one died again and again without ever having been ready.
        """
        try:
            while not self._stopping.wait(TICK_S):
                for kept in self._kept:
                    self._look_after(kept)
        finally:
            self._end_all()

    def _launch(self, kept: _Kept) -> None:
        with _log_file(kept.child.log) as output:
            kept.process = subprocess.Popen(
                [sys.executable, *kept.child.arguments],
                cwd=ROOT,
                env=self.environment | {lifeline.ENVIRONMENT: str(self._pipe[0])},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(self._pipe[0],),
                # Ctrl-C reaches only the supervisor, which then stops its children in order.
                start_new_session=True,
            )
        kept.started_at = time.monotonic()

    def _look_after(self, kept: _Kept) -> None:
        now = time.monotonic()
        if kept.process is None:
            if now >= kept.start_at:
                self._launch(kept)
        elif (code := kept.process.poll()) is not None:
            lived_s = now - kept.started_at
            if lived_s > HEALTHY_AFTER_S:
                kept.pause_s = FIRST_PAUSE_S
            kept.deaths, kept.was_ready = kept.deaths + 1, kept.was_ready or lived_s > READY_AFTER_S
            kept.process = None
            _require_hope(kept)
            say(f"{kept.child.name} ended ({code}); starting it again. Its words: {kept.child.log}", to=sys.stderr)
            kept.start_at = now + kept.pause_s
            kept.pause_s = min(LONGEST_PAUSE_S, kept.pause_s * 2)

    def _end_all(self) -> None:
        running = [kept.process for kept in self._kept if kept.process is not None]
        for process in running:
            process.terminate()
        end = time.monotonic() + STOP_S
        for process in running:
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _require_hope(kept: _Kept) -> None:
    if not kept.was_ready and kept.deaths >= HOPELESS_AFTER_DEATHS:
        child = kept.child
        raise Fatal(f"{child.name} cannot start: it ended {kept.deaths} times at once. Why is said in {child.log}")


def _log_file(path: Path, *, max_bytes: int = 5_000_000) -> IO[bytes]:
    """Open a log to append to; one that has grown large is put aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > max_bytes:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def say(words: str, *, to: IO[str] | None = None) -> None:
    """One line for the person who started the desk, at once."""
    stream = to or sys.stdout
    stream.write(words + "\n")
    stream.flush()


def children_of(settings: Settings, *, with_sample: bool) -> tuple[Child, ...]:
    """Desk and worker of one installation."""
    logs = settings.data_path / "logs"
    offer = ("--offer-sample",) if with_sample else ()
    return (
        Child("The worker", ("-m", "worker", *offer), logs / "worker.log"),
        Child("The desk", ("-m", "worker.lifeline", str(ROOT / "app.py")), logs / "desk.log"),
    )


def announce(settings: Settings, password: str | None, stopping: threading.Event) -> None:
    """Say where the desk is as soon as it answers, and, once, how to sign in first."""
    while not stopping.wait(0.1):
        with socket.socket() as probe:
            probe.settimeout(1.0)
            if probe.connect_ex((_reachable(settings.host), settings.port)) == 0:
                break
    if not stopping.is_set():
        say(f"Sportello: http://{_reachable(settings.host)}:{settings.port}")
    # Said even when stopped before: it is never shown again.
    if password is not None:
        say(f"First sign-in: admin / {password}")


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "", "::") else host


def main(argv: list[str]) -> int:
    """Run desk and worker until SIGINT or SIGTERM. 1: they could not be started, with one sentence why."""
    parser = argparse.ArgumentParser(prog="python -m worker.supervisor", description="Desk and worker.")
    parser.add_argument("--no-sample", action="store_true", help="do not install the sample at the first start")
    given = parser.parse_args(argv)
    stopping = threading.Event()
    supervisor: Supervisor | None = None

    def stop(*_: object) -> None:
        stopping.set()
        if supervisor is not None:
            supervisor.stop()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        settings = configuration.load()
        with prepare(settings) as password:
            supervisor = Supervisor(children_of(settings, with_sample=not given.no_sample))
            supervisor.start()
            speaker = threading.Thread(target=announce, args=(settings, password, stopping), daemon=True)
            speaker.start()
            if stopping.is_set():
                supervisor.stop()
            try:
                supervisor.watch()
            finally:
                stopping.set()
                speaker.join(timeout=1.5)
    except DeskError as err:
        say(str(err), to=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
