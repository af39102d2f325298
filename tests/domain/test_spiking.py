"""Is a burst told from ordinary hours, at night, for small brands, over changed clocks and where hours are missing?"""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from domain.problem import PROBLEM_MOVES, ProblemMove, ProblemState, problem_after
from domain.spike import SPIKE_MOVES, SpikeMove, SpikeState, spike_after
from domain.spiking import COOLDOWN_H, LEAST_POSTS, MOST_H, Lookout
from domain.standing_out import Said, standing_out, words_of
from domain.states import IllegalMove
from domain.usual import Clock, Series, Usual, chance_of

MONDAY = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp() // 3600)
WEEKS = 10
END = MONDAY + WEEKS * 168
ROME = "Europe/Rome"


def ordinary(weekly: float, *, seed: int = 1, weeks: int = WEEKS, growth: float = 0.0) -> dict[int, int]:
    """Poisson hours with mornings, evenings, nights and weekends by the clock in Rome, in winter time."""
    rng = random.Random(seed)
    counts = {}
    for hour in range(MONDAY, MONDAY + (weeks + 4) * 168):
        local, day = (hour + 1) % 24, (hour - MONDAY) // 24
        shape = (0.1 if local < 7 else 1.5) * (0.5 if day % 7 >= 5 else 1.2)
        mean = weekly / 168 * shape * (1 + growth) ** ((hour - MONDAY) / 168)
        if n := sum(rng.random() < mean / 50 for _ in range(50)):
            counts[hour] = n
    return counts


def lookout(counts: dict[int, int], *, until: int = END, unheard: frozenset[int] = frozenset()) -> Lookout:
    return Lookout({"a": Series(counts, MONDAY, unheard)}, Clock(ROME), until)


@pytest.mark.parametrize("weekly", [3, 30, 300, 1500])
def test_ordinary_weeks_hold_no_spike(weekly: float) -> None:
    counts = ordinary(weekly)
    told = []
    for until in range(END - 168, END, 24):
        watch = lookout(counts, until=until)
        told += [hour for hour in range(until, until + 24) if watch.begins(hour)]
    assert told == []


@pytest.mark.parametrize(("weekly", "at_h", "posts"), [(300, 13, 25), (300, 27, 12), (30, 14, 9), (2, 20, 8)])
def test_a_burst_is_told_in_its_first_hour_by_day_by_night_and_for_small_brands(weekly, at_h, posts) -> None:
    counts = ordinary(weekly) | {END + at_h: posts}
    found = lookout(counts).begins(END + at_h)
    assert found is not None and found.from_hour == END + at_h and found.posts >= posts


def test_few_posts_are_no_spike_however_unusual() -> None:
    assert lookout({END + 3: LEAST_POSTS - 1}).begins(END + 3) is None


def test_a_burst_that_comes_every_week_is_usual() -> None:
    counts = ordinary(300) | {MONDAY + week * 168 + 44: 40 for week in range(WEEKS + 2)}
    assert lookout(counts).begins(END + 44) is None


def test_a_burst_in_the_past_does_not_make_the_next_one_usual() -> None:
    counts = ordinary(300) | {END - 168 + 44 + n: 80 for n in range(3)}
    found = lookout(counts | {END + 44: 160}).begins(END + 44)
    assert found is not None


def test_what_was_as_much_the_day_before_is_not_told_again() -> None:
    counts = ordinary(300) | {END + 13: 60, END + 37: 60}
    assert lookout(counts, until=END + 36).begins(END + 37) is None


def test_a_slow_burn_shows_over_a_day() -> None:
    counts = ordinary(300)
    slow = counts | {hour: counts.get(hour, 0) * 2 + 3 for hour in range(END + 5, END + 29)}
    hours = [hour for hour in range(END + 5, END + 29) if lookout(slow).begins(hour)]
    assert hours and lookout(slow).begins(hours[0]).from_hour >= END


def test_a_slow_burn_of_a_tiny_brand_that_begins_with_few_is_not_over_at_once_and_a_spike_without_posts_is() -> None:
    slow = dict.fromkeys(range(MONDAY, END, 84), 1) | {END + 40 + n * 3: 1 for n in range(8)}
    watching = lookout(slow)
    begun = next(found for hour in range(END + 40, END + 64) if (found := watching.begins(hour)))
    running = begun.to_hour - 1
    assert begun.posts < LEAST_POSTS and not watching.goes_on(begun, running_hour=running).is_over
    spike = lookout(slow | {END + 40: 9}).begins(END + 40)
    assert spike.posts >= LEAST_POSTS and lookout({}).goes_on(spike, running_hour=END + 40).is_over


