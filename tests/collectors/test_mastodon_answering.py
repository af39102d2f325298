"""Does a reply on Mastodon stand once, under the right post, for no more eyes than that, on servers that differ?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import DeskError, Invalid, NotPossible, OutcomeUnknown, TooLong, Unavailable
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, RouteKind
from tests.contract.harness import Trouble
from tests.contract.harness_mastodon import POST, MastodonHarness
from tests.contract.mastodon_server import OUR_NAME

KEY, OTHER = IdempotencyKey("6f1ed002ab559585"), IdempotencyKey("another")
WORDS = "Buongiorno, arriviamo."


@pytest.fixture
def played(tmp_path, clock) -> MastodonHarness:
    made = MastodonHarness(tmp_path / "network", clock)
    made.arrive("BAD parcel", author="mara@altrove.example")
    return made


def prepared(played: MastodonHarness, text: str = WORDS, *, key: IdempotencyKey = KEY) -> OutgoingReply:
    reply = played.reply(text)
    return replace(reply, prepared=played.publisher().prepare(reply, key=key))


def publish(played: MastodonHarness, reply: OutgoingReply, *, key: IdempotencyKey = KEY) -> Receipt:
    return played.publisher().publish(reply, key=key)


def look_up(played: MastodonHarness, reply: OutgoingReply, *, key: IdempotencyKey = KEY) -> Receipt | None:
    return played.publisher().lookup(reply, key=key, since=reply.created_at)


def only_sent(played: MastodonHarness) -> dict[str, list[str]]:
    [given] = played.server.sent
    return given


def test_reply_names_its_author_in_front_and_goes_under_that_post(played) -> None:
    reply = prepared(played)
    publish(played, reply)
    given = only_sent(played)
    assert given["status"] == [f"@mara@altrove.example {WORDS}"]
    assert (given["in_reply_to_id"], given["language"]) == ([reply.parent_id], ["it"])


@pytest.mark.parametrize(
    ("then", "now", "sent"),
    [
        ("public", "public", "public"),
        ("unlisted", "unlisted", "unlisted"),
        ("public", "private", "private"),
        ("direct", "public", "direct"),
        ("public", "mutuals_only", "direct"),
    ],
)
def test_reply_is_never_seen_by_more_people_than_the_post(played, then, now, sent) -> None:
    reply = played.reply(WORDS)
    ref = json.loads(reply.parent_ref) | {"visibility": then}
    played.server.posts[reply.parent_id].view["visibility"] = now
    publish(played, replace(reply, parent_ref=json.dumps(ref)))
    assert only_sent(played)["visibility"] == [sent]


def test_reply_keeps_the_warning_of_the_post_and_counts_it(played) -> None:
    reply = played.reply(WORDS)
    played.server.posts[reply.parent_id].view["spoiler_text"] = "cibo " * 20
    publish(played, reply)
    assert only_sent(played)["spoiler_text"] == ["cibo " * 20]
    with pytest.raises(TooLong) as refused:
        publish(played, played.reply("è" * 460), key=OTHER)
    assert (refused.value.length, refused.value.limit) == (460, 500 - len("@mara ") - 100)


def test_limit_is_the_servers_own_and_known_without_asking_once_it_was_heard(played) -> None:
    assert played.publisher().limits.max_chars == 468
    played.server.instance = {
        "configuration": {"statuses": {"max_characters": 10_000, "characters_reserved_per_url": 256}}
    }
    publish(played, played.reply("è" * 5000))
    asked = len(played.server.asked)
    limits = played.publisher().limits
    assert (limits.max_chars, limits.count("http://a.it")) == (9968, 256)
    assert len(played.server.asked) == asked


@pytest.mark.parametrize("keeps_keys", [True, False], ids=["keeps keys", "ignores keys"])
@pytest.mark.parametrize("minutes", [1, 90])
def test_lost_answer_is_found_and_never_sent_again_whatever_the_server_makes_of_keys(
    played, clock, keeps_keys, minutes
) -> None:
    played.server.keeps_keys = keeps_keys
    reply = prepared(played)
    with played.trouble(Trouble.LOST), pytest.raises(OutcomeUnknown):
        publish(played, reply)
    clock.move(minutes=minutes)
    found = look_up(played, reply)
    assert found is not None and publish(played, reply) == found
    assert played.published() == [WORDS] and len(played.server.sent) == 1


def test_server_that_answers_a_repeated_key_with_500_is_looked_up(played) -> None:
    """mastodon/mastodon #40399: the post stands, and its replay is an error."""
    reply = prepared(played)
    played.server.after = lambda method, told: (500, {"error": "oops"}) if method == POST else told
    with pytest.raises(OutcomeUnknown):
        publish(played, reply)
    assert publish(played, reply).remote_id in played.server.posts
    assert played.published() == [WORDS]


