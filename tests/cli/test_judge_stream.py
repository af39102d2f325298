"""Does `judge` take a stream without end: in little memory, answer by answer, and stop when told to?"""

import json
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from desk.cli import output
from desk.cli.judging import MAX_LINE_BYTES, READ_BYTES, judged
from tests.fakes import FakeClassifier

ROOT = Path(__file__).parents[2]
A_LINE = b'{"id": %d, "text": "BAD parcel %d"}\n'


class Forgetful(FakeClassifier):
    """Keeps nothing of what it read."""

    def judge(self, texts):
        return [self._one(text) for text in texts]


def chunks_of(posts: int) -> Iterator[bytes]:
    """Posts as a pipe would bring them, and every hundredth line no JSON."""
    whole = b""
    for number in range(posts):
        whole += b"no JSON at all\n" if number % 100 == 99 else A_LINE % (number, number)
        if len(whole) > READ_BYTES or number == posts - 1:
            yield whole
            whole = b""


def peak_bytes(chunks: Iterator[bytes]) -> tuple[int, int]:
    """What judging these takes at its height, and how many answers came in order."""
    answers = 0
    tracemalloc.start()
    for batch in judged(chunks, Forgetful(), batch_posts=64):
        for answer in batch:
            assert answer.get("id", answer.get("line", 0) - 1) == answers
            answers += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, answers


def test_ten_times_the_posts_take_no_more_memory() -> None:
    few, many = peak_bytes(chunks_of(3_000)), peak_bytes(chunks_of(30_000))
    assert (few[1], many[1]) == (3_000, 30_000)
    assert many[0] < 1.2 * few[0]


def test_a_line_without_end_takes_what_tells_that_it_is_too_long() -> None:
    def endless() -> Iterator[bytes]:
        yield A_LINE % (0, 0) + b'{"id": 1, "text": "'
        for _ in range(64 * MAX_LINE_BYTES // READ_BYTES // 4):
            yield b"x" * READ_BYTES
        yield b'"}\n' + A_LINE % (2, 2)

    peak, answers = peak_bytes(endless())
    assert answers == 3
    assert peak < 4 * MAX_LINE_BYTES


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`judge` with the quickest model, one post in and its answer out; its input stays open."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPORTELLO_")}
    environment |= {"SPORTELLO_MODEL": "rules", "SPORTELLO_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "desk.cli", "judge"]
    pipe = subprocess.PIPE
    # What runs in the background is started deaf to Ctrl-C, and so would be what it starts.
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, cwd=tmp_path, preexec_fn=heard
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(A_LINE % (7, 7))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 7, "the answer comes before the input ends"
        yield process
        process.kill()


def test_a_reader_that_has_enough_ends_it_without_a_word(running: subprocess.Popen[bytes]) -> None:
    assert running.stdin and running.stdout and running.stderr
    running.stdout.close()
    running.stdin.write(A_LINE % (8, 8))
    running.stdin.flush()
    assert (running.wait(60), running.stderr.read()) == (0, b"")


def test_an_interrupt_ends_it_without_a_trace(running: subprocess.Popen[bytes]) -> None:
    assert running.stdout and running.stderr
    running.send_signal(signal.SIGINT)
    assert (running.wait(60), running.stdout.read(), running.stderr.read()) == (130, b"", b"")


def test_what_nobody_takes_at_the_end_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as left:
        left.write("an answer")
        monkeypatch.setattr(sys, "stdout", left)
        output.hand_over()
        left.flush()
