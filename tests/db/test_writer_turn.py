"""Do the threads of one process take turns to write, and does nobody wait for ever?"""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from db import engine
from domain.errors import Unavailable


def test_second_writer_goes_on_as_soon_as_the_first_is_done(store) -> None:
    order: list[str] = []
    first_is_in = threading.Event()

    def first() -> None:
        with store.write() as tx:
            first_is_in.set()
            tx.execute(text("INSERT INTO meta (name, value) VALUES ('a', '1')"))
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    first_is_in.wait(5)
    with store.write() as tx:
        order.append("second")
        assert tx.execute(text("SELECT value FROM meta WHERE name = 'a'")).scalar_one() == "1"
    thread.join(5)
    assert order == ["first", "second"]


def test_writer_that_waits_too_long_is_told_so(store, monkeypatch) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 50)
    with store.write(), pytest.raises(Unavailable):
        with store.write():
            raise AssertionError("two writers at once")


def test_turn_is_given_back_after_an_error(store) -> None:
    with pytest.raises(ZeroDivisionError), store.write():
        raise ZeroDivisionError
    with store.write() as tx:
        assert tx.execute(text("SELECT 1")).scalar_one() == 1


def test_readers_do_not_wait_for_a_writer(store) -> None:
    with store.write(), store.read() as tx:
        assert tx.execute(text("SELECT 1")).scalar_one() == 1
