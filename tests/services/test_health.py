"""Does the doctor find what is wrong and name the way out?"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text

from domain.errors import Unauthorized
from services import health, intake


def words(ctx):
    return {check.name: (check.ok, check.words) for check in health.doctor(ctx).checks}


def test_a_desk_with_a_worker_is_ready_and_without_one_it_is_not(ctx, clock):
    assert not health.ready(ctx)
    health.beat(ctx, "worker")
    assert health.ready(ctx)
    clock.move(seconds=31)
    assert not health.ready(ctx) and "start the desk" in words(ctx)["worker"][1]


def test_all_is_well_on_a_working_desk(ctx, watch):
    health.beat(ctx, "worker")
    report = health.doctor(ctx)
    assert report.ok, report
    assert [c.name for c in report.checks] == [
        "store",
        "schema",
        "worker",
        "backlog",
        "channels",
        "secrets",
        "disk",
        "publishing",
    ]


def test_a_channel_that_refuses_us_is_named(ctx, brand, watch, network):
    network.fetch_failures = [Unauthorized("The token has expired.")]
    intake.poll(ctx, "fake", watch.id)
    assert words(ctx)["channels"] == (False, "fake: The token has expired. (stopped)")
    [row] = health.coverage(ctx, brand.id)
    assert (row.channel, row.watch, row.stopped, row.error) == ("fake", "all", True, "The token has expired.")


def test_coverage_says_how_far_a_channel_is_complete(ctx, brand, watch, clock):
    intake.poll(ctx, "fake", watch.id)
    [row] = health.coverage(ctx, brand.id)
    assert row.complete_up_to == row.last_success_at == clock() and row.failing_since is None


def test_posts_that_wait_for_the_model_are_counted(ctx, say):
    say("BAD")
    assert words(ctx)["backlog"] == (True, "1 posts wait for the model.")


def test_a_database_of_another_version_is_found(ctx):
    with ctx.store.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    ok, said = words(ctx)["schema"]
    assert not ok and "newer version" in said and not health.ready(ctx)


def test_a_store_that_is_gone_is_found_without_an_exception(ctx, settings, tmp_path):
    ctx.store.close()
    for path in settings.data_path.iterdir():
        path.unlink()
    settings.data_path.rmdir()
    report = health.doctor(ctx)
    assert not report.ok and not health.ready(ctx)


def test_a_full_disk_is_foreseen(ctx, monkeypatch):
    usage = type("Usage", (), {"free": 5 * 2**20})()
    monkeypatch.setattr("services.health.shutil.disk_usage", lambda folder: usage)
    ok, said = words(ctx)["disk"]
    assert not ok and said.startswith("5 MB free") and "Make room" in said


def test_silence_is_said_when_nothing_is_published(ctx, settings):
    silent = replace(ctx, settings=replace(settings, publish="off"))
    assert "Nothing is published" in words(silent)["publishing"][1]
