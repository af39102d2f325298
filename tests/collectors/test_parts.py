"""Does one post that a network breaks on hide what became of the others that were asked about with it?"""

from __future__ import annotations

import pytest

from collectors.parts import FAILURES, FAILURES_AT_FIRST, in_parts
from collectors.protocol import Kept
from collectors.spending import Budget
from collectors.x.client import XNetwork
from collectors.x.collector import XCollector
from domain.brand import Account
from domain.errors import Malformed, Misconfigured, NotFound, RateLimited, Unauthorized, Unavailable
from tests.collectors.test_bluesky_network import rounds as bluesky_rounds
from tests.collectors.test_mastodon_listening import rounds as mastodon_rounds
from tests.collectors.test_x_network import Purse
from tests.collectors.test_x_reading import rounds as x_rounds
from tests.contract.bluesky_server import Server as BlueskyServer
from tests.contract.harness import SECRET
from tests.contract.harness_bluesky import BlueskyHarness
from tests.contract.harness_mastodon import MastodonHarness
from tests.contract.mastodon_server import Server as MastodonServer
from tests.contract.x_server import OUR_HANDLE
from tests.contract.x_server import Server as XServer

BROKEN = [(500, {"error": "Oops", "title": "Oops"}), (200, {"data": 7})]
IDS = [str(number) for number in range(100)]


class Asker:
    """Answers with the ids, unless one of them is spoilt."""

    def __init__(self, *spoilt: str, error: Exception | None = None) -> None:
        self.spoilt, self.error, self.questions = set(spoilt), error or Malformed("?"), 0

    def __call__(self, ids):
        self.questions += 1
        if self.spoilt & set(ids):
            raise self.error
        return list(ids)


@pytest.mark.parametrize("spoilt", [(), ("0",), ("57",), ("99",), ("3", "96"), ("41", "42")])
def test_all_but_the_spoilt_ones_are_answered(spoilt) -> None:
    asker = Asker(*spoilt)
    told = in_parts(asker, IDS)
    assert {each for answer in told.answers for each in answer} == set(told.asked) == set(IDS) - set(spoilt)
    assert asker.questions <= 2 * FAILURES


def test_network_that_is_away_is_not_asked_about_each() -> None:
    asker = Asker(*IDS, error=Unavailable("?"))
    with pytest.raises(Unavailable):
        in_parts(asker, IDS)
    assert asker.questions == FAILURES_AT_FIRST


def test_nobody_is_asked_on_after_being_told_to_slow_down() -> None:
    asker = Asker("7")

    def ask(ids):
        if asker.questions == 3:
            raise RateLimited
        return asker(ids)

    told = in_parts(ask, IDS)
    assert asker.questions == 3 and set(told.asked) == set(IDS[50:])
    with pytest.raises(RateLimited):
        in_parts(ask, IDS)


@pytest.mark.parametrize("error", [Misconfigured("The month's money is spent."), Unauthorized("?"), NotFound("?")])
def test_what_was_answered_and_paid_for_is_kept_whatever_comes_after(error) -> None:
    asker = Asker("7")

    def ask(ids):
        if asker.questions == 2:
            raise error
        return asker(ids)

    told = in_parts(ask, IDS[:4] + IDS[4:8][::-1])
    assert told.answers == (["0", "1", "2", "3"],) and told.asked == ("0", "1", "2", "3")
    with pytest.raises(type(error)):
        in_parts(ask, IDS)


def test_x_tells_what_is_gone_when_no_money_is_left_for_what_was_edited(clock) -> None:
    server, purse = XServer(clock, SECRET), Purse()
    try:
        account = Account(1, 1, "x", OUR_HANDLE, base_url=server.url)
        collector = XCollector(XNetwork(account, clock, secret=SECRET, purse=purse))
        sent = [server.add(f"n {i}", author="ugo", user_id="5").view["id"] for i in range(3)]
        _, cursor = x_rounds(collector)
        clock.move(minutes=10)
        server.edit(sent[0], "corrected")
        server.by_id[sent[2]].deleted = True

        def spent(call, answer):
            if call == "GET /2/tweets":
                purse.left[Budget.READS] = 0.0
            return answer

        server.after = spent
        items, _ = x_rounds(collector, cursor)
        assert [post.native_id for post in items if post.deleted] == [sent[2]]
    finally:
        server.close()


