"""The figures a classifier is judged by are those of the textbooks."""

from __future__ import annotations

import math
import random

import pytest

from classifiers.metrics import (
    auc,
    calibration_band,
    calibration_error,
    f1,
    interval,
    macro_f1,
    ndcg,
    recall_at_their_number,
    reliability,
    share_below_median,
    spearman,
    weighted_kappa,
)


def test_f1_counts_hits_against_what_was_there_and_what_was_found() -> None:
    assert f1([True, True, False], [True, False, False]) == pytest.approx(2 / 3)
    assert f1([False], [False]) == 0.0
    assert macro_f1("aab", "aab") == 1.0


def test_rank_correlation_lies_between_minus_one_and_one_and_needs_variety() -> None:
    assert spearman([1, 2, 3, 4], [10, 20, 30, 40]) == pytest.approx(1.0)
    assert spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1.0)
    assert spearman([1, 1, 1], [1, 2, 3]) == 0.0


def test_weighted_kappa_is_one_for_agreement_and_minus_one_for_its_opposite() -> None:
    assert weighted_kappa([0, 1, 2, 3], [0, 1, 2, 3], levels=4) == pytest.approx(1.0)
    assert weighted_kappa([0, 0, 3, 3], [3, 3, 0, 0], levels=4) == pytest.approx(-1.0)


def test_ndcg_is_one_for_the_best_order_and_discounts_what_comes_late() -> None:
    assert ndcg([3, 1, 0], [9, 5, 1], at=3) == 1.0
    late = (7 / math.log2(4) + 1 / math.log2(3)) / (7 + 1 / math.log2(3))
    assert ndcg([3, 1, 0], [1, 5, 9], at=3) == pytest.approx(late)
    assert ndcg([0, 0], [1, 2], at=2) == 0.0


def test_auc_is_the_chance_of_the_right_order_with_ties_counting_half() -> None:
    assert auc([True, True, False, False], [4, 2, 3, 1]) == pytest.approx(0.75)
    assert auc([True, False], [1, 1]) == 0.5
    assert auc([True, True], [1, 2]) == 0.5


def test_the_front_holds_as_many_as_there_are() -> None:
    assert recall_at_their_number([True, True, False], [3, 1, 2]) == 0.5
    assert recall_at_their_number([False], [1]) == 0.0
    assert share_below_median([True, False, False], [1, 2, 3]) == 1.0


def test_confidence_that_keeps_its_word_has_no_calibration_error() -> None:
    assert calibration_error([0.75] * 4, [True, True, True, False]) == pytest.approx(0.0)
    assert calibration_error([0.95] * 4, [False] * 4) == pytest.approx(0.95)
    assert [(b.n, b.right_share) for b in reliability([0.55, 0.95, 0.96], [False, True, True])] == [(1, 0.0), (2, 1.0)]


def test_the_band_of_a_perfect_model_narrows_with_more_answers() -> None:
    rng = random.Random(1)
    few, many = [rng.uniform(0.5, 1) for _ in range(50)], [rng.uniform(0.5, 1) for _ in range(2_000)]
    assert calibration_band(many, draws=60) < calibration_band(few, draws=60) < 0.25


def test_an_interval_holds_the_figure_and_is_the_same_each_time() -> None:
    right = [1.0] * 80 + [0.0] * 20

    def mean(places: object) -> float:
        return sum(right[place] for place in places) / 100  # type: ignore[attr-defined]

    low, high = interval(mean, 100)
    assert 0.7 < low < 0.8 < high < 0.9
    assert interval(mean, 100) == (low, high)
