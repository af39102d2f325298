"""Are shares and margins those of the books, and is nothing told of too little?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.metrics import net_sentiment, share
from domain.waiting import BOUNDS_S, STRETCHES, at_most_s, stretch_of

#: Newcombe (1998), Statistics in Medicine 17, 857-872, table I: Wilson's interval without continuity correction.
NEWCOMBE = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]


@pytest.mark.parametrize(("hits", "n", "low", "high"), NEWCOMBE)
def test_shares_have_the_interval_of_wilson(hits: int, n: int, low: float, high: float) -> None:
    figure = share(hits, n, least=5)
    assert (figure.low, figure.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(n=st.integers(0, 400), cut=st.tuples(st.floats(0, 1), st.floats(0, 1)), least=st.integers(0, 20))
def test_a_figure_lies_in_its_interval_or_is_not_told(n: int, cut: tuple[float, float], least: int) -> None:
    positive = int(n * min(cut))
    negative = int(n * max(cut)) - positive
    net, part = net_sentiment(positive, negative, n, least=least), share(positive, n, least=least)
    for figure, lowest in ((net, -1.0), (part, 0.0)):
        if n < max(1, least):
            assert figure.value is figure.low is figure.high is figure.margin is None
        else:
            assert lowest <= figure.low <= figure.value <= figure.high <= 1.0 and figure.margin > 0


def test_nothing_is_no_figure_and_never_nought() -> None:
    assert share(0, 0, least=0).value is None and net_sentiment(0, 0, 0, least=0).value is None


def test_more_posts_mean_a_smaller_margin() -> None:
    few, many = net_sentiment(3, 5, 10, least=5), net_sentiment(300, 500, 1000, least=5)
    assert few.value == many.value and few.margin > 5 * many.margin


@given(waits=st.lists(st.floats(0, 10**7), min_size=1, max_size=60), part=st.sampled_from([0.5, 0.9]))
def test_a_quantile_from_counts_bounds_the_true_one_from_above(waits: list[float], part: float) -> None:
    counts = [0] * STRETCHES
    for waited in waits:
        counts[stretch_of(waited)] += 1
    bound = at_most_s(counts, part)
    inside = [w for w in waits if bound is None or w <= bound]
    assert len(inside) >= part * len(waits) and (bound is not None or sorted(waits)[-1] > BOUNDS_S[-1])
    if bound not in (None, BOUNDS_S[0]):
        below = BOUNDS_S[BOUNDS_S.index(bound) - 1]
        assert sum(w <= below for w in waits) < part * len(waits)
