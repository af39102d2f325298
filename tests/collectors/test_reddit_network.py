"""Is the library of Reddit kept from repeating, waiting, talking and guessing, and are its errors the desk's?"""

from __future__ import annotations

import json
import logging
import time

import pytest

from collectors import bounded
from collectors.reddit import client
from collectors.reddit.client import TALKATIVE, RedditNetwork
from domain.brand import Account
from domain.errors import (
    DeskError,
    Misconfigured,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Refused,
    TooLong,
    Unauthorized,
    Unavailable,
)
from domain.reply import IdempotencyKey
from tests.contract.harness import SECRET
from tests.contract.harness_reddit import KEYS, POST, RedditHarness
from tests.contract.reddit_server import OUR_NAME, TOKEN, refused
from tests.contract.scripted import CLOSED, Answer, Drop
from tests.contract.test_listening import WATCH

KEY, WORDS, INBOX = IdempotencyKey("6f1ed002ab"), "Buongiorno, parole riservate.", "GET /message/inbox"


@pytest.fixture(autouse=True)
def nobody_has_signed_in(monkeypatch) -> None:
    for name in ("_TOKENS", "_SCOPES", "_OWN_NAMES"):
        monkeypatch.setattr(client, name, {})


@pytest.fixture
def played(tmp_path, clock) -> RedditHarness:
    made = RedditHarness(tmp_path / "network", clock)
    made.arrive("BAD parcel")
    return made


def network(played: RedditHarness, secret: str | None = KEYS, *, url: str | None = None) -> RedditNetwork:
    account = Account(1, 1, "reddit", OUR_NAME, base_url=url or played.server.url, secret_ref="REDDIT_KEYS")
    return RedditNetwork(account, played.server.clock, secret=secret)


def answering(played: RedditHarness, call: str, answer: Answer | type[Drop]) -> None:
    def before(asked: str) -> Answer | None:
        if asked != call:
            return None
        if isinstance(answer, type):
            raise answer
        return answer

    played.server.before = before


@pytest.mark.parametrize(
    ("answer", "listening", "writing"),
    [
        ((400, {"message": "Bad Request", "error": 400}), Misconfigured, Refused),
        ((401, {"message": "Unauthorized", "error": 401}), Unauthorized, Unauthorized),
        ((403, {"message": "Forbidden", "error": 403, "reason": "private"}), Misconfigured, NotPossible),
        ((403, b"<html>blocked by network security</html>"), Misconfigured, Misconfigured),
        ((404, {"message": "Not Found", "error": 404}), Misconfigured, NotPossible),
        ((302, {}), Misconfigured, OutcomeUnknown),
        ((429, {"message": "Too Many Requests", "error": 429}), RateLimited, RateLimited),
        ((500, {}), Unavailable, OutcomeUnknown),
        ((503, b"<html>busy</html>"), Unavailable, OutcomeUnknown),
        ((520, {}), Unavailable, OutcomeUnknown),
        ((408, {}), Unavailable, OutcomeUnknown),
        ((200, b"<html>"), Unavailable, OutcomeUnknown),
        (Drop, Unavailable, OutcomeUnknown),
    ],
)
def test_answers_of_the_network_are_the_desks_errors(played, answer, listening, writing) -> None:
    network(played).own_comments()
    answering(played, POST, answer)
    with pytest.raises(writing):
        network(played).write(WORDS, parent="t1_a")
    answering(played, INBOX, answer)
    with pytest.raises(listening):
        played.collector().fetch(WATCH, None)


@pytest.mark.parametrize(
    ("word", "said", "error", "reason"),
    [
        ("THREAD_LOCKED", "Comments are locked.", NotPossible, "thread_locked"),
        ("TOO_OLD", "that's a piece of history now", NotPossible, "thread_locked"),
        ("DELETED_COMMENT", "that comment has been deleted", NotPossible, "parent_deleted"),
        ("USER_BLOCKED", "you have been blocked", NotPossible, "blocked"),
        ("TOO_LONG", "this is too long (max: 10000)", TooLong, None),
        ("BAD_WORDS", "this cannot be said here", Refused, None),
        ("SOMETHING_IS_BROKEN", "Something is broken, please try again later.", OutcomeUnknown, None),
    ],
)
def test_refused_reply_is_said_with_its_reason(played, word, said, error, reason) -> None:
    answering(played, POST, refused(word, said, "parent"))
    with pytest.raises(error) as no:
        network(played).write(WORDS, parent="t1_a")
    assert getattr(no.value, "reason", None) == reason and played.server.calls(POST) == 1


