"""Attention as one node: what comes out is what the graph said before, padded or not, or the graph is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from classifiers.bundled.heads import GRAPH_OUTPUTS
from tests.with_torch.test_hub import HERE, run

pytestmark = pytest.mark.timeout(600)

#: Sums of floats in another order. Logits here go up to one.
ROUNDING = 1e-3


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    done = run(f"{HERE}/fusing.py")
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_each_layer_has_one_attention_and_one_product_for_query_key_and_value(told) -> None:
    assert told["attentions"] == 2
    assert told["softmaxes"] == 1  # the one by which urgency weighs the words
    assert told["products"] == 2 * 4


def test_what_goes_in_and_comes_out_keeps_its_names_and_the_file_does_not_grow(told) -> None:
    assert told["inputs"] == ["input_ids", "attention_mask"]
    assert told["outputs"] == list(GRAPH_OUTPUTS)
    assert told["larger_by"] <= 0


def test_it_answers_as_the_graph_did_before(told) -> None:
    assert told["spread"] > 0.1
    assert told["apart"] < ROUNDING


def test_padding_has_no_weight(told) -> None:
    assert len(told["alone"]) == 4
    assert max(told["alone"].values()) < ROUNDING


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("turned", "turned another way"),
        ("unmasked", "no Mul before the addition to the scores"),
        ("elsewhere", "different inputs"),
        ("without_bias", "without bias"),
        ("without_attention", "no attention in it"),
    ],
)
def test_a_graph_of_another_form_is_refused_and_left_as_it_was(told, change, words) -> None:
    assert words in told["refusals"][change]
