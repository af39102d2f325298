"""Does the sample come once, start again on request, and leave nothing behind?"""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bootstrap import open_backend
from db.tables import authors, brands, cases, conversations, customers, joined_cases, joins, mentions
from domain.errors import NotAllowed
from domain.people import Role
from domain.same_person import Basis
from services import intake, queue, same_person, sample, team
from services.brands import list_accounts, list_brands, publishing_allowed, resolve_brand
from services.context import Actor, colleague
from services.same_person import Evidence


@pytest.fixture
def desk(settings, store, clock):
    """A desk with the real sample channel, on a movable clock."""
    backend = open_backend(settings, clock=clock)
    yield backend.ctx
    backend.ctx.store.close()


def count(ctx, table):
    with ctx.store.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def test_the_sample_arrives_with_at_least_sixty_ranked_cases_backdated_over_days(desk, clock):
    brand = sample.install(desk)
    assert brand.is_sample
    entries = queue.page(desk, queue.QueueFilter(brand.id), limit=200).entries
    assert len(entries) >= 60 and all(entry.reasons for entry in entries)
    waits_h = [entry.waiting_s / 3600 for entry in entries]
    assert max(waits_h) > 24 and min(waits_h) < 6
    assert [e.priority for e in entries] == sorted((e.priority for e in entries), reverse=True)


def test_installing_twice_changes_nothing(desk):
    sample.install(desk)
    before = count(desk, mentions), count(desk, cases)
    sample.install(desk)
    assert (count(desk, mentions), count(desk, cases)) == before and len(list_brands(desk)) == 1


def test_the_sample_answers_although_nothing_may_be_published(desk):
    [account] = list_accounts(desk, sample.install(desk).id)
    assert not account.publishing and publishing_allowed(desk, account)


def test_the_first_start_offers_it_once_and_never_again_after_it_was_removed(desk):
    assert sample.install_once(desk) is not None
    sample.remove(desk)
    assert sample.install_once(desk) is None and list_brands(desk) == []


def test_a_desk_with_a_brand_is_not_offered_the_sample(desk):
    from services.brands import add_brand

    add_brand(desk, "Aurora")
    assert sample.install_once(desk) is None


def test_removing_leaves_nothing_heard_for_it(desk):
    sample.install(desk)
    sample.remove(desk)
    for table in (brands, mentions, cases, authors, customers, conversations):
        assert count(desk, table) == 0
    sample.remove(desk)


def test_reset_starts_the_story_again(desk, clock):
    brand = sample.install(desk)
    before = count(desk, mentions)
    clock.move(minutes=40)
    again = sample.reset(desk)
    assert again.is_sample and brand.name == again.name and count(desk, brands) == 1
    assert count(desk, mentions) == before


@pytest.mark.parametrize("again", [sample.reset, sample.remove])
def test_two_of_it_that_were_joined_leave_nothing_behind(desk, again):
    brand = sample.install(desk)
    first, second = queue.page(desk, queue.QueueFilter(brand.id), limit=200).entries[:2]
    admin = team.add_member(desk, login="ada", name="Ada", roles=list(Role)).member
    ada = desk.acting_as(colleague(admin))
    with desk.store.read() as tx:
        rows = tx.execute(select(cases.c.customer_id).where(cases.c.id.in_([first.case_id, second.case_id]))).scalars()
        one, other = set(rows)
    same_person.join(ada, one, other, evidence=Evidence(Basis.TOLD_US, note="They told us on the telephone"))
    assert count(desk, joins) == 1 and count(desk, joined_cases) > 0
    again(desk)
    assert (count(desk, joins), count(desk, joined_cases)) == (0, 0)


def test_the_samples_posts_are_never_polled_for_another_brand(desk):
    from services.brands import add_brand, list_watches

    brand = sample.install(desk)
    own = add_brand(desk, "Lumen")
    [for_sample], [for_own] = list_watches(desk, brand.id), list_watches(desk, own.id)
    assert intake.fits(desk, for_sample, "sample") and not intake.fits(desk, for_own, "sample")
    assert not intake.fits(desk, for_sample, "import")


def test_another_brand_goes_before_the_sample(desk):
    from services.brands import add_brand

    sample.install(desk)
    own = add_brand(desk, "Aurora")
    assert resolve_brand(desk, None) == own


def test_bringing_or_removing_it_needs_the_right(desk):
    nobody = desk.acting_as(Actor("user:1", frozenset()))
    for act in (sample.install, sample.remove, sample.reset):
        with pytest.raises(NotAllowed):
            act(nobody)
