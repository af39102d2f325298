"""Do odd numbers, places and words from outside get a sentence, and never a fault?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import Invalid, NotFound
from services import cases, claims, profile, queue
from services.queue import Order, QueueFilter, Tab

TOO_LARGE = 10**25


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("tab", Tab)
@pytest.mark.parametrize(
    "keys",
    [
        "",
        ",1",
        ",null,null",
        ',{"a":1},[2]',
        f",1,{TOO_LARGE}",
        ',"2026-01-01T00:00:00",1',
        ",true,1,2,3",
        ",NaN,NaN",
        ",1e999,1",
        "," + "[" * 100_000,
    ],
)
def test_a_place_in_the_queue_that_nobody_was_given_is_refused(ctx, brand, tab, order, keys):
    with pytest.raises(Invalid):
        queue.page(ctx, QueueFilter(brand.id, tab=tab, order=order), cursor=f'["{tab}","{order}"{keys}]')


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("tab", [Tab.FREE, Tab.MINE, Tab.ALL])
def test_the_place_that_was_given_leads_on(ctx, brand, say, clock, acting, tab, order):
    giulia = acting("giulia")
    for author in ("mara", "luca", "ugo"):
        case_id = say("BAD parcel", author=author)
        if tab == Tab.MINE:
            claims.claim(giulia, case_id)
        clock.move(minutes=1)
    wanted = QueueFilter(brand.id, tab=tab, order=order)
    first = queue.page(giulia, wanted, limit=2)
    rest = queue.page(giulia, wanted, cursor=first.next_cursor, limit=2)
    assert len({e.case_id for e in (*first.entries, *rest.entries)}) == 3


@pytest.mark.parametrize("cursor", ["", "|", "2026-01-01T00:00:00|1", "x|1"])
def test_a_place_among_customers_that_nobody_was_given_is_refused(ctx, cursor):
    with pytest.raises(Invalid):
        profile.customers(ctx, cursor=cursor)


def test_a_number_no_store_can_hold_names_nothing(ctx, brand, clock):
    for look in (cases.view, profile.view):
        for number in (TOO_LARGE, -1):
            with pytest.raises(NotFound):
                look(ctx, number)
    with pytest.raises(NotFound):
        profile.customers(ctx, cursor=f"{(clock() + timedelta(days=1)).isoformat()}|{TOO_LARGE}")


@pytest.mark.parametrize("limit", [-5, 0, TOO_LARGE])
def test_any_length_of_page_is_answered_with_a_sensible_one(ctx, brand, say, limit):
    say("BAD parcel")
    assert len(queue.page(ctx, QueueFilter(brand.id), limit=limit).entries) == 1
    assert len(profile.customers(ctx, limit=limit).customers) == 1


def test_a_search_means_its_signs_and_survives_half_a_character(ctx, brand, say):
    say("BAD parcel, 50% off_er", author="mara")
    say("BAD parcel", author="luca")
    found = {
        words: len(queue.page(ctx, QueueFilter(brand.id, search=words)).entries)
        for words in ("50%", "f_e", "%", "_", "\\", "parcel\x00", "\ud800")
    }
    assert found == {"50%": 1, "f_e": 1, "%": 1, "_": 1, "\\": 0, "parcel\x00": 2, "\ud800": 0}
    with pytest.raises(Invalid):
        queue.page(ctx, QueueFilter(brand.id, channels=("\ud800",)))
