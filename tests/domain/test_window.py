"""Do days begin and end as the brand's clocks say, whatever they do that day, and are impossible windows refused?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid, Misconfigured
from domain.window import Comparison, Step, Window, day_number, hours_of, last_days, turns_of, zone

ZONES = (
    "Europe/Rome",
    "America/New_York",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "UTC",
    "Asia/Kathmandu",
)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(("when", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-07-01", 24)])
def test_a_day_on_which_the_clocks_change_has_its_own_length(when: str, hours: int) -> None:
    window = Window(day(when), day(when), "Europe/Rome")
    assert window.step is Step.HOUR and len(window.steps()) == hours
    assert window.stretch.to_at - window.stretch.from_at == timedelta(hours=hours)


def test_a_day_that_begins_with_its_second_hour_begins_there() -> None:
    beirut = Window(day("2026-03-29"), day("2026-03-29"), "Asia/Beirut")
    assert beirut.stretch.from_at == datetime(2026, 3, 28, 22, tzinfo=UTC) and len(beirut.steps()) == 23


@pytest.mark.parametrize(
    ("days", "step"), [(1, Step.HOUR), (3, Step.DAY), (92, Step.DAY), (93, Step.WEEK), (800, Step.MONTH)]
)
def test_longer_windows_have_longer_steps(days: int, step: Step) -> None:
    window = last_days(days, "Europe/Rome", now=datetime(2026, 11, 20, 9, tzinfo=UTC))
    assert window.step is step and window.days == days and len(window.steps()) <= 108


def test_weeks_begin_on_monday_and_months_on_the_first_but_for_the_ends() -> None:
    weeks = Window(day("2026-01-01"), day("2026-06-03"), "UTC").steps()
    assert {step.from_at.weekday() for step in weeks[1:]} == {0}
    months = Window(day("2023-01-15"), day("2026-06-03"), "UTC").steps()
    assert {step.from_at.day for step in months[1:]} == {1} and months[-1].to_at == datetime(2026, 6, 4, tzinfo=UTC)


@given(
    first=st.dates(day("1971-01-01"), day("2049-12-31")),
    days=st.integers(1, 900),
    zone_name=st.sampled_from(ZONES),
)
def test_steps_fill_the_window_without_a_hole_and_hours_become_its_days(first: date, days: int, zone_name: str) -> None:
    window = Window(first, first + timedelta(days=days - 1), zone_name)
    steps = window.steps()
    assert steps[0].from_at == window.stretch.from_at and steps[-1].to_at == window.stretch.to_at
    assert all(before.to_at == after.from_at for before, after in pairwise(steps))
    turns = turns_of(window)
    begin, end = hours_of(window.stretch)
    for at in {first, window.last, first + timedelta(days=days // 2)}:
        inside = hours_of(Window(at, at, zone_name).stretch)
        for hour in (inside[0], inside[1] - 1):
            offset_h = next(turn.offset_h for turn in reversed(turns) if hour >= turn.from_hour)
            assert (hour + offset_h) // 24 == day_number(at) and begin <= hour < end
    assert all(begin <= turn.from_hour < end for turn in turns)


@pytest.mark.parametrize(
    ("zone_name", "last"),
    [("Africa/Cairo", "2026-04-23"), ("America/Santiago", "2026-09-05"), ("Asia/Beirut", "2026-03-28")],
)
def test_clocks_that_change_at_the_midnight_after_a_window_turn_in_the_next(zone_name: str, last: str) -> None:
    window = Window(day(last), day(last), zone_name)
    end = hours_of(window.stretch)[1]
    assert len(turns_of(window)) == 1
    [turn] = turns_of(Window(day(last) + timedelta(days=1), day(last) + timedelta(days=1), zone_name))
    assert (turn.from_hour, turn.offset_h) == (end, turns_of(window)[0].offset_h + 1)


def test_what_it_is_held_against_never_overlaps_and_keeps_the_weekdays() -> None:
    for days in (1, 7, 8, 31):
        window = last_days(days, "Europe/Rome", now=datetime(2026, 11, 20, 9, tzinfo=UTC))
        before, weeks = window.compared(Comparison.PREVIOUS), window.compared(Comparison.SAME_WEEKDAYS)
        assert before.last == window.first - timedelta(days=1) and before.days == weeks.days == days
        assert weeks.last < window.first and weeks.first.weekday() == window.first.weekday()


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ("2026-02-02", "2026-02-01", "window_reversed"),
        ("0001-01-01", "2026-01-01", "window_years"),
        ("1990-01-01", "2026-01-01", "window_long"),
        ("2026-01-01", "9999-12-31", "window_years"),
    ],
)
def test_an_impossible_window_is_refused_with_its_reason(first: str, last: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        Window(day(first), day(last), "UTC")
    assert refused.value.values["reason"] == reason


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe/Rome\n"])
def test_an_unknown_timezone_is_a_sentence(name: str) -> None:
    with pytest.raises(Misconfigured, match="not known"):
        zone(name)
