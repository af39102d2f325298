"""Do brands, watches and accounts come and go by the rules, and does nothing speak before it may?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from db.tables import audit, authors, cases, customers, mentions, watches
from domain.brand import Watch
from domain.errors import Invalid, NotAllowed, NotFound
from services import brands, watch_preview
from services.context import Actor
from services.matching import matches
from tests.fakes import FakeChannel, FakeChannels


def test_a_new_brand_listens_for_its_name(ctx):
    brand = brands.add_brand(ctx, "  Caffè   Aurora ")
    assert (brand.name, brand.slug, brand.timezone) == ("Caffè Aurora", "caffe-aurora", "Europe/Rome")
    [watch] = brands.list_watches(ctx, brand.id)
    assert watch.terms == ("Caffè Aurora",)


@pytest.mark.parametrize("name", ["", "  ", "!!!", "\x00"])
def test_a_brand_needs_a_name(ctx, name):
    with pytest.raises(Invalid):
        brands.add_brand(ctx, name)


@pytest.mark.parametrize("name", ["Aurora", "AURORA", "aurora!"])
def test_a_name_is_given_once(ctx, brand, name):
    with pytest.raises(Invalid, match="already"):
        brands.add_brand(ctx, name)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", ""])
def test_a_brand_lives_in_a_real_timezone(ctx, zone):
    if zone:
        with pytest.raises(Invalid, match="timezone"):
            brands.add_brand(ctx, "Borea", timezone=zone)
    else:
        assert brands.add_brand(ctx, "Borea", timezone=zone).timezone == "Europe/Rome"


def test_a_brand_is_found_by_name_or_slug_and_by_default_the_oldest(ctx, brand):
    other = brands.add_brand(ctx, "Caffè Borea")
    assert brands.resolve_brand(ctx, "caffè borea") == brands.resolve_brand(ctx, "caffe-borea") == other
    assert brands.resolve_brand(ctx, None) == brand
    with pytest.raises(NotFound, match="Aurora, Caffè Borea"):
        brands.resolve_brand(ctx, "nobody")


def test_without_a_brand_the_way_out_is_named(ctx):
    with pytest.raises(NotFound, match="brand add"):
        brands.resolve_brand(ctx, None)


def test_removing_a_brand_takes_what_was_heard_for_it_alone(ctx, brand, say):
    from collectors.protocol import Page
    from services import intake
    from tests.fakes import a_post

    other = brands.add_brand(ctx, "Borea")
    second = brands.add_watch(ctx, other.id, name="all", terms=(), channels=("fake",))
    say("BAD only here", author="mara")
    shared = a_post("BAD both", author="luca", native_id="shared")
    for watch in (second, brands.list_watches(ctx, brand.id)[-1]):
        intake.store(ctx, watch, Page((shared,), None))
    brands.remove_brand(ctx, brand.id)
    with ctx.store.read() as tx:
        assert tx.execute(select(mentions.c.text)).scalars().all() == ["BAD both"]
        for table in (cases, authors, customers):
            assert tx.execute(select(func.count()).select_from(table)).scalar_one() == 1
        assert set(tx.execute(select(watches.c.brand_id)).scalars()) == {other.id}


def test_setting_up_needs_the_right(ctx, brand, acting):
    paolo = acting("paolo", roles=("operator", "manager"))
    for act in (
        lambda: brands.add_brand(paolo, "Borea"),
        lambda: brands.remove_brand(paolo, brand.id),
        lambda: brands.add_watch(paolo, brand.id, name="x", terms=()),
        lambda: brands.add_account(paolo, brand.id, channel="fake", handle="x"),
        lambda: brands.set_publishing(paolo, 1, on=True),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_watch_names_channels_that_exist_and_a_name_once(ctx, brand, watch):
    with pytest.raises(NotFound):
        brands.add_watch(ctx, brand.id, name="x", terms=(), channels=("nowhere",))
    with pytest.raises(Invalid, match="already"):
        brands.add_watch(ctx, brand.id, name="all", terms=())
    assert [w.name for w in brands.list_watches(ctx, brand.id)] == ["Aurora", "all"]


@pytest.mark.parametrize(
    ("terms", "text", "expected"),
    [
        (("aurora",), "AURORA, again!", True),
        (("aurora",), "@aurora #aurora", True),
        (("@aurora",), "dear aurora", True),
        (("aurora",), "auroraborealis", False),
        (("caffè aurora",), "Caffè\n Aurora", True),
        (("caffè aurora",), "aurora caffè", False),
        (("c++",), "I like C++", True),
        (("aurora",), "ＡＵＲＯＲＡ", True),
        ((), "anything", True),
        (("", " "), "anything", False),
    ],
)
def test_a_watch_matches_whole_words(terms, text, expected):
    assert matches(Watch(1, 1, "w", terms), text, channel="x") is expected


def test_exclusions_channels_and_languages_narrow_a_watch():
    watch = Watch(1, 1, "w", ("aurora",), ("borealis",), languages=("it",), channels=("x",))
    assert matches(watch, "aurora", channel="x", language="it-IT")
    assert matches(watch, "aurora", channel="x", language=None)
    assert not matches(watch, "aurora", channel="x", language="en")
    assert not matches(watch, "aurora", channel="y", language="it")
    assert not matches(watch, "aurora borealis", channel="x", language="it")


@pytest.mark.parametrize(
    ("publish", "switch", "exempt", "heard"),
    [
        ("live", True, False, True),
        ("live", False, False, False),
        ("off", True, False, False),
        ("LIVE", True, False, False),
        ("off", False, True, True),
    ],
)
def test_publishing_needs_the_desk_and_the_account_unless_nobody_hears_it(
    ctx, brand, settings, publish, switch, exempt, heard
):
    desk = replace(
        ctx, settings=replace(settings, publish=publish), channels=FakeChannels(FakeChannel("net", exempt=exempt))
    )
    account = brands.add_account(desk, brand.id, channel="net", handle="@aurora")
    assert account.handle == "aurora" and not account.publishing
    brands.set_publishing(desk, account.id, on=switch)
    [account] = brands.list_accounts(desk, brand.id)
    assert brands.publishing_allowed(desk, account) is heard


def test_the_switch_is_audited_with_its_direction(ctx, account):
    brands.set_publishing(ctx, account.id, on=False)
    with ctx.store.read() as tx:
        wanted = select(audit.c.action).where(audit.c.entity == "account").order_by(audit.c.id)
        assert tx.execute(wanted).scalars().all() == ["account.add", "publishing.on", "publishing.off"]


def test_a_removed_account_is_silent_and_comes_back_silent(ctx, brand, account):
    brands.remove_account(ctx, account.id)
    assert brands.list_accounts(ctx) == []
    assert not brands.publishing_allowed(ctx, replace(account, active=False))
    with pytest.raises(NotFound):
        brands.set_publishing(ctx, account.id, on=True)
    again = brands.add_account(ctx, brand.id, channel="fake", handle="aurora")
    assert (again.id, again.publishing) == (account.id, False)


def test_an_account_needs_a_channel_that_answers(ctx, brand, account):
    with pytest.raises(Invalid, match="published on import"):
        brands.add_account(ctx, brand.id, channel="import", handle="x")
    with pytest.raises(NotFound):
        brands.add_account(ctx, brand.id, channel="nowhere", handle="x")
    with pytest.raises(Invalid, match="already"):
        brands.add_account(ctx, brand.id, channel="fake", handle="aurora")


def test_nobody_reads_brands_watches_accounts_or_posts_without_a_right(ctx, brand):
    nobody = ctx.acting_as(Actor("visitor", frozenset()))
    looks = (
        lambda: brands.list_brands(nobody),
        lambda: brands.list_watches(nobody, brand.id),
        lambda: brands.list_accounts(nobody, brand.id),
        lambda: watch_preview.preview(nobody, Watch(0, brand.id, "", ("aurora",))),
    )
    for look in looks:
        with pytest.raises(NotAllowed):
            look()
