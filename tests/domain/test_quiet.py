"""When is a person left in peace, over midnight and when clocks change?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.alert import MOST_ATTEMPTS, SAID_AFTER_ATTEMPTS, Quiet, wait_s

NIGHT = Quiet(22 * 60, 7 * 60, "Europe/Rome")


def rome(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in UTC, written down as UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        (rome(3, 2, 20, 59), None),  # 21:59 in Rome
        (rome(3, 2, 21, 0), rome(3, 3, 6, 0)),  # 22:00
        (rome(3, 3, 0, 30), rome(3, 3, 6, 0)),  # half past one, the same night
        (rome(3, 3, 5, 59), rome(3, 3, 6, 0)),
        (rome(3, 3, 6, 0), None),  # seven sharp
        # The night of 29 March is an hour short, the one of 25 October an hour long.
        (rome(3, 28, 22, 0), rome(3, 29, 5, 0)),
        (rome(10, 24, 21, 0), rome(10, 25, 6, 0)),
    ],
)
def test_a_night_ends_at_seven_by_the_readers_clock(now, ends) -> None:
    assert NIGHT.ends(now) == ends


def test_hours_within_a_day_and_no_hours_at_all() -> None:
    lunch = Quiet(12 * 60, 13 * 60, "Europe/Rome")
    assert lunch.ends(rome(7, 1, 10, 15)) == rome(7, 1, 11, 0)
    assert lunch.ends(rome(7, 1, 11, 0)) is None
    assert Quiet(60, 60, "UTC").ends(rome(7, 1, 1, 0)) is None


def test_the_hour_that_comes_twice_never_ends_in_the_past() -> None:
    quiet = Quiet(22 * 60, 2 * 60 + 30, "Europe/Rome")
    for minute in range(4 * 60):
        now = rome(10, 24, 23, 0) + timedelta(minutes=minute)
        ends = quiet.ends(now)
        assert ends is None or now < ends <= now + timedelta(hours=5), now
    # Half past two comes first at 00:30 UTC, then again at 01:30.
    assert quiet.ends(rome(10, 25, 0, 20)) == rome(10, 25, 0, 30)
    assert quiet.ends(rome(10, 25, 1, 10)) == rome(10, 25, 1, 30)


def test_an_end_that_does_not_exist_is_the_next_moment_that_does() -> None:
    quiet = Quiet(22 * 60, 2 * 60 + 30, "Europe/Rome")
    assert quiet.ends(rome(3, 29, 0, 30)) == rome(3, 29, 1, 30)  # 02:30 is 03:30 that night


def test_waits_grow_to_a_bound_and_spread() -> None:
    waits = [wait_s(n, chance=0.5) for n in range(1, MOST_ATTEMPTS)]
    assert waits == sorted(waits) and waits[SAID_AFTER_ATTEMPTS - 2] == 900 and waits[-1] == 1800
    assert 11 <= sum(waits) / 3600 <= 13  # a receiver that is down for a night is still tried in the morning
    assert wait_s(3, chance=0.0) == pytest.approx(96) and wait_s(3, chance=1.0) == pytest.approx(144)


@pytest.mark.parametrize("minutes", [(-1, 5), (0, 1440)])
def test_minutes_of_no_day_are_refused(minutes) -> None:
    with pytest.raises(ValueError, match="minutes"):
        Quiet(*minutes, "UTC")
