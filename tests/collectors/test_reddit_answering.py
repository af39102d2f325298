"""Does a reply get onto Reddit once, under the comment it answers and nowhere else?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from collectors.reddit import client
from collectors.reddit.client import RedditNetwork
from collectors.reddit.publisher import MAX_CHARS, RedditPublisher
from domain.brand import Account
from domain.errors import Invalid, NotPossible, OutcomeUnknown, TooLong, Unavailable
from domain.reply import IdempotencyKey, OutgoingReply, RouteKind
from tests.contract.harness_reddit import KEYS, POST, RedditHarness
from tests.contract.reddit_server import OUR_NAME, TOKEN, Shown
from tests.contract.scripted import Drop
from tests.contract.test_listening import WATCH

KEY, OTHER, WORDS = IdempotencyKey("6f1ed002ab"), IdempotencyKey("other"), "Buongiorno, arriviamo."
BELOW = "GET /comments/10000"


@pytest.fixture(autouse=True)
def nobody_has_signed_in(monkeypatch) -> None:
    for name in ("_TOKENS", "_SCOPES", "_OWN_NAMES"):
        monkeypatch.setattr(client, name, {})


@pytest.fixture
def played(tmp_path, clock) -> RedditHarness:
    made = RedditHarness(tmp_path / "network", clock)
    made.arrive("BAD parcel")
    return made


@pytest.fixture
def publisher(played) -> RedditPublisher:
    return publisher_with(played, KEYS)


def publisher_with(played: RedditHarness, secret: str | None) -> RedditPublisher:
    account = Account(1, 1, "reddit", OUR_NAME, base_url=played.server.url, secret_ref="REDDIT_KEYS")
    return RedditPublisher(RedditNetwork(account, played.server.clock, secret=secret))


def prepared(publisher: RedditPublisher, played: RedditHarness, text: str = WORDS) -> OutgoingReply:
    reply = played.reply(text)
    return replace(reply, prepared=publisher.prepare(reply, key=KEY))


def lose_the_answer(played: RedditHarness) -> None:
    def after(call: str, answer):
        if call == POST:
            raise Drop
        return answer

    played.server.after = after


def last(played: RedditHarness) -> Shown:
    return played.server.own()[-1]


def test_reply_goes_under_that_comment_as_it_was_written(played, publisher, clock) -> None:
    reply = prepared(publisher, played)
    receipt = publisher.publish(reply, key=KEY)
    assert last(played).view["parent_id"] == reply.parent_id and last(played).view["body"] == WORDS
    assert (receipt.remote_id, receipt.published_at) == (last(played).name, clock())
    assert receipt.url == f"https://www.reddit.com{last(played).view['permalink']}"


def test_nothing_is_written_when_signing_in_took_longer_than_the_lease(played, publisher, clock, monkeypatch) -> None:
    """Reddit has no keys: whoever comes after would write it a second time."""
    reply = replace(prepared(publisher, played), not_after=clock() + timedelta(seconds=30))

    def slowly(call: str) -> None:
        if call == BELOW:
            client._TOKENS.clear()  # It ends between the look and the writing.
        elif call == TOKEN and BELOW in called:
            clock.move(seconds=31)
        called.append(call)

    called: list[str] = []
    played.server.before = slowly
    with pytest.raises(Unavailable, match="too long"):
        publisher.publish(reply, key=KEY)
    assert called[-1] == TOKEN and played.published() == []
    played.server.behave()
    publisher.publish(replace(reply, not_after=clock() + timedelta(seconds=30)), key=KEY)
    assert played.published() == [WORDS]


def test_post_is_answered_at_its_top(played, publisher) -> None:
    post = played.server.post("Aurora consegna?", author="vale")
    ref = json.dumps({"id": post.name, "link": post.name})
    reply = replace(played.reply(WORDS), parent_id=post.name, conversation_id=post.name, parent_ref=ref)
    reply = replace(reply, prepared=publisher.prepare(reply, key=KEY))
    lose_the_answer(played)
    with pytest.raises(OutcomeUnknown):
        publisher.publish(reply, key=KEY)
    played.server.behave()
    played.server.unlisted = 1
    found = publisher.lookup(reply, key=KEY, since=reply.created_at)
    assert found is not None and last(played).view["parent_id"] == post.name


def test_reply_of_which_nothing_is_told_is_looked_up_and_never_sent_again(played, publisher) -> None:
    """Reddit writes a comment in a quarantined subreddit and names none; the library takes that for none."""
    played.server.tells_nothing = True
    reply = prepared(publisher, played)
    with pytest.raises(OutcomeUnknown):
        publisher.publish(reply, key=KEY)
    found = publisher.lookup(reply, key=KEY, since=reply.created_at)
    assert found is not None and publisher.publish(reply, key=KEY) == found
    assert played.published() == [WORDS] and played.server.calls(POST) == 1


@pytest.mark.parametrize("unlisted", [0, 1])
def test_lost_answer_is_found_where_either_list_shows_it(played, publisher, unlisted) -> None:
    reply = prepared(publisher, played)
    lose_the_answer(played)
    with pytest.raises(OutcomeUnknown):
        publisher.publish(reply, key=KEY)
    played.server.behave()
    played.server.unlisted = unlisted
    if not unlisted:
        played.server.before = lambda call: (403, {"message": "Forbidden"}) if call == BELOW else None
    assert publisher.publish(reply, key=KEY).remote_id == last(played).name
    assert played.published() == [WORDS]


def test_same_words_to_the_same_comment_earlier_are_another_reply(played, publisher) -> None:
    earlier = prepared(publisher, played)
    publisher.publish(earlier, key=KEY)
    again = replace(earlier, prepared=publisher.prepare(played.reply(WORDS), key=OTHER))
    assert publisher.lookup(again, key=OTHER, since=again.created_at) is None
    publisher.publish(again, key=OTHER)
    assert played.published() == [WORDS, WORDS]


def test_same_words_to_somebody_else_are_not_this_reply(played, publisher) -> None:
    reply = prepared(publisher, played)
    elsewhere = played.server.add("BAD day", author="ugo")
    played.server.add(WORDS, author=OUR_NAME, under=elsewhere.name, note=None)
    played.server.add(WORDS, author="mimic", under=reply.parent_id, note=None)
    assert publisher.lookup(reply, key=KEY, since=reply.created_at) is None


def test_what_leaves_doubt_is_for_a_person(played, publisher) -> None:
    reply = prepared(publisher, played)
    publisher.publish(reply, key=KEY)
    written = last(played).name
    played.server.edit(written, "Altre parole")
    with pytest.raises(OutcomeUnknown):
        publisher.lookup(reply, key=KEY, since=reply.created_at)
    played.server.edit(written, WORDS)
    played.server.add(WORDS, author=OUR_NAME, under=reply.parent_id, note=None)
    with pytest.raises(OutcomeUnknown):
        publisher.publish(reply, key=KEY)
    with pytest.raises(OutcomeUnknown):
        publisher.publish(replace(reply, prepared="{"), key=KEY)
    assert len(played.published()) == 2


def test_reddit_that_keeps_spaces_otherwise_shows_the_same_words(played, publisher) -> None:
    reply = prepared(publisher, played, "Buongiorno,\r\n\r\narriviamo. ")
    publisher.publish(reply, key=KEY)
    last(played).view["body"] = "Buongiorno,\n\narriviamo."
    assert publisher.lookup(reply, key=KEY, since=reply.created_at) is not None


@pytest.mark.parametrize("ref", [None, "", "{}", '{"id": "t1_other", "link": "t3_10000"}', '{"id": 7}', "[]"])
def test_without_the_post_nothing_else_is_ever_answered(played, publisher, ref) -> None:
    reply = replace(played.reply(WORDS), parent_ref=ref)
    with pytest.raises(NotPossible) as no:
        publisher.publish(reply, key=KEY)
    assert no.value.reason == "no_reference" and played.server.calls(POST) == 0


def test_post_that_is_gone_is_not_answered(played, publisher) -> None:
    reply = played.reply(WORDS)
    played.delete(reply.parent_id)
    with pytest.raises(NotPossible) as no:
        publisher.prepare(reply, key=KEY)
    assert no.value.reason == "parent_deleted"


@pytest.mark.parametrize("key", ["locked", "archived"])
@pytest.mark.parametrize("where", ["comment", "post"])
def test_closed_thread_is_answered_by_nobody(played, publisher, key, where) -> None:
    reply = played.reply(WORDS)
    played.server.by_name[reply.parent_id if where == "comment" else reply.conversation_id].view[key] = True
    with pytest.raises(NotPossible) as no:
        publisher.prepare(reply, key=KEY)
    assert no.value.reason == "thread_locked" and played.server.calls(POST) == 0


def test_way_to_answer_is_by_hand_with_its_reason(played, publisher) -> None:
    [post] = played.collector().fetch(WATCH, None).items
    assert publisher.route(post).kind == RouteKind.API
    closed = replace(post, reply_ref='{"id":"t1_a","link":"t3_b","closed":"thread_locked"}')
    told = [
        publisher.route(replace(post, reply_ref=None)).reason,
        publisher_with(played, None).route(post).reason,
        publisher.route(closed).reason,
    ]
    assert told == ["no_reference", "not_connected", "thread_locked"]


def test_app_that_may_only_read_answers_by_hand(played, publisher, monkeypatch) -> None:
    monkeypatch.setattr(client, "_SCOPES", {})
    monkeypatch.setattr(client, "_TOKENS", {})
    played.server.scope = "identity read history privatemessages"
    [post] = played.collector().fetch(WATCH, None).items
    assert publisher.route(post).reason == "not_granted"
    with pytest.raises(NotPossible) as no:
        publisher.prepare(played.reply(WORDS), key=KEY)
    assert no.value.reason == "not_granted"


def test_reply_that_cannot_be_one_is_refused_before_anybody_is_asked(played, publisher) -> None:
    with pytest.raises(Invalid):
        publisher.prepare(played.reply("  "), key=KEY)
    with pytest.raises(Invalid):
        publisher.prepare(played.reply(WORDS), key=IdempotencyKey(""))
    with pytest.raises(TooLong):
        publisher.prepare(played.reply("x" * (MAX_CHARS + 1)), key=KEY)
    assert played.server.asked == []


def test_look_up_turns_as_many_pages_as_it_takes_and_never_says_absent_beyond(played, publisher, clock) -> None:
    reply = prepared(publisher, played)
    publisher.publish(reply, key=KEY)
    elsewhere = played.server.add("BAD day", author="ugo").name
    played.server.page_items = 5
    for number in range(8):
        clock.move(minutes=3)
        played.server.add(f"altro {number}", author=OUR_NAME, under=elsewhere, note=None)
    played.server.before = lambda call: (503, {}) if call == BELOW else None
    assert publisher.lookup(reply, key=KEY, since=reply.created_at) is not None
    for number in range(60):
        played.server.add(f"ancora {number}", author=OUR_NAME, under=elsewhere, note=None)
    with pytest.raises(OutcomeUnknown):
        publisher.lookup(reply, key=KEY, since=reply.created_at)
    played.server.before = lambda call: (503, {})
    with pytest.raises(Unavailable):
        publisher.lookup(reply, key=KEY, since=reply.created_at)
