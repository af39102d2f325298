"""Do posts on one problem find each other, whatever their language, and nothing else?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from classifiers.topics import grouping
from classifiers.topics.encoder import LIMIT_TOKENS, Encoder
from classifiers.topics.grouping import MOST_POSTS, groups, middle, placed, unit
from domain.errors import Misconfigured
from tests.classifiers.soundness import ODD

PROBLEMS = Path(grouping.__file__).parents[1] / "evaluation" / "problems.jsonl"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


def around(*directions: int, n: int = 3, shift: float = 0.0, seed: int = 0) -> np.ndarray:
    """``n`` vectors near each of these axes of a space of 16; ``shift`` is what all of them share."""
    rng = np.random.default_rng(seed)
    points = np.repeat(np.eye(16, dtype=np.float32)[list(directions)], n, axis=0)
    return (points + shift + rng.normal(0, 0.05, points.shape)).astype(np.float32)


def spots(*parts: np.ndarray) -> np.ndarray:
    return unit(np.concatenate(parts))


def test_what_lies_close_is_one_group_and_the_largest_comes_first() -> None:
    points = spots(around(0, n=2), around(1, n=4, seed=1), around(2, n=1, seed=2))
    assert groups(points) == [[2, 3, 4, 5], [0, 1]]


def test_what_only_the_language_shares_joins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    middles = {"it": np.full(16, 3.0, np.float32), "en": np.full(16, -3.0, np.float32)}
    monkeypatch.setattr(grouping, "_middles", lambda: (middles, np.zeros(16, np.float32)))
    italian, english = around(0, 1, 2, shift=3.0), around(0, 1, 2, shift=-3.0, seed=1)
    points = placed(np.concatenate([italian, english, around(4)]), ["it"] * 9 + ["en"] * 9 + ["und"] * 3)
    three = [[0, 1, 2, 9, 10, 11], [3, 4, 5, 12, 13, 14], [6, 7, 8, 15, 16, 17]]
    assert groups(points) == [*three, [18, 19, 20]]


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_posts_share_nothing(n: int) -> None:
    assert groups(around(0, n=n)) == []


def test_posts_that_say_the_same_word_for_word_are_a_group_of_any_size() -> None:
    same = spots(np.repeat(around(0, n=1), 5, axis=0), around(3, 4, 5, n=1, seed=3))
    assert groups(same)[0] == [0, 1, 2, 3, 4]


def test_the_order_of_the_posts_changes_no_group() -> None:
    points = unit(around(0, 1, 2, 3))
    order = np.random.default_rng(5).permutation(12)
    turned = groups(points[order])
    assert sorted(sorted(int(order[place]) for place in group) for group in turned) == sorted(groups(points))


def test_more_posts_than_can_be_compared_are_refused() -> None:
    with pytest.raises(ValueError, match=str(MOST_POSTS)):
        groups(np.zeros((MOST_POSTS + 1, 4), np.float32))


def test_the_post_in_the_middle_speaks_for_its_group() -> None:
    points = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1], [-1, 0]], np.float32)
    assert middle(points, [0, 1, 3]) == 1


def test_any_text_has_a_vector_the_same_in_any_company(encoder: Encoder) -> None:
    together = encoder.vectors(ODD)
    assert together.shape == (len(ODD), 384) and np.isfinite(together).all()
    alone = np.concatenate([encoder.vectors([text]) for text in ODD[:6]])
    assert np.abs(alone - together[:6]).max() < 1e-3


def test_names_and_links_do_not_move_a_post(encoder: Encoder) -> None:
    one, other = encoder.vectors(["@a.b Il pacco non arriva https://x.example/1", "Il pacco non arriva"])
    assert np.abs(one - other).max() < 1e-4


def test_the_encoder_has_the_tokens_of_the_model_that_judges(encoder: Encoder) -> None:
    encoded = encoder._tokenizer.encode_batch(["query: ciao " * LIMIT_TOKENS])[0]
    assert len(encoded.ids) == LIMIT_TOKENS
    assert (encoded.tokens[0], encoded.tokens[-1]) == ("<s>", "</s>")


def test_a_copy_without_the_encoder_says_so(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="not in this copy"):
        Encoder(tmp_path)


def test_paraphrases_in_two_languages_find_each_other(encoder: Encoder) -> None:
    rows = [json.loads(line) for line in PROBLEMS.read_text("utf-8").splitlines()]
    some = [row for row in rows if row["brand"] == "telecom"]
    points = placed(encoder.vectors([row["text"] for row in some]), [row["language"] for row in some])
    found = groups(points)
    pairs = [(some[i], some[j]) for group in found for i in group for j in group if i < j]
    right = [(a, b) for a, b in pairs if a["problem"] is not None and a["problem"] == b["problem"]]
    assert len(right) >= 0.7 * len(pairs) and len(right) >= 20
    assert sum(a["language"] != b["language"] for a, b in right) >= 0.3 * len(right)
