"""Does a reply on Mastodon stay certain next to what others write, and when our account has moved?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from collectors.registry import channel
from domain.errors import NotPossible, OutcomeUnknown
from tests.collectors.test_mastodon_answering import KEY, WORDS, look_up, prepared, publish
from tests.contract.harness_mastodon import MastodonHarness

CONTEXT = "GET /api/v1/statuses/:id/context"
WHO = "GET /api/v1/accounts/verify_credentials"


@pytest.fixture
def played(tmp_path, clock) -> MastodonHarness:
    made = MastodonHarness(tmp_path / "network", clock)
    made.arrive("BAD parcel", author="mara@altrove.example")
    return made


@pytest.mark.parametrize(
    "below",
    [
        (200, {"ancestors": [], "descendants": ["?", {"id": None}, {"id": "7", "account": {"id": "5"}}]}),
        (200, {"ancestors": [], "descendants": None}),
        (500, {"error": "This talk is too long"}),
    ],
)
def test_what_others_write_below_a_post_never_keeps_it_from_being_answered(played, below) -> None:
    played.server.after = lambda method, told: below if method == CONTEXT else told
    receipt = publish(played, prepared(played))
    assert look_up(played, prepared(played)) is None
    assert [view.view["id"] for view in played.server.own()] == [receipt.remote_id]


def test_reply_prepared_on_another_server_goes_nowhere_and_is_never_called_absent(played, clock, tmp_path) -> None:
    reply = prepared(played)
    moved = MastodonHarness(tmp_path / "moved", clock)
    moved.server.posts = dict(played.server.posts)
    with pytest.raises(NotPossible) as refused:
        moved.publisher().publish(reply, key=KEY)
    assert refused.value.reason == "other_server" and moved.server.sent == []
    with pytest.raises(OutcomeUnknown):
        moved.publisher().lookup(reply, key=KEY, since=reply.created_at)
    publish(played, reply)
    assert played.published() == [WORDS]


def test_reply_begun_by_another_account_is_never_called_absent_nor_sent_by_this_one(played) -> None:
    reply = prepared(played)
    played.server.after = lambda method, told: (200, {"id": "43"}) if method == WHO else told
    # A new token is another file of what we know of ourselves.
    played.server.token = "hush-of-another"
    other = channel("mastodon").publisher(replace(played.setup(), secret="hush-of-another"))
    with pytest.raises(OutcomeUnknown):
        other.lookup(reply, key=KEY, since=reply.created_at)
    with pytest.raises(NotPossible) as refused:
        other.publish(reply, key=KEY)
    assert refused.value.reason == "begun_elsewhere" and played.server.sent == []