@pytest.mark.parametrize(
    ("said", "more", "wait_s"),
    [
        ("Looks like you've been doing that a lot. Take a break for 3 seconds before trying again.", {}, 3.0),
        ("Take a break for 9 minutes before trying again.", {}, 540.0),
        ("Take a break for 700 milliseconds.", {}, 1.0),
        ("Take a break.", {"ratelimit": 77.5}, 77.5),
        ("Take a break.", {}, 60.0),
        ("Take a break for 99999999999999 hours.", {}, 86_400.0),
    ],
)
def test_pause_between_replies_is_asked_for_once_and_nobody_sleeps(played, said, more, wait_s) -> None:
    answering(played, POST, refused("RATELIMIT", said, "ratelimit", **more))
    began = time.monotonic()
    with pytest.raises(RateLimited) as limited:
        network(played).write(WORDS, parent="t1_a")
    assert limited.value.retry_after_s == wait_s and played.server.calls(POST) == 1
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize(
    "answer", [Drop, (500, {}), (502, {}), (503, {}), (504, {}), (520, {}), (408, {}), (429, {}), (401, {}), (200, b"")]
)
def test_each_attempt_is_one_request_whatever_the_answer(played, answer) -> None:
    used = network(played)
    used.own_comments()
    answering(played, POST, answer)
    began = time.monotonic()
    with pytest.raises(DeskError):
        used.write(WORDS, parent="t1_a")
    assert played.server.calls(POST) == 1 and time.monotonic() - began < 2.5


@pytest.mark.parametrize("answer", [Drop, (503, {})])
def test_question_is_asked_once_too(played, answer) -> None:
    answering(played, INBOX, answer)
    with pytest.raises(Unavailable):
        played.collector().fetch(WATCH, None)
    assert played.server.calls(INBOX) == 1


def test_library_never_sleeps_on_a_limit(played) -> None:
    played.server.headers = {"x-ratelimit-remaining": "0.0", "x-ratelimit-used": "600", "x-ratelimit-reset": "550"}
    used, began = network(played), time.monotonic()
    for _ in range(3):
        used.own_comments()
    played.server.before = lambda call: (429, {"message": "Too Many Requests", "error": 429})
    with pytest.raises(RateLimited) as limited:
        used.own_comments()
    assert limited.value.retry_after_s == 550.0 and time.monotonic() - began < 2.5


@pytest.mark.parametrize(
    "headers", [{"x-ratelimit-remaining": "many", "x-ratelimit-reset": "", "x-ratelimit-used": "x"}]
)
def test_headers_that_cannot_be_read_stop_nobody(played, headers) -> None:
    played.server.headers = headers
    assert played.collector().fetch(WATCH, None).items
    assert network(played).write(WORDS, parent=played.server.things[-1].name)["name"]


def test_only_a_connection_that_never_stood_proves_that_nothing_was_written(played) -> None:
    with pytest.raises(Unavailable):
        network(played, url=CLOSED).write(WORDS, parent="t1_a")
    answering(played, TOKEN, Drop)
    with pytest.raises(Unavailable):
        network(played).write(WORDS, parent="t1_a")
    answering(played, POST, Drop)
    with pytest.raises(OutcomeUnknown):
        network(played).write(WORDS, parent="t1_a")
    assert played.published() == []


def test_every_request_has_a_time_out(played, monkeypatch) -> None:
    network(played).own_comments()
    monkeypatch.setattr(bounded, "ANSWER_S", 0.2)
    played.server.before = lambda call: time.sleep(0.5)
    with pytest.raises(Unavailable):
        network(played).own_comments()
    with pytest.raises(OutcomeUnknown):
        network(played).write(WORDS, parent="t1_a")


def test_answer_without_end_is_cut(played, monkeypatch) -> None:
    monkeypatch.setattr(bounded, "MAX_BYTES", 2_000)
    answering(played, INBOX, (200, b"[" + b" " * 100_000 + b"]"))
    with pytest.raises(Unavailable):
        network(played).listing("message/inbox/", {}, after=None)


