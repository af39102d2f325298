"""Are the answers of a Mastodon server what the desk takes them for, whatever its library makes of them?"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, ProtocolError

from collectors import bounded
from collectors.mastodon.client import MastodonNetwork
from domain.brand import Watch
from domain.errors import (
    DeskError,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unauthorized,
    Unavailable,
)
from domain.reply import IdempotencyKey
from tests.contract.harness import SECRET, Trouble
from tests.contract.harness_mastodon import POST, MastodonHarness
from tests.contract.mastodon_server import OUR_ID
from tests.contract.scripted import Drop

WATCH = Watch(1, 1, "Aurora", terms=("#aurora", "pacco rotto"))
KEY = IdempotencyKey("6f1ed002ab559585")


@pytest.fixture
def played(tmp_path, clock) -> MastodonHarness:
    return MastodonHarness(tmp_path / "network", clock)


def network(played: MastodonHarness, *, secret: str = SECRET) -> MastodonNetwork:
    setup = played.setup()
    there = MastodonNetwork(setup.account, setup.data_dir, setup.clock, secret=secret)
    assert secret != SECRET or there.about().own_id == OUR_ID
    return there


def read(there: MastodonNetwork) -> None:
    there.own_posts(limit=1)


def write(there: MastodonNetwork) -> None:
    there.write("Buongiorno", key=KEY)


STATUSES = [
    (302, "", Misconfigured, Misconfigured),
    (400, "Bad", Misconfigured, Refused),
    (401, "The access token is invalid", Unauthorized, Unauthorized),
    (403, "This action is outside the authorized scopes", Unauthorized, Unauthorized),
    (403, "", Unavailable, Unavailable),
    (404, "Record not found", NotFound, NotFound),
    (410, "Gone", NotFound, NotFound),
    (409, "Conflict", Unavailable, OutcomeUnknown),
    (413, "Too large", Misconfigured, Refused),
    (422, "Validation failed", Misconfigured, Refused),
    (429, "Too many requests", RateLimited, RateLimited),
    (500, "", Unavailable, OutcomeUnknown),
    (501, "", Misconfigured, Misconfigured),
    (502, "", Unavailable, OutcomeUnknown),
    (503, "Remote data could not be fetched", Unavailable, OutcomeUnknown),
    (504, "", Unavailable, OutcomeUnknown),
    (520, "", Unavailable, OutcomeUnknown),
]


@pytest.mark.parametrize(("status", "said", "reading", "writing"), STATUSES, ids=lambda v: str(v)[:20])
def test_answers_of_the_network_are_the_desks_errors(played, status, said, reading, writing) -> None:
    there = network(played)
    played.server.before = lambda method: (status, {"error": said} if said else b"<html>no</html>")
    with pytest.raises(DeskError) as asked:
        read(there)
    with pytest.raises(DeskError) as written:
        write(there)
    assert (type(asked.value), type(written.value)) == (reading, writing)


def refused(inner: Exception) -> requests.ConnectionError:
    return requests.ConnectionError(MaxRetryError(None, "/", inner))


TRANSPORT = [
    (requests.ConnectTimeout("slow"), Unavailable),
    (refused(NewConnectionError(None, "refused")), Unavailable),
    (refused(NameResolutionError("piazza.test", None, OSError())), Unavailable),
    (refused(ProtocolError("reset")), OutcomeUnknown),
    (requests.ConnectionError(ProtocolError("Connection aborted.")), OutcomeUnknown),
    (requests.ReadTimeout("slow"), OutcomeUnknown),
    (requests.exceptions.SSLError("who?"), OutcomeUnknown),
    (requests.exceptions.ProxyError("who?"), OutcomeUnknown),
    (RecursionError("deep"), OutcomeUnknown),
]


@pytest.mark.parametrize(("error", "writing"), TRANSPORT, ids=lambda v: repr(v)[:40])
def test_only_a_connection_that_never_stood_proves_that_nothing_was_written(
    played, monkeypatch, error, writing
) -> None:
    there = network(played)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(requests.Session, "send", fail)
    with pytest.raises(Unavailable):
        read(there)
    with pytest.raises(writing):
        write(there)


def test_connection_that_nobody_takes_is_proof_and_one_that_breaks_is_not(played) -> None:
    there = network(played)

    def drop(method: str):
        raise Drop

    played.server.before = drop
    with pytest.raises(OutcomeUnknown):
        write(there)
    played.url = "http://127.0.0.1:9"
    setup = played.setup()
    with pytest.raises(Unavailable):
        write(MastodonNetwork(setup.account, setup.data_dir, setup.clock, secret=SECRET))


@pytest.mark.parametrize("trouble", ["drop", 500, 503, 429])
def test_a_reply_is_one_request_whatever_comes_back(played, trouble) -> None:
    there = network(played)

    def fail(method: str):
        if trouble == "drop":
            raise Drop
        return trouble, {"error": "no"}

    played.server.before = fail
    with pytest.raises(DeskError):
        write(there)
    assert played.server.asked.count(POST) == 1


def test_rate_limit_is_told_at_once_and_nobody_sleeps(played, monkeypatch) -> None:
    there = network(played)
    monkeypatch.setattr(time, "sleep", lambda s: pytest.fail("the library sleeps"))
    with played.trouble(Trouble.LIMITED), pytest.raises(RateLimited) as limited:
        read(there)
    assert limited.value.retry_after_s == 300


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "90"}, 90),
        ({"x-ratelimit-reset": "2026-03-02T09:02:00.000000Z"}, 120),
        ({"x-ratelimit-reset": "1772442060"}, 60),
        ({"x-ratelimit-reset": "tomorrow"}, 60),
        ({"x-ratelimit-reset": "2026-03-02T08:00:00Z"}, 1),
        ({}, 60),
    ],
    ids=str,
)
def test_how_long_to_wait_is_read_from_the_headers_that_servers_send(played, headers, wait_s) -> None:
    there = network(played)
    played.server.headers = headers
    played.server.before = lambda method: (429, {"error": "Too many requests"})
    with pytest.raises(RateLimited) as limited:
        read(there)
    assert limited.value.retry_after_s == wait_s


def test_published_reply_is_no_rate_limit_though_a_header_about_limits_cannot_be_read(played) -> None:
    there = network(played)
    played.server.headers = {"x-ratelimit-reset": "in a while", "x-ratelimit-remaining": "many"}
    assert there.write("Buongiorno", key=KEY)["id"] in played.server.posts


def test_server_without_a_description_of_itself_is_searched_all_the_same(played) -> None:
    played.server.instance = {}
    played.server.before = lambda m: (404, {"error": "Not Found"}) if "instance" in m else None
    there = network(played)
    assert there.found("aurora", limit=5).body["statuses"] == []
    assert (there.about().max_chars, there.about().url_chars) == (500, 23)


def test_token_is_never_taken_for_the_name_of_a_file(played, tmp_path) -> None:
    (tmp_path / "token").write_text("what-stands-in-the-file")
    played.server.token = str(tmp_path / "token")
    assert network(played, secret=str(tmp_path / "token")).about().own_id == OUR_ID


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "perché"], ids=ascii)
def test_token_that_is_none_is_said_without_quoting_it(played, token) -> None:
    with pytest.raises(Misconfigured) as told:
        network(played, secret=token).about()
    assert "words" not in str(told.value) and "break" not in str(told.value)


@pytest.mark.parametrize("url", ["ftp://piazza.test", "https://", "piazza", "http://a:b@c.test", "http://[::1", ""])
def test_address_that_is_none_is_said(played, url) -> None:
    account = replace(played.setup().account, base_url=url, handle="aurora")
    with pytest.raises(Misconfigured):
        MastodonNetwork(account, "x", played.setup().clock, secret=SECRET).about()


def test_server_is_found_by_the_handle_when_no_address_is_given(played) -> None:
    account = replace(played.setup().account, base_url=None, handle="aurora@piazza.test")
    assert MastodonNetwork(account, "x", played.setup().clock, secret=SECRET).origin == "piazza.test"


def test_redirect_is_told_and_not_followed(played) -> None:
    there = network(played)
    played.server.headers = {"location": "https://altrove.example/api/v1/statuses"}
    played.server.before = lambda method: (301, b"")
    with pytest.raises(Misconfigured, match=r"altrove\.example"):
        write(there)
    assert len(played.server.asked) == 1 + played.server.asked.index(POST)


def test_every_request_ends_in_bounded_time_and_size(played, monkeypatch) -> None:
    there = network(played)
    waited = []
    send = requests.adapters.HTTPAdapter.send

    def spy(self, request, **given):
        waited.append(given["timeout"])
        return send(self, request, **given)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", spy)
    read(there)
    assert waited == [(bounded.CONNECT_S, bounded.ANSWER_S)]
    monkeypatch.setattr(bounded, "MAX_BYTES", 50)
    played.server.add("x" * 100, author="aurora")
    with pytest.raises(Unavailable):
        read(there)
    with pytest.raises(OutcomeUnknown):
        write(there)


@pytest.mark.parametrize("body", [b"<html>Elmroad</html>", b"", b'{"id": "1', b"[" * 100_000], ids=lambda b: str(b[:9]))
def test_answer_that_is_no_json_is_no_answer_and_is_not_quoted(played, body) -> None:
    there = network(played)
    played.server.before = lambda method: (200, body)
    for ask, error in ((read, Unavailable), (write, OutcomeUnknown)):
        with pytest.raises(error) as told:
            ask(there)
        causes = [told.value, told.value.__cause__, told.value.__context__]
        assert "Elmroad" not in repr(causes) and causes[1:] == [None, None]


def test_limits_of_the_network_come_with_the_page(played) -> None:
    played.server.headers = {
        "x-ratelimit-limit": "300",
        "x-ratelimit-remaining": "296",
        "x-ratelimit-reset": "2026-03-02T09:05:00.000000Z",
    }
    quota = played.collector().fetch(Watch(1, 1, "Aurora"), None).quota
    assert quota is not None and (quota.left, quota.limit) == (296, 300)
    assert quota.resets_at == played.setup().clock() + timedelta(minutes=5)


def test_who_we_are_is_asked_once_a_day_and_kept_without_the_token(played, clock, tmp_path) -> None:
    for _ in range(3):
        read(network(played))
    who = "GET /api/v1/accounts/verify_credentials"
    assert played.server.asked.count(who) == 1
    clock.move(hours=25)
    network(played)
    assert played.server.asked.count(who) == 2
    kept = "".join(path.read_text() + path.name for path in (tmp_path / "network").rglob("*") if path.is_file())
    assert OUR_ID in kept and SECRET not in kept


def test_damaged_file_about_us_costs_two_questions_and_no_more(played, tmp_path) -> None:
    network(played)
    [kept] = (tmp_path / "network").rglob("about-*.json")
    for damage in ("", "[]", '{"own_id": 5}', "\x00"):
        kept.write_text(damage)
        assert network(played).about().own_id == OUR_ID


def test_no_token_and_no_words_of_anybody_in_any_log_or_repr(played, caplog, clock) -> None:
    caplog.set_level(logging.DEBUG)
    played.arrive("Abito in Elmroad 7")
    said: list[object] = [played.collector(), played.publisher(), network(played)]
    page = played.collector().fetch(WATCH, None)
    reply = played.reply("Zaffiro, buongiorno")
    played.publisher().publish(reply, key=KEY)
    for trouble in (Trouble.LOST, Trouble.NO, Trouble.SIGN_IN, Trouble.DOWN):
        with played.trouble(trouble), pytest.raises(DeskError) as failed:
            played.publisher().publish(played.reply("Zaffiro, ancora"), key=IdempotencyKey(trouble))
        said += [failed.value, failed.value.values, failed.value.__cause__, failed.value.__context__]
    said += [network(played).own_posts(limit=3)]
    told = caplog.text + repr(said)
    assert page.items and "urllib3" in caplog.text
    assert SECRET not in told and "Elmroad" not in told and "Zaffiro" not in told
