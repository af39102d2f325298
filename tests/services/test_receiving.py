"""Are posts that a source hands in stored once, for the watches that want them, and from nobody else?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from collectors.http_connector.signing import keys_of, signed
from collectors.protocol import Call
from collectors.registry import channel, manifest
from db import brands as brands_db
from db.tables import cases, mentions, quarantine
from domain.brand import Account, Watch
from domain.errors import Invalid, NotPossible, Unauthorized
from domain.mention import VERSION_CHARS
from services import accounts, brands, intake, receiving, trail, watches
from services.context import Context
from services.routes import account_for
from tests.contract.harness_http_connector import HttpConnectorHarness
from tests.fakes import MovableClock

SECRETS = {1: "the-secret-of-reviews", 2: "the-secret-of-comments"}


class Door:
    """The door to the sources of a firm, as bootstrap opens it, and to nothing else."""

    def __init__(self, played: HttpConnectorHarness) -> None:
        self._played = played

    def names(self) -> tuple[str, ...]:
        return ("http_connector",)

    def manifest(self, name: str):
        return manifest(name)

    def receiver(self, name: str, account: Account):
        return channel(name).receiver(self._setup(account))

    def collector(self, name: str, account: Account | None = None, *, accounts: tuple[Account, ...] = ()):
        return channel(name).collector(replace(self._setup(account), accounts=accounts, secrets=SECRETS))

    def publisher(self, name: str, account: Account | None = None):
        return channel(name).publisher(self._setup(account))

    def _setup(self, account: Account | None):
        return replace(self._played.setup(), account=account, secret=account and SECRETS[account.id])


@pytest.fixture
def desk(ctx: Context, tmp_path, clock: MovableClock) -> Iterator[Context]:
    played = HttpConnectorHarness(tmp_path / "network", clock)
    played.server.secret = SECRETS[1]
    yield replace(ctx, channels=Door(played))
    played.server.close()


@pytest.fixture
def reviews(desk: Context) -> Account:
    """A source of Aurora that only calls."""
    brand = brands.add_brand(desk, "Aurora")
    return accounts.add_account(desk, brand.id, channel="http_connector", handle="reviews", secret_ref="REVIEWS")


@pytest.fixture
def watch(desk: Context, reviews: Account) -> Watch:
    return brands.add_watch(desk, reviews.brand_id, name="all", terms=("aurora",), channels=("http_connector",))


Send = Callable[..., tuple[receiving.Outcome, ...]]


@pytest.fixture
def send(desk: Context, clock: MovableClock, reviews: Account, watch: Watch) -> Send:
    """The source calls; fields of an item as keywords, or whole items."""

    def call(*items: object, account: int | None = None, secret: str = SECRETS[1], **fields: object):
        said = items or (item(**fields),)
        body = json.dumps({"items": said}).encode()
        headers = signed(keys_of(secret), message_id="msg_1", at=clock(), content=body)
        return receiving.receive(desk, account or reviews.id, Call(headers, body), address="192.0.2.7")

    def item(**fields: object) -> dict[str, object]:
        at = clock().isoformat()
        return {"id": "r1", "text": "BAD parcel", "author": {"id": "c1", "name": "Mara"}, "published_at": at} | fields

    call.item = item  # type: ignore[attr-defined]
    return call


def fates(outcomes: tuple[receiving.Outcome, ...]) -> list[str]:
    return [str(each.fate) for each in outcomes]


def count(desk: Context, table) -> int:
    with desk.store.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def row(desk: Context, native_id: str = "r1"):
    with desk.store.read() as tx:
        return tx.execute(select(mentions).where(mentions.c.native_id == native_id)).one()


def test_post_that_is_handed_in_is_a_case_and_the_same_again_changes_nothing(desk, send) -> None:
    assert fates(send()) == ["stored"] and fates(send()) == ["known"]
    assert (count(desk, mentions), count(desk, cases)) == (1, 1)


def test_edit_and_deletion_reach_the_post_that_is_here(desk, send, clock) -> None:
    send(version=1)
    clock.move(minutes=1)
    assert fates(send(version=2, text="BAD parcel, twice", edited_at=clock().isoformat())) == ["known"]
    assert row(desk).text == "BAD parcel, twice"
    # A call that was on its way for longer than the next one turns nothing back.
    send(version=1, published_at=(clock() - timedelta(minutes=1)).isoformat())
    assert row(desk).text == "BAD parcel, twice"
    assert fates(send({"id": "r1", "deleted": True})) == ["known"]
    assert (row(desk).text, row(desk).deleted_at) == ("", clock())
    assert fates(send({"id": "r9", "deleted": True})) == ["ignored"]


def test_call_that_somebody_repeats_brings_no_older_wording_back(desk, send, clock) -> None:
    """Wordings without a time: what was handed in last counts, and a copy of an earlier call was not handed in."""
    older = [send.item(version="a")]
    send(*older)
    earlier, clock_then = [send.item(version="b", text="BAD parcel, twice")], clock()
    send(*earlier)
    clock.move(minutes=1)
    send(version="c", text="BAD parcel, three times", published_at=clock_then.isoformat())
    clock.move(minutes=2)
    assert fates(send(*earlier)) == fates(send(*older)) == ["known"]
    assert row(desk).text == "BAD parcel, three times"


def test_wording_that_was_followed_by_another_never_comes_back_however_late_it_is_tried_again(
    desk, send, clock, reviews
) -> None:
    """A queue at the source may try for days; each attempt is signed anew and is no copy of an earlier call."""
    older, published_at = send.item(version="a"), clock().isoformat()
    send(older)
    clock.move(minutes=1)
    send(version="b", text="BAD parcel", published_at=published_at)  # The same words under another name.
    clock.move(minutes=1)
    send(version="c", text="BAD parcel, mended", published_at=published_at)
    for _ in range(3):
        clock.move(hours=30)
        assert fates(send(older)) == ["known"]
        assert fates(send(version="b", text="BAD parcel", published_at=published_at)) == ["known"]
    assert (row(desk).text, row(desk).version) == ("BAD parcel, mended", "c")
    send(version="d", text="BAD parcel, lost", published_at=published_at)
    assert row(desk).text == "BAD parcel, lost"


def test_wording_with_a_lower_number_is_older_though_it_arrives_for_the_first_time(desk, send, clock) -> None:
    published_at, second = clock().isoformat(), send.item(version=2, text="BAD parcel, twice")
    send(version=1)
    clock.move(minutes=1)
    send(version=10, text="BAD parcel, ten times", published_at=published_at)
    clock.move(hours=9)
    assert fates(send(second)) == ["known"]
    assert (row(desk).text, row(desk).version) == ("BAD parcel, ten times", "10")
    # What is counted is later whatever a clock there says.
    send(version=11, text="BAD parcel, mended", published_at=published_at, edited_at=published_at)
    assert row(desk).text == "BAD parcel, mended"


def test_version_of_any_length_names_its_wording(desk, send, clock) -> None:
    """Longer ones than a store keeps are named by their beginning and a sum of the whole."""
    published_at, long = clock().isoformat(), "v" * 500
    first = send.item(version=f"{long}1", text="BAD one", published_at=published_at)
    assert fates(send(first)) == ["stored"]
    clock.move(minutes=1)
    assert fates(send(version=f"{long}2", text="BAD two", published_at=published_at)) == ["known"]
    assert (row(desk).text, len(row(desk).version)) == ("BAD two", VERSION_CHARS)
    send(first)
    assert (row(desk).text, count(desk, quarantine)) == ("BAD two", 0)
    for number, words in ((10**200, "BAD one"), (10**200 + 1, "BAD two"), (10**200, "BAD one")):
        send(id="r2", version=number, text=words)
    assert row(desk, "r2").text == "BAD two"


def test_older_wording_on_a_page_of_a_source_that_reads_its_log_anew_changes_nothing(desk, send, clock) -> None:
    source = desk.channels._played.server
    native_id = source.add("BAD parcel")
    older = source.items[native_id] | {"version": "a"}
    send(older)
    clock.move(minutes=1)
    send(older | {"version": "b", "text": "BAD parcel, mended"})
    source.log[:] = [older]
    clock.move(hours=9)
    with desk.store.write() as tx:
        brands_db.change_account(tx, 1, base_url=desk.channels._played.url)
    assert intake.poll(desk, "http_connector", 1).duplicates == 1
    assert row(desk, native_id).text == "BAD parcel, mended"


def test_call_that_its_source_sent_twice_is_known_for_as_long_as_the_later_one(desk, send, clock, reviews) -> None:
    """A source that tries again signs the same call anew, under the same number (standardwebhooks.com)."""
    body = json.dumps({"items": [send.item(version="a")]}).encode()

    def attempt() -> Call:
        return Call(signed(keys_of(SECRETS[1]), message_id="msg_2", at=clock(), content=body), body)

    def hand_in(call: Call) -> list[str]:
        return fates(receiving.receive(desk, reviews.id, call, address="192.0.2.7"))

    assert hand_in(attempt()) == ["stored"]
    clock.move(minutes=4)
    second = attempt()
    assert hand_in(second) == ["known"]
    send(version="b", text="BAD parcel, twice")
    clock.move(minutes=4)
    # Nobody could repeat the first attempt by now, but the second one.
    assert hand_in(second) == ["known"]
    assert row(desk).text == "BAD parcel, twice"


def test_call_that_nobody_wanted_is_taken_when_it_comes_again(desk, send, watch) -> None:
    said = [send.item(text="about something else", to_us=False)]
    assert fates(send(*said)) == ["ignored"]
    brands.add_watch(desk, watch.brand_id, name="more", terms=("something",), channels=("http_connector",))
    assert fates(send(*said)) == ["stored"]


def test_calls_are_remembered_no_longer_than_they_can_be_repeated(desk, send, clock) -> None:
    from db import meta

    for number in range(5):
        send(id=f"r{number}")
        clock.move(minutes=10)
    with desk.store.read() as tx:
        assert len(json.loads(meta.read(tx, "calls 1"))) == 1


def test_each_item_has_its_answer_and_a_bad_one_is_put_aside(desk, send) -> None:
    good, unmeant = send.item(), send.item(id="r2", to_us=False)
    found = send(
        good,
        send.item(id="r3", text="no author", author=None),
        unmeant,
        send.item(id="r4", text="Aurora!", to_us=False),
    )
    assert fates(found) == ["stored", "invalid", "ignored", "stored"]
    assert found[1].reason.startswith("author: ") and [each.id for each in found] == ["r1", None, "r2", "r4"]
    with desk.store.read() as tx:
        [aside] = tx.execute(select(quarantine)).all()
    assert aside.channel == "http_connector" and "no author" in aside.raw


def test_what_is_pushed_and_polled_is_one_post(desk, send, clock, tmp_path) -> None:
    source = desk.channels._played.server
    native_id = source.add("BAD parcel")
    assert fates(send(source.items[native_id])) == ["stored"]
    second = desk.channels._played.url
    with desk.store.write() as tx:
        brands_db.change_account(tx, 1, base_url=second)
    outcome = intake.poll(desk, "http_connector", 1)
    assert (outcome.fetched, outcome.stored, outcome.duplicates, outcome.error) == (1, 0, 1, None)


def test_competitors_watch_counts_only_what_names_it(desk, send, reviews) -> None:
    brands.add_watch(
        desk, reviews.brand_id, name="Borea", terms=("borea",), channels=("http_connector",), is_competitor=True
    )
    assert fates(send()) == ["stored"] and count(desk, cases) == 1
    assert fates(send(id="r2", text="Borea is better", to_us=False)) == ["stored"] and count(desk, cases) == 1


def test_old_posts_of_a_backlog_are_kept_and_not_queued_unless_they_are_dangerous(desk, send, clock) -> None:
    old = (clock() - timedelta(days=30)).isoformat()
    backlog = [send.item(id=f"o{number}", published_at=old, author={"id": f"c{number}"}) for number in range(5)]
    assert fates(send(*backlog, send.item())) == ["stored"] * 6
    assert (count(desk, mentions), count(desk, cases)) == (6, 1)


def test_nothing_is_lost_while_nobody_listens(desk, send, watch) -> None:
    for each in watches.list_watches(desk):
        watches.remove_watch(desk, each.id, version=each.version)
    with pytest.raises(NotPossible) as refused:
        send()
    assert refused.value.reason == "nobody_listens" and count(desk, mentions) == 0


@pytest.mark.parametrize("who", ["wrong secret", "no such account", "enormous number", "removed", "another source's"])
def test_whoever_is_not_that_source_gets_the_same_answer_and_leaves_a_line(desk, send, reviews, who) -> None:
    second = accounts.add_account(desk, reviews.brand_id, channel="http_connector", handle="comments", secret_ref="C")
    told: dict[str, object] = {
        "wrong secret": {"secret": "a-secret-that-is-not-theirs"},
        "no such account": {"account": 99},
        "enormous number": {"account": 2**70},
        "removed": {},
        "another source's": {"account": second.id},
    }[who]
    if who == "removed":
        accounts.remove_account(desk, reviews.id)
    with pytest.raises(Unauthorized) as refused:
        send(**told)
    assert str(refused.value) == "The signature does not fit the request." and count(desk, mentions) == 0
    [line] = trail.page(desk, action="source.call")
    assert line.outcome == "refused" and "192.0.2.7" not in str(line) and SECRETS[1] not in str(line)


def test_source_has_no_other_right_than_to_hand_in(desk, send) -> None:
    assert not receiving.SOURCE.rights
    with pytest.raises(Invalid):
        send(*[{}] * 201)
    assert fates(send()) == ["stored"]


def test_post_is_answered_through_the_account_it_came_by(desk, send, reviews, clock) -> None:
    second = accounts.add_account(desk, reviews.brand_id, channel="http_connector", handle="comments", secret_ref="C")
    send()
    send(account=second.id, secret=SECRETS[2], id="r1")
    with desk.store.read() as tx:
        for each in (reviews, second):
            found = account_for(tx, reviews.brand_id, "http_connector", origin=f"account-{each.id}")
            assert found is not None and found.id == each.id
        origins = tx.execute(select(mentions.c.origin)).scalars().all()
    assert sorted(origins) == [f"account-{reviews.id}", f"account-{second.id}"]


def test_same_call_from_many_at_once_is_one_post_and_one_case(desk, send) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = [fates(each.result()) for each in [pool.submit(send) for _ in range(8)]]
    assert (count(desk, mentions), count(desk, cases)) == (1, 1)
    assert {fate for each in found for fate in each} <= {"stored", "known"} and ["stored"] in found
