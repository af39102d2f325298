"""Does the sample channel hand over its whole story, react to replies, and publish each reply exactly once?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from collectors.protocol import ChannelSetup, Cursor, Page
from collectors.registry import channel
from collectors.sample.client import SampleNetwork
from collectors.sample.collector import SampleCollector
from collectors.sample.normalize import normalize
from collectors.sample.publish_log import locked
from collectors.sample.publisher import SamplePublisher
from collectors.sample.story import load_story
from domain.brand import Watch
from domain.errors import Invalid, Malformed, Misconfigured, NotPossible, Unavailable
from domain.mention import Mention
from domain.reply import IdempotencyKey, OutgoingReply, RouteKind

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
FOLDER = Path(__file__).parents[2] / "collectors" / "sample"
WATCH = Watch(id=1, brand_id=1, name="Lumen Energia")
KEY = IdempotencyKey("reply-7")


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network(tmp_path: Path, clock: Clock) -> SampleNetwork:
    return SampleNetwork(str(tmp_path), clock)


@pytest.fixture
def publisher(network: SampleNetwork) -> SamplePublisher:
    return SamplePublisher(network)


def outgoing(text: str = "Buongiorno, arriviamo.", *, parent_id: str = "p0001", reply_id: int = 7) -> OutgoingReply:
    return OutgoingReply(reply_id, "sample", "sample", "LumenEnergia", parent_id, parent_id, text, "it", START)


def rounds(collector: SampleCollector, cursor: Cursor | None = None) -> tuple[list[Page], Cursor | None]:
    pages: list[Page] = []
    while True:
        page = collector.fetch(WATCH, cursor)
        pages.append(page)
        cursor = page.next_cursor
        assert len(pages) < 500, "paging does not end"
        if not page.has_more:
            return pages, cursor


def mentions(network: SampleNetwork, cursor: Cursor | None = None) -> list[Mention]:
    pages, _ = rounds(SampleCollector(network), cursor)
    return [mention for page in pages for mention in page.items]


def log_lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "sample" / "published.jsonl").read_bytes().splitlines()]


def post_id(*, handle: str, offset_min: int) -> str:
    offset = timedelta(minutes=offset_min)
    return next(p.id for p in load_story().posts if p.author.handle == handle and p.offset == offset)


PIERO = post_id(handle="nonnopiero41", offset_min=-24)
DELETED = next(post for post in load_story().posts if post.deleted_offset is not None)

# --- listening ---


def test_paging_hands_over_every_post_that_is_due_and_none_from_the_future(network: SampleNetwork) -> None:
    pages, _ = rounds(SampleCollector(network, page_items=7))
    items = [mention for page in pages for mention in page.items]
    due = [post.id for post in load_story().posts if post.offset <= timedelta(0)]
    assert [mention.native_id for mention in items] == due
    assert all(mention.published_at <= START for mention in items)
    assert not any(page.bad for page in pages)


def test_the_whole_story_has_arrived_after_half_an_hour(network: SampleNetwork, clock: Clock) -> None:
    seen: set[str] = set()
    cursor: Cursor | None = None
    for _ in range(31):
        pages, cursor = rounds(SampleCollector(network), cursor)
        seen |= {mention.native_id for page in pages for mention in page.items}
        clock.advance(minutes=1)
    assert seen == {post.id for post in load_story().posts}


def test_a_new_round_looks_back_and_misses_nothing(network: SampleNetwork, clock: Clock) -> None:
    _, cursor = rounds(SampleCollector(network))
    clock.advance(minutes=5)
    ids = [mention.native_id for mention in mentions(network, cursor)]
    expected = [p.id for p in load_story().posts if timedelta(minutes=-1) <= p.offset <= timedelta(minutes=5)]
    assert ids == expected


def test_a_reply_that_reached_the_log_late_still_brings_its_reaction(network: SampleNetwork, clock: Clock) -> None:
    SamplePublisher(network).publish(outgoing(parent_id=PIERO), key=KEY)
    (logged,) = network.log.replies()
    network.log.clear()
    clock.advance(minutes=1)
    _, cursor = rounds(SampleCollector(network))
    network.log.append(logged)
    assert f"{PIERO}-r1" in [mention.native_id for mention in mentions(network, cursor)]


def test_a_reply_to_the_brands_own_post_or_a_repost_brings_no_reaction(network: SampleNetwork) -> None:
    story = load_story()
    noise = [post for post in story.posts if post.author.own or post.repost_of]
    assert len(noise) >= 15 and all(story.reaction(post, 1) is None for post in noise)


def test_an_overlap_larger_than_a_page_still_ends(network: SampleNetwork, clock: Clock) -> None:
    clock.advance(minutes=30)
    network.started_at()
    clock.advance(minutes=30)
    collector = SampleCollector(network, page_items=1)
    _, cursor = rounds(collector)
    pages, again = rounds(collector, cursor)
    assert len(pages) > 1 and again == cursor


@pytest.mark.parametrize("broken", ["", "null", "{}", "[1]", '{"at": 3}', "p0001"])
def test_a_cursor_that_cannot_be_read_starts_over(network: SampleNetwork, broken: str) -> None:
    assert mentions(network, Cursor(broken)) == mentions(network)


def test_a_post_deleted_before_the_first_look_is_never_shown(network: SampleNetwork, clock: Clock) -> None:
    network.started_at()
    clock.advance(minutes=40)
    shown = [mention for mention in mentions(network) if mention.native_id == DELETED.id]
    assert [mention.deleted for mention in shown] == [True]


def test_threads_name_their_root_and_parent(network: SampleNetwork) -> None:
    by_id = {mention.native_id: mention for mention in mentions(network)}
    replies = [mention for mention in by_id.values() if mention.parent_id]
    assert len(replies) >= 25
    assert all(by_id[reply.conversation_id].parent_id is None for reply in replies)


def test_pictures_are_references_to_files_that_ship(network: SampleNetwork) -> None:
    media = [each for mention in mentions(network) for each in mention.media]
    assert media and all(each.alt for each in media)
    assert all((FOLDER / "content" / "media" / each.url.removeprefix("/sample/media/")).is_file() for each in media)


def test_starting_over_begins_a_new_story_and_an_old_cursor_does_not_hide_it(tmp_path: Path, clock: Clock) -> None:
    setup = ChannelSetup(account=None, data_dir=str(tmp_path), clock=clock)
    sample = channel("sample")
    sample.publisher(setup).publish(outgoing(), key=KEY)
    first = sample.collector(setup).fetch(WATCH, None)
    clock.advance(hours=3)
    sample.restart(setup)  # type: ignore[attr-defined]
    again = sample.collector(setup).fetch(WATCH, first.next_cursor)
    assert [m.native_id for m in again.items] == [m.native_id for m in first.items]
    assert again.items[0].published_at - first.items[0].published_at == timedelta(hours=3)
    assert sample.publisher(setup).lookup(outgoing(), key=KEY, since=START) is None


def test_a_damaged_start_is_told_and_not_replaced(network: SampleNetwork, tmp_path: Path) -> None:
    network.started_at()
    (tmp_path / "sample" / "start.json").write_text("{")
    with pytest.raises(Misconfigured, match=r"start\.json"):
        SampleCollector(network).fetch(WATCH, None)
    assert (tmp_path / "sample" / "start.json").read_text() == "{"


# --- fixtures ---


def fixture(name: str) -> str:
    return (FOLDER / "fixtures" / f"{name}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["post", "own_post", "repost", "reaction", "deletion"])
def test_the_same_fixture_twice_gives_the_same_mention(name: str) -> None:
    assert normalize(fixture(name)) == normalize(fixture(name))


def test_times_are_utc_whatever_offset_the_network_wrote() -> None:
    assert normalize(fixture("post")).published_at.isoformat() == "2026-03-02T07:15:00+00:00"


@pytest.mark.parametrize("body", [fixture("malformed"), "", "[]", "7", '{"type": "poll"}', '{"type": "post"}'])
def test_anything_without_the_documented_shape_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        normalize(body)


# --- reactions ---


def test_a_customer_reacts_when_the_time_has_come_and_not_before(
    network: SampleNetwork, publisher: SamplePublisher, clock: Clock
) -> None:
    receipt = publisher.publish(outgoing(parent_id=PIERO), key=KEY)
    clock.advance(seconds=49)
    assert f"{PIERO}-r1" not in {mention.native_id for mention in mentions(network)}
    clock.advance(seconds=1)
    reaction = next(mention for mention in mentions(network) if mention.native_id == f"{PIERO}-r1")
    assert reaction.parent_id == receipt.remote_id and reaction.author.handle == "nonnopiero41"
    assert reaction.published_at == receipt.published_at + timedelta(seconds=50)


def test_a_round_after_our_reply_brings_the_reaction(
    network: SampleNetwork, publisher: SamplePublisher, clock: Clock
) -> None:
    _, cursor = rounds(SampleCollector(network))
    clock.advance(hours=2)
    _, cursor = rounds(SampleCollector(network), cursor)
    publisher.publish(outgoing(parent_id=PIERO), key=KEY)
    for _ in range(12):
        clock.advance(seconds=15)
        pages, cursor = rounds(SampleCollector(network), cursor)
        if any(mention.native_id == f"{PIERO}-r1" for page in pages for mention in page.items):
            return
    pytest.fail("the reaction never arrived")


@pytest.mark.parametrize("second_parent", [PIERO, f"{PIERO}-r1"])
def test_a_second_reply_brings_the_second_reaction(
    network: SampleNetwork, publisher: SamplePublisher, clock: Clock, second_parent: str
) -> None:
    publisher.publish(outgoing(parent_id=PIERO), key=KEY)
    clock.advance(minutes=5)
    publisher.publish(outgoing(parent_id=second_parent), key=IdempotencyKey("second"))
    clock.advance(minutes=5)
    texts = {mention.native_id: mention.text for mention in mentions(network)}
    assert "Piero" in texts[f"{PIERO}-r2"] and texts[f"{PIERO}-r1"] != texts[f"{PIERO}-r2"]


def test_most_posts_without_a_reaction_of_their_own_stay_silent_and_the_choice_never_changes() -> None:
    story = load_story()
    written = {reaction.to for reaction in story.reactions}
    others = [post for post in story.posts if post.kind in {"complaint", "question"} and post.id not in written]
    first = [story.reaction(post, 1) for post in others]
    assert 0 < sum(reaction is not None for reaction in first) < 0.5 * len(others)
    assert first == [story.reaction(post, 1) for post in others]
    assert all(r is None or (r.match, r.language) == (p.kind, p.language) for p, r in zip(others, first, strict=True))


def test_a_reply_to_a_post_from_elsewhere_brings_no_reaction(
    network: SampleNetwork, publisher: SamplePublisher, clock: Clock
) -> None:
    before = mentions(network)
    publisher.publish(outgoing(parent_id="not-in-the-story"), key=KEY)
    assert mentions(network) == before


# --- answering ---


def test_a_line_of_the_log_says_everything_about_the_reply(publisher: SamplePublisher, tmp_path: Path) -> None:
    receipt = publisher.publish(outgoing(parent_id="p0009"), key=KEY)
    assert log_lines(tmp_path) == [
        {
            "key": "reply-7",
            "remote_id": receipt.remote_id,
            "reply_id": 7,
            "account_handle": "LumenEnergia",
            "parent_id": "p0009",
            "conversation_id": "p0009",
            "text": "Buongiorno, arriviamo.",
            "language": "it",
            "published_at": START.isoformat(),
        }
    ]


def test_a_key_that_only_resembles_another_is_not_found(publisher: SamplePublisher) -> None:
    receipt = publisher.publish(outgoing(), key=KEY)
    assert publisher.lookup(outgoing(), key=KEY, since=START) == receipt
    for missing in ("reply-70", "reply", "eply-7", "", '"'):
        assert publisher.lookup(outgoing(), key=IdempotencyKey(missing), since=START) is None


@pytest.mark.parametrize("text", ['{"key": "reply-8", ', '\n{"key": "reply-8",', "\ud800 alone", "\u202eok"])
def test_a_text_that_resembles_a_line_or_is_no_unicode_is_read_back_as_it_was_sent(
    publisher: SamplePublisher, network: SampleNetwork, text: str
) -> None:
    publisher.publish(outgoing(text), key=KEY)
    assert [reply.text for reply in network.log.replies()] == [text]
    assert publisher.lookup(outgoing(), key=IdempotencyKey("reply-8"), since=START) is None


def test_an_empty_reply_or_key_is_refused(publisher: SamplePublisher) -> None:
    with pytest.raises(Invalid):
        publisher.publish(outgoing(" \n"), key=KEY)
    with pytest.raises(Invalid):
        publisher.publish(outgoing(), key=IdempotencyKey(""))


def test_a_reply_to_a_deleted_post_is_refused(publisher: SamplePublisher, network: SampleNetwork, clock: Clock) -> None:
    network.started_at()
    publisher.publish(outgoing(parent_id=DELETED.id), key=KEY)
    clock.advance(minutes=20)
    with pytest.raises(NotPossible) as refused:
        publisher.publish(outgoing(parent_id=DELETED.id), key=IdempotencyKey("too late"))
    assert refused.value.reason == "parent_deleted"
    assert publisher.publish(outgoing(parent_id=DELETED.id), key=KEY).published_at == START


def test_every_mention_is_answered_directly_and_for_nothing(publisher: SamplePublisher) -> None:
    route = publisher.route(normalize(fixture("post")))
    assert (route.kind, route.cost_eur) == (RouteKind.API, 0.0)


@pytest.mark.parametrize("kept", [1, 20, 200])
def test_a_torn_last_line_was_never_published_and_is_cut_before_the_next(
    publisher: SamplePublisher, network: SampleNetwork, tmp_path: Path, kept: int
) -> None:
    first = publisher.publish(outgoing("uno"), key=IdempotencyKey("k1"))
    publisher.publish(outgoing("due"), key=IdempotencyKey("k2"))
    path = tmp_path / "sample" / "published.jsonl"
    whole, torn = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(whole + torn[:kept])
    assert publisher.lookup(outgoing(), key=IdempotencyKey("k2"), since=START) is None
    assert [reply.key for reply in network.log.replies()] == ["k1"]
    publisher.publish(outgoing("tre"), key=IdempotencyKey("k3"))
    publisher.publish(outgoing("due"), key=IdempotencyKey("k2"))
    assert [line["key"] for line in log_lines(tmp_path)] == ["k1", "k3", "k2"]
    assert publisher.lookup(outgoing(), key=IdempotencyKey("k1"), since=START) == first


def test_a_last_line_that_lacks_only_its_line_break_was_not_published_either(
    publisher: SamplePublisher, tmp_path: Path
) -> None:
    publisher.publish(outgoing("uno"), key=KEY)
    path = tmp_path / "sample" / "published.jsonl"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert publisher.lookup(outgoing(), key=KEY, since=START) is None
    publisher.publish(outgoing("uno"), key=KEY)
    assert len(log_lines(tmp_path)) == 1


def test_a_damaged_whole_line_is_told_with_its_number(network: SampleNetwork, publisher: SamplePublisher) -> None:
    publisher.publish(outgoing(), key=KEY)
    with open(network.log.path, "ab") as file:
        file.write(b"\0\0\0\n")
    with pytest.raises(Misconfigured, match="Line 2"):
        SampleCollector(network).fetch(WATCH, None)
    assert publisher.lookup(outgoing(), key=KEY, since=START) is not None


def test_a_full_disk_publishes_nothing_and_leaves_the_log_whole(
    publisher: SamplePublisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.publish(outgoing("uno"), key=IdempotencyKey("k1"))
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:10]))
    with pytest.raises(Unavailable):
        publisher.publish(outgoing("due"), key=IdempotencyKey("k2"))
    assert [line["key"] for line in log_lines(tmp_path)] == ["k1"]


def test_a_sender_waits_while_another_holds_the_log(publisher: SamplePublisher, network: SampleNetwork) -> None:
    waiting = Thread(target=publisher.publish, args=[outgoing()], kwargs={"key": KEY}, daemon=True)
    with locked(network.log.path.with_suffix(".lock")):
        waiting.start()
        waiting.join(timeout=0.2)
        assert waiting.is_alive() and not network.log.path.exists()
    waiting.join(timeout=10)
    assert [reply.key for reply in network.log.replies()] == [KEY]


SENDER = """
import sys
from datetime import UTC, datetime
from collectors.sample.client import SampleNetwork
from collectors.sample.publisher import SamplePublisher
from domain.reply import IdempotencyKey, OutgoingReply
now = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
publisher = SamplePublisher(SampleNetwork(sys.argv[1], lambda: now))
for number in range(int(sys.argv[2])):
    reply = OutgoingReply(number, "sample", "sample", "LumenEnergia", "p1", "p1", "x" * 400, "it", now)
    publisher.publish(reply, key=IdempotencyKey(f"k{number}"))
    sys.stdout.write(".")
    sys.stdout.flush()
"""


def sender(folder: Path, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", SENDER, str(folder), str(count)], cwd=FOLDER.parents[1], stdout=subprocess.PIPE
    )


def test_two_processes_with_the_same_keys_write_each_once(tmp_path: Path) -> None:
    both = [sender(tmp_path, 60), sender(tmp_path, 60)]
    for process in both:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert sorted(str(line["key"]) for line in log_lines(tmp_path)) == sorted(f"k{n}" for n in range(60))


def test_a_killed_sender_leaves_nothing_doubled_and_nothing_lost(tmp_path: Path, network: SampleNetwork) -> None:
    for progress in (1, 9, 23):
        process = sender(tmp_path, 100_000)
        assert process.stdout is not None
        told = len(process.stdout.read(progress))
        process.send_signal(signal.SIGKILL)
        told += len(process.communicate(timeout=60)[0])
        assert {f"k{n}" for n in range(told)} <= {reply.key for reply in network.log.replies()}
    sender(tmp_path, 40).communicate(timeout=60)
    keys = [str(line["key"]) for line in log_lines(tmp_path)]
    assert len(keys) == len(set(keys)) >= 40