def test_spaces_that_a_server_takes_off_do_not_hide_a_reply(played) -> None:
    played.server.strips = True
    reply = prepared(played, "Buongiorno,\r\n\r\narriviamo. ")
    with played.trouble(Trouble.LOST), pytest.raises(OutcomeUnknown):
        publish(played, reply)
    assert look_up(played, reply) is not None


def test_same_words_to_the_same_post_earlier_are_another_reply(played, clock) -> None:
    first = publish(played, prepared(played))
    clock.move(minutes=1)
    second = prepared(played, key=OTHER)
    assert look_up(played, second, key=OTHER) is None
    assert publish(played, second, key=OTHER).remote_id != first.remote_id
    assert played.published() == [WORDS, WORDS]


def test_same_words_to_another_post_of_the_same_person_are_not_taken_for_the_reply(played, clock) -> None:
    reply = prepared(played)
    clock.move(minutes=1)
    elsewhere = played.arrive("BAD again", author="mara@altrove.example")
    played.server.add(f"@mara@altrove.example {WORDS}", author=OUR_NAME, in_reply_to_id=elsewhere, mentions=[{}])
    assert look_up(played, reply) is None


@pytest.mark.parametrize("posts", [3, 100])
def test_reply_is_found_behind_whatever_we_posted_since(played, clock, posts) -> None:
    reply = prepared(played)
    with played.trouble(Trouble.LOST), pytest.raises(OutcomeUnknown):
        publish(played, reply)
    for number in range(posts):
        played.server.add(f"novità {number}", author=OUR_NAME)
    played.server.page_items = 40
    played.server.before = lambda method: (404, {"error": "no"}) if method.endswith("/context") else None
    assert look_up(played, reply) is not None


def test_more_posts_of_ours_than_a_look_up_reads_leave_it_open(played) -> None:
    reply = prepared(played)
    for number in range(70):
        played.server.add(f"novità {number}", author=OUR_NAME)
    with pytest.raises(OutcomeUnknown):
        look_up(played, reply)


@pytest.mark.parametrize("sources", [True, False], ids=["tells sources", "tells none"])
def test_what_leaves_doubt_is_for_a_person(played, clock, sources) -> None:
    played.server.knows_sources = sources
    reply = prepared(played)
    clock.move(seconds=1)
    name = f"@mara@altrove.example {WORDS}"
    alone = played.server.add(name, author=OUR_NAME, mentions=[{"acct": "mara@altrove.example"}])
    if not sources:  # As people read it.
        alone["content"] = f"<p>@mara {WORDS}</p>"
    with pytest.raises(OutcomeUnknown):
        look_up(played, reply)
    played.delete(alone["id"])
    edited = played.server.add(name, author=OUR_NAME, in_reply_to_id=reply.parent_id)
    played.edit(edited["id"], "Altre parole")
    with pytest.raises(OutcomeUnknown):
        look_up(played, reply)
    with pytest.raises(OutcomeUnknown):
        publish(played, reply)
    assert played.server.sent == []


