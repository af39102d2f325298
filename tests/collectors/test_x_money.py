"""Can reading X cost more than its month may, whoever reads and whatever dies? Its price is set aside first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as tried
from hypothesis import strategies as some

from collectors.protocol import Kept
from collectors.spending import Budget, Terms
from collectors.x.client import XNetwork
from collectors.x.collector import XCollector
from collectors.x.paying import Till
from domain.brand import Account
from domain.errors import Misconfigured, Unavailable
from services import spending
from services.spending import HELD_FOR, Ledger
from settings import Settings
from tests.collectors.test_x_network import FOUR, Purse, answering
from tests.contract.scripted import Drop
from tests.contract.test_listening import WATCH
from tests.contract.x_server import OUR_HANDLE, OUR_ID, Server

MENTIONS = f"GET /2/users/{OUR_ID}/mentions"
#: A post that names us, with all that may come along: 0.001 + 3 x 0.010 + 6 x 0.005.
DEAREST_EUR = 0.061


@pytest.fixture
def server(clock) -> Iterator[Server]:
    made = Server(clock, "unused")
    yield made
    made.close()


@pytest.fixture
def reading(server, clock) -> Callable[..., XNetwork]:
    def make(purse, **terms) -> XNetwork:
        account = Account(1, 1, "x", OUR_HANDLE, base_url=server.url, secret_ref="X_KEYS")
        return XNetwork(account, clock, secret=FOUR, purse=purse, terms=Terms(**terms))

    return make


@pytest.fixture
def ledger(ctx, clock) -> Callable[..., Ledger]:
    def make(reads_eur: float = 1.0) -> Ledger:
        return Ledger(ctx.store, clock, 4, spending.ceilings_of(Settings(x_reads_eur_month=reads_eur)))

    return make


def test_price_of_a_page_is_set_aside_before_it_is_asked_for_and_settled_after(server, reading, ledger) -> None:
    purse, other = ledger(10.0), ledger(10.0)
    free: list[object] = []
    # Of ten euros a page of a hundred posts may cost 6.10: nobody else can have so much at that moment.
    server.before = lambda call: free.append(other.hold(Budget.READS, 4.0, at_least=4.0))
    server.add("BAD parcel", author="mara", user_id="77")
    XCollector(reading(purse)).fetch(WATCH, None)
    assert free[0] is None
    # One post that names us and its author; everything else is back.
    assert purse.left_eur(Budget.READS) == pytest.approx(10.0 - 0.011)
    assert other.hold(Budget.READS, 9.9, at_least=9.9) is not None


@pytest.mark.databases("sqlite", "postgresql")
def test_two_readers_at_once_never_take_more_than_the_month_has(ledger) -> None:
    began, taken = threading.Barrier(4), []

    def take() -> None:
        purse = ledger(1.0)
        began.wait()
        taken.append(purse.hold(Budget.READS, 0.4, at_least=0.4))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(hold is not None for hold in taken) == 2


@pytest.mark.databases("sqlite", "postgresql")
def test_money_of_a_reader_that_died_counts_as_spent(ledger, clock) -> None:
    ledger(1.0).hold(Budget.READS, 0.6, at_least=0.6)
    after = ledger(1.0)
    assert after.hold(Budget.READS, 0.5, at_least=0.5) is None
    clock.move(seconds=HELD_FOR.total_seconds() + 1)
    assert after.hold(Budget.READS, 0.5, at_least=0.5) is None
    assert after.left_eur(Budget.READS) == pytest.approx(0.4)


@pytest.mark.databases("sqlite", "postgresql")
def test_answer_that_comes_after_its_money_was_taken_for_lost_is_counted_once(ledger, clock) -> None:
    slow = ledger(1.0)
    hold = slow.hold(Budget.READS, 0.6, at_least=0.6)
    clock.move(seconds=HELD_FOR.total_seconds() + 1)
    ledger(1.0).hold(Budget.READS, 0.9, at_least=0.9)
    assert slow.left_eur(Budget.READS) == pytest.approx(0.4)
    slow.settle(hold, {"post 1": 0.1})
    assert slow.left_eur(Budget.READS) == pytest.approx(0.9)


def test_question_that_failed_costs_nothing(server, reading, ledger) -> None:
    purse = ledger(10.0)
    answering(server, MENTIONS, Drop)
    with pytest.raises(Unavailable):
        XCollector(reading(purse)).fetch(WATCH, None)
    assert purse.left_eur(Budget.READS) == 10.0 and purse.hold(Budget.READS, 10.0, at_least=10.0) is not None


def test_with_the_last_money_a_smaller_page_is_asked_for(server, reading) -> None:
    server.add("BAD parcel", author="mara", user_id="77")
    XCollector(reading(Purse(left=7.5 * DEAREST_EUR))).fetch(WATCH, None)
    assert server.asked[0][1]["max_results"] == "7"
    with pytest.raises(Misconfigured) as spent:
        XCollector(reading(Purse(left=4.5 * DEAREST_EUR))).fetch(WATCH, None)
    assert spent.value.values["field"] == "x_reads_eur_month"


def test_money_that_others_have_set_aside_comes_back_soon_and_ends_no_month(reading) -> None:
    purse = Purse(left=1.0)
    purse.hold(Budget.READS, 0.9, at_least=0.9)
    with pytest.raises(Unavailable) as waits:
        XCollector(reading(purse)).fetch(WATCH, None)
    assert waits.value.retry_after_s <= timedelta(minutes=5).total_seconds()


def test_page_that_was_paid_is_kept_when_nothing_is_left_for_what_stands_around_it(server, reading) -> None:
    above = server.add("What happened?", author="anna", user_id="78", to_us=False)
    told = {"in_reply_to_user_id": "78", "referenced_tweets": [{"type": "replied_to", "id": above.view["id"]}]}
    post = server.add("BAD parcel", author="mara", user_id="77", **told)
    above.author = None  # Its text came along, but not what it answers itself.
    above.view["referenced_tweets"] = [{"type": "replied_to", "id": "1234567890123456789"}]
    above.view["author_id"] = "78"
    purse = Purse(left=5 * DEAREST_EUR)
    server.after = lambda call, answer: purse.left.update({Budget.READS: 0.0}) or answer
    page = XCollector(reading(purse)).fetch(WATCH, None)
    assert [each.native_id for each in page.items] == [post.view["id"]]


@tried(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rate=some.decimals("0.2", "5", places=4).map(float), posts=some.integers(1, 100), alone=some.booleans())
@example(rate=0.8613, posts=1, alone=True)
def test_what_is_set_aside_is_enough_at_every_rate_of_exchange(ledger, clock, rate, posts, alone) -> None:
    purse = ledger(1_000.0)
    till = Till(purse, Terms(eur_per_usd=rate))
    each_eur = till.at_most(0.005, alone=alone)
    with till.asking(posts, posts, each_eur=each_eur, now=clock()) as paid:
        assert paid.posts == posts
    # With the last of the money as many are asked about as it is enough for, and not one more.
    rest = purse.hold(Budget.READS, 1_000.0 - 1.5 * each_eur, at_least=0.0)
    with till.asking(posts, 1, each_eur=each_eur, now=clock()) as paid:
        assert paid.posts == 1
    purse.settle(rest, {})


@pytest.mark.parametrize("posts", [1, 3, 5])
def test_every_post_that_is_looked_at_again_was_asked_about(server, reading, ledger, posts) -> None:
    collector = XCollector(reading(ledger(10.0), eur_per_usd=0.8613))
    sent = [server.add(f"n {n}", author="mara", user_id="77").view["id"] for n in range(posts)]
    found = collector.recheck([Kept("x.com", each) for each in sent])
    assert server.asked[-1][1]["ids"].split(",") == sent == [each.native_id for each in found.asked]
