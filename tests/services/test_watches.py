"""Do watches come, change, rest and wake by the rules, and do their polls follow?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from collectors.protocol import Page
from db.tables import mention_matches, polls
from domain.errors import Invalid, NotAllowed, NotFound, StaleVersion
from services import brands, cases, intake, triage, watch_yield, watches
from services.context import Actor
from tests.conftest import case_of
from tests.fakes import FakeChannel, FakeChannels, FakeClassifier, a_post


def polled(ctx, watch):
    query = select(polls.c.channel).where(polls.c.watch_id == watch.id, polls.c.active).order_by(polls.c.channel)
    with ctx.store.read() as tx:
        return list(tx.execute(query).scalars())


@pytest.fixture
def two_networks(ctx, network, clock):
    return replace(ctx, channels=FakeChannels(network, FakeChannel("other", clock=clock), FakeChannel("sample")))


def test_a_change_is_kept_and_what_was_matched_stays_matched(ctx, watch):
    intake.store(ctx, watch, Page((a_post("hello"),), None))
    changed = watches.change_watch(
        ctx, replace(watch, name="Late", terms=("late parcel", "LATE  parcel"), languages=("IT",))
    )
    assert (changed.name, changed.terms, changed.languages) == ("Late", ("late parcel",), ("it",))
    assert watches.get(ctx, watch.id) == changed and changed.version == watch.version + 1
    with ctx.store.read() as tx:
        assert len(tx.execute(select(mention_matches)).all()) == 1


def test_of_two_who_change_the_same_watch_the_second_is_told(ctx, watch):
    first, second = replace(watch, terms=("one",)), replace(watch, terms=("two",))
    watches.change_watch(ctx, first)
    with pytest.raises(StaleVersion):
        watches.change_watch(ctx, second)
    with pytest.raises(StaleVersion):
        watches.remove_watch(ctx, watch.id, version=watch.version)
    assert watches.get(ctx, watch.id).terms == ("one",)


def test_a_resting_watch_is_not_polled_and_goes_on_where_it_stopped(ctx, watch, network):
    network.pages = [Page((a_post("one"),), None)]
    intake.poll_due(ctx, worker="w")
    watches.remove_watch(ctx, watch.id, version=watch.version)
    assert watches.list_watches(ctx, watch.brand_id)[-1].name != "all"
    assert intake.poll_due(ctx, worker="w") == [] and not intake.fits(ctx, watches.get(ctx, watch.id), "fake")
    resting = watches.list_watches(ctx, watch.brand_id, inactive=True)[-1]
    assert (resting.name, resting.active) == ("all", False)
    watches.restore_watch(ctx, watch.id, version=resting.version)
    network.pages.append(Page((a_post("two"),), None))
    [outcome] = intake.poll_due(ctx, worker="w")
    assert (outcome.fetched, outcome.stored) == (1, 1)


def test_a_watch_without_channels_listens_wherever_its_brand_has_an_account(two_networks, brand):
    ctx = two_networks
    watch = watches.add_watch(ctx, brand.id, name="everywhere", terms=("x",))
    assert polled(ctx, watch) == []
    for channel in ("fake", "other"):
        brands.add_account(ctx, brand.id, channel=channel, handle="aurora")
    assert polled(ctx, watch) == ["fake", "other"]
    [fake] = [a for a in brands.list_accounts(ctx, brand.id) if a.channel == "fake"]
    brands.remove_account(ctx, fake.id)
    assert polled(ctx, watch) == ["other"]
    watches.change_watch(ctx, replace(watch, channels=("fake",)))
    assert polled(ctx, watch) == ["fake"], "a channel that is named is polled, and says what it lacks"


def test_the_samples_story_is_the_sample_brands_alone(two_networks, brand):
    watch = watches.add_watch(two_networks, brand.id, name="x", terms=("x",), channels=("sample", "fake"))
    assert polled(two_networks, watch) == ["fake"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "Aurora"},
        {"terms": ("!!!",)},
        {"terms": ("x" * 121,)},
        {"terms": tuple(f"t{n}" for n in range(201))},
        {"exclusions": ("—",)},
        {"languages": ("italiano",)},
    ],
    ids=str,
)
def test_what_cannot_be_a_watch_is_refused(ctx, brand, watch, wrong):
    with pytest.raises(Invalid):
        watches.change_watch(ctx, replace(watch, **wrong))
    with pytest.raises(Invalid):
        watches.add_watch(ctx, brand.id, **{"name": "new", "terms": ("x",)} | wrong)
    assert watches.get(ctx, watch.id) == watch


def test_unknown_watches_channels_and_brands_are_named(ctx, brand, watch):
    with pytest.raises(NotFound):
        watches.get(ctx, 999)
    with pytest.raises(NotFound):
        watches.change_watch(ctx, replace(watch, channels=("nowhere",)))
    with pytest.raises(NotFound):
        watches.add_watch(ctx, 999, name="x", terms=("x",))


def test_only_who_sets_the_desk_up_changes_watches_and_everybody_reads_them(ctx, brand, watch, acting):
    olga, nobody = acting("olga"), ctx.acting_as(Actor("visitor", frozenset()))
    assert watches.list_watches(olga, brand.id) and watch_yield.yields(olga, brand.id)
    for act in (
        lambda: watches.add_watch(olga, brand.id, name="x", terms=("x",)),
        lambda: watches.change_watch(olga, replace(watch, terms=("x",))),
        lambda: watches.remove_watch(olga, watch.id, version=1),
        lambda: watches.restore_watch(olga, watch.id, version=1),
        lambda: watches.list_watches(nobody, brand.id),
        lambda: watches.get(nobody, watch.id),
        lambda: watch_yield.yields(nobody, brand.id),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_every_match_is_counted_once_and_noise_never_reaches_the_queue(ctx, brand, watch, acting, clock):
    posts = (
        a_post("BAD", author="a", native_id="1"),
        a_post("why?", author="b", native_id="2"),
        a_post("news", author="we", native_id="3", is_own=True),
        a_post("RT", author="c", native_id="4", is_repost=True),
        a_post("SPAM", author="d", native_id="5"),
        a_post("blah", author="e", native_id="6"),
    )
    intake.store(ctx, watch, Page(posts, None))
    triage.judge_pending(ctx, FakeClassifier(), posts=20)
    cases.dismiss(acting("olga"), case_of(ctx, posts[5]), reason="noise")
    found = watch_yield.yields(ctx, brand.id)[watch.id]
    assert (found.matched, found.queued) == (6, 2)
    assert (found.own, found.reposts, found.spam, found.noise) == (1, 1, 1, 1)
    clock.move(days=8)
    assert watch_yield.yields(ctx, brand.id)[watch.id].matched == 0, "the last seven days only"


def test_a_competitors_posts_are_counted_and_none_is_queued(ctx, brand):
    rival = watches.add_watch(ctx, brand.id, name="rival", terms=(), channels=("fake",), is_competitor=True)
    intake.store(ctx, rival, Page((a_post("BAD", native_id="1"), a_post("SPAM", native_id="2")), None))
    found = watch_yield.yields(ctx, brand.id)[rival.id]
    assert (found.matched, found.queued, found.spam) == (2, 0, 1)
