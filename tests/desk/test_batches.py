"""What is drawn reaches the event loop in its order, with one wake-up for many elements."""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from desk.batches import Batch, batched

#: Enough for two threads to meet at every line of the batch.
ADDED = 50_000


class Session:
    """As much of a session as a batch needs: a place to hang it on, and a loop to wake."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop, self.woken = loop, 0


def wake(session: Session, callback: Callable[[], None]) -> None:
    session.woken += 1
    session.loop.call_soon_threadsafe(callback)


async def drawn_by_a_script(amount: int) -> tuple[list[int], int]:
    """What a script's thread hands over ``amount`` times, as the loop got it, and how often it was woken."""
    session, got, done = Session(asyncio.get_running_loop()), [], asyncio.Event()
    hand_over = batched(wake)

    def draw() -> None:
        for number in range(amount):
            hand_over(session, partial(got.append, number))
        hand_over(session, done.set)

    await asyncio.to_thread(draw)
    await asyncio.wait_for(done.wait(), timeout=5)
    return got, session.woken


def on_a_loop_of_its_own(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """In a thread: the one of the tests may have a loop running, of a browser that is driven from it."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result(timeout=60)


def test_many_elements_arrive_in_their_order_with_few_wake_ups() -> None:
    got, woken = on_a_loop_of_its_own(lambda: drawn_by_a_script(500))
    assert got == list(range(500))
    assert woken < 100


def test_nothing_is_left_behind_however_late_it_comes() -> None:
    async def twice() -> list[tuple[list[int], int]]:
        return [await drawn_by_a_script(3), await drawn_by_a_script(1)]

    assert [got for got, _woken in on_a_loop_of_its_own(twice)] == [[0, 1, 2], [0]]


def test_a_loop_that_comes_while_one_is_added_leaves_nothing_waiting_for_ever() -> None:
    asked: queue.SimpleQueue[bool] = queue.SimpleQueue()
    got: list[int] = []

    def draw(batch: Batch) -> None:
        for number in range(ADDED):
            if batch.holds(partial(got.append, number)):
                asked.put(True)
        asked.put(False)

    async def come_when_asked() -> None:
        batch = Batch()
        script = threading.Thread(target=draw, args=(batch,))
        script.start()
        while asked.get():
            batch.run()
        script.join()
        await asyncio.sleep(0)

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        on_a_loop_of_its_own(come_when_asked)
    finally:
        sys.setswitchinterval(usual)
    assert got == list(range(ADDED))
