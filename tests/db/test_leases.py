"""Does a lease have one holder, and does a stale one lose it for good?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from db import leases


@pytest.fixture
def take(store, clock):
    """Try to take the lease ``x`` for a minute."""

    def acquire(owner):
        with store.write() as tx:
            return leases.acquire(tx, "x", owner=owner, now=clock(), until=clock() + timedelta(minutes=1))

    return acquire


def test_a_second_owner_waits_until_the_lease_ends(take, clock):
    assert take("a") == 1
    assert take("b") is None
    clock.move(seconds=61)
    assert take("b") == 2


def test_renewing_keeps_the_token_and_losing_it_raises_it(take, clock):
    assert (take("a"), take("a")) == (1, 1)
    clock.move(seconds=61)
    assert take("a") == 2, "somebody else may have worked in between"


def test_a_lease_given_back_is_free_at_once(take, store, clock):
    take("a")
    with store.write() as tx:
        leases.let_go(tx, "x", owner="b", now=clock())
    assert take("b") is None
    with store.write() as tx:
        leases.let_go(tx, "x", owner="a", now=clock())
    assert take("b") == 2
