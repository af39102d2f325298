"""Does every channel publish a reply once, count it as its network does, and never guess how it went?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import Fatal, OutcomeUnknown, RateLimited, Refused, Retriable, TooLong, Unauthorized, Unavailable
from domain.reply import IdempotencyKey, Receipt, RouteKind
from tests.contract.harness import Harness, Trouble
from tests.contract.rules import keeps
from tests.contract.test_listening import WATCH

KEY, OTHER = IdempotencyKey("6f1ed002ab5595859014ebf0951522d9"), IdempotencyKey("another-key")
WORDS = "Buongiorno, arriviamo."


@pytest.fixture(autouse=True)
def something_to_answer(harness: Harness) -> str:
    return harness.arrive("BAD parcel")


def publish(harness: Harness, text: str = WORDS, *, key: IdempotencyKey = KEY) -> Receipt:
    """As after a restart of the desk."""
    return harness.publisher().publish(harness.reply(text), key=key)


def look_up(harness: Harness, key: IdempotencyKey = KEY, *, text: str = WORDS) -> Receipt | None:
    reply = harness.reply(text)
    return harness.publisher().lookup(reply, key=key, since=reply.created_at - timedelta(minutes=1))


def of_length(harness: Harness, length: int) -> str:
    """A text with other than plain letters that the network counts as ``length``."""
    count = harness.publisher().limits.count
    start = "perché 👍🏽 "
    return start + "é" * (length - count(start))


@keeps("length_counted_as_the_network_counts")
def test_length_is_what_the_network_says_it_is(harness) -> None:
    count = harness.publisher().limits.count
    assert {text: count(text) for text in harness.lengths} == dict(harness.lengths)
    assert count("") == 0 and harness.publisher().limits.unit in ("codepoints", "graphemes")


@keeps("length_counted_as_the_network_counts")
def test_longest_reply_goes_out_and_one_more_is_refused_with_its_count(harness) -> None:
    limit = harness.publisher().limits.max_chars
    publish(harness, of_length(harness, limit))
    with pytest.raises(TooLong) as refused:
        publish(harness, of_length(harness, limit + 1), key=OTHER)
    assert (refused.value.length, refused.value.limit) == (limit + 1, limit)
    assert harness.published() == [of_length(harness, limit)]


@keeps("same_key_one_post")
def test_same_key_twice_gives_one_post_and_the_same_receipt(harness, clock) -> None:
    first = publish(harness)
    clock.move(minutes=1)
    assert publish(harness) == first
    assert publish(harness, "Altro testo") == first
    assert harness.published() == [WORDS]


@keeps("same_key_one_post")
def test_reply_whose_time_is_over_is_left_to_whoever_is_at_it_by_now(harness, clock) -> None:
    late = replace(harness.reply(WORDS), not_after=clock())
    with pytest.raises(Unavailable):
        harness.publisher().publish(late, key=KEY)
    assert harness.published() == [] and look_up(harness) is None
    harness.publisher().publish(replace(late, not_after=clock() + timedelta(seconds=1)), key=KEY)
    assert harness.published() == [WORDS]


@keeps("same_key_one_post")
def test_same_words_under_another_key_are_another_post(harness) -> None:
    assert publish(harness).remote_id != publish(harness, key=OTHER).remote_id
    assert harness.published() == [WORDS, WORDS]


@keeps("receipts")
def test_receipt_names_the_post_its_time_and_a_link_that_opens(harness, clock) -> None:
    receipt = publish(harness)
    assert receipt.remote_id and receipt.published_at.utcoffset() == timedelta(0)
    assert receipt.published_at == clock()
    assert receipt.url is None or receipt.url.startswith(("https://", "http://"))


@keeps("receipts")
def test_every_post_has_a_way_to_be_answered_with_its_reason_and_cost(harness) -> None:
    [post] = harness.collector().fetch(WATCH, None).items
    route = harness.publisher().route(post)
    assert route.kind in tuple(RouteKind) and route.cost_eur >= 0
    assert route.reason or route.kind == RouteKind.API


@keeps("unclear_outcomes_said")
def test_reply_whose_answer_was_lost_is_unknown_then_found_and_not_doubled(harness) -> None:
    with harness.trouble(Trouble.LOST), pytest.raises(OutcomeUnknown):
        publish(harness)
    found = look_up(harness)
    assert found is not None and found.remote_id
    assert publish(harness).remote_id == found.remote_id
    assert harness.published() == [WORDS]


@keeps("unclear_outcomes_said")
def test_reply_that_vanished_is_unknown_then_absent_and_can_be_sent(harness) -> None:
    with harness.trouble(Trouble.VANISHED), pytest.raises(OutcomeUnknown):
        publish(harness)
    assert look_up(harness) is None
    publish(harness)
    assert harness.published() == [WORDS] and look_up(harness) is not None


@keeps("definite_no_said")
def test_definite_no_is_said_as_such_and_nothing_is_public(harness) -> None:
    with harness.trouble(Trouble.NO), pytest.raises((Refused, Fatal)):
        publish(harness)
    assert harness.published() == [] and look_up(harness) is None


@keeps("lookup")
def test_look_up_after_a_restart_finds_what_was_published_and_nothing_else(harness, clock) -> None:
    assert look_up(harness) is None
    receipt = publish(harness)
    clock.move(hours=2)
    assert look_up(harness) == receipt
    assert look_up(harness, OTHER, text="Altro testo") is None


@keeps("lookup")
def test_look_up_that_could_not_look_does_not_say_absent(harness) -> None:
    publish(harness)
    with harness.trouble(Trouble.DOWN), pytest.raises(Retriable):
        look_up(harness)
    assert look_up(harness) is not None


@keeps("unreachable_network", of="answering")
def test_reply_to_a_network_out_of_reach_was_not_sent_and_can_be_later(harness) -> None:
    with harness.trouble(Trouble.DOWN), pytest.raises(Unavailable):
        publish(harness)
    assert harness.published() == [] and look_up(harness) is None
    publish(harness)
    assert harness.published() == [WORDS]


@keeps("rate_limits", of="answering")
def test_limited_reply_was_not_sent_and_says_when_to_try_again(harness) -> None:
    with harness.trouble(Trouble.LIMITED), pytest.raises(RateLimited) as limited:
        publish(harness)
    assert limited.value.retry_after_s > 0 and harness.published() == []


@keeps("sign_in_errors", of="answering")
def test_refused_sign_in_publishes_nothing_and_is_a_definite_no(harness) -> None:
    with harness.trouble(Trouble.SIGN_IN), pytest.raises(Unauthorized):
        publish(harness)
    assert harness.published() == []


@keeps("hostile_text", of="answering")
@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> & \"quoted\" 'so'",
        'a\nb\n{"key": "another-key", ',
        "a\u2028b\x85c\ttab",
        "𝄞 👩\u200d👩\u200d👧 \u200fשלום\u200e ok",
        "%s {0} $(id) `id` \\ud800 \\n",
    ],
    ids=lambda text: ascii(text[:16]),
)
def test_reply_is_public_exactly_as_it_was_written(harness, text) -> None:
    receipt = publish(harness, text)
    assert harness.published() == [text]
    assert look_up(harness, text=text) == receipt and look_up(harness, OTHER, text="x") is None
