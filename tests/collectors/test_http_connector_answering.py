"""Does a reply stand once, under the right item, whatever the source makes of keys and of answers that get lost?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from collectors.registry import channel
from domain.errors import (
    DeskError,
    Invalid,
    Misconfigured,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Refused,
    TooLong,
    Unauthorized,
    Unavailable,
)
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, RouteKind
from tests.contract.harness import Trouble
from tests.contract.harness_http_connector import POST, HttpConnectorHarness
from tests.contract.scripted import Drop
from tests.contract.test_listening import WATCH

KEY, OTHER = IdempotencyKey("6f1ed002ab559585"), IdempotencyKey("another")
WORDS = "Buongiorno, arriviamo."


@pytest.fixture
def played(tmp_path, clock) -> HttpConnectorHarness:
    made = HttpConnectorHarness(tmp_path / "network", clock)
    made.arrive("BAD parcel")
    return made


def prepared(played: HttpConnectorHarness, text: str = WORDS, *, key: IdempotencyKey = KEY) -> OutgoingReply:
    reply = played.reply(text)
    return replace(reply, prepared=played.publisher().prepare(reply, key=key))


def publish(played: HttpConnectorHarness, reply: OutgoingReply, *, key: IdempotencyKey = KEY) -> Receipt:
    return played.publisher().publish(reply, key=key)


def look_up(played: HttpConnectorHarness, reply: OutgoingReply, *, key: IdempotencyKey = KEY) -> Receipt | None:
    return played.publisher().lookup(reply, key=key, since=reply.created_at)


def posts(played: HttpConnectorHarness) -> int:
    return played.server.calls().count(POST)


def test_reply_names_its_item_and_its_key_within_what_is_signed(played) -> None:
    receipt = publish(played, prepared(played))
    sent = played.server.asked[-1]
    assert sent.headers["Idempotency-Key"] == sent.json["key"] == KEY
    assert (sent.json["item_id"], sent.json["text"], sent.json["language"]) == ("r001", WORDS, "it")
    # Another source may name a reply alike, and people's posts bear such names too.
    assert (receipt.remote_id, receipt.url) == ("account-1/1", "https://reviews.example/a/1")


def test_same_bytes_are_sent_at_every_attempt(played, clock) -> None:
    reply = prepared(played)
    with played.trouble(Trouble.VANISHED), pytest.raises(OutcomeUnknown):
        publish(played, reply)
    clock.move(minutes=5)
    publish(played, reply)
    first, second = [asked.content for asked in played.server.asked if asked.verb == "POST"]
    assert first == second and len(played.published()) == 1


def test_lost_answer_is_found_and_never_sent_again_by_a_source_that_knows_no_keys(played, clock) -> None:
    played.server.keeps_keys = False
    reply = prepared(played)
    with played.trouble(Trouble.LOST), pytest.raises(OutcomeUnknown):
        publish(played, reply)
    clock.move(minutes=5)
    found = look_up(played, reply)
    assert found is not None and publish(played, reply) == found
    assert played.published() == [WORDS] and posts(played) == 1


def test_same_words_that_stood_there_before_are_not_taken_for_this_reply(played, clock) -> None:
    played.server.keeps_keys = False
    first = publish(played, prepared(played))
    clock.move(minutes=1)
    again = prepared(played, key=OTHER)
    assert look_up(played, again, key=OTHER) is None
    second = publish(played, again, key=OTHER)
    assert second.remote_id != first.remote_id and played.published() == [WORDS, WORDS]
    assert look_up(played, again, key=OTHER) == second


def test_reply_that_was_never_prepared_is_looked_for_since_its_first_attempt_alone(played, clock) -> None:
    played.server.keeps_keys = False
    publish(played, prepared(played))
    clock.move(hours=1)
    assert played.publisher().lookup(played.reply(WORDS), key=OTHER, since=clock() - timedelta(minutes=1)) is None


def test_reply_under_another_item_is_never_taken_for_sent(played) -> None:
    reply = prepared(played)
    played.server.after = lambda call, answer: (201, {**answer[1], "item_id": "r999"}) if call == POST else answer
    with pytest.raises(OutcomeUnknown, match="under another item"):
        publish(played, reply)
    played.server.behave()
    played.server.replies[0]["item_id"] = "r999"
    played.server.before = lambda call: (
        (200, {"item_id": "r001", "replies": played.server.replies}) if call == "GET /replies" else None
    )
    with pytest.raises(OutcomeUnknown, match="under another item"):
        look_up(played, reply)


def test_post_of_another_source_is_answered_by_hand_and_never_under_a_stranger(played) -> None:
    [post] = played.collector().fetch(WATCH, None).items
    elsewhere = replace(post, origin="account-2")
    assert played.publisher().route(post).kind == RouteKind.API
    route = played.publisher().route(elsewhere)
    assert (route.kind, route.reason) == (RouteKind.BY_HAND, "other_source")
    reply = replace(prepared(played), origin="account-2")
    for attempt in (lambda: publish(played, reply), lambda: played.publisher().prepare(reply, key=KEY)):
        with pytest.raises(NotPossible) as refused:
            attempt()
        assert refused.value.reason == "other_source"
    with pytest.raises(OutcomeUnknown):
        look_up(played, reply)
    assert posts(played) == 0


@pytest.mark.parametrize("how", ["no address", "says so", "the item says so"])
def test_source_that_takes_no_replies_is_answered_by_hand(played, how) -> None:
    setup = played.setup()
    if how == "no address":
        setup = replace(setup, account=replace(setup.account, base_url=None))
    if how == "says so":
        played.server.about = {"contract": 1, "replies": None}
    if how == "the item says so":
        played.server.log[0]["can_reply"] = False
    [post] = played.collector().fetch(WATCH, None).items
    route = channel("http_connector").publisher(setup).route(post)
    assert (route.kind, route.reason) == (RouteKind.BY_HAND, "no_replies_here")


def test_source_that_stopped_taking_replies_says_so_before_anything_is_sent(played) -> None:
    reply = played.reply(WORDS)
    played.server.about = {"contract": 1}
    with pytest.raises(NotPossible) as refused:
        played.publisher().prepare(reply, key=KEY)
    assert refused.value.reason == "no_replies_here" and posts(played) == 0


def test_length_is_counted_as_the_source_says(played) -> None:
    assert (played.publisher().limits.max_chars, played.publisher().limits.unit) == (2000, "codepoints")
    played.server.about = {"contract": 1, "replies": {"max_chars": 3, "unit": "graphemes"}}
    with pytest.raises(TooLong) as refused:
        prepared(played, "👨‍👩‍👧‍👦abc")
    assert (refused.value.length, refused.value.limit) == (4, 3)
    limits = played.publisher().limits
    assert (limits.max_chars, limits.unit, limits.count("👨‍👩‍👧‍👦ab")) == (3, "graphemes", 3)
    assert prepared(played, "👨‍👩‍👧‍👦ab").prepared


@pytest.mark.parametrize("text", ["", "  \n"])
def test_empty_reply_and_one_without_a_key_are_refused_before_anything_is_asked(played, text) -> None:
    for words, key in ((text, KEY), (WORDS, IdempotencyKey("")), (WORDS, IdempotencyKey("ü"))):
        with pytest.raises(Invalid):
            played.publisher().prepare(played.reply(words), key=key)
    assert played.server.calls() == []


ERROR = {"error": {"code": "closed", "message": "This review is closed"}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, ERROR, Refused),
        (403, ERROR, Refused),
        (404, b"<html>nothing</html>", Refused),
        (404, {"error": {"code": "item_gone"}}, NotPossible),
        (401, ERROR, Unauthorized),
        (307, b"", Misconfigured),
        (429, ERROR, RateLimited),
        (413, {"error": {"code": "too_long", "length": 22, "limit": 9}}, TooLong),
        (413, {"error": {"code": "too_long"}}, Refused),
        (422, {"error": {"code": "duplicate", "message": "You said so before"}}, OutcomeUnknown),
        (409, ERROR, OutcomeUnknown),
        (408, ERROR, OutcomeUnknown),
        (500, ERROR, OutcomeUnknown),
        (503, b"", OutcomeUnknown),
        (200, b"", OutcomeUnknown),
        (202, b"taken", OutcomeUnknown),
        (201, [], OutcomeUnknown),
        (201, {}, OutcomeUnknown),
        (201, {"id": "a1"}, OutcomeUnknown),
        (201, {"item_id": "r001"}, OutcomeUnknown),
        (201, {"id": None, "item_id": "r001"}, OutcomeUnknown),
        (201, {"id": "a1", "item_id": "r001", "url": 7}, OutcomeUnknown),
    ],
)
def test_answers_of_the_source_are_the_desks_errors(played, status, body, kind) -> None:
    reply = prepared(played)
    played.server.before = lambda call: (status, body) if call == POST else None
    with pytest.raises(DeskError) as told:
        publish(played, reply)
    assert type(told.value) is kind and posts(played) == 1
    if body == ERROR and kind in (Refused, OutcomeUnknown):
        assert "This review is closed" in str(told.value)


def test_receipt_without_time_or_link_is_one_and_bad_links_are_none(played, clock) -> None:
    reply = prepared(played)
    played.server.before = lambda call: (
        (201, {"id": 7, "item_id": "r001", "url": "javascript:x"}) if call == POST else None
    )
    assert publish(played, reply) == Receipt("account-1/7", None, clock())


@pytest.mark.parametrize("told", [b"", b"[]", {"replies": []}, {"item_id": "r002", "replies": []}, {"item_id": "r001"}])
def test_look_up_that_says_nothing_clear_is_no_proof_of_absence(played, told) -> None:
    reply = prepared(played)
    played.server.before = lambda call: (200, told) if call == "GET /replies" else None
    with pytest.raises(Unavailable):
        look_up(played, reply)
    with pytest.raises(Unavailable):
        publish(played, reply)
    assert posts(played) == 0


def test_source_that_cannot_be_asked_for_replies_gets_none(played) -> None:
    played.server.before = lambda call: (404, b"") if call == "GET /replies" else None
    with pytest.raises(Misconfigured):
        prepared(played)
    assert posts(played) == 0


def test_oldest_of_several_that_bear_the_key_is_the_reply(played, clock) -> None:
    reply = prepared(played)
    first = publish(played, reply)
    clock.move(minutes=1)
    played.server.replies.insert(0, {**played.server.replies[0], "id": "99", "published_at": played.server.now()})
    played.server.replies.append({"item_id": "r001", "key": "somebody else's"})
    assert look_up(played, reply) == first


def test_only_a_connection_that_never_stood_proves_that_nothing_was_sent(played) -> None:
    reply = prepared(played)
    with played.trouble(Trouble.DOWN), pytest.raises(Unavailable):
        publish(played, reply)

    def drop(call: str) -> None:
        if call == POST:
            raise Drop

    played.server.before = drop
    with pytest.raises(OutcomeUnknown):
        publish(played, reply)


def test_what_was_fixed_and_cannot_be_read_any_more_is_for_a_person(played) -> None:
    for odd in ("{", "[]", json.dumps({"item_id": "r001"})):
        with pytest.raises(OutcomeUnknown):
            look_up(played, replace(played.reply(WORDS), prepared=odd))