@pytest.mark.parametrize("broken", BROKEN)
def test_x_tells_what_changed_beside_a_spoilt_post(clock, broken) -> None:
    server = XServer(clock, SECRET)
    try:
        collector = XCollector(XNetwork(Account(1, 1, "x", OUR_HANDLE, base_url=server.url), clock, secret=SECRET))
        sent = [server.add(f"n {i}", author="ugo", user_id="5").view["id"] for i in range(7)]
        _, cursor = x_rounds(collector)
        clock.move(minutes=10)
        spoil(server, sent[3], broken)
        server.edit(sent[1], "corrected")
        server.by_id[sent[5]].deleted = True
        items, _ = x_rounds(collector, cursor)
        changed = {post.native_id: post for post in items if post.native_id in (sent[1], sent[5])}
        assert changed[sent[1]].text == "corrected" and changed[sent[5]].deleted
        found = collector.recheck([Kept("x.com", each) for each in sent])
        assert {each.native_id for each in found.asked} == set(sent) - {sent[3]}
        assert [post.native_id for post in found.changed] == [sent[5]]
    finally:
        server.close()


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("version", [7, 0], ids=["together", "one by one"])
def test_mastodon_tells_what_changed_beside_a_spoilt_post(tmp_path, clock, broken, version) -> None:
    played = MastodonHarness(tmp_path / "network", clock)
    played.server.instance["api_versions"] = {"mastodon": version}
    sent = [played.arrive(f"n {i}") for i in range(5)]
    _, cursor = mastodon_rounds(played, None)
    clock.move(minutes=10)
    spoil(played.server, sent[1], broken)
    played.edit(sent[2], "corrected")
    played.delete(sent[4])
    pages, _ = mastodon_rounds(played, cursor)
    changed = {post.native_id: post for page in pages for post in page.items if post.native_id in (sent[2], sent[4])}
    assert changed[sent[2]].text == "corrected" and changed[sent[4]].deleted
    found = played.collector().recheck([Kept(pages[0].items[0].origin, each) for each in sent])
    assert {each.native_id for each in found.asked} >= set(sent) - {sent[1]}
    assert [post.native_id for post in found.changed] == [sent[4]]


@pytest.mark.parametrize("broken", BROKEN)
def test_bluesky_goes_on_beside_a_spoilt_post(tmp_path, clock, broken) -> None:
    played = BlueskyHarness(tmp_path / "network", clock)
    sent = [played.arrive(f"n {i}") for i in range(5)]
    _, cursor = bluesky_rounds(played, None)
    clock.move(minutes=10)
    spoil(played.server, sent[1], broken)
    played.edit(sent[2], "corrected")
    played.delete(sent[4])
    new = played.arrive("next")
    pages, cursor = bluesky_rounds(played, cursor)
    items = {post.native_id: post for page in pages for post in page.items}
    assert items[sent[2]].text == "corrected" and items[sent[4]].deleted and items[new].text == "next"
    found = played.collector().recheck([Kept("atproto", each) for each in sent])
    assert {each.native_id for each in found.asked} == set(sent) - {sent[1]}
    assert [post.native_id for post in found.changed] == [sent[4]]
    # One that is spoilt from its first minute on is heard as it was notified.
    clock.move(minutes=10)
    late = played.arrive("spoilt at once")
    spoil(played.server, late, broken)
    pages, _ = bluesky_rounds(played, cursor)
    assert late in {post.native_id for page in pages for post in page.items}


def spoil(server: XServer | MastodonServer | BlueskyServer, native_id: str, broken) -> None:
    """Whatever is asked about this post among others, or alone, breaks."""
    answered = server.answered

    def spoilt(call, asked):
        named = [
            *asked.query.get("uris", []),
            *asked.query.get("uri", []),
            *asked.query.get("ids", [""])[0].split(","),
            *asked.query.get("id[]", []),
            asked.path.split("/")[-1],
        ]
        return broken if native_id in named else answered(call, asked)

    server.answered = spoilt
