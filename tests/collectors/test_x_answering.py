"""Does a reply get onto X once, under the right post, at a price that was said before, or else into somebody's hand?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from collectors.spending import Budget, Terms
from collectors.x.client import XNetwork
from collectors.x.normalize import Included, normalize
from collectors.x.publisher import XPublisher
from domain.brand import Account
from domain.errors import NotPossible, OutcomeUnknown
from domain.reply import IdempotencyKey, OutgoingReply, RouteKind
from services import brands, spending
from services.spending import Ledger
from settings import Settings
from tests.collectors.test_x_network import FOUR, POST, WORDS, Purse, answering, prepared, reply_to
from tests.contract.scripted import Drop
from tests.contract.x_server import OUR_HANDLE, OUR_ID, Server

KEY = IdempotencyKey("6f1ed002ab")


@pytest.fixture
def server(clock) -> Iterator[Server]:
    made = Server(clock, "unused")
    yield made
    made.close()


@pytest.fixture
def publisher(server, clock) -> Callable[..., XPublisher]:
    def make(secret: str | None = FOUR, **more) -> XPublisher:
        account = Account(1, 1, "x", OUR_HANDLE, base_url=server.url, secret_ref="X_KEYS")
        return XPublisher(XNetwork(account, clock, secret=secret, **more))

    return make


def look(publisher: XPublisher, reply: OutgoingReply):
    return publisher.lookup(reply, key=KEY, since=reply.created_at - timedelta(minutes=1))


def post_of(server: Server, **more):
    return normalize(server.add("BAD", author="mara", user_id="77", **more).view, included=Included(), own_id=OUR_ID)


def test_price_is_said_before_and_only_who_calls_us_is_answered_by_a_program(server, publisher) -> None:
    called, heard = post_of(server), post_of(server, to_us=False)
    route = publisher().route(called)
    assert (route.kind, route.cost_eur, route.cost_with_link_eur) == (RouteKind.API, 0.010, 0.200)
    assert publisher().route(heard).reason == "not_summoned"
    assert publisher(terms=Terms(enterprise=True)).route(heard).kind == RouteKind.API
    assert publisher().route(post_of(server, to_us=False, reply_settings="following")).reason == "replies_closed"
    assert publisher(None).route(called).reason == "not_connected"
    assert publisher(purse=Purse(left=0.005)).route(called).reason == "ceiling_reached"
    assert publisher().route(replace(called, reply_ref=None)).reason == "no_reference"


def test_reply_with_an_address_is_paid_as_one_and_refused_above_the_ceiling(server, publisher) -> None:
    purse = Purse(left=0.25)
    for text, price in ((WORDS, 0.010), ("Vedi https://aurora.example", 0.200)):
        used = publisher(purse=purse)
        used.publish(prepared(used, reply_to(server, text)), key=KEY)
        assert [eur for of, _, eur in purse.charges if of is Budget.REPLIES][-1] == price
    used = publisher(purse=purse)
    with pytest.raises(NotPossible) as spent:
        used.publish(prepared(used, reply_to(server, "E https://aurora.example/2")), key=KEY)
    assert spent.value.reason == "ceiling_reached" and len(server.own()) == 2


@pytest.mark.parametrize("secret", [FOUR, "unused"], ids=["four keys", "one token"])
def test_reply_and_its_look_up_go_on_when_the_months_reading_is_spent(server, publisher, secret) -> None:
    for number in range(3):
        server.add(f"ours {number}", author=OUR_HANDLE, user_id=OUR_ID, to_us=False)
    purse = Purse()
    purse.left[Budget.READS] = 0.0
    used = publisher(secret, purse=purse)
    reply = prepared(used, reply_to(server))
    sent = used.publish(reply, key=KEY)
    assert look(publisher(purse=purse), reply) == sent
    # What a reply needs to be looked for is part of what replies cost; who we are is read once.
    assert {name for of, name, _ in purse.charges if of is Budget.READS} <= {f"user {OUR_ID}"}
    purse.left[Budget.REPLIES] = 0.0
    assert look(publisher(purse=purse), reply) == sent


@pytest.mark.parametrize(
    "text",
    [
        "Ecco https://aurora.example/a?b=1 e www.aurora.example & ciao",
        "@mara_v 5 > 3 <b>",
        "due  spazi\ne una riga",
    ],
)
def test_reply_is_found_again_as_the_network_writes_it(server, publisher, text) -> None:
    used = publisher()
    reply = prepared(used, reply_to(server, text))
    receipt = used.publish(reply, key=KEY)
    assert look(publisher(), reply) == receipt
    assert used.publish(reply, key=KEY) == receipt and len(server.own()) == 1


def test_same_words_under_another_post_are_not_this_reply(server, publisher) -> None:
    used = publisher()
    other = prepared(used, reply_to(server))
    mine = prepared(used, reply_to(server))
    used.publish(other, key=IdempotencyKey("other"))
    assert look(used, mine) is None
    used.publish(mine, key=KEY)
    answered = [post.view["referenced_tweets"][0]["id"] for post in server.own()]
    assert answered == [other.parent_id, mine.parent_id]


def test_reply_begun_by_another_account_is_never_called_absent_nor_sent_by_this_one(server, publisher) -> None:
    reply = prepared(publisher(), reply_to(server))
    other = publisher(FOUR.replace(OUR_ID, "900100999"))
    with pytest.raises(OutcomeUnknown):
        look(other, reply)
    with pytest.raises(NotPossible) as refused:
        other.publish(reply, key=KEY)
    assert refused.value.reason == "begun_elsewhere" and server.own() == []
    publisher().publish(reply, key=KEY)
    assert len(server.own()) == 1


def test_same_words_under_the_same_post_from_before_are_not_this_reply(server, publisher, clock) -> None:
    used, reply = publisher(), reply_to(server)
    used.publish(prepared(used, reply), key=IdempotencyKey("before"))
    clock.move(seconds=1)
    assert look(used, prepared(used, reply)) is None


def test_refusal_for_same_words_is_no_proof_and_is_looked_up(server, publisher) -> None:
    server.refuses_duplicates = True
    used = publisher()
    used.publish(prepared(used, reply_to(server)), key=IdempotencyKey("to another customer"))
    reply = prepared(used, reply_to(server))
    with pytest.raises(OutcomeUnknown):
        used.publish(reply, key=KEY)
    assert look(used, reply) is None and len(server.own()) == 1


def test_answer_lost_after_the_network_took_it_is_found_even_when_it_shows_late(server, publisher, clock) -> None:
    used = publisher()
    reply = prepared(used, reply_to(server))

    def lose(call, answer):
        if call == POST:
            raise Drop
        return answer

    server.after, server.unshown = lose, 1
    with pytest.raises(OutcomeUnknown):
        used.publish(reply, key=KEY)
    assert look(used, reply) is None  # not shown yet: one look proves nothing
    clock.move(seconds=60)
    server.unshown = 0
    assert look(used, reply) is not None and len(server.own()) == 1


@pytest.mark.parametrize("ref", [None, "{}", "null", '{"id": "x"}', '{"id": 7.5}'])
def test_without_the_post_nothing_else_is_ever_answered(server, publisher, ref) -> None:
    with pytest.raises(NotPossible):
        publisher().prepare(replace(reply_to(server), parent_ref=ref), key=KEY)
    assert [call for call, _ in server.asked] == []


def test_answer_without_an_id_is_unclear(server, publisher) -> None:
    used = publisher()
    reply = prepared(used, reply_to(server))
    for body in ({}, {"data": None}, {"data": {"text": "x"}}, {"data": {"id": ""}}, {"errors": [{}]}):
        answering(server, POST, (201, body))
        with pytest.raises(OutcomeUnknown):
            used.publish(reply, key=KEY)


def test_edited_post_is_answered_in_its_present_wording(server, publisher) -> None:
    first = server.add("BAD", author="mara", user_id="77").view["id"]
    server.edit(first, "BAD parcel")
    post = normalize(server.by_id[first].view, included=Included(), own_id=OUR_ID)
    used, reply = publisher(), replace(reply_to(server), parent_id=first, parent_ref=post.reply_ref)
    receipt = used.publish(prepared(used, reply), key=KEY)
    assert server.bodies[-1]["reply"]["in_reply_to_tweet_id"] == json.loads(post.reply_ref or "")["id"] != first
    assert receipt.url == f"https://x.com/{OUR_HANDLE}/status/{receipt.remote_id}"


def test_month_is_counted_in_the_store_once_a_day_for_each_thing(ctx, clock) -> None:
    brand = brands.add_brand(ctx, "Aurora")
    ceilings = spending.ceilings_of(Settings(x_reads_eur_month=1.0, x_replies_eur_month=0.5))
    mine = Ledger(ctx.store, clock, 4, ceilings)
    mine.pay(Budget.READS, {"post 1": 0.25, "user 1": 0.25})
    mine.pay(Budget.READS, {"post 1": 0.25})
    assert mine.left_eur(Budget.READS) == 0.5 and mine.left_eur(Budget.REPLIES) == 0.5
    # Another process knows the sum, and an account of its own has its own.
    assert Ledger(ctx.store, clock, 4, ceilings).left_eur(Budget.READS) == 0.5
    assert Ledger(ctx.store, clock, 5, ceilings).left_eur(Budget.READS) == 1.0
    clock.move(days=1)
    mine.pay(Budget.READS, {"post 1": 0.25})
    assert mine.left_eur(Budget.READS) == 0.25
    clock.move(days=31)
    assert mine.left_eur(Budget.READS) == 1.0
    assert spending.spent(ctx, brand.id) == ()
