"""What is drawn reaches the event loop in its order, with one wake-up for many elements."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from desk.batches import batched


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


def test_many_elements_arrive_in_their_order_with_few_wake_ups() -> None:
    got, woken = asyncio.run(drawn_by_a_script(500))
    assert got == list(range(500))
    assert woken < 100


def test_nothing_is_left_behind_however_late_it_comes() -> None:
    async def twice() -> list[tuple[list[int], int]]:
        return [await drawn_by_a_script(3), await drawn_by_a_script(1)]

    assert [got for got, _woken in asyncio.run(twice())] == [[0, 1, 2], [0]]
