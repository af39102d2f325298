"""Does the command line say how complete each channel is, and what a round has brought and missed?"""

import json
from datetime import UTC, datetime, timedelta

import bootstrap
from collectors.protocol import Page
from db import gaps, meta
from services import intake, watches
from settings import Settings
from tests.cli.conftest import CommandLine
from tests.fakes import a_post

FIELDS = {"channel", "fetched", "stored", "duplicates", "complete_up_to", "gaps"}


def note_gap(desk: CommandLine, *, reason: str) -> tuple[str, str]:
    """A hole of two hours this morning; returns its ends as the command line writes them."""
    ctx = bootstrap.open_backend(Settings(data_dir=str(desk.data_dir), model="rules")).ctx
    to_at = datetime.now(UTC).replace(microsecond=0)
    from_at = to_at - timedelta(hours=2)
    with ctx.store.write() as tx:
        watch_id = watches.list_watches(ctx)[0].id
        gaps.note(tx, "sample", watch_id=watch_id, from_at=from_at, to_at=to_at, reason=reason, now=to_at)
    ctx.store.close()
    return from_at.isoformat(), to_at.isoformat()


def test_a_round_tells_what_it_brought_and_which_gaps_are_open(sportello: CommandLine) -> None:
    assert sportello("sample", "reset").code == 0
    begin, end = note_gap(sportello, reason="too_many")
    [told] = sportello("poll", "sample", "--json").json
    assert set(told) == FIELDS and told["complete_up_to"]
    assert told["gaps"] == [{"from": begin, "to": end, "reason": "too_many"}]


def test_channels_tells_the_coverage_of_each_watch(sportello: CommandLine) -> None:
    assert sportello("sample", "reset").code == 0
    note_gap(sportello, reason="forgotten")
    [told] = sportello("channels", "--json").json
    assert (told["channel"], told["blind"], told["error"], told["quota"]) == ("sample", None, None, None)
    assert told["complete_up_to"] and told["last_success_at"] and len(told["gaps"]) == 1
    said = sportello("channels").out
    assert "heard, 1 gaps" in said and "Lumen Energia" in said


def test_a_channel_that_is_not_heard_ends_the_command_with_1_and_the_doctor_says_the_same(
    sportello: CommandLine,
) -> None:
    assert sportello("sample", "reset").code == 0
    (sportello.data_dir / "sample" / "start.json").write_text("{", "utf-8")
    assert sportello("poll").code == 1
    done = sportello("channels")
    assert done.code == 1 and "not heard (stopped)" in done.out and "damaged" in done.out
    assert "damaged" in sportello("doctor").out


def test_a_channel_nobody_listens_on_is_refused_by_name(staffed: CommandLine) -> None:
    assert "No watch listens on bluesky" in staffed("poll", "bluesky").complaint
    assert staffed("poll", "--json").json == []


def test_channels_tells_what_is_older_and_that_the_worker_is_gone(sportello: CommandLine) -> None:
    assert sportello("sample", "reset").code == 0
    assert sportello("channels").code == 0, "no worker has run yet: whoever polls by command needs none"
    ctx = bootstrap.open_backend(Settings(data_dir=str(sportello.data_dir), model="rules")).ctx
    now, [watch] = datetime.now(UTC), watches.list_watches(ctx)
    old = a_post("long ago", channel="sample", at=now - timedelta(days=3))
    intake.store(ctx, watch, Page((old,), None, first_read_at=now), channel="sample")
    with ctx.store.write() as tx:
        meta.beat(tx, "worker", at=now - timedelta(seconds=50), silent=timedelta(seconds=20))
    ctx.store.close()
    done = sportello("channels")
    assert done.code == 1 and "1 older posts were read when listening began, and not queued" in done.out
    assert "No worker has been running since" in done.err
    [told] = json.loads(sportello("channels", "--json").out)
    assert (told["older_not_queued"], told["worker_lives"], told["blind"]) == (1, False, None)