def test_server_that_tells_no_sources_is_read_as_people_read_it(played) -> None:
    played.server.knows_sources = False
    reply = prepared(played, "Ecco: https://aurora.example/a?b=1 & grazie")
    with played.trouble(Trouble.LOST), pytest.raises(OutcomeUnknown):
        publish(played, reply)
    [own] = played.server.own()
    own.view["content"] = "<p>@<span>mara</span> Ecco: https://aurora.example/a?b=1 &amp; grazie</p>"
    assert look_up(played, reply) is not None


def test_deleted_parent_is_a_definite_no_before_anything_is_written(played) -> None:
    reply = prepared(played)
    played.delete(reply.parent_id)
    for attempt in (reply, replace(reply, prepared="")):
        with pytest.raises(NotPossible) as refused:
            publish(played, attempt)
        assert refused.value.reason == "parent_deleted"
    assert POST not in played.server.asked


def test_parent_deleted_at_the_last_moment_is_a_definite_no(played) -> None:
    reply = prepared(played)
    played.server.before = lambda method: (404, {"error": "does not appear to exist"}) if method == POST else None
    with pytest.raises(NotPossible) as refused:
        publish(played, reply)
    assert refused.value.reason == "parent_deleted"


def test_post_read_through_another_server_is_answered_by_hand_and_never_under_a_stranger(played) -> None:
    [page] = [played.collector().fetch(_watch(), None)]
    post = page.items[0]
    assert played.publisher().route(post).kind == RouteKind.API
    elsewhere = played.publisher().route(replace(post, origin="altra.example"))
    assert (elsewhere.kind, elsewhere.reason) == (RouteKind.BY_HAND, "other_server")
    assert played.publisher().route(replace(post, reply_ref=None)).reason == "no_reference"
    with pytest.raises(NotPossible) as refused:
        publish(played, replace(played.reply(WORDS), origin="altra.example"))
    assert refused.value.reason == "other_server" and played.server.sent == []


def test_empty_words_and_a_missing_key_are_refused(played) -> None:
    with pytest.raises(Invalid):
        publish(played, played.reply(" \n"))
    with pytest.raises(Invalid):
        publish(played, played.reply(WORDS), key=IdempotencyKey(""))


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": "7"}, [], {"id": "7", "created_at": "soon"}], ids=str)
def test_answer_that_does_not_name_the_post_is_no_receipt(played, body) -> None:
    reply = prepared(played)
    played.server.after = lambda method, told: (200, body) if method == POST else told
    with pytest.raises(OutcomeUnknown):
        publish(played, reply)
    assert look_up(played, reply) is not None


@pytest.mark.parametrize("prepared_as", ["{", "[]", '{"words": 1}', "null"])
def test_what_cannot_be_read_of_a_prepared_reply_is_for_a_person(played, prepared_as) -> None:
    reply = replace(played.reply(WORDS), prepared=prepared_as)
    for attempt in (publish, look_up):
        with pytest.raises(OutcomeUnknown):
            attempt(played, reply)


def test_look_up_during_trouble_never_says_absent(played, clock) -> None:
    reply = prepared(played)
    publish(played, reply)
    clock.move(minutes=5)
    for status in (429, 500, 401, 403):
        played.server.before = lambda method, status=status: (status, {"error": "no"})
        with pytest.raises(DeskError):
            look_up(played, reply)
    played.server.before = lambda method: (200, b"<html>") if method.endswith("/:id/statuses") else None
    with pytest.raises(Unavailable):
        look_up(played, reply)


def test_clocks_that_differ_by_a_day_hide_no_reply(played, clock) -> None:
    reply = prepared(played)
    clock.move(days=-1)
    with played.trouble(Trouble.LOST), pytest.raises(OutcomeUnknown):
        publish(played, reply)
    clock.move(days=2)
    assert played.published() == [WORDS]
    found = played.publisher().lookup(reply, key=KEY, since=reply.created_at + timedelta(hours=1))
    assert found is not None


def _watch():
    from domain.brand import Watch

    return Watch(1, 1, "Aurora")
