"""Does the list say who is on a case for as long as they are, and not longer? A lock ends without a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import streamlit as st

import bootstrap
from desk import pulse, pulse_marks
from desk.pages.queue import listing
from desk.session import Seat
from domain.brand import Brand
from services import brands, claims, team
from tests.fakes import MovableClock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovableClock:
    monkeypatch.setattr(st, "session_state", {})
    return MovableClock(datetime.now(UTC))


def seat(desk: bootstrap.Backend, login: str, clock: MovableClock) -> Seat:
    member = team.find(desk.ctx, login)
    return Seat(member, replace(desk.for_member(member), clock=clock))


@pytest.fixture
def paolo(desk: bootstrap.Backend, clock: MovableClock) -> Seat:
    return seat(desk, "paolo", clock)


@pytest.fixture
def brand(paolo: Seat) -> Brand:
    return brands.resolve_brand(paolo.ctx, None)


def locks(listed: listing.Listed, *case_ids: int) -> list[str | None]:
    by_id = {entry.case_id: entry for entry in listed.entries}
    return [by_id[case_id].lock_name for case_id in case_ids]


@pytest.mark.parametrize("claims_one", [True, False])
def test_locks_that_ended_since_go_and_those_that_were_renewed_stay(
    desk: bootstrap.Backend, paolo: Seat, brand: Brand, clock: MovableClock, claims_one: bool
) -> None:
    aoife, sara = seat(desk, "aoife", clock), seat(desk, "sara", clock)
    own, left, held = (entry.case_id for entry in listing.current(paolo, brand).entries[:3])
    claims.lock(aoife.ctx, left)
    claims.lock(sara.ctx, held)
    listing.refresh()
    listed = listing.current(paolo, brand)
    assert locks(listed, left, held) == ["Aoife Byrne", "Sara Conti"]
    clock.move(seconds=60)
    claims.lock(sara.ctx, held)
    assert listing.current(paolo, brand) is listed  # Nothing has changed: nothing is asked.
    clock.move(seconds=40)
    if claims_one:
        pulse_marks.something_changed()
        claims.claim(paolo.ctx, own)
        pulse.own_change()
        pulse_marks.only_changed(own)
    now = listing.current(paolo, brand)
    assert locks(now, left, held) == [None, "Sara Conti"]
    assert [entry.case_id for entry in now.entries] == [entry.case_id for entry in listed.entries]
    assert (now.entries[0].owner_id == paolo.member.id) is claims_one
    assert listing.current(paolo, brand) is now
