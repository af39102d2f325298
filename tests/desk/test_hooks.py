"""Is the address of a source open to that source alone, and does it say clearly what it took and why not?"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.testclient import TestClient

import bootstrap
from collectors.http_connector.signing import keys_of, signed
from db.tables import mentions
from desk import hooks
from desk.auth import SignedInOnly
from desk.hook_pace import Pace
from desk.hooks import ROUTES
from desk.page_headers import PageHeaders
from domain.brand import Account
from domain.clock import utc_now
from domain.errors import Unavailable
from services import accounts, brands, receiving

SECRET = "hush-5d41402abc4b2a76"
ITEM = {"id": "r1", "text": "Where is my parcel?", "author": {"id": "c1", "name": "Zenobia"}}


@pytest.fixture
def source(empty_desk: bootstrap.Backend, monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setenv("REVIEWS", SECRET)
    brand = brands.add_brand(empty_desk.ctx, "Aurora")
    return accounts.add_account(
        empty_desk.ctx, brand.id, channel="http_connector", handle="reviews", secret_ref="REVIEWS"
    )


@pytest.fixture
def outside(source: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Somebody who has never signed in."""
    monkeypatch.setattr(hooks, "CALLS", Pace(300))
    monkeypatch.setattr(hooks, "REFUSALS", Pace(60))
    app = Starlette(routes=ROUTES, middleware=[Middleware(PageHeaders), Middleware(SignedInOnly)])
    with TestClient(app, follow_redirects=False) as client:
        yield client


Call = Callable[..., httpx.Response]


@pytest.fixture
def call(outside: TestClient, source: Account) -> Call:
    def send(told: object = None, *, secret: str = SECRET, body: bytes | None = None, path: str = "") -> httpx.Response:
        items = {"items": [{**ITEM, "published_at": utc_now().isoformat()}]} if told is None else told
        content = json.dumps(items).encode() if body is None else body
        headers = signed(keys_of(secret), message_id="msg_1", at=utc_now(), content=content)
        return outside.post(path or f"/hooks/{source.id}", content=content, headers=headers)

    return send


def words(desk: bootstrap.Backend) -> list[str]:
    with desk.ctx.store.read() as tx:
        return list(tx.execute(select(mentions.c.text)).scalars())


def test_signed_call_is_taken_without_a_sign_in_and_the_same_again_stores_nothing(empty_desk, call) -> None:
    first, again = call(), call()
    assert (first.status_code, first.json()) == (202, {"results": [{"status": "stored", "id": "r1", "reason": None}]})
    assert (again.status_code, again.json()["results"][0]["status"]) == (202, "known")
    assert words(empty_desk) == ["Where is my parcel?"] and first.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"secret": "not-the-secret-of-this-one"}, 401, "wrong_signature"),
        ({"path": "/hooks/99"}, 401, "wrong_signature"),
        ({"path": "/hooks/99999999999999999999999999"}, 401, "wrong_signature"),
        ({"body": b"{"}, 400, "not_json"),
        ({"told": {"items": 7}}, 400, "no_items"),
        ({"told": {"items": [{}] * 201}}, 400, "too_many_items"),
        ({"body": b"x" * 5_000_000}, 413, "too_large"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_call_that_is_not_taken_is_told_why_in_json(empty_desk, call, how, status, code) -> None:
    answer = call(**how)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"] and words(empty_desk) == []


def test_body_without_a_length_is_cut_off_at_the_limit(outside, source, empty_desk) -> None:
    answer = outside.post(f"/hooks/{source.id}", content=(b"x" * 100_000 for _ in range(30)))
    assert answer.status_code == 413


def test_five_megabytes_of_one_post_are_refused_and_the_rest_can_still_be_sent(call) -> None:
    huge = {**ITEM, "published_at": utc_now().isoformat(), "text": "x" * 5_000_000}
    assert call({"items": [huge]}).status_code == 413
    assert call({"items": [{**huge, "text": "x" * 1_500_000}]}).json()["results"][0]["status"] == "stored"


def test_body_that_trickles_in_for_ever_is_not_waited_for(source, monkeypatch) -> None:
    async def nothing_comes() -> dict[str, object]:
        await asyncio.sleep(30)
        raise AssertionError("somebody waited")

    monkeypatch.setattr(hooks, "BODY_S", 0.05)
    asked = {"type": "http", "path_params": {"account": source.id}, "headers": [], "client": ("192.0.2.7", 1)}
    answer = asyncio.run(hooks.take_call(Request(asked, nothing_comes)))
    assert (answer.status_code, json.loads(answer.body)["error"]["code"]) == (408, "too_slow")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_but_a_call_is_answered_there(outside, source, method) -> None:
    answer = outside.request(method, f"/hooks/{source.id}")
    assert answer.status_code in (303, 405) and "parcel" not in answer.text


def test_whoever_keeps_guessing_waits_and_so_does_who_calls_too_often(outside, call, monkeypatch) -> None:
    monkeypatch.setattr(hooks, "REFUSALS", Pace(2))
    assert [call(secret="a-guess-of-somebody").status_code for _ in range(3)] == [401, 401, 429]
    assert 1 <= int(call().headers["retry-after"]) <= 60
    monkeypatch.setattr(hooks, "REFUSALS", Pace(60))
    monkeypatch.setattr(hooks, "CALLS", Pace(2))
    assert [call().status_code for _ in range(3)] == [202, 202, 429]


def test_desk_that_cannot_take_it_says_when_to_come_again(call, monkeypatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise Unavailable("The store does not answer.", retry_after_s=5.0)

    monkeypatch.setattr(receiving, "receive", gone)
    answer = call()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "6")


def test_no_secret_no_signature_and_no_words_show_in_any_log_or_answer(call, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    said = [call().text, call(secret="somebody-elses-secret").text, call(body=b"{").text]
    told = "\n".join(said) + caplog.text
    assert SECRET not in told and "v1," not in told and "parcel" not in told and "Zenobia" not in told


def test_source_without_its_secret_is_believed_by_nobody(call, monkeypatch) -> None:
    monkeypatch.delenv("REVIEWS")
    answer = call()
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "wrong_signature")
    assert "REVIEWS" not in answer.text


def test_pace_counts_each_caller_by_itself_and_forgets_with_the_minute(clock) -> None:
    pace = Pace(1)
    pace.count("one", now=clock())
    assert (pace.wait_s("one", now=clock()), pace.wait_s("other", now=clock())) == (60, 0)
    for number in range(2000):
        pace.count(f"caller {number}", now=clock())
    assert pace.wait_s("one more", now=clock()) == 0  # Strangers by the thousand shut nobody else out.
    clock.move(minutes=1)
    assert pace.wait_s("one", now=clock()) == 0


def test_administrator_reads_at_the_account_where_its_source_may_call(source, draw_page) -> None:
    page = draw_page("aoife", "channels")
    told = " ".join(str(each.proto.body) for each in page.get("html"))
    assert f"/hooks/{source.id}" in told and SECRET not in told
    assert "sp_connect_http_connector" in {each.key for each in page.button}
