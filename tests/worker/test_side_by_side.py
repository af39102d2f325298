"""Does a channel that hangs, or breaks, leave every other one as prompt as before?"""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from bootstrap import Backend
from collectors.protocol import Page
from db.polls import PolledRow, wanted
from domain.errors import Unavailable
from services import brands
from tests.fakes import FakeChannel, FakeChannels, a_post
from worker import schedule
from worker.side_by_side import SideBySide


class Hanging(FakeChannel):
    """Does not answer before it is let go."""

    def __init__(self, clock) -> None:
        super().__init__("hanging", clock=clock)
        self.let_go = threading.Event()
        self.asked = 0

    def fetch(self, watch, cursor):
        self.asked += 1
        assert self.let_go.wait(30)
        return super().fetch(watch, cursor)


def polled(ctx) -> dict[str, PolledRow]:
    with ctx.store.read() as tx:
        return {each.poll.channel: each for each in wanted(tx)}


def test_a_channel_that_hangs_delays_no_other(ctx, clock, network, monkeypatch):
    hanging = Hanging(clock)
    ctx = replace(ctx, channels=FakeChannels(hanging, network))
    brand = brands.add_brand(ctx, "Aurora")
    brands.add_watch(ctx, brand.id, name="all", terms=(), channels=("fake", "hanging"))
    network.pages = [Page((a_post("one"),), None)]
    monkeypatch.setattr(schedule, "_POLLS", SideBySide(wait_s=0.2))
    backend = Backend(ctx)
    try:
        for _ in range(3):
            schedule._poll(backend, "w")
            clock.move(seconds=61)
            deadline = time.monotonic() + 10
            while polled(ctx)["fake"].poll.next_poll_at <= clock.now and time.monotonic() < deadline:
                schedule._poll(backend, "w")
        assert polled(ctx)["fake"].poll.last_success_at is not None
        assert polled(ctx)["hanging"].poll.last_poll_at is None and hanging.asked == 1
    finally:
        hanging.let_go.set()
    deadline = time.monotonic() + 10
    while polled(ctx)["hanging"].poll.last_success_at is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert polled(ctx)["hanging"].poll.last_success_at is not None, "it is heard as soon as it answers"


def test_what_breaks_is_told_and_the_others_are_done():
    done: list[str] = []

    def breaks() -> None:
        raise Unavailable("gone")

    works = SideBySide(wait_s=5)
    with pytest.raises(Unavailable):
        works.run({"a": breaks, "b": lambda: done.append("b")})
    assert done == ["b"]
    works.run({"a": lambda: done.append("a")})
    assert done == ["b", "a"], "what broke is done again"
