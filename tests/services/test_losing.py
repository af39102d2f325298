"""Is a lost channel said once, to those who can act, and its return once?"""

from __future__ import annotations

import logging

from domain.errors import Unauthorized, Unavailable
from services import brands, health, intake, losing, notices, watches


def kinds(ctx):
    return [(notice.kind, notice.details["channel"]) for notice in notices.unread(ctx)]


def test_lost_once_and_back_once_for_those_who_can_act(ctx, brand, watch, network, acting, clock, caplog):
    olga = acting("olga")
    paolo, ada = acting("paolo", roles=("manager",)), acting("ada", roles=("admin",))
    caplog.set_level(logging.INFO)
    network.fetch_failures = [Unauthorized("The token has expired.")]
    intake.poll(ctx, "fake", watch.id)
    assert losing.tell_changes(ctx) == 1
    for _ in range(3):
        clock.move(hours=1)
        network.fetch_failures = [Unauthorized("The token has expired.")]
        intake.poll(ctx, "fake", watch.id)
        assert losing.tell_changes(ctx) == 0
    assert (kinds(olga), kinds(paolo), kinds(ada)) == ([], [("channel_lost", "fake")], [("channel_lost", "fake")])
    intake.poll(ctx, "fake", watch.id)
    assert (losing.tell_changes(ctx), losing.tell_changes(ctx)) == (1, 0)
    assert kinds(paolo) == [("channel_back", "fake"), ("channel_lost", "fake")]
    said = [record.getMessage() for record in caplog.records if record.name.startswith("services")]
    assert [line.split(" channel=")[0] for line in said] == ["poll failed", "channel lost", "channel back"]


def test_many_watches_on_one_channel_are_one_loss(ctx, brand, watch, network, acting, clock):
    second = watches.add_watch(ctx, brand.id, name="second", terms=("x",), channels=("fake",))
    paolo = acting("paolo", roles=("manager",))
    network.fetch_failures = [Unauthorized()] * 2
    intake.poll(ctx, "fake", watch.id)
    assert losing.tell_changes(ctx) == 1
    intake.poll(ctx, "fake", second.id)
    intake.poll(ctx, "fake", watch.id)
    assert losing.tell_changes(ctx) == 0, "the second is still lost"
    intake.poll(ctx, "fake", second.id)
    assert losing.tell_changes(ctx) == 1 and len(kinds(paolo)) == 2


def test_a_hiccup_is_told_to_nobody(ctx, brand, watch, network, acting, clock):
    health.beat(ctx, "worker")
    paolo = acting("paolo", roles=("manager",))
    network.fetch_failures = [Unavailable()]
    intake.poll(ctx, "fake", watch.id)
    clock.move(minutes=1)
    health.beat(ctx, "worker")
    assert losing.tell_changes(ctx) == 0
    intake.poll(ctx, "fake", watch.id)
    assert losing.tell_changes(ctx) == 0 and kinds(paolo) == []


def test_a_worker_that_starts_in_the_morning_tells_of_no_loss(ctx, brand, watch, network, acting, clock):
    health.beat(ctx, "worker")
    intake.poll(ctx, "fake", watch.id)
    clock.move(hours=14)
    health.beat(ctx, "worker")
    assert losing.tell_changes(ctx) == 0


def test_a_watch_that_rests_is_no_loss(ctx, brand, watch, network, acting):
    paolo = acting("paolo", roles=("manager",))
    network.fetch_failures = [Unauthorized()]
    intake.poll(ctx, "fake", watch.id)
    losing.tell_changes(ctx)
    watches.remove_watch(ctx, watch.id, version=watch.version)
    assert losing.tell_changes(ctx) == 0 and len(kinds(paolo)) == 1


def test_each_brand_hears_of_its_own_account(ctx, brand, watch, network, acting):
    other = brands.add_brand(ctx, "Borea")
    theirs = watches.add_watch(ctx, other.id, name="b", terms=(), channels=("fake",))
    paolo = acting("paolo", roles=("manager",))
    intake.poll(ctx, "fake", watch.id)
    network.fetch_failures = [Unauthorized()]
    intake.poll(ctx, "fake", theirs.id)
    assert losing.tell_changes(ctx) == 1
    assert [notice.details["brand"] for notice in notices.unread(paolo)] == [other.id]