@pytest.mark.parametrize("change", ["2026-03-29", "2026-10-25"])
def test_a_changed_clock_moves_no_hour_of_the_wall(change: str) -> None:
    clock, at = Clock(ROME), datetime.fromisoformat(f"{change}T12:00:00+00:00")
    hour = int(at.timestamp() // 3600)
    before = datetime.fromtimestamp(clock.before(hour, 7) * 3600, UTC)
    from zoneinfo import ZoneInfo

    rome = ZoneInfo(ROME)
    assert before.astimezone(rome).hour == at.astimezone(rome).hour and abs((at - before).total_seconds()) != 7 * 86400


def test_the_morning_after_the_clocks_changed_is_ordinary() -> None:
    begin = int(datetime(2026, 1, 18, 23, tzinfo=UTC).timestamp() // 3600)
    clock = Clock(ROME)
    counts = {}
    for hour in range(begin, begin + 11 * 168):
        local = datetime.fromtimestamp(hour * 3600, UTC).astimezone(__import__("zoneinfo").ZoneInfo(ROME)).hour
        counts[hour] = 20 if local == 8 else 1
    change = int(datetime(2026, 3, 29, tzinfo=UTC).timestamp() // 3600)
    watch = Lookout({"a": Series(counts, begin)}, clock, change)
    assert [hour for hour in range(change, change + 72) if watch.begins(hour)] == []


def test_hours_that_were_not_heard_count_on_neither_side() -> None:
    gap = frozenset(range(END - 20, END + 1))
    counts = {hour: n for hour, n in ordinary(300).items() if hour not in gap}
    assert lookout(counts, unheard=gap).begins(END + 1) is None
    assert lookout(counts | {END: 50}, unheard=gap).begins(END) is None


def test_a_deaf_channel_leaves_the_others_to_be_watched() -> None:
    loud, deaf = ordinary(300), ordinary(300, seed=2)
    gap = frozenset(range(END - 48, END + 48))
    quiet = {hour: n for hour, n in deaf.items() if hour not in gap}
    both = {"a": Series(loud | {END + 13: 40}, MONDAY), "b": Series(quiet, MONDAY, gap)}
    assert Lookout(both, Clock(ROME), END).begins(END + 13) is not None


def test_growth_moves_what_is_usual() -> None:
    counts = ordinary(800, growth=0.1)
    usual = Usual(Series(counts, MONDAY), Clock(ROME), END)
    week = range(END, END + 168)
    expected = sum(found.posts for hour in week if (found := usual.at(hour)) is not None)
    assert 0.85 < expected / sum(counts.get(hour, 0) for hour in week) < 1.15


def test_a_spike_goes_on_ends_and_never_lasts_for_ever() -> None:
    counts = ordinary(300) | {END + 13 + n: 40 for n in range(4)}
    begun = lookout(counts).begins(END + 13)
    on = lookout(counts).goes_on(begun, running_hour=END + 17)
    assert not on.is_over and on.posts >= 160 and on.to_hour == END + 17
    over = lookout(counts).goes_on(on, running_hour=END + 30)
    assert over.is_over and over.to_hour <= END + 19
    assert over.covers(over.to_hour + COOLDOWN_H - 1) and not over.covers(over.to_hour + COOLDOWN_H)
    again = lookout(counts | {END + 32: 50})
    assert again.flares_up(over, END + 32) and not again.flares_up(over, END + 33)
    for_ever = ordinary(300) | dict.fromkeys(range(END + 13, END + 13 + MOST_H + 24), 60)
    assert lookout(for_ever).goes_on(begun, running_hour=END + 13 + MOST_H).is_over


def test_chances_agree_with_sums_over_the_distribution() -> None:
    rng, n = random.Random(3), 40_000
    draws = sorted(sum(rng.random() < 4 / 200 for _ in range(200)) for _ in range(n // 10))
    share = sum(each >= 9 for each in draws) / len(draws)
    assert chance_of(9, 4.0, 4.0) == pytest.approx(share, abs=0.01)
    assert chance_of(0, 4.0, 8.0) == 1.0 and chance_of(10_000, 1.0, 1.0) < 1e-300
    assert chance_of(9, 4.0, 12.0) > chance_of(9, 4.0, 4.0)


def test_the_tables_of_moves_refuse_what_they_do_not_hold() -> None:
    assert {state for state, _ in SPIKE_MOVES} == set(SpikeState)
    with pytest.raises(IllegalMove):
        spike_after(SpikeState.OPEN, SpikeMove.FLARES_UP)
    assert {state for state, _ in PROBLEM_MOVES} == set(ProblemState) - {ProblemState.CLOSED}
    with pytest.raises(IllegalMove):
        problem_after(ProblemState.CLOSED, ProblemMove.SOLVE)


def test_words_stand_out_by_people_and_not_by_repetition() -> None:
    here = [Said(n, "il portale rifiuta la fattura") for n in range(8)] + [Said(99, "bolletta bolletta")] * 30
    before = [Said(100 + n, "la bolletta della luce") for n in range(60)]
    found = {word.word: word for word in standing_out(here, before, least=5)}
    assert set(found) == {"portale", "rifiuta", "fattura"} and found["portale"].people == 8


def test_names_function_words_links_and_handles_do_not_stand_out() -> None:
    here = [Said(n, f"Grazie @lia{n}x Marta perché non va www.x{n}.it") for n in range(9)]
    assert standing_out(here, [], names={"Marta Neri"}, least=5) == ()
    assert words_of("I'm at the counter, it’s 10:30") == {"counter"}
