"""Is the library of X kept from waiting, talking, wandering and guessing, and are its errors the desk's?"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from collectors import bounded
from collectors.spending import Budget, Hold, Terms
from collectors.x import keys, transport
from collectors.x.client import XNetwork
from collectors.x.collector import XCollector
from collectors.x.publisher import XPublisher
from domain.brand import Account
from domain.errors import (
    DeskError,
    Misconfigured,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unauthorized,
    Unavailable,
)
from domain.reply import IdempotencyKey, OutgoingReply
from tests.contract.harness import SECRET
from tests.contract.scripted import Answer, Drop
from tests.contract.test_listening import WATCH
from tests.contract.x_server import OUR_HANDLE, OUR_ID, Server, refused

KEY, POST = IdempotencyKey("6f1ed002ab"), "POST /2/tweets"
FOUR = "app-key app-hush 900100200-account-key account-hush"
WORDS = "Buongiorno, parole riservate."


class Purse:
    """Counts in memory; ``left`` is what may still be spent."""

    def __init__(self, left: float = 100.0) -> None:
        self.left = {Budget.READS: left, Budget.REPLIES: left}
        self.charges: list[tuple[Budget, str, float]] = []
        self.held: list[Hold] = []

    def left_eur(self, budget: Budget) -> float:
        return self.left[budget] - sum(eur for of, _, eur in self.charges if of is budget)

    def hold(self, budget: Budget, eur: float, *, at_least: float) -> Hold | None:
        taken = min(eur, self.left_eur(budget) - sum(h.eur for h in self.held if h.budget is budget))
        if taken <= 0 or taken < at_least:
            return None
        self.held.append(Hold(budget, taken))
        return self.held[-1]

    def settle(self, hold: Hold, charges) -> None:
        self.held.remove(hold)
        self.pay(hold.budget, charges)

    def pay(self, budget: Budget, charges) -> None:
        self.charges += [(budget, name, eur) for name, eur in charges.items()]


@pytest.fixture
def server(clock) -> Iterator[Server]:
    made = Server(clock, SECRET)
    yield made
    made.close()


@pytest.fixture
def network(server, clock) -> Callable[..., XNetwork]:
    def make(secret: str | None = SECRET, *, url: str | None = None, **more) -> XNetwork:
        account = Account(1, 1, "x", OUR_HANDLE, base_url=url or server.url, secret_ref="X_KEYS")
        return XNetwork(account, clock, secret=secret, **more)

    return make


def reply_to(server: Server, text: str = WORDS) -> OutgoingReply:
    parent = server.add("BAD parcel", author="mara", user_id="77").view["id"]
    ref = json.dumps({"id": parent, "summoned": True})
    return OutgoingReply(*(7, "x", "x.com", OUR_HANDLE, parent, parent, text, "it", server.clock()), parent_ref=ref)


def prepared(publisher: XPublisher, reply: OutgoingReply) -> OutgoingReply:
    return replace(reply, prepared=publisher.prepare(reply, key=KEY))


def answering(server: Server, call: str, answer: Answer | type[Drop]) -> None:
    def before(asked: str) -> Answer | None:
        if asked != call:
            return None
        if isinstance(answer, type):
            raise answer
        return answer

    server.before = before


@pytest.mark.parametrize(
    ("answer", "listening", "writing"),
    [
        ((400, {"title": "Invalid Request", "detail": "No"}), Misconfigured, Refused),
        ((401, {"title": "Unauthorized"}), Unauthorized, Unauthorized),
        ((402, {"title": "CreditsDepleted", "detail": "No credits"}), Misconfigured, Misconfigured),
        (refused("No", kind="https://api.twitter.com/2/problems/client-forbidden"), Misconfigured, Misconfigured),
        (refused("You are not allowed to create a Tweet with duplicate content."), Misconfigured, OutcomeUnknown),
        (refused("You can only reply when the author mentioned or quoted you."), Misconfigured, NotPossible),
        (refused("Reply to a Tweet that is deleted or not visible to you."), Misconfigured, NotPossible),
        ((429, {"title": "Too Many Requests"}), RateLimited, RateLimited),
        ((429, {"title": "UsageCapExceeded", "detail": "Usage cap exceeded"}), Misconfigured, Misconfigured),
        ((500, {}), Unavailable, OutcomeUnknown),
        ((503, {"title": "Service Unavailable"}), Unavailable, OutcomeUnknown),
        ((302, {}), Unavailable, OutcomeUnknown),
        (Drop, Unavailable, OutcomeUnknown),
    ],
)
def test_answers_of_the_network_are_the_desks_errors(server, network, answer, listening, writing) -> None:
    publisher, reply = XPublisher(network()), reply_to(server)
    reply = prepared(publisher, reply)
    answering(server, POST, answer)
    with pytest.raises(writing):
        publisher.publish(reply, key=KEY)
    answering(server, f"GET /2/users/{OUR_ID}/mentions", answer)
    with pytest.raises(listening):
        XCollector(network()).fetch(WATCH, None)


def test_only_a_connection_that_never_stood_proves_that_nothing_was_written(server, network) -> None:
    reply = prepared(XPublisher(network(FOUR)), reply_to(server))
    nobody = network(FOUR, url="http://127.0.0.1:9")
    with pytest.raises(Unavailable):
        nobody.post(WORDS, parent_id="1", price_usd=0.01, name="one")
    answering(server, POST, Drop)
    with pytest.raises(OutcomeUnknown):
        XPublisher(network(FOUR)).publish(reply, key=KEY)


@pytest.mark.parametrize("answer", [Drop, (503, {}), (429, {}), refused("No")])
def test_each_attempt_is_one_request_whatever_the_answer(server, network, answer) -> None:
    publisher = XPublisher(network())
    reply = prepared(publisher, reply_to(server))
    answering(server, POST, answer)
    with pytest.raises(DeskError):
        publisher.publish(reply, key=KEY)
    assert [call for call, _ in server.asked].count(POST) == 1


def test_library_never_sleeps_on_a_limit_even_without_a_time_to_wait_for(server, network) -> None:
    server.before = lambda call: (429, {"title": "Too Many Requests"})
    began = time.monotonic()
    with pytest.raises(RateLimited) as limited:
        network(FOUR).own_posts(since_id=None)
    assert time.monotonic() - began < 5 and len(server.asked) == 1 and limited.value.retry_after_s == 60.0


def test_wait_is_that_of_the_limit_which_is_used_up(server, network, clock) -> None:
    now = int(clock().timestamp())
    server.headers = {"x-rate-limit-remaining": "5", "x-rate-limit-reset": str(now + 60)}
    server.headers |= {"x-app-limit-24hour-remaining": "0", "x-app-limit-24hour-reset": str(now + 7200)}
    server.before = lambda call: (429, {"title": "Too Many Requests"})
    with pytest.raises(RateLimited) as limited:
        network(FOUR).own_posts(since_id=None)
    assert limited.value.retry_after_s == 7200


def test_every_request_has_a_time_out(server, network, monkeypatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_S", 0.2)
    server.before = lambda call: time.sleep(0.6)
    with pytest.raises(Unavailable):
        network(FOUR).own_posts(since_id=None)
    with pytest.raises(OutcomeUnknown):
        network(FOUR).post(WORDS, parent_id="1", price_usd=0.01, name="one")


def test_answer_that_does_not_end_is_cut_off_and_proves_nothing(server, network, monkeypatch) -> None:
    reply = prepared(XPublisher(network(FOUR)), reply_to(server))
    monkeypatch.setattr(bounded, "MAX_BYTES", 10)
    with pytest.raises(Unavailable):
        network(FOUR).own_posts(since_id=None)
    with pytest.raises(OutcomeUnknown):
        network(FOUR).post(WORDS, parent_id=reply.parent_id, price_usd=0.01, name="one")
    monkeypatch.undo()
    assert XPublisher(network(FOUR)).publish(reply, key=KEY).remote_id and len(server.own()) == 1


@pytest.mark.parametrize("secret", [SECRET, FOUR, json.dumps(dict(zip(keys.NAMES, FOUR.split(), strict=True)))])
def test_no_key_and_no_words_show_with_all_debug_logging_on(server, network, caplog, secret) -> None:
    for name in ("", *transport.TALKATIVE, "tweepy", "oauthlib", "requests_oauthlib", "urllib3"):
        caplog.set_level(logging.DEBUG, logger=name or None)
    used = network(secret)
    publisher = XPublisher(used)
    publisher.publish(prepared(publisher, reply_to(server)), key=KEY)
    answering(server, POST, refused("No"))
    with pytest.raises(DeskError) as failed:
        publisher.publish(prepared(publisher, reply_to(server, f"{WORDS} Di nuovo.")), key=KEY)
    said = caplog.text + repr((used, vars(used), publisher, failed.value, failed.value.__cause__))
    assert [word for word in (*FOUR.split(), SECRET, "riservate", "BAD parcel") if word in said] == []
    assert len(server.own()) == 1


def test_four_keys_sign_each_request_and_name_the_account_without_asking(server, network) -> None:
    used = network(FOUR)
    assert used.own_id == OUR_ID and server.asked == []
    used.own_posts(since_id=None)
    assert server.signed[0].startswith("OAuth ") and "account-hush" not in server.signed[0]


def test_line_in_a_netrc_takes_no_part(server, network, tmp_path, monkeypatch) -> None:
    (tmp_path / "netrc").write_text("machine api.twitter.com login stranger password stranger\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    network().own_posts(since_id=None)
    assert set(server.signed) == {f"Bearer {SECRET}"}


@pytest.mark.parametrize("secret", ["one two", "{not json", '{"consumer_key": 1}', "a b c d e"])
def test_secret_that_holds_no_keys_is_said_without_showing_it(network, secret) -> None:
    with pytest.raises(Misconfigured) as refusal:
        network(secret)
    assert "one two" not in str(refusal.value) and "consumer_key, consumer_secret" in str(refusal.value)


def test_limits_of_the_network_come_with_the_page(server, network, clock) -> None:
    resets = str(int(clock().timestamp()) + 300)
    server.headers = {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "297", "x-rate-limit-reset": resets}
    server.add("BAD parcel", author="mara", user_id="77")
    quota = XCollector(network()).fetch(WATCH, None).quota
    assert quota is not None and (quota.left, quota.limit) == (297, 300)


def test_everything_an_answer_holds_is_counted_at_its_price(server, network) -> None:
    purse = Purse()
    server.add("BAD parcel", author="mara", user_id="77")
    XCollector(network(FOUR, purse=purse, terms=Terms(eur_per_usd=0.9))).fetch(WATCH, None)
    prices = {name.split()[0]: eur for _, name, eur in purse.charges}
    # A post that names us is cheaper than one that was searched for.
    assert prices == {"post": pytest.approx(0.001 * 0.9), "user": pytest.approx(0.010 * 0.9)}


def test_nothing_is_asked_once_the_months_money_for_reading_is_spent(server, network) -> None:
    with pytest.raises(Misconfigured) as spent:
        XCollector(network(FOUR, purse=Purse(left=0.0))).fetch(WATCH, None)
    assert server.asked == [] and spent.value.values["field"] == "x_reads_eur_month"
    # The clock of the tests says 2 March, 9:00: it goes on in April.
    assert spent.value.again_after_s == pytest.approx((30 * 24 - 9) * 3600)
