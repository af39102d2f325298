"""Is only that believed which the source has signed, just now, with a secret that deserves the name?"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.http_connector.receiver import MOST_ITEMS
from collectors.http_connector.signing import keys_of, require_signed, signed
from collectors.protocol import BadItem, Call, Received
from collectors.registry import channel
from domain.errors import Invalid, Misconfigured, Unauthorized
from domain.mention import Mention
from tests.contract.harness import SECRET
from tests.contract.harness_http_connector import HttpConnectorHarness
from tests.contract.http_connector_server import signature

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OLD, NEW = "the-secret-of-last-year", "whsec_" + base64.b64encode(bytes(range(32))).decode()
ITEM = {"id": "r1", "text": "Ciao", "author": {"name": "Mara"}, "published_at": "2026-03-02T08:00:00Z"}


@pytest.fixture
def played(tmp_path, clock) -> HttpConnectorHarness:
    return HttpConnectorHarness(tmp_path / "network", clock)


def receive(played: HttpConnectorHarness, told: object, *, secret: str = SECRET, body: bytes | None = None) -> Received:
    content = json.dumps(told).encode() if body is None else body
    headers = signed(keys_of(secret), message_id="msg_1", at=played.server.clock(), content=content)
    return channel("http_connector").receiver(played.setup()).read(Call(headers, content))


def takes(secret: str, headers: dict[str, str], *, now: datetime = NOW) -> bool:
    try:
        require_signed(keys_of(secret), headers, b"x", now=now)
    except Unauthorized:
        return False
    return True


def test_signature_is_what_any_library_of_the_specification_makes() -> None:
    # The example that the specification's own libraries are tested with.
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1_614_265_330, UTC)
    headers = signed(keys_of(key), message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=at, content=b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_signature_is_the_one_that_the_played_source_works_out_by_itself() -> None:
    headers = signed(keys_of(OLD), message_id="m", at=NOW, content=b"x")
    assert headers["webhook-signature"] == signature(OLD, headers, b"x")


def test_secrets_overlap_while_one_replaces_the_other() -> None:
    both = f"{NEW} {OLD}"
    for one in (NEW, OLD):
        assert takes(both, signed(keys_of(one), message_id="m", at=NOW, content=b"x"))
        assert takes(one, signed(keys_of(both), message_id="m", at=NOW, content=b"x"))
    assert not takes(NEW, signed(keys_of(OLD), message_id="m", at=NOW, content=b"x"))


@pytest.mark.parametrize(
    "secret", [None, "", "   ", "hush", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%%%%%%%%%%%%%%%%%%%%%%"]
)
def test_secret_that_anybody_could_guess_is_none(secret) -> None:
    with pytest.raises(Misconfigured) as refused:
        keys_of(secret)
    assert not secret or not secret.strip() or secret not in str(refused.value)


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_call_signed_within_five_minutes_is_taken(minutes) -> None:
    assert takes(OLD, signed(keys_of(OLD), message_id="m", at=NOW + timedelta(minutes=minutes), content=b"x"))


@pytest.mark.parametrize("minutes", [-1440, -5.1, 5.1, 1440])
def test_call_that_somebody_kept_is_refused(minutes) -> None:
    headers = signed(keys_of(OLD), message_id="m", at=NOW + timedelta(minutes=minutes), content=b"x")
    with pytest.raises(Unauthorized) as refused:
        require_signed(keys_of(OLD), headers, b"x", now=NOW)
    assert refused.value.values["reason"] == "wrong_time"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "other"},
        {"webhook-timestamp": "1772442001"},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "-1"},
        {"webhook-id": "ü" * 300},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1a,AAAA v2,BBBB"},
        {"webhook-signature": "\udcff v1,\udcff"},
    ],
)
def test_call_changed_on_its_way_is_refused(change) -> None:
    headers = signed(keys_of(OLD), message_id="m", at=NOW, content=b"x") | change
    with pytest.raises(Unauthorized) as refused:
        require_signed(keys_of(OLD), headers, b"x", now=NOW)
    assert refused.value.values["reason"] == "wrong_signature"


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_call_without_one_of_its_headers_is_refused(missing) -> None:
    headers = signed(keys_of(OLD), message_id="m", at=NOW, content=b"x")
    del headers[missing]
    with pytest.raises(Unauthorized) as refused:
        require_signed(keys_of(OLD), headers, b"x", now=NOW)
    assert refused.value.values["reason"] == "not_signed"


@given(
    st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()), st.binary()
)
def test_nobody_without_the_secret_gets_in_whatever_they_send(headers, body) -> None:
    with pytest.raises(Unauthorized):
        require_signed(keys_of(OLD), headers, body, now=NOW)


def test_items_come_in_their_order_and_one_that_cannot_be_read_stays_in_its_place(played) -> None:
    items = receive(
        played, {"items": [ITEM, ITEM | {"author": 7}, {"id": "r1", "deleted": True}], "sent_by": "shop"}
    ).items
    assert [type(item) for item in items] == [Mention, BadItem, Mention]
    assert isinstance(items[1], BadItem) and items[1].reason.startswith("author: ")
    assert isinstance(items[0], Mention) and (items[0].origin, items[0].native_id) == ("account-1", "r1")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff", "not_json"),
        (b"[" * 200_000, "not_json"),
        (b'{"items": NaN}', "not_json"),
        (b"[]", "no_items"),
        (b"7", "no_items"),
        (b"{}", "no_items"),
        (b'{"items": {"id": "r1"}}', "no_items"),
        (json.dumps({"items": [{}] * (MOST_ITEMS + 1)}).encode(), "too_many_items"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_call_that_cannot_be_read_is_told_why(played, body, reason) -> None:
    with pytest.raises(Invalid) as refused:
        receive(played, None, body=body)
    assert refused.value.values["reason"] == reason


def test_signature_comes_before_everything_that_is_said(played) -> None:
    with pytest.raises(Unauthorized):
        receive(played, None, body=b"{", secret=OLD)
    nobody = channel("http_connector").receiver(replace(played.setup(), account=None))
    with pytest.raises(Unauthorized):
        nobody.read(Call({}, b""))
    assert SECRET not in repr(channel("http_connector").receiver(played.setup()))


def test_secret_is_kept_only_once_the_source_has_answered_a_question_signed_with_it(played, clock) -> None:
    way_in = channel("http_connector").sign_in(clock)
    told = way_in.checked(" reviews ", f" {SECRET} ", base_url=f"{played.url}/")
    assert (told.handle, told.base_url, told.secret) == ("reviews", played.url, SECRET) and SECRET not in repr(told)
    with pytest.raises(Unauthorized):
        way_in.checked("reviews", OLD, base_url=played.url)
    with pytest.raises(Misconfigured):
        way_in.checked("reviews", "hush", base_url=None)
    played.server.about = {"hello": "world"}
    with pytest.raises(Misconfigured):
        way_in.checked("reviews", SECRET, base_url=played.url)
    # One that only calls us is believed: it has nothing to be asked at.
    assert way_in.checked("reviews", SECRET, base_url=None).base_url is None


def test_same_call_has_the_same_name_until_nobody_can_repeat_it(played, clock) -> None:
    first, again = receive(played, {"items": [ITEM]}), receive(played, {"items": [ITEM]})
    other = receive(played, {"items": [ITEM | {"text": "Addio"}]})
    assert first.call and first.call == again.call != other.call
    assert first.repeatable_until == clock() + timedelta(minutes=5)