def test_no_key_and_no_words_show_with_all_debug_logging_on(played, caplog) -> None:
    for name in ("", *TALKATIVE, "urllib3", "requests"):
        caplog.set_level(logging.DEBUG, logger=name or None)
    publisher = played.publisher()
    publisher.publish(played.reply(WORDS), key=KEY)
    answering(played, POST, (403, {"message": "Forbidden", "error": 403}))
    with pytest.raises(DeskError) as failed:
        publisher.publish(played.reply(f"{WORDS} Di nuovo."), key=IdempotencyKey("other"))
    answering(played, POST, Drop)
    with pytest.raises(OutcomeUnknown) as lost:
        publisher.publish(played.reply(f"{WORDS} Ancora."), key=IdempotencyKey("third"))
    errors = [failed.value, lost.value]
    chained = [(each.__cause__, each.__context__) for each in errors]
    used = network(played)
    said = caplog.text + repr((used, vars(used), publisher.publisher, errors, chained, played.setup()))
    assert [word for word in (SECRET, "issued-hush", "riservate", "BAD parcel") if word in said] == []
    assert "message/inbox" in caplog.text or "api/comment" in caplog.text


def test_sign_in_is_used_again_by_the_next_and_a_token_that_ended_is_replaced(played) -> None:
    network(played).own_comments()
    network(played).own_comments()
    assert played.server.calls(TOKEN) == 1
    played.server.token = "issued-hush-2"
    network(played).own_comments()
    assert played.server.calls(TOKEN) == 2


def test_keys_that_reddit_does_not_take_are_said_as_such(played) -> None:
    for answer in [(401, {"message": "Unauthorized", "error": 401}), (200, {"error": "invalid_grant"})]:
        answering(played, TOKEN, answer)
        with pytest.raises(Unauthorized):
            network(played).own_comments()
    played.server.before = lambda call: None
    with pytest.raises(Unauthorized):
        network(played, "app app-hush other-token").own_comments()
    answering(played, TOKEN, (403, b"<html>blocked</html>"))
    with pytest.raises(Misconfigured) as blocked:
        network(played).own_comments()
    assert "approved" in str(blocked.value)


def test_script_signs_in_with_name_and_password(played) -> None:
    played.server.keys = ("password", "aurora_care", "pass-hush")
    told = {"client_id": "app", "client_secret": "app-hush", "username": "aurora_care", "password": "pass-hush"}
    assert network(played, json.dumps(told)).own_name == OUR_NAME


def test_account_without_keys_is_said_to_have_none(played) -> None:
    with pytest.raises(Misconfigured) as refusal:
        network(played, None).own_comments()
    assert refusal.value.values["field"] == "secret_ref" and played.server.asked == []


def test_program_says_who_asks_as_reddit_wants(played) -> None:
    network(played).own_comments()
    assert {agent.split(" prawcore")[0].split(" PRAW")[0] for agent in played.server.agents} == {
        f"server:sportello:0.1 (by /u/{OUR_NAME})"
    }


def test_file_in_this_folder_or_the_environment_takes_no_part(played, tmp_path, monkeypatch) -> None:
    from praw.config import Config

    stranger = "http://127.0.0.1:9"
    (tmp_path / "praw.ini").write_text(
        f"[DEFAULT]\nreddit_url={stranger}\noauth_url={stranger}\ncomment_kind=t9\nrefresh_token=theirs\n"
    )
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login stranger password stranger\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("praw_site", "elsewhere")
    monkeypatch.setenv("praw_client_id", "theirs")
    monkeypatch.setattr(Config, "CONFIG", None)
    monkeypatch.setenv("PRAW_ALLOW_ENDPOINT_OVERRIDE", "1")
    assert network(played).write(WORDS, parent=played.server.things[-1].name)["body"] == WORDS


@pytest.mark.parametrize("url", ["ftp://reddit.example", "http://", "http://a:b@c.example", "https://c.example/path"])
def test_address_that_is_none_is_said_to_be(played, url) -> None:
    with pytest.raises(Misconfigured) as refusal:
        network(played, url=url).own_comments()
    assert refusal.value.values["field"] == "base_url"


def test_limits_of_the_network_come_with_the_page(played, clock) -> None:
    quota = played.collector().fetch(WATCH, None).quota
    assert quota is not None and quota.left == 598 and quota.limit is not None and quota.limit > 598
    assert quota.resets_at is not None and (quota.resets_at - clock()).total_seconds() == 300
